-- Every filter of the audit log is a walk along an index, the newest event first.
create index event_actor_name_index on event (actor_name, sequence);
create index event_target_kind_index on event (target_kind, sequence);
-- With the sequence, so that a range of times is found without reading the events themselves.
drop index event_at_index;
create index event_at_index on event (at, sequence);

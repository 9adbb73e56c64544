-- Every filter of the audit log is a walk along an index, the newest event first. Where an actor's id is its name, the index
-- of ids has it.
create index event_target_kind_index on event (target_kind, sequence);
create index event_actor_name_index on event (actor_name, sequence) where actor_name <> actor_id;

-- The earliest and the latest time of each thousand events. Clocks differ and are set back, so the order of the times is
-- not quite that of the log: this tells which part of the log can have the events of a time, in a thousandth of the room
-- that an index of all times takes. A row comes with the last event of its thousand.
create table event_span (
    last_sequence bigint primary key,
    earliest bigint not null,
    latest bigint not null
);
insert into event_span (last_sequence, earliest, latest)
select (sequence + 999) / 1000 * 1000, min(at), max(at) from event
where sequence <= (select sequence from event_head) / 1000 * 1000
group by (sequence + 999) / 1000 * 1000;
drop index event_at_index;

-- Tokens of one role or one owner, the newest first.
create index api_token_role_created_index on api_token (role_name, created_at, client_id);
drop index api_token_owner_index;
create index api_token_owner_index on api_token (owner_id, created_at, client_id);

-- Whose tokens somebody else should answer for.
create index person_departed_index on person (user_id) where disabled_at is not null or removed_at is not null;

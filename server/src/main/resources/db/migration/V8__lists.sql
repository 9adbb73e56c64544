-- Every filter of the audit log is a walk along an index, the newest event first.
create index event_actor_name_index on event (actor_name, sequence);
create index event_target_kind_index on event (target_kind, sequence);
-- With the sequence, so that a range of times is found without reading the events themselves.
drop index event_at_index;
create index event_at_index on event (at, sequence);

-- Tokens of one role or one owner, the newest first.
create index api_token_role_created_index on api_token (role_name, created_at, client_id);
drop index api_token_owner_index;
create index api_token_owner_index on api_token (owner_id, created_at, client_id);

-- Whose tokens somebody else should answer for.
create index person_departed_index on person (user_id) where disabled_at is not null or removed_at is not null;

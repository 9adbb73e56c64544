-- Who revoked a token, as kept as who created it: until now there was only a name.

alter table api_token add column revoked_by_kind text;
alter table api_token add column revoked_by_id text;

-- The event of the revocation has the rest.
update api_token set (revoked_by_kind, revoked_by_id) = (
    select actor_kind, actor_id from event
    where target_kind = 'api_token' and target_id = api_token.client_id and operation = 'api_token.revoke'
        and actor_name = api_token.revoked_by_name
    order by sequence desc limit 1)
where revoked_by_name is not null;

-- Where the event was lost and Latchkey revoked the token again, the new event names Latchkey, and the token whoever it was
-- the first time.
update api_token set (revoked_by_kind, revoked_by_id) = (
    select actor_kind, actor_id from lost_change
    where target_kind = 'api_token' and target_id = api_token.client_id and operation = 'api_token.revoke'
        and actor_name = api_token.revoked_by_name
    order by noticed_at desc, sequence desc limit 1)
where revoked_by_name is not null and revoked_by_kind is null;

-- Of what no event tells there is the name alone.
update api_token set revoked_by_kind = 'unknown', revoked_by_id = revoked_by_name
where revoked_by_name is not null and revoked_by_kind is null;

-- How many active tokens a role has, which a rule asks: however many revoked ones it has, none of them is read.
create index api_token_active_role_index on api_token (role_name) where state = 'active';

-- Sessions that have ended by themselves, or that nobody used for long: looked for every minute.
create index session_expires_index on session (expires_at);
create index session_last_seen_index on session (last_seen_at);

-- How many people there are, for the list of roles.
create index person_removed_index on person (removed_at);

-- How each API token proves who it is and when it counts, several secrets a token, and access tokens that were revoked one
-- by one.

alter table account add column longest_token_days bigint;

alter table api_token add column not_before bigint;
alter table api_token add column owner_id text;
alter table api_token add column owner_name text;
-- Networks (CIDR) separated by commas; empty for any.
alter table api_token add column allowed_addresses text not null default '';
-- JSON: the method of client authentication and what it needs.
alter table api_token add column authentication text not null default '{"method":"client_secret"}';
-- What its access tokens are bound to.
alter table api_token add column sender_constraint text not null default 'none';
-- The registered API whose own credential this is; not a foreign key, like the role.
alter table api_token add column acts_for_api text;
update api_token set owner_id = created_by_id, owner_name = created_by_name where created_by_kind = 'person';
create index api_token_owner_index on api_token (owner_id, state);

-- Secrets are numbered within their token, in the order made. A removed one is kept as its hash, so that it is recognised
-- when somebody still uses it.
alter table api_token_secret add column number bigint not null default 1;
alter table api_token_secret add column last_used_at bigint;
alter table api_token_secret add column removed_at bigint;
update api_token_secret set number = (
    select count(*) from api_token_secret older
    where older.client_id = api_token_secret.client_id
      and (older.created_at < api_token_secret.created_at
        or (older.created_at = api_token_secret.created_at and older.secret_hash <= api_token_secret.secret_hash)));
create unique index api_token_secret_hash_index on api_token_secret (secret_hash);

-- Access tokens that ended before their time (RFC 7009). A row goes when the access token would have expired.
create table revoked_access_token (
    token_id text primary key,
    client_id text not null,
    expires_at bigint not null
);
create index revoked_access_token_expiry_index on revoked_access_token (expires_at);
create index revoked_access_token_client_index on revoked_access_token (client_id);

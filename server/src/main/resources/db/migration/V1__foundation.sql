-- One set of statements for SQLite and PostgreSQL: times are milliseconds since 1970 (UTC) as bigint, states are words,
-- flags are nullable times ("revoked_at"), hashes are base64url text.

-- A known text under the master key: a start with another master key is refused.
create table key_check (
    singleton integer primary key check (singleton = 1),
    sealed text not null
);

create table account (
    account_key text primary key,
    name text not null,
    created_at bigint not null
);

-- The one-time link that creates the first administrator; the row goes when it is used.
create table setup_link (
    link_hash text primary key,
    expires_at bigint not null
);

create table person (
    user_id text primary key,
    email text not null,
    name text not null,
    -- Lower-case email and name, for searching without regard to case on both engines.
    search_text text not null,
    password_hash text,
    created_at bigint not null,
    created_by text not null,
    last_sign_in_at bigint,
    disabled_at bigint,
    -- A removed person's row stays, because tokens and events still name it; it can sign in to nothing.
    removed_at bigint,
    version bigint not null
);
create unique index person_email_index on person (email) where removed_at is null;
create index person_created_index on person (created_at, user_id);

create table invitation (
    link_hash text primary key,
    user_id text not null references person (user_id),
    created_at bigint not null,
    expires_at bigint not null
);
create index invitation_user_index on invitation (user_id);

create table session (
    session_hash text primary key,
    session_id text not null unique,
    user_id text not null references person (user_id),
    created_at bigint not null,
    last_seen_at bigint not null,
    expires_at bigint not null,
    address text not null,
    user_agent text not null
);
create index session_user_index on session (user_id);

create table role (
    role_name text primary key,
    description text not null,
    created_at bigint not null,
    created_by text not null,
    version bigint not null
);

create table role_privilege (
    role_name text not null references role (role_name) on delete cascade,
    api_name text not null,
    privilege_name text not null,
    effect text not null check (effect in ('allow', 'deny')),
    primary key (role_name, api_name, privilege_name)
);

create table role_grant (
    role_name text not null references role (role_name) on delete cascade,
    granted_role text not null references role (role_name) on delete cascade,
    primary key (role_name, granted_role),
    check (role_name <> granted_role)
);
create index role_grant_granted_index on role_grant (granted_role);

create table person_role (
    user_id text not null references person (user_id),
    role_name text not null references role (role_name) on delete cascade,
    primary key (user_id, role_name)
);
create index person_role_role_index on person_role (role_name);

-- role_name is not a foreign key: a revoked token still shows the role that it had after the role is gone. That no
-- active token's role goes is the rule of deleting a role, inside the same transaction.
create table api_token (
    client_id text primary key,
    description text not null,
    -- Lower-case description and client id, for searching without regard to case on both engines.
    search_text text not null,
    role_name text not null,
    state text not null check (state in ('draft', 'active', 'revoked')),
    created_at bigint not null,
    created_by_kind text not null,
    created_by_id text not null,
    created_by_name text not null,
    expires_at bigint,
    revoked_at bigint,
    revoked_by_name text,
    revoke_reason text,
    last_access_at bigint,
    last_access_address text,
    last_access_user_agent text,
    version bigint not null
);
create index api_token_created_index on api_token (created_at, client_id);
create index api_token_last_access_index on api_token (coalesce(last_access_at, 0), client_id);
create index api_token_description_index on api_token (search_text, client_id);
create index api_token_role_index on api_token (role_name, state);
create index api_token_state_index on api_token (state, created_at, client_id);

create table api_token_secret (
    client_id text not null references api_token (client_id) on delete cascade,
    secret_hash text not null,
    created_at bigint not null,
    primary key (client_id, secret_hash)
);

create table signing_key (
    key_id text primary key,
    algorithm text not null,
    public_jwk text not null,
    sealed_private_jwk text not null,
    created_at bigint not null
);

create table event (
    sequence bigint primary key,
    at bigint not null,
    actor_kind text not null,
    actor_id text not null,
    actor_name text not null,
    actor_role text,
    address text,
    user_agent text,
    operation text not null,
    target_kind text not null,
    target_id text not null,
    target_name text not null,
    -- JSON: what changed from what to what, and what else explains it.
    changes text not null,
    previous_hash text not null,
    hash text not null
);
create index event_at_index on event (at);
create index event_target_index on event (target_kind, target_id, sequence);
create index event_actor_index on event (actor_id, sequence);
create index event_operation_index on event (operation, sequence);

-- The end of the chain, so that cutting off its tail shows.
create table event_head (
    singleton integer primary key check (singleton = 1),
    sequence bigint not null,
    hash text not null,
    -- A keyed hash over both, so that nobody can declare an earlier event the end.
    seal text not null
);
insert into event_head (singleton, sequence, hash, seal) values (1, 0, '', '');

-- Creates that were answered once, so that a client may repeat one without creating twice. No reply is kept, only the
-- name of what was made.
create table idempotency (
    caller text not null,
    idempotency_key text not null,
    request_hash text not null,
    resource_id text not null,
    created_at bigint not null,
    primary key (caller, idempotency_key)
);
create index idempotency_created_index on idempotency (created_at);

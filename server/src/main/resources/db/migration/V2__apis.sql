-- Registered APIs: what they are called with, where they are, and which of their endpoints needs what.

create table api (
    api_name text primary key,
    description text not null,
    audience text not null unique,
    base_path text not null,
    created_at bigint not null,
    created_by text not null,
    version bigint not null
);

create table api_host (
    api_name text not null references api (api_name) on delete cascade,
    host text not null,
    primary key (api_name, host)
);
create index api_host_host_index on api_host (host);

create table api_privilege (
    api_name text not null references api (api_name) on delete cascade,
    privilege_name text not null,
    description text not null,
    primary key (api_name, privilege_name)
);

create table api_endpoint (
    api_name text not null references api (api_name) on delete cascade,
    method text not null,
    path text not null,
    -- What a call needs: a token whose role has the privilege, any token for the API, or nothing.
    access text not null check (access in ('privilege', 'token', 'public')),
    privilege_name text,
    summary text not null,
    primary key (api_name, method, path),
    check ((access = 'privilege') = (privilege_name is not null))
);

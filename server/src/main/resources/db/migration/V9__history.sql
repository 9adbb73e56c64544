-- What must happen once only, each with a row of its own: reading it from the events would let it happen again when they go.
create table once (
    what text primary key,
    at bigint not null
);
insert into once (what, at)
select 'bootstrap token', min(at) from event
where operation = 'api_token.create' and actor_kind = 'system' and actor_name = 'bootstrap'
having count(*) > 0;

-- Each time the database turned out to have another history than before: a failover, a restored copy, a wiped log.
create table history_change (
    change_id text primary key,
    noticed_at bigint not null,
    -- What tells of it: a running node, or the command that restored a backup.
    noticed_by text not null check (noticed_by in ('node', 'restore')),
    -- The last event that both histories have; its time is absent when there is none.
    last_sequence bigint not null,
    last_at bigint,
    -- How many events are known to be lost; absent when no witness told.
    lost bigint,
    confirmed_at bigint,
    confirmed_by text
);
create index history_change_open_index on history_change (noticed_at) where confirmed_at is null;

-- Events that were answered and that the history no longer has: the columns of the event, and what became of it.
create table lost_change (
    hash text primary key,
    sequence bigint not null,
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
    changes text not null,
    previous_hash text not null,
    noticed_at bigint not null,
    state text not null check (state in ('open', 'ended_again', 'not_needed', 'made_again', 'done')),
    settled_at bigint,
    settled_by text
);
create index lost_change_state_index on lost_change (state, sequence, hash);
create index lost_change_sequence_index on lost_change (sequence, hash);

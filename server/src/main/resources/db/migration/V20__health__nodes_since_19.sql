-- What the page Health shows: the nodes that run, and the last backup.

-- Each node writes its row every minute and removes it when it stops. What a killed node leaves is removed by its next start, or by
-- any node a day later.
create table node (
    node_id text primary key,
    -- The machine and its data folder, which only one node can use.
    place text not null,
    host text not null,
    version text not null,
    -- The newest migration that it knows.
    schema_version text not null,
    started_at bigint not null,
    -- In the database's time.
    seen_at bigint not null,
    -- Null where the database has no clock of its own.
    clock_ahead_millis bigint
);

-- The last backup that was made with "latchkey backup".
create table backup_mark (
    singleton integer primary key check (singleton = 1),
    made_at bigint not null,
    latchkey text not null,
    last_sequence bigint not null
);

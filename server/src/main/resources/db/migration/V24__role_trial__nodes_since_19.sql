-- Roles that are tried without some of their privileges. A trial lets everything through: what the role's tokens call is only compared
-- with what would be left. There is one trial of a role; it stays after its end until the next one begins. Older nodes do not look at
-- trials, and what they delete with a role is right.
create table role_trial (
    role_name text primary key references role (role_name) on delete cascade,
    begun_at bigint not null,
    begun_by text not null,
    -- When it passes if nothing would have been refused.
    until_at bigint not null,
    -- For how many days the privileges had not been used; null when a caller chose them.
    window_days integer,
    -- The privileges to go, each as api/name, one a line.
    privileges text not null,
    -- The role at the beginning: its version, and a hash of what it and the roles below it allow, deny and include.
    role_version bigint not null,
    about text not null,
    state text not null,
    ended_at bigint,
    ended_by text,
    -- Why it stopped.
    reason text,
    -- What would have been refused, in JSON.
    refused text
);

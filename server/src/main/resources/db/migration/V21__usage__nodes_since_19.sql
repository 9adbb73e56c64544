-- How often which API token called which endpoint with which outcome: by the hour for two weeks, and by the day for about a year.

-- The period comes first in each key, because rows are added at the end of a period and deleted at the beginning; a token's
-- rows are found by asking for each of its periods.
create table usage_hour (
    -- When the period begins.
    at bigint not null,
    client_id text not null,
    -- Empty where it is not known, as for an introspected access token.
    api_name text not null,
    -- The method and the path's template; empty where the call met no endpoint, or where there were too many to tell apart.
    endpoint text not null,
    outcome text not null,
    calls bigint not null,
    first_at bigint not null,
    last_at bigint not null,
    primary key (at, client_id, api_name, endpoint, outcome)
);
create table usage_day (
    at bigint not null,
    client_id text not null,
    api_name text not null,
    endpoint text not null,
    outcome text not null,
    calls bigint not null,
    first_at bigint not null,
    last_at bigint not null,
    primary key (at, client_id, api_name, endpoint, outcome)
);

-- How many calls all API tokens made in each hour, for the page Overview: a few rows for each hour, kept as long as the usage by the
-- day. Older nodes do not add their calls.
create table usage_sum (
    -- When the hour begins.
    at bigint not null,
    -- 1 for calls to Latchkey itself, 0 for calls to any other API.
    own_api integer not null check (own_api in (0, 1)),
    outcome text not null,
    calls bigint not null,
    primary key (at, own_api, outcome)
);

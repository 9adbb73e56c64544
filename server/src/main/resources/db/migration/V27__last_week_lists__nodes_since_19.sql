-- What V25 would hold up other nodes with: while these indexes are built, older nodes read API tokens as before, and only their changes of
-- tokens wait. In one transaction with the columns, they could not even read.

-- The list in the order of the calls.
create index api_token_week_index on api_token (week_calls, client_id);
-- The tokens with calls, which the next count compares with theirs.
create index api_token_called_index on api_token (client_id) where week_calls > 0;
-- What lists narrow to: perhaps few of very many.
create index api_token_refused_index on api_token (week_refused, week_calls, client_id) where week_refused >= 10;
create index api_token_limited_index on api_token (week_limited, client_id) where week_limited > 0;

-- How many calls all API tokens made to each API on each day, for the chart of an API: a few rows for each API and day, kept as long as
-- the usage by the day. Older nodes do not add their calls.
create table usage_api_day (
    api_name text not null,
    -- When the day begins.
    at bigint not null,
    outcome text not null,
    calls bigint not null,
    primary key (api_name, at, outcome)
);
insert into usage_api_day (api_name, at, outcome, calls)
select api_name, at, outcome, sum(calls) from usage_day where api_name <> '' group by api_name, at, outcome;

-- What each token did on the last seven days, for the list of tokens: written about once an hour, and only where it changed. Older
-- nodes leave it as it is.

-- Zero for a token without calls, which is most of very many.
alter table api_token add column week_calls bigint not null default 0;
alter table api_token add column week_refused bigint not null default 0;
alter table api_token add column week_limited bigint not null default 0;
-- How many different endpoints; null where calls were counted without their endpoint.
alter table api_token add column week_endpoints bigint default 0;

-- The hour for which a node last began to count, so that each hour one node does.
create table last_week_pass (
    singleton integer primary key check (singleton = 1),
    at bigint not null,
    -- Whether, at the end of the last count, all calls of those days were known with their tokens.
    whole integer not null check (whole in (0, 1))
);
insert into last_week_pass (singleton, at, whole) values (1, 0, 0);

-- How long a token may live at most, for the whole account; null for as long as anyone likes.
alter table account add column longest_token_days bigint;
alter table account add column version bigint not null default 1;

-- Which tokens somebody answers for.
create index api_token_owner_index on api_token (owner_id);

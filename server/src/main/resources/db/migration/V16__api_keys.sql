-- API keys: which APIs take them and where, and what a key of this account must have.

-- Where the API takes keys, in JSON; null when it takes none.
alter table api add column key_places text;

-- How many days a key may live at most; null for as long as any token. And 1 when a key must name the addresses it is used from.
alter table account add column longest_key_days integer default 365;
alter table account add column keys_need_addresses integer not null default 0;

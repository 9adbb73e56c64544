-- Counts the changes of the account, so that an update overwrites nobody else's.
alter table account add column version bigint not null default 1;

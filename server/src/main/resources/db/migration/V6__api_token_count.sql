-- How many tokens of each role are in each state, drafts left out. Counting millions of rows takes seconds, so the numbers
-- are kept: whatever makes, saves or revokes a token changes them in the same transaction.
create table api_token_count (
    role_name text not null,
    state text not null check (state in ('active', 'revoked')),
    number bigint not null,
    primary key (role_name, state)
);
insert into api_token_count (role_name, state, number)
select role_name, state, count(*) from api_token where state <> 'draft' group by role_name, state;

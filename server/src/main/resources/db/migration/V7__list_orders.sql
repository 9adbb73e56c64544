-- The list of tokens in the order of their roles or states: without these, all of them are sorted for each page.
drop index api_token_role_index;
create index api_token_role_index on api_token (role_name, client_id);
create index api_token_status_index on api_token (state, client_id);

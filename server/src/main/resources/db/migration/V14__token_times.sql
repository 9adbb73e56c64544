-- The list in the order in which tokens expire: what never does comes last.
create index api_token_expires_index on api_token (coalesce(expires_at, 9223372036854775807), client_id);

-- The tokens that have expired or will soon, and those that do not work yet, by their times alone: there may be very many tokens
-- and few of these. Each knows what else such a question asks, so that counting them reads no rows.
create index api_token_ending_index on api_token (expires_at, role_name, not_before, client_id) where state = 'active' and expires_at is not null;
create index api_token_early_index on api_token (not_before, role_name, expires_at, client_id) where state = 'active' and not_before is not null;

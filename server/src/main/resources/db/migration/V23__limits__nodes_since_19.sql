-- How much may be called: of each API token, of each token with a role, of an API, and of the account, in JSON; null for no limits.
-- Older nodes count no calls, so limits hold once all nodes are upgraded.

alter table api_token add column call_limits text;
alter table role add column call_limits text;
alter table api add column call_limits text;
alter table account add column call_limits text;

-- How much may be called: with each token of a role, of an API, with all tokens of the account, and with a token, in JSON; null for no
-- limits. Older nodes count no calls, so limits hold once all nodes are upgraded.

-- In the order in which readers come to these tables, so that none of them holds one and waits for another.
alter table role add column call_limits text;
alter table api add column call_limits text;
alter table account add column call_limits text;
alter table api_token add column call_limits text;

-- One installation as version 25 left it: at least one row in every table, and every state that a row can be in.
insert into key_check (singleton, sealed, sealed_hash_root) values (1, 'c2VhbGVk', 'cm9vdA');
insert into account (account_key, name, created_at, longest_token_days, version) values ('k7m2qd', 'Example GmbH – Köln', 1772366400000, 90, 2);
insert into setup_link (link_hash, expires_at) values ('setup-link-hash', 1772370000000);

insert into person (user_id, email, name, search_text, password_hash, created_at, created_by, last_sign_in_at, disabled_at, removed_at, version) values
    ('user1', 'ada@example.com', 'Ada', 'ada@example.com ada', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA', 1772366400000, 'setup', 1772366500000, null, null, 1),
    ('user2', 'ben@example.com', 'Ben', 'ben@example.com ben', null, 1772366400001, 'user1', null, null, null, 1),
    ('user3', 'cy@example.com', 'Cy', 'cy@example.com cy', 'x', 1772366400002, 'user1', null, 1772366600000, null, 2),
    ('user4', 'ada@example.com', 'the Ada before', 'ada@example.com the ada before', 'x', 1772366400003, 'setup', null, null, 1772366700000, 3);
insert into invitation (link_hash, user_id, created_at, expires_at) values ('invitation-hash', 'user2', 1772366400001, 1772970000000);
insert into session (session_hash, session_id, user_id, created_at, last_seen_at, expires_at, address, user_agent) values
    ('session-hash', 'session1', 'user1', 1772366500000, 1772366550000, 1772409600000, '2001:db8::1', 'Mozilla/5.0');

insert into role (role_name, description, created_at, created_by, version) values
    ('accountadmin', 'Everything', 1772366400000, 'setup', 1),
    ('public', 'Everyone', 1772366400000, 'setup', 1),
    ('reader', 'Reads', 1772366400010, 'user1', 4);
insert into role_privilege (role_name, api_name, privilege_name, effect) values
    ('accountadmin', 'latchkey', 'security:manage', 'allow'),
    ('reader', 'latchkey', 'tokens:read', 'allow'),
    ('reader', 'latchkey', 'users:read', 'deny');
insert into role_grant (role_name, granted_role) values ('accountadmin', 'reader');
insert into person_role (user_id, role_name) values ('user1', 'accountadmin'), ('user2', 'reader');

insert into api_token (client_id, description, search_text, role_name, state, created_at, created_by_kind, created_by_id, created_by_name, expires_at, revoked_at, revoked_by_kind, revoked_by_id, revoked_by_name, revoke_reason, last_access_at, last_access_address, last_access_user_agent, version) values
    ('k7m2qd.draft00000000000', 'half made', 'half made k7m2qd.draft00000000000', 'reader', 'draft', 1772366400020, 'person', 'user1', 'ada@example.com', null, null, null, null, null, null, null, null, null, 1),
    ('k7m2qd.active0000000000', 'nightly job', 'nightly job k7m2qd.active0000000000', 'reader', 'active', 1772366400021, 'person', 'user4', 'ada@example.com', 1803902400000, null, null, null, null, null, 1772366800000, '10.0.0.7', 'curl/8', 2),
    ('k7m2qd.revoked000000000', 'gone', 'gone k7m2qd.revoked000000000', 'role_that_is_gone', 'revoked', 1772366400022, 'program', 'k7m2qd.active0000000000', 'nightly job', null, 1772366900000, 'person', 'user1', 'ada@example.com', 'leaked', null, null, null, 2);
insert into api_token_secret (client_id, secret_hash, created_at) values
    ('k7m2qd.active0000000000', 'secret-hash-1', 1772366400021),
    ('k7m2qd.active0000000000', 'secret-hash-2', 1772366800000);

insert into signing_key (key_id, algorithm, public_jwk, sealed_private_jwk, created_at, signs_from, signs_until, withdrawn_at, withdrawn_by_name, withdraw_reason) values
    ('key1', 'ES256', '{"kty":"EC"}', null, 1772366400000, 1772366400000, 1772366500000, 1772366450000, 'ada@example.com', 'leaked'),
    ('key2', 'RS256', '{"kty":"RSA"}', 'c2VhbGVk', 1772366500000, 1772366500000, null, null, null, null);

insert into event (sequence, at, actor_kind, actor_id, actor_name, actor_role, address, user_agent, operation, target_kind, target_id, target_name, changes, previous_hash, hash) values
    (1, 1772366400000, 'system', 'setup', 'setup', null, null, null, 'account.setup', 'account', 'k7m2qd', 'Example GmbH – Köln', '[]', '', 'hash1'),
    (2, 1772366400021, 'person', 'user1', 'ada@example.com', 'accountadmin', '10.0.0.1', '', 'api_token.create', 'api_token', 'k7m2qd.active0000000000', 'nightly job', '[{"field":"role","after":"reader"}]', 'hash1', 'hash2');
update event_head set sequence = 2, hash = 'hash2', seal = 'seal2' where singleton = 1;

insert into idempotency (caller, idempotency_key, request_hash, resource_id, created_at) values
    ('user1', 'once', 'request-hash', 'k7m2qd.active0000000000', 1772366400021);

insert into api (api_name, description, audience, base_path, created_at, created_by, version)
values ('billing', 'Invoices', 'https://billing.example', '/v1', 1767225600000, 'Ada', 3);
insert into api_host (api_name, host) values ('billing', 'billing.example');
insert into api_privilege (api_name, privilege_name, description)
values ('billing', 'fleet:read', ''), ('billing', 'invoices:read', 'See invoices');
insert into api_endpoint (api_name, method, path, access, privilege_names, summary)
values ('billing', 'GET', '/invoices/{id}', 'privilege', 'invoices:read', 'One invoice'),
       ('billing', 'POST', '/invoices/{id}/moves', 'privilege', 'fleet:read invoices:read', 'Both of them'),
       ('billing', 'GET', '/me', 'token', null, ''),
       ('billing', 'GET', '/status', 'public', null, '');

update api_token set not_before = 1772366400000, owner_id = 'user1', owner_name = 'ada@example.com',
    allowed_addresses = '10.0.0.0/8,2001:db8::/32', authentication = '{"method":"private_key_jwt","jwksUri":"https://keys.example/jwks"}',
    sender_constraint = 'dpop', acts_for_api = 'billing' where client_id = 'k7m2qd.active0000000000';
update api_token_secret set number = 2, last_used_at = 1772366800000, removed_at = 1772366800001 where secret_hash = 'secret-hash-2';
insert into revoked_access_token (token_id, client_id, expires_at) values
    ('0123456789abcdefghjkmnpqrs', 'k7m2qd.active0000000000', 1772366900000);
insert into api_token_count (role_name, state, number) values ('reader', 'active', 1), ('role_that_is_gone', 'revoked', 1);

-- Of the thousandth event, once it was there.
insert into event_span (last_sequence, earliest, latest) values (1000, 1772366400000, 1772366700000);

insert into once (what, at) values ('bootstrap token', 1772366400000);
insert into history_change (change_id, noticed_at, noticed_by, last_sequence, last_at, lost, confirmed_at, confirmed_by) values
    ('the-tip-that-was-lost', 1772367000000, 'node', 1, 1772366400000, 2, 1772367100000, 'ada@example.com'),
    ('another-tip', 1772367200000, 'restore', 1, null, null, null, null);
insert into lost_change (hash, sequence, at, actor_kind, actor_id, actor_name, actor_role, address, user_agent, operation, target_kind, target_id, target_name, changes, previous_hash, noticed_at, state, settled_at, settled_by) values
    ('lost-1', 2, 1772366900000, 'person', 'user1', 'ada@example.com', 'accountadmin', '10.0.0.7', 'curl/8', 'api_token.revoke', 'api_token', 'k7m2qd.revoked000000000', 'gone', '[]', 'hash-1', 1772367000000, 'ended_again', 1772367000000, 'history'),
    ('lost-2', 3, 1772366900001, 'program', 'k7m2qd.active0000000000', 'nightly job', 'reader', null, null, 'role.create', 'role', 'auditor', 'auditor', '[]', 'lost-1', 1772367000000, 'open', null, null);
insert into api_scope (api_name, scope, privilege_name) values ('billing', 'catalog', null), ('billing', 'read', 'invoices:read');
update api_token set default_resource = 'https://billing.example', short_name = 'nightly', outside_issuer = 'https://ci.example'
    where client_id = 'k7m2qd.active0000000000';
update api set path_characters = '%1F |' where api_name = 'billing';

update api set key_places = '{"bearer":true,"header":"X-API-Key","basic":false}' where api_name = 'billing';
update account set longest_key_days = 90, keys_need_addresses = 1;
update api set assertion = 1 where api_name = 'billing';

insert into hash_recipe (recipe_id, sealed, created_at) values ('recipe-1', 'c2VhbGVk', 1772366400030);

update api set mcp_path = '/mcp' where api_name = 'billing';
insert into api_endpoint (api_name, method, path, access, privilege_names, summary)
values ('billing', 'MCP', '/tools/call/find_invoice', 'privilege', 'invoices:read', 'A tool');

insert into node (node_id, place, host, version, schema_version, started_at, seen_at, clock_ahead_millis) values
    ('node-1', 'a.example:/data', 'a.example', '1.0.0', '20', 1772366400000, 1772366900000, -12),
    ('node-2', 'b.example:/data', 'b.example', '1.0.0', '20', 1772366400000, 1772366900000, null);
insert into backup_mark (singleton, made_at, latchkey, last_sequence) values (1, 1772366900000, '1.0.0', 2);

insert into usage_hour (at, client_id, api_name, endpoint, outcome, calls, first_at, last_at) values
    (1772366400000, 'k7m2qd.active0000000000', 'billing', 'GET /invoices/{id}', 'allowed', 41, 1772366401000, 1772369999000),
    (1772366400000, 'k7m2qd.active0000000000', 'billing', '', 'no_endpoint', 1, 1772366402000, 1772366402000);
insert into usage_day (at, client_id, api_name, endpoint, outcome, calls, first_at, last_at) values
    (1772323200000, 'k7m2qd.active0000000000', 'billing', 'GET /invoices/{id}', 'allowed', 41, 1772366401000, 1772369999000);

insert into usage_sum (at, own_api, outcome, calls) values
    (1772366400000, 0, 'allowed', 41), (1772366400000, 0, 'no_endpoint', 1), (1772366400000, 1, 'allowed', 2);

update api_token set call_limits = '{"perSecond":10,"burst":20,"perDay":10000,"perMonth":200000,"accessTokensPerHour":60}'
    where client_id = 'k7m2qd.active0000000000';
update role set call_limits = '{"perSecond":100}' where role_name = 'reader';
update api set call_limits = '{"perDay":1000000}' where api_name = 'billing';
update account set call_limits = '{"perMonth":20000000}';

insert into limit_count (whose, id, measure, period, taken) values
    ('token', 'k7m2qd.active0000000000', 'per-day', 1772323200000, 41),
    ('token', 'k7m2qd.active0000000000', 'per-second', 0, 1772369999000000000),
    ('account', '', 'per-month', 1772323200000, 43);
insert into limit_node (node_id, seen_at) values ('node-1', 1772369999000);

insert into role_trial (role_name, begun_at, begun_by, until_at, window_days, privileges, role_version, about, state, ended_at, ended_by, reason, refused) values
    ('reader', 1772366400000, 'ada@example.com', 1773576000000, 90, 'latchkey/tokens:read', 4, 'about', 'running', null, null, null, null),
    ('public', 1772366400000, 'Set-up', 1773576000000, null, 'latchkey/roles:read', 1, 'about', 'passed', null, null, null, null),
    ('accountadmin', 1772366400000, 'ada@example.com', 1773576000000, 30, 'latchkey/tokens:read', 1, 'about', 'stopped', 1772369999000, 'advice', 'would_refuse',
     '[{"clientId":"k7m2qd.active0000000000","name":"nightly job","api":"billing","endpoint":"GET /invoices/{id}","calls":1,"lastAt":"2026-03-01T12:00:00Z"}]');

update api_token set week_calls = 42, week_refused = 11, week_limited = 1, week_endpoints = null
    where client_id = 'k7m2qd.active0000000000';
update last_week_pass set at = 1772366400000, whole = 1;

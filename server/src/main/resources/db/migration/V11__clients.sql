-- What programs and their platforms need: a resource that is meant when none is named, a readable name in access tokens, API
-- tokens that are found by their outside issuer, scopes that mean something else or nothing to an API, and which audience an
-- assertion may name.

alter table api_token add column default_resource text;
alter table api_token add column short_name text;

-- The issuer of a federated API token, for outside tokens that come without a client id.
alter table api_token add column outside_issuer text;
with recursive place (i) as (
    select 1
    union all
    select i + 1 from place where i < (select coalesce(max(length(authentication)), 0) from api_token
        where substr(authentication, 1, 21) = '{"method":"federated"')
)
update api_token set outside_issuer = (
    select substr(authentication, first.i + 10, (
        select min(last.i) from place last
        where last.i >= first.i + 10 and substr(authentication, last.i, 1) = '"') - first.i - 10)
    from place first
    where substr(authentication, first.i, 10) = '"issuer":"'
    order by first.i limit 1)
where substr(authentication, 1, 21) = '{"method":"federated"';
create index api_token_outside_issuer_index on api_token (outside_issuer) where outside_issuer is not null;

-- Programs that there are go on as they are: their assertions may still name the token endpoint, until somebody turns it off.
update api_token set authentication = '{"tokenEndpointAudience":true,' || substr(authentication, 2)
where substr(authentication, 1, 27) = '{"method":"private_key_jwt"';

create table api_scope (
    api_name text not null references api (api_name) on delete cascade,
    scope text not null,
    -- Absent when the scope means nothing to the API.
    privilege_name text,
    primary key (api_name, scope)
);

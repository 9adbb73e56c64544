-- From which addresses which API token called, with which outcome, by the day: at most 16 addresses of a token in a day with calls
-- that were allowed, and as many with calls that were refused. Older nodes do not add their calls.

-- The day comes first in the key, as in that of the other usage.
create table usage_address (
    -- When the day begins.
    at bigint not null,
    client_id text not null,
    -- An IPv4 address, or a network of IPv6 such as 2001:db8::/64; 'others' for all further ones, and empty where it is not known.
    address text not null,
    outcome text not null,
    calls bigint not null,
    first_at bigint not null,
    last_at bigint not null,
    primary key (at, client_id, address, outcome)
);

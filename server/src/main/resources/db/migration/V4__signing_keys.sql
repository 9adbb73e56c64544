-- Signing keys get a life: published ahead, signing, still checking, ended or withdrawn.

-- The private half is erased once a key no longer signs, and neither engine can drop a "not null" with the same words: a
-- new table in place of the old one.
create table signing_key_with_life (
    key_id text primary key,
    algorithm text not null,
    public_jwk text not null,
    sealed_private_jwk text,
    created_at bigint not null,
    signs_from bigint not null,
    signs_until bigint,
    withdrawn_at bigint,
    withdrawn_by_name text,
    withdraw_reason text
);
insert into signing_key_with_life
    (key_id, algorithm, public_jwk, sealed_private_jwk, created_at, signs_from, signs_until)
select key_id, algorithm, public_jwk, sealed_private_jwk, created_at, created_at,
    (select min(later.created_at) from signing_key later where later.created_at > signing_key.created_at)
from signing_key;
drop table signing_key;
alter table signing_key_with_life rename to signing_key;

create table signing_policy (
    singleton integer primary key check (singleton = 1),
    algorithm text not null,
    -- 0: keys change only by hand.
    rotation_days integer not null check (rotation_days between 0 and 365),
    version bigint not null
);
insert into signing_policy (singleton, algorithm, rotation_days, version) values (1, 'ES256', 30, 1);

-- What the keys of the keyed hashes are derived from. Hashes cannot be computed again, so this outlives a rotation of the
-- master key and is kept sealed under it. Null until the first start: before this version it was the master key itself.
alter table key_check add column sealed_hash_root text;

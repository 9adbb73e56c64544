-- API keys that were issued elsewhere and imported. Each is an API token whose first secret is a keyed hash of the key's SHA-256
-- (api_token_secret, which is unique by its hash); how a token authenticates names the import that brought it.

-- What the systems that issued them put before and after a key before they hashed it, usually nothing. Sealed: it can be a secret
-- of that system, and with a copy of its hashes it would be enough to test guesses.
create table hash_recipe (
    recipe_id text primary key,
    sealed text not null,
    created_at bigint not null
);

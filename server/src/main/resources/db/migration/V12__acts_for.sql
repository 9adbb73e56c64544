-- API tokens that act for an API end doing so with it: they are found by its name, however many others there are.
create index api_token_acts_for on api_token (acts_for_api) where acts_for_api is not null;

-- Until now they outlived it, and a later API of the same name would have been visible to them.
update api_token
set acts_for_api = null, version = version + 1
where acts_for_api is not null
  and acts_for_api not in (select api_name from api);

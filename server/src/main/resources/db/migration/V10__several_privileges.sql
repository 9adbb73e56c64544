-- What an endpoint needs may be several privileges, all of them: their names in order, parted by spaces, which no name has.
-- They stay in the endpoint's own row, so that a requirement cannot lose a part and open to more than it should.
alter table api_endpoint rename column privilege_name to privilege_names;

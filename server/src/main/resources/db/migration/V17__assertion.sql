-- Whether the API's gateway gets a signed assertion with each allowed call.
alter table api add column assertion integer not null default 0;

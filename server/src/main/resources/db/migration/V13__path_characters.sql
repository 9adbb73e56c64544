-- The characters that an API's paths may have beyond the usual ones, by name, with a space between two. None unless somebody
-- says so.
alter table api add column path_characters text not null default '';

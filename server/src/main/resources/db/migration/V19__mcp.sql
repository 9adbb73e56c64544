-- MCP servers: the path of an API's MCP endpoint below its base path. Null for an API that has none.
alter table api add column mcp_path text;

package dev.latchkey.access;

import java.util.List;

/**
 * What a request to an MCP server says in its header fields about the message in its body (Model Context Protocol 2026-07-28,
 * Streamable HTTP, "Request Metadata"): every value of each field, as sent.
 */
public record McpFields(List<String> versions, List<String> methods, List<String> names) {
    public static final String VERSION = "MCP-Protocol-Version";
    public static final String METHOD = "Mcp-Method";
    public static final String NAME = "Mcp-Name";

    /** Those of a request that has none of them. */
    public static final McpFields NONE = new McpFields(List.of(), List.of(), List.of());
}

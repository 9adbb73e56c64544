package dev.latchkey.access;

import dev.latchkey.path.DoubtfulRequestException;
import dev.latchkey.path.PathTemplate;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks of an MCP server. For the endpoints of an API it has the method {@code MCP} and a path: that of the tool
 * {@code get_weather} is {@code /tools/call/get_weather}, that of the list of tools {@code /tools/list}. A name is one segment,
 * whatever characters it has.
 *
 * @param method the method of MCP, such as {@code tools/call}
 * @param name the tool, the prompt or the URI of the resource; null for a method that names none
 */
public record McpCall(String method, @Nullable String name) {
    /** The method of endpoints that are calls of MCP. It is not a method of HTTP. */
    public static final String METHOD = "MCP";

    /** The scope that MCP clients are told to request: it limits nothing, so they may do what their role allows. */
    public static final String SCOPE = "mcp";

    /**
     * The revisions of MCP that make servers refuse a request whose fields differ from its body. Fields of another revision
     * are only a claim, which a server may never look at.
     */
    private static final List<String> REVISIONS = List.of("2026-07-28");

    /** The methods that name what they are for. In requests for others, servers do not look at the name. */
    private static final List<String> NAMING = List.of("tools/call", "resources/read", "prompts/get");

    private static final Pattern METHOD_NAME = Pattern.compile("[A-Za-z0-9_$.-]+(/[A-Za-z0-9_$.-]+)*");
    private static final int MAX_METHOD = 200;

    /** Visible ASCII, with spaces inside. A comma may join two fields into one. */
    private static final Pattern PLAIN_NAME =
            Pattern.compile("[\\x21-\\x2b\\x2d-\\x7e]([\\x20-\\x2b\\x2d-\\x7e]*[\\x21-\\x2b\\x2d-\\x7e])?");

    private static final int MAX_NAME = 4_000;
    private static final String ENCODED_START = "=?base64?";
    private static final String ENCODED_END = "?=";

    /**
     * What the fields say.
     *
     * @throws DoubtfulRequestException when they do not say it clearly, or the server may not have to heed them
     */
    static McpCall of(McpFields fields) {
        String revision = only(fields.versions(), McpFields.VERSION, "which says what revision of MCP it follows");
        if (!REVISIONS.contains(revision)) {
            throw new DoubtfulRequestException("its " + McpFields.VERSION + " is not "
                    + String.join(" or ", REVISIONS)
                    + ", whose servers compare the header fields with the body. Use a client that speaks it");
        }
        String method = only(fields.methods(), McpFields.METHOD, "which says what it asks of the MCP server");
        requireMethod(method, McpFields.METHOD);
        if (!NAMING.contains(method)) {
            return new McpCall(method, null);
        }
        return new McpCall(method, name(only(fields.names(), McpFields.NAME, "which " + method + " needs")));
    }

    /**
     * What a path asks for, as in a question about a request.
     *
     * @param path without the base path; a name is percent-encoded in it
     * @throws DoubtfulRequestException when it can be no call
     */
    static McpCall at(String path) {
        for (String naming : NAMING) {
            String before = "/" + naming + "/";
            if (path.startsWith(before)) {
                String name = path.substring(before.length());
                if (name.isEmpty() || name.indexOf('/') >= 0) {
                    throw new DoubtfulRequestException(
                            "the name after " + before + " must be one segment: encode a slash in it as %2F");
                }
                return new McpCall(naming, requireName(percentDecoded(name)));
            }
        }
        String method = path.substring(1);
        requireMethod(method, "path");
        if (NAMING.contains(method)) {
            throw new DoubtfulRequestException(
                    "its path names nothing: " + method + " needs a name, as in " + path + "/NAME");
        }
        return new McpCall(method, null);
    }

    /** The only value of a field. */
    private static String only(List<String> values, String field, String purpose) {
        if (values.isEmpty() || values.getFirst().isEmpty()) {
            throw new DoubtfulRequestException(
                    "it has no " + field + ", " + purpose + ". Use a client that speaks MCP " + REVISIONS.getLast());
        }
        if (values.size() > 1) {
            throw new DoubtfulRequestException("it has more than one " + field);
        }
        return values.getFirst();
    }

    /** No other method begins like one that names something: two calls would have the same path. */
    private static void requireMethod(String method, String where) {
        if (method.length() > MAX_METHOD
                || !METHOD_NAME.matcher(method).matches()
                || NAMING.stream().anyMatch(naming -> method.startsWith(naming + "/"))) {
            throw new DoubtfulRequestException("its " + where + " is not the name of a method of MCP");
        }
    }

    /** "Value Encoding": a value that is not safe in a field is base64 between two marks. */
    private static String name(String value) {
        if (!value.startsWith("=?")) {
            if (!PLAIN_NAME.matcher(value).matches()) {
                throw new DoubtfulRequestException("its " + McpFields.NAME
                        + " has a comma or a character that is not visible ASCII: encode it as " + ENCODED_START + "..."
                        + ENCODED_END);
            }
            return requireName(value);
        }
        if (!value.startsWith(ENCODED_START)
                || !value.endsWith(ENCODED_END)
                || value.length() < ENCODED_START.length() + ENCODED_END.length()) {
            throw unknownEncoding();
        }
        String encoded = value.substring(ENCODED_START.length(), value.length() - ENCODED_END.length());
        String decoded;
        try {
            byte[] bytes = Base64.getDecoder().decode(encoded);
            // Of the spellings that decoders let pass, only one is what a server expects.
            decoded = Base64.getEncoder().encodeToString(bytes).equals(encoded) ? McpPath.utf8(bytes) : "";
        } catch (IllegalArgumentException e) {
            throw unknownEncoding();
        }
        if (decoded.isEmpty()) {
            throw unknownEncoding();
        }
        return requireName(decoded);
    }

    private static String percentDecoded(String name) {
        try {
            return McpPath.decoded(name);
        } catch (IllegalArgumentException e) {
            throw new DoubtfulRequestException("the name in its path is not percent-encoded UTF-8");
        }
    }

    private static DoubtfulRequestException unknownEncoding() {
        return new DoubtfulRequestException("its " + McpFields.NAME + " is encoded in a way that MCP does not know: "
                + ENCODED_START + "..." + ENCODED_END + " with the base64 of UTF-8 is the only one");
    }

    private static String requireName(String name) {
        if (name.isEmpty() || name.length() > MAX_NAME) {
            throw new DoubtfulRequestException(
                    "the name that it calls is empty or longer than " + MAX_NAME + " characters");
        }
        if (McpPath.isReserved(name)) {
            throw new DoubtfulRequestException("the name that it calls has characters that are for private use");
        }
        return name;
    }

    /** Its path, without the base path of the API, as {@link #at} reads it. */
    public String path() {
        return "/" + method + (name == null ? "" : "/" + McpPath.encoded(name));
    }

    /** What the templates of endpoints match, without the base path. */
    String matched() {
        return "/" + method + (name == null ? "" : "/" + McpPath.segment(name));
    }

    /**
     * The template of an endpoint.
     *
     * @param path below the base path; a character that no template can have is percent-encoded in it
     * @throws IllegalArgumentException when it is not a template that can match a call
     */
    static PathTemplate template(String basePath, String path) {
        if (NAMING.contains(path.substring(Math.min(1, path.length())))) {
            throw new IllegalArgumentException(
                    "In " + METHOD + " " + path + " the name is missing, such as {name} for all: " + path + "/{name}.");
        }
        if (path.endsWith("/")) {
            throw new IllegalArgumentException("No call of MCP matches " + path + ", because it ends with a slash.");
        }
        return McpPath.template(basePath, path);
    }
}

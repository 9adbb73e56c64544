package dev.latchkey.management;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint of the management API: routing, guarding, the OpenAPI document and the role editor all come from its
 * declaration, which reads like this:
 *
 * <pre>{@code
 * Operation.get("/tokens/{clientId}")
 *         .id("getToken")
 *         .tag(Tag.TOKENS)
 *         .needs(TOKENS_READ)
 *         .summary("Get an API token")
 *         .answers(TokenReply.class)
 *         .versioned()
 *         .by(this::get)
 * }</pre>
 */
public final class Operation {
    private final Declaration declared;
    private final Guarded handler;

    private Operation(Declaration declared, Guarded handler) {
        this.declared = declared;
        this.handler = handler;
    }

    /** @param path a path template under {@link ManagementApi#BASE_PATH}, such as {@code /tokens/{clientId}} */
    public static Declaration get(String path) {
        return new Declaration("GET", path);
    }

    public static Declaration post(String path) {
        return new Declaration("POST", path);
    }

    public static Declaration put(String path) {
        return new Declaration("PUT", path);
    }

    public static Declaration patch(String path) {
        return new Declaration("PATCH", path);
    }

    /** A deletion always ends something. */
    public static Declaration delete(String path) {
        return new Declaration("DELETE", path).ends();
    }

    public String method() {
        return declared.method;
    }

    public String path() {
        return declared.path;
    }

    public String id() {
        return declared.id;
    }

    public String tag() {
        return declared.tag;
    }

    /** What a caller must have; null when any caller may call it. */
    public @Nullable Privilege privilege() {
        return declared.privilege;
    }

    public String summary() {
        return declared.summary;
    }

    /** Empty when the summary says everything. */
    public String description() {
        return declared.description;
    }

    public List<QueryParameter> query() {
        return Collections.unmodifiableList(declared.query);
    }

    /** The record type that the request's JSON body is read into, or {@code byte[]} for a document; null for none. */
    public @Nullable Class<?> body() {
        return declared.body;
    }

    public int maxBodyBytes() {
        return declared.maxBodyBytes;
    }

    /** The status of success. */
    public int status() {
        return declared.status;
    }

    /** The record type of the response's JSON body; null for none. */
    public @Nullable Class<?> reply() {
        return declared.reply;
    }

    /** The header fields that it accepts and answers with, except those of every call. */
    Set<HeaderField> headerFields() {
        return Collections.unmodifiableSet(declared.headerFields);
    }

    /** Whether the reply can also be a table as CSV. */
    boolean answersCsvToo() {
        return declared.csv;
    }

    public boolean endsSomething() {
        return declared.ends;
    }

    /** Whether programs wait for it with each of their calls. */
    public boolean isAwaitedByCalls() {
        return declared.awaitedByCalls;
    }

    public Guarded handler() {
        return handler;
    }

    /** The same operation with another handler. */
    Operation with(Guarded other) {
        return new Operation(declared, other);
    }

    /** Answers a request whose caller was identified and has the operation's privilege. */
    @FunctionalInterface
    public interface Guarded {
        Response handle(Caller caller, Request request);
    }

    /**
     * What an operation is, part by part; {@link #by} completes it. A part that is missing or declared twice keeps
     * the server from starting, so that nothing is guarded, or described, by half.
     */
    public static final class Declaration {
        private static final List<String> REQUIRED = List.of("id", "tag", "privilege", "summary", "answer");

        private final String method;
        private final String path;
        private final DeclaredParts parts;
        private final List<QueryParameter> query = new ArrayList<>();
        private final Set<HeaderField> headerFields = EnumSet.noneOf(HeaderField.class);
        private String id = "";
        private String tag = "";
        private String summary = "";
        private String description = "";
        private @Nullable Privilege privilege;
        private @Nullable Class<?> body;
        private int maxBodyBytes = Routes.DEFAULT_MAX_BODY_BYTES;
        private int status;
        private @Nullable Class<?> reply;
        private boolean csv;
        private boolean ends;
        private boolean awaitedByCalls;

        private Declaration(String method, String path) {
            this.method = method;
            this.path = path;
            this.parts = new DeclaredParts(method + " " + path);
        }

        /** The operation id in the OpenAPI document, such as {@code createToken}. */
        public Declaration id(String name) {
            id = parts.text("id", name);
            return this;
        }

        /** The group in the OpenAPI document. */
        public Declaration tag(Tag group) {
            parts.give("tag");
            tag = group.text();
            return this;
        }

        /** What a caller must have. */
        public Declaration needs(Privilege needed) {
            parts.give("privilege");
            privilege = needed;
            return this;
        }

        /** Any caller may call it. This must be declared: an operation that declares nothing is open to no one. */
        public Declaration needsNoPrivilege() {
            parts.give("privilege");
            return this;
        }

        /** What it does, in one line. */
        public Declaration summary(String line) {
            summary = parts.text("summary", line);
            return this;
        }

        /** What a caller must know beyond the summary. */
        public Declaration description(String sentences) {
            description = parts.text("description", sentences);
            return this;
        }

        /** Takes a query parameter. */
        public Declaration query(String name, String meaning) {
            return parameter(name, "string", meaning);
        }

        /** Answers with a page of a list, and accepts parameters that say which one. */
        public Declaration paged() {
            return parameter("pageSize", "integer", "The largest number of items: 1 to 100; 25 when absent")
                    .query("pageToken", "The nextPageToken of the previous page");
        }

        private Declaration parameter(String name, String type, String meaning) {
            parts.give("parameter " + name);
            query.add(new QueryParameter(name, type, meaning));
            return this;
        }

        /** Takes a JSON body that is read as this record. */
        public Declaration takes(Class<? extends Record> json) {
            return takes(json, Routes.DEFAULT_MAX_BODY_BYTES);
        }

        /** Takes a JSON body that may be longer than most; it is read only for callers who may call the operation. */
        public Declaration takes(Class<? extends Record> json, int maxBytes) {
            return body(json, maxBytes);
        }

        /** Takes an OpenAPI document as the body, with any content type. */
        public Declaration takesDocument(int maxBytes) {
            return body(byte[].class, maxBytes);
        }

        private Declaration body(Class<?> type, int maxBytes) {
            parts.give("body");
            body = type;
            maxBodyBytes = maxBytes;
            return this;
        }

        /** Answers 200 with this record as JSON. */
        public Declaration answers(Class<? extends Record> json) {
            return answers(200, json);
        }

        /** Answers with this record as JSON, and a status other than 200. */
        public Declaration answers(int success, Class<? extends Record> json) {
            return answer(success, json);
        }

        /** Answers with a table as CSV instead to callers who prefer that ({@code Accept}) or say so ({@code format=csv}). */
        public Declaration orCsv() {
            parts.give("table");
            csv = true;
            return query("format", "json or csv; when absent, what Accept prefers");
        }

        /** Answers 201 with this record as JSON, and the address of what was created. */
        public Declaration creates(Class<? extends Record> json) {
            return answer(201, json).field(HeaderField.LOCATION);
        }

        /** Answers 204, without a body. */
        public Declaration answersNothing() {
            return answer(204, null);
        }

        private Declaration answer(int success, @Nullable Class<?> json) {
            parts.give("answer");
            status = success;
            reply = json;
            return this;
        }

        /**
         * Answers with the resource's version. A GET may be conditional on a version that the caller does not know yet.
         */
        public Declaration versioned() {
            if (method.equals("GET")) {
                field(HeaderField.IF_NONE_MATCH);
            }
            return field(HeaderField.ETAG);
        }

        /** May be limited to the version of the resource that the caller knows. */
        public Declaration ifMatch() {
            return field(HeaderField.IF_MATCH);
        }

        /** A caller who repeats it with the same key creates nothing twice. */
        public Declaration idempotent() {
            return field(HeaderField.IDEMPOTENCY_KEY).field(HeaderField.IDEMPOTENCY_REPLAYED);
        }

        /** Callers who try too often are told when to try again. */
        public Declaration throttled() {
            return field(HeaderField.RETRY_AFTER);
        }

        private Declaration field(HeaderField field) {
            parts.give(field.text());
            headerFields.add(field);
            return this;
        }

        /** Revokes, withdraws, disables or deletes: it never waits behind what people read or change at leisure. */
        public Declaration ends() {
            parts.give("end");
            ends = true;
            return this;
        }

        /**
         * Programs wait for it with each of their calls: it is answered from memory, at once, and not behind what people and
         * managing programs do.
         */
        public Declaration awaitedByCalls() {
            parts.give("place in calls");
            awaitedByCalls = true;
            return this;
        }

        /**
         * The operation, complete.
         *
         * @throws IllegalStateException when a part is missing
         */
        public Operation by(Guarded handler) {
            parts.complete("handler", REQUIRED);
            return new Operation(this, handler);
        }
    }
}

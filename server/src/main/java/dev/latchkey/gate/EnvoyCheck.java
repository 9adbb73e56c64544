package dev.latchkey.gate;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.latchkey.http.Response;
import dev.latchkey.http.Response.Field;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Reads and writes the two messages of {@code envoy.service.auth.v3.Authorization/Check} field by field, as far as we need
 * them: Envoy's generated classes take thirty megabytes. The field numbers come from the protocol's files
 * attribute_context.proto, external_auth.proto, base.proto and status.proto.
 */
final class EnvoyCheck {
    private static final int OK = 0;
    private static final int PERMISSION_DENIED = 7;
    private static final int RESOURCE_EXHAUSTED = 8;
    private static final int UNAUTHENTICATED = 16;

    private EnvoyCheck() {}

    /**
     * What Envoy asks.
     *
     * @param headers by lower-case name, with all values of each
     * @param extensions what Envoy's own configuration says about the route
     * @param source the address of the caller; empty when Envoy does not send it
     */
    record Question(
            String method,
            String target,
            String host,
            Map<String, List<String>> headers,
            Map<String, String> extensions,
            String source) {
        @Override
        public String toString() {
            return method; // headers carry credentials
        }
    }

    /** What has been read of a message so far, including its nested messages. */
    private static final class Reading {
        private String method = "";
        private String target = "";
        private String host = "";
        private String source = "";
        private final Map<String, List<String>> headers = new HashMap<>();
        private final Map<String, String> extensions = new HashMap<>();
    }

    /** Reads the fields of one message. */
    @FunctionalInterface
    private interface Fields {
        /** Returns whether it read the field; an unknown one is skipped. */
        boolean read(int number, CodedInputStream in) throws IOException;
    }

    static Question read(ByteBuffer message) {
        Reading reading = new Reading();
        try {
            // CheckRequest: attributes = 1
            each(CodedInputStream.newInstance(message), (number, in) -> nested(number == 1, in, attributes(reading)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Question(
                reading.method, reading.target, reading.host, reading.headers, reading.extensions, reading.source);
    }

    /** AttributeContext: source = 1, request = 4, context_extensions = 10. */
    private static Fields attributes(Reading reading) {
        return (number, in) -> switch (number) {
            case 1 -> nested(true, in, source(reading));
            // Request: http = 2
            case 4 -> nested(true, in, (inner, request) -> nested(inner == 2, request, http(reading)));
            case 10 -> entry(in, reading.extensions::put);
            default -> false;
        };
    }

    /** Peer: address = 1; Address: socket_address = 1; SocketAddress: address = 2. */
    private static Fields source(Reading reading) {
        return (number, in) -> nested(
                number == 1,
                in,
                (inner, address) -> nested(inner == 1, address, (field, socket) -> {
                    if (field != 2) {
                        return false;
                    }
                    reading.source = socket.readStringRequireUtf8();
                    return true;
                }));
    }

    /** HttpRequest: method = 2, headers = 3, path = 4, host = 5, header_map = 13. */
    private static Fields http(Reading reading) {
        return (number, in) -> {
            switch (number) {
                case 2 -> reading.method = in.readStringRequireUtf8();
                case 3 -> entry(in, (name, value) -> add(reading, name, value));
                case 4 -> reading.target = in.readStringRequireUtf8();
                case 5 -> reading.host = in.readStringRequireUtf8();
                // HeaderMap: headers = 1
                case 13 -> nested(true, in, (inner, map) -> nested(inner == 1, map, header(reading)));
                default -> {
                    return false;
                }
            }
            return true;
        };
    }

    /** HeaderValue: key = 1, value = 2, raw_value = 3; the whole message is one header. */
    private static Fields header(Reading reading) {
        String[] key = {""};
        return (number, in) -> {
            switch (number) {
                case 1 -> key[0] = in.readStringRequireUtf8();
                case 2 -> add(reading, key[0], in.readStringRequireUtf8());
                case 3 -> add(reading, key[0], in.readBytes().toString(StandardCharsets.ISO_8859_1));
                default -> {
                    return false;
                }
            }
            return true;
        };
    }

    private static void add(Reading reading, String name, String value) {
        if (!value.isEmpty()) {
            reading.headers
                    .computeIfAbsent(name.toLowerCase(Locale.ROOT), unused -> new ArrayList<>(1))
                    .add(value);
        }
    }

    /** One entry of a map: key = 1, value = 2. */
    private static boolean entry(CodedInputStream in, BiConsumer<String, String> into) throws IOException {
        String[] pair = {"", ""};
        nested(true, in, (number, field) -> {
            if (number != 1 && number != 2) {
                return false;
            }
            pair[number - 1] = field.readStringRequireUtf8();
            return true;
        });
        into.accept(pair[0], pair[1]);
        return true;
    }

    private static boolean nested(boolean wanted, CodedInputStream in, Fields fields) throws IOException {
        if (!wanted) {
            return false;
        }
        ByteString message = in.readBytes();
        each(message.newCodedInput(), fields);
        return true;
    }

    private static void each(CodedInputStream in, Fields fields) throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            boolean lengthDelimited = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
            if (!lengthDelimited || !fields.read(WireFormat.getTagFieldNumber(tag), in)) {
                in.skipField(tag);
            }
        }
    }

    /**
     * CheckResponse: status = 1, ok_response = 3; OkHttpResponse: headers = 2, headers_to_remove = 5, response_headers_to_add =
     * 6, query_parameters_to_remove = 8.
     */
    static byte[] allowed(
            List<Field> fields, List<String> removed, List<String> removedParameters, List<Field> forCaller) {
        return message(response -> {
            response.writeByteArray(1, status(OK));
            response.writeByteArray(3, message(ok -> {
                for (Field field : fields) {
                    ok.writeByteArray(2, option(field));
                }
                for (String name : removed) {
                    ok.writeString(5, name);
                }
                for (Field field : forCaller) {
                    ok.writeByteArray(6, option(field));
                }
                for (String name : removedParameters) {
                    ok.writeString(8, name);
                }
            }));
        });
    }

    /**
     * CheckResponse: status = 1, denied_response = 2; DeniedHttpResponse: status = 1 (HttpStatus: code = 1), headers = 2,
     * body = 3.
     */
    static byte[] denied(Response refusal) {
        return message(response -> {
            response.writeByteArray(1, status(code(refusal.status())));
            response.writeByteArray(2, message(denied -> {
                denied.writeByteArray(1, message(status -> status.writeEnum(1, refusal.status())));
                for (Field field : refusal.fields()) {
                    denied.writeByteArray(2, option(field));
                }
                denied.writeString(3, new String(refusal.body(), StandardCharsets.UTF_8));
            }));
        });
    }

    private static int code(int status) {
        return switch (status) {
            case 401 -> UNAUTHENTICATED;
            case 429 -> RESOURCE_EXHAUSTED;
            default -> PERMISSION_DENIED;
        };
    }

    /** google.rpc.Status: code = 1. */
    private static byte[] status(int code) {
        return message(status -> status.writeInt32(1, code));
    }

    /**
     * HeaderValueOption: header = 1 (HeaderValue: key = 1, value = 2), append_action = 3, of which
     * OVERWRITE_IF_EXISTS_OR_ADD is 2. Versions that do not know it overwrite as well.
     */
    private static byte[] option(Field field) {
        return message(option -> {
            option.writeByteArray(1, message(header -> {
                header.writeString(1, field.name().toLowerCase(Locale.ROOT));
                header.writeString(2, field.value());
            }));
            option.writeEnum(3, 2);
        });
    }

    /** Writes the fields of one message. */
    @FunctionalInterface
    private interface Writing {
        void to(CodedOutputStream out) throws IOException;
    }

    private static byte[] message(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            writing.to(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}

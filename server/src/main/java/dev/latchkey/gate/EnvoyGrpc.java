package dev.latchkey.gate;

import dev.latchkey.event.Origin;
import dev.latchkey.grpc.UnaryMethod;
import dev.latchkey.http.AddressRange;
import dev.latchkey.http.Headers;
import dev.latchkey.http.Request;
import dev.latchkey.http.RequestRecorder;
import dev.latchkey.http.Response;
import dev.latchkey.http.Response.Field;
import dev.latchkey.http.Routes;
import dev.latchkey.path.MethodOverride;
import dev.latchkey.problem.Problem;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Answers Envoy's gRPC check, {@code envoy.service.auth.v3.Authorization/Check}, on a port of its own. */
public final class EnvoyGrpc {
    private static final String CHECK = "/envoy.service.auth.v3.Authorization/Check";

    /** Envoy's configuration names the API with this context extension. */
    private static final String API = "latchkey-api";

    /** Other spellings of our fields that some programs take for the same field. */
    private static final List<String> ODD_SPELLINGS = Answer.ALL_FIELDS.stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .flatMap(name -> spellings(name).stream().filter(spelling -> !spelling.equals(name)))
            .toList();

    private static final int MAX_MESSAGE_BYTES = 128 * 1024;

    private final Gate gate;
    private final String issuer;
    private final Supplier<List<AddressRange>> trusted;

    private EnvoyGrpc(Gate gate, String issuer, Supplier<List<AddressRange>> trusted) {
        this.gate = gate;
        this.issuer = issuer;
        this.trusted = trusted;
    }

    /**
     * The routes of that port.
     *
     * @param trusted the gateways whose word is taken at the moment for the caller's address
     * @param recorder records each request
     */
    public static Routes routes(
            Gate gate, String issuer, Supplier<List<AddressRange>> trusted, RequestRecorder recorder) {
        EnvoyGrpc envoy = new EnvoyGrpc(gate, issuer, trusted);
        // A denial whatever happens: Envoy can be configured to let requests pass when a check fails.
        return UnaryMethod.served(
                CHECK, MAX_MESSAGE_BYTES, recorder, envoy::answer, problem -> EnvoyCheck.denied(Response.of(problem)));
    }

    private byte[] answer(ByteBuffer message, String peer) {
        try {
            EnvoyCheck.Question question = EnvoyCheck.read(message);
            ForeignRequest request = request(question, peer);
            Decision decision = gate.decide(request);
            return decision instanceof Decision.Allowed allowed
                    ? allowed(allowed, question)
                    : EnvoyCheck.denied(Response.of(Answer.problem(decision, request, issuer)));
        } catch (Problem problem) {
            return EnvoyCheck.denied(Response.of(problem));
        } catch (UncheckedIOException e) {
            return EnvoyCheck.denied(Response.of(
                    new Problem(403, "gateway_misconfigured", "The message is not a CheckRequest of Envoy's.")));
        }
    }

    /** What Latchkey leaves out must not reach the API from the caller. */
    private static byte[] allowed(Decision.Allowed allowed, EnvoyCheck.Question question) {
        List<Field> fields = Answer.fields(allowed);
        Set<String> said = fields.stream().map(Field::name).collect(Collectors.toSet());
        List<String> removed = new ArrayList<>(ODD_SPELLINGS);
        question.headers().keySet().stream()
                .filter(Answer::isForged)
                .filter(name -> said.stream().noneMatch(name::equalsIgnoreCase))
                .forEach(removed::add);
        Presented presented = allowed.presented();
        if (presented != null) {
            presented.fields().forEach(name -> removed.add(name.toLowerCase(Locale.ROOT)));
        }
        for (String name : Answer.ALL_FIELDS) {
            if (!said.contains(name)) {
                removed.add(name.toLowerCase(Locale.ROOT));
            }
        }
        return EnvoyCheck.allowed(
                fields, removed, presented == null ? List.of() : presented.parameters(), Answer.forCaller(allowed));
    }

    /** The name with each hyphen kept or replaced by an underscore. */
    private static List<String> spellings(String name) {
        int hyphen = name.indexOf('-');
        if (hyphen < 0) {
            return List.of(name);
        }
        List<String> spellings = new ArrayList<>();
        for (String rest : spellings(name.substring(hyphen + 1))) {
            spellings.add(name.substring(0, hyphen) + "-" + rest);
            spellings.add(name.substring(0, hyphen) + "_" + rest);
        }
        return spellings;
    }

    private ForeignRequest request(EnvoyCheck.Question question, String peer) {
        Map<String, List<String>> headers = question.headers();
        List<String> others = new ArrayList<>();
        for (String name : MethodOverride.FIELDS) {
            headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of())
                    .forEach(value -> others.addAll(List.of(value.split("\\s*,\\s*", -1))));
        }
        List<String> authorization = headers.getOrDefault("authorization", List.of());
        if (authorization.size() > 1) {
            throw Problem.badRequest("Send the Authorization field once.");
        }
        return new ForeignRequest(
                question.extensions().get(API),
                question.host().isEmpty() ? null : question.host(),
                question.method(),
                question.target(),
                others,
                new ForeignRequest.Credentials(Headers.ofAll(headers), List.of(), true),
                new Origin(
                        isTrusted(peer) && !question.source().isEmpty() ? question.source() : peer,
                        Request.shortUserAgent(String.join(" ", headers.getOrDefault("user-agent", List.of())))));
    }

    private boolean isTrusted(String peer) {
        return trusted.get().stream().anyMatch(range -> range.contains(peer));
    }
}

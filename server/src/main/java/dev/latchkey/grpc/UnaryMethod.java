package dev.latchkey.grpc;

import dev.latchkey.http.BasePath;
import dev.latchkey.http.Handler;
import dev.latchkey.http.Headers;
import dev.latchkey.http.Request;
import dev.latchkey.http.RequestRecorder;
import dev.latchkey.http.Response;
import dev.latchkey.http.Response.Field;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A gRPC method that answers one message with one, over HTTP/2 (grpc/doc/PROTOCOL-HTTP2.md): each message follows a
 * byte that says whether it is compressed and four bytes with its length, and the trailers say how the call ended. A
 * call that fails before there is an answer has only those, as header fields.
 *
 * <p>{@code TE} is not required, because a caller who does not get our trailers treats the call as failed.
 * {@code grpc-timeout} is ignored: a caller whose deadline has passed cancels the call.
 */
public final class UnaryMethod implements Handler, Routes.Admission, Routes.Refusals {
    private static final String CONTENT_TYPE = "application/grpc";
    private static final String STATUS = "grpc-status";
    private static final int PREFIX_BYTES = 1 + Integer.BYTES;
    private static final byte[] NO_MESSAGE = new byte[0];
    private static final List<Field> HEAD = List.of(new Field("Content-Type", CONTENT_TYPE));
    private static final List<Field> SUCCESS = List.of(new Field(STATUS, Status.OK.field()));

    private final int maxMessageBytes;
    private final Answering answering;
    private final Function<Problem, byte[]> inItsWords;

    private UnaryMethod(int maxMessageBytes, Answering answering, Function<Problem, byte[]> inItsWords) {
        this.maxMessageBytes = maxMessageBytes;
        this.answering = answering;
        this.inItsWords = inItsWords;
    }

    /** Answers the messages of a method. */
    @FunctionalInterface
    public interface Answering {
        /** @param peer the address at the other end of the connection */
        byte[] answer(ByteBuffer message, String peer);
    }

    /**
     * The routes of a port that serves this one method.
     *
     * @param path {@code /package.Service/Method}
     * @param recorder records each request
     * @param inItsWords makes the message that says that the server is overloaded or has failed; a call that merely
     *     failed might be treated as harmless
     */
    public static Routes served(
            String path,
            int maxMessageBytes,
            RequestRecorder recorder,
            Answering answering,
            Function<Problem, byte[]> inItsWords) {
        UnaryMethod method = new UnaryMethod(maxMessageBytes, answering, inItsWords);
        return Routes.builder(recorder)
                .refusing(method)
                .add("POST", path, method, PREFIX_BYTES + maxMessageBytes, method)
                .otherwiseAtOnce(UnaryMethod::unknown)
                .build();
    }

    /** Refuses by its header fields what is not a call, or is compressed. */
    @Override
    public Optional<Response> refusal(Request request) {
        requireCall(request.headers());
        return request.header("grpc-encoding")
                .filter(encoding -> !encoding.equals("identity"))
                .map(encoding -> failed(Status.UNIMPLEMENTED, "Send messages uncompressed.")
                        .with("grpc-accept-encoding", "identity"));
    }

    @Override
    public Response handle(Request request) {
        try {
            return answered(answering.answer(message(request.body()), request.remoteAddress()));
        } catch (CallException e) {
            return failed(e.status(), String.valueOf(e.getMessage()));
        }
    }

    /** The one message of a call, whose body is complete. */
    private ByteBuffer message(byte[] body) {
        if (body.length == 0) {
            throw new CallException(Status.UNIMPLEMENTED, "The method takes one message, but none was sent.");
        }
        if (body.length < PREFIX_BYTES) {
            throw new CallException(Status.INTERNAL, "The message is cut off.");
        }
        ByteBuffer message = ByteBuffer.wrap(body);
        if (message.get() != 0) {
            throw new CallException(
                    Status.INTERNAL, "The message is compressed, but the header fields do not say how.");
        }
        long length = Integer.toUnsignedLong(message.getInt());
        if (length > maxMessageBytes) {
            throw new CallException(
                    Status.RESOURCE_EXHAUSTED, "The message is too large. Send at most " + maxMessageBytes + " bytes.");
        }
        if (message.remaining() < length) {
            throw new CallException(Status.INTERNAL, "The message is cut off.");
        }
        if (message.remaining() > length) {
            throw new CallException(Status.UNIMPLEMENTED, "The method takes one message, but more was sent.");
        }
        return message;
    }

    @Override
    public boolean suit(Headers headers) {
        return isCall(headers);
    }

    @Override
    public Response of(Headers headers, BasePath base, @Nullable Request request, Problem problem) {
        if (problem.status() >= 500) {
            return answered(inItsWords.apply(problem));
        }
        return switch (problem.status()) {
            case 408 -> failed(Status.DEADLINE_EXCEEDED, problem.detail());
            case 413, 431 -> failed(Status.RESOURCE_EXHAUSTED, problem.detail());
            case 404, 405 -> failed(Status.UNIMPLEMENTED, problem.detail());
            default -> failed(Status.INTERNAL, problem.detail());
        };
    }

    private static Response unknown(Request request) {
        requireCall(request.headers());
        return failed(Status.UNIMPLEMENTED, "There is no method at this path.");
    }

    /** Other clients must not mistake a call's answer for success: its status is 200 even when the call failed. */
    private static void requireCall(Headers headers) {
        if (!isCall(headers)) {
            throw new Problem(415, "unsupported_media_type", "This port serves gRPC. Send " + CONTENT_TYPE + ".");
        }
    }

    private static boolean isCall(Headers headers) {
        String type = headers.first("Content-Type").orElse("");
        int semicolon = type.indexOf(';');
        String plain = (semicolon < 0 ? type : type.substring(0, semicolon)).strip();
        return switch (plain.toLowerCase(Locale.ROOT)) {
            case CONTENT_TYPE, CONTENT_TYPE + "+proto" -> true;
            default -> false;
        };
    }

    private static Response answered(byte[] answer) {
        byte[] framed = ByteBuffer.allocate(PREFIX_BYTES + answer.length)
                .put((byte) 0)
                .putInt(answer.length)
                .put(answer)
                .array();
        return new Response(200, HEAD, framed, SUCCESS);
    }

    private static Response failed(Status status, String message) {
        return new Response(200, HEAD, NO_MESSAGE)
                .with(STATUS, status.field())
                .with("grpc-message", Text.visibleAscii(message));
    }
}

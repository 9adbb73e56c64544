package dev.latchkey.grpc;

import dev.latchkey.http.BasePath;
import dev.latchkey.http.Handler;
import dev.latchkey.http.Headers;
import dev.latchkey.http.Request;
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
 * A method that answers one message with one, as gRPC calls it over HTTP/2 (grpc/doc/PROTOCOL-HTTP2.md): each message comes
 * after a byte that says whether it is compressed and four with its length, and the trailers say how the call ended. Calls
 * that fail before there is an answer have nothing but those, as fields.
 *
 * <p>{@code TE} is not asked for, because whoever does not get our trailers takes the call for failed. Nor is {@code
 * grpc-timeout}: a caller whose time is over takes the call back.
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
     * What a port answers that has this one method.
     *
     * @param path {@code /package.Service/Method}
     * @param inItsWords the message that says that there is too much to do, or that something is broken here; a call that
     *     only failed might be taken for less
     */
    public static Routes served(
            String path, int maxMessageBytes, Answering answering, Function<Problem, byte[]> inItsWords) {
        UnaryMethod method = new UnaryMethod(maxMessageBytes, answering, inItsWords);
        return Routes.builder()
                .refusing(method)
                .add("POST", path, method, PREFIX_BYTES + maxMessageBytes, method)
                .otherwiseAtOnce(UnaryMethod::unknown)
                .build();
    }

    /** What is no call, or compressed, is refused for its fields. */
    @Override
    public Optional<Response> refusal(Request request) {
        requireCall(request.headers());
        return request.header("grpc-encoding")
                .filter(encoding -> !encoding.equals("identity"))
                .map(encoding -> failed(Status.UNIMPLEMENTED, "Messages are taken as they are, not compressed.")
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

    /** The one message of a call, which is here whole. */
    private ByteBuffer message(byte[] body) {
        if (body.length == 0) {
            throw new CallException(Status.UNIMPLEMENTED, "This method takes one message, and there is none.");
        }
        if (body.length < PREFIX_BYTES) {
            throw new CallException(Status.INTERNAL, "The message breaks off.");
        }
        ByteBuffer message = ByteBuffer.wrap(body);
        if (message.get() != 0) {
            throw new CallException(Status.INTERNAL, "The message is compressed, and its fields do not say how.");
        }
        long length = Integer.toUnsignedLong(message.getInt());
        if (length > maxMessageBytes) {
            throw new CallException(
                    Status.RESOURCE_EXHAUSTED, "The message is too large. Send at most " + maxMessageBytes + " bytes.");
        }
        if (message.remaining() < length) {
            throw new CallException(Status.INTERNAL, "The message breaks off.");
        }
        if (message.remaining() > length) {
            throw new CallException(Status.UNIMPLEMENTED, "This method takes one message, and there is more.");
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
        return failed(Status.UNIMPLEMENTED, "There is no such method here.");
    }

    /** Others must not take a call's answer for success, which is 200 also when it failed. */
    private static void requireCall(Headers headers) {
        if (!isCall(headers)) {
            throw new Problem(415, "unsupported_media_type", "This port is for gRPC: send " + CONTENT_TYPE + ".");
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

package dev.latchkey.bench.chaos;

import dev.latchkey.bench.chaos.Client.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The initial state: an account, an administrator's token, and a registered API. */
final class Stage {
    static final String API = "chaos";
    static final String HOST = "chaos.example";
    static final String AUDIENCE = "https://chaos.example";
    static final String PATH = "/invoices/42";
    static final String PRIVILEGE = "invoices:read";

    private Stage() {}

    /** The token that the first start left in a file. */
    static Credentials administrator(Path bootstrap) {
        try {
            Matcher lines =
                    Pattern.compile("CLIENT_ID=(.*)\nCLIENT_SECRET=(.*)\n").matcher(Files.readString(bootstrap));
            if (!lines.find()) {
                throw new IllegalStateException("no administrator's token in " + bootstrap);
            }
            return new Credentials(lines.group(1), lines.group(2));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void registerApi(Client client, Credentials administrator) {
        Reply reply = new Administrator(administrator)
                .call(client, "POST", "/apis", """
                {"name": "%s", "audience": "%s", "hosts": ["%s"], "basePath": "/",
                 "endpoints": [{"method": "GET", "path": "/invoices/{id}", "privilege": "%s"}]}""".formatted(API, AUDIENCE, HOST, PRIVILEGE));
        if (!reply.isSuccess()) {
            throw new IllegalStateException("the API cannot be registered: " + reply.status() + " " + reply.body());
        }
    }
}

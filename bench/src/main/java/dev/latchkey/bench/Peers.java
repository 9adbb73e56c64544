package dev.latchkey.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Other projects' servers with which a client-credentials grant is compared, from the package registries. */
final class Peers {
    private Peers() {}

    /** A peer, and the call to make. */
    record Peer(Served served, List<Call> calls) {}

    /**
     * Keycloak as in its guide for production: built once for its options, started optimized, HTTP behind a proxy that
     * ends TLS. One realm, one confidential client with a service account for each algorithm.
     *
     * @param home where its distribution was unpacked
     */
    static Peer keycloak(Path home, Path javaHome, String version) {
        int port = Ports.free();
        int management = Ports.free();
        Path log = home.resolve("bench.log");
        String kc = home.resolve("bin/kc.sh").toString();
        Map<String, String> environment = Map.of(
                "JAVA_HOME", javaHome.toString(),
                "KC_BOOTSTRAP_ADMIN_USERNAME", "admin",
                "KC_BOOTSTRAP_ADMIN_PASSWORD", "admin-of-the-bench");
        // Left by an earlier run.
        delete(home.resolve("data"));
        try {
            Process build = new ProcessBuilder(
                            "sh", kc, "build", "--db=dev-file", "--health-enabled=true", "--cache=local")
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (build.waitFor() != 0) {
                throw new IllegalStateException("Keycloak's build failed:\n" + Files.readString(log));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        Served served = Served.start(
                "Keycloak",
                version,
                "http://localhost:" + port,
                "http://localhost:" + management + "/health/ready",
                home,
                log,
                environment,
                List.of(
                        "sh",
                        kc,
                        "start",
                        "--optimized",
                        "--http-enabled=true",
                        "--http-port=" + port,
                        "--http-management-port=" + management,
                        "--hostname=http://localhost:" + port));
        String admin = Http.field(
                Http.form(
                        served.url() + "/realms/master/protocol/openid-connect/token",
                        Map.of(),
                        "grant_type=password&client_id=admin-cli&username=admin&password=admin-of-the-bench"),
                "access_token");
        Http.json(
                served.url() + "/admin/realms",
                admin,
                "{\"realm\":\"bench\",\"enabled\":true,\"sslRequired\":\"none\"}");
        Http.json(served.url() + "/admin/realms/bench/components", admin, """
                {"name":"ecdsa","providerId":"ecdsa-generated","providerType":"org.keycloak.keys.KeyProvider",
                 "config":{"priority":["100"],"enabled":["true"],"active":["true"],"ecdsaEllipticCurveKey":["P-256"]}}""");
        for (String algorithm : List.of("ES256", "RS256")) {
            Http.json(served.url() + "/admin/realms/bench/clients", admin, """
                    {"clientId":"%s","secret":"a-secret-of-the-bench","serviceAccountsEnabled":true,"publicClient":false,
                     "standardFlowEnabled":false,"attributes":{"access.token.signed.response.alg":"%s"}}""".formatted(algorithm, algorithm));
        }
        return new Peer(
                served,
                Stream.of("ES256", "RS256")
                        .map(algorithm -> Call.form(
                                "Keycloak, " + algorithm,
                                served.url() + "/realms/bench/protocol/openid-connect/token",
                                Map.of("Authorization", Latchkey.basic(algorithm, "a-secret-of-the-bench")),
                                "grant_type=client_credentials"))
                        .toList());
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.exists(folder) ? Files.walk(folder) : Stream.empty()) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * node oidc-provider with one worker a processor, JWT access tokens for one resource server, signed with ES256.
     *
     * @param folder where its packages were installed
     */
    static Peer oidcProvider(Path folder, String version) {
        int port = Ports.free();
        Served served = Served.start(
                "oidc-provider",
                version,
                "http://localhost:" + port,
                "http://localhost:" + port + "/.well-known/openid-configuration",
                folder,
                folder.resolve("bench.log"),
                Map.of("NODE_ENV", "production", "PORT", Integer.toString(port)),
                List.of("node", "server.mjs"));
        return new Peer(
                served,
                List.of(Call.form(
                        "oidc-provider, ES256",
                        served.url() + "/token",
                        Map.of("Authorization", Latchkey.basic("bench", "a-secret-of-the-bench")),
                        "grant_type=client_credentials")));
    }
}

package dev.latchkey.console;

import dev.latchkey.access.Api;
import dev.latchkey.access.KeyPlaces;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.crypto.Secret;
import java.util.ArrayList;
import java.util.List;

/**
 * Code in four languages that uses a token. It reads the secret from the environment, because copied code ends up in shell
 * histories and repositories.
 */
public record Samples(String language, String code) {

    /** For this token: what its programs send to the token endpoint, or with an API key to the API itself. */
    static List<Samples> of(String issuer, ApiToken apiToken) {
        return apiToken.terms().secretForm() == Secret.Form.API_KEY ? WITH_KEY : of(issuer, apiToken.clientId());
    }

    /** How to send a key to an API with curl, in each place where it takes keys; none where it takes none. */
    static List<Samples> sendingKeyTo(Api api) {
        KeyPlaces places = api.keyPlaces();
        String address =
                "https://" + (api.hosts().isEmpty() ? "HOST" : api.hosts().getFirst()) + api.basePath() + "/PATH";
        List<Samples> samples = new ArrayList<>();
        if (places.header() != null) {
            samples.add(withKey(
                    "In the header " + places.header(), "header = \"" + places.header() + ": %s\"", "", address));
        }
        if (places.bearer()) {
            samples.add(withKey("As an access token is sent", "header = \"Authorization: Bearer %s\"", "", address));
        }
        if (places.basic()) {
            samples.add(withKey("With HTTP Basic, as the user name", "user = \"%s:\"", "", address));
        }
        if (places.query() != null) {
            samples.add(withKey(
                    "In the query parameter " + places.query(),
                    "data = \"" + places.query() + "=%s\"",
                    "-G ",
                    address));
        }
        return List.copyOf(samples);
    }

    /** @param option the line of curl's configuration in which the key stands for %s */
    private static Samples withKey(String label, String option, String flag, String address) {
        return new Samples(label, "printf '" + option + "\\n' \"$API_KEY\" |\n  curl -s " + flag + "-K - " + address);
    }

    static List<Samples> of(String issuer, String clientId) {
        return List.of(
                new Samples("curl", filled(CURL, issuer, clientId)),
                new Samples("Java", filled(JAVA, issuer, clientId)),
                new Samples("Python", filled(PYTHON, issuer, clientId)),
                new Samples("JavaScript", filled(JAVASCRIPT, issuer, clientId)));
    }

    private static String filled(String sample, String issuer, String clientId) {
        return sample.replace("{issuer}", issuer)
                .replace("{api}", issuer + ManagementApi.BASE_PATH)
                .replace("{clientId}", clientId)
                .stripTrailing();
    }

    /**
     * Without CLIENT_SECRET in the environment, curl asks for it. It can be pasted into any shell, so it has no comments and is
     * a single command: otherwise the prompt would swallow the next pasted line.
     */
    private static final String CURL = """
            {
              echo 'For a registered API add -d resource=AUDIENCE. The access token lasts 10 minutes.'
              ACCESS_TOKEN=$(curl -s {issuer}/oauth/v2/token \\
                -u "{clientId}${CLIENT_SECRET:+:$CLIENT_SECRET}" \\
                -d grant_type=client_credentials | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
              curl -s {api}/me -H "Authorization: Bearer $ACCESS_TOKEN"
            }
            """;

    private static final String JAVA = """
            HttpClient http = HttpClient.newHttpClient();
            String pair = "{clientId}:" + System.getenv("CLIENT_SECRET");
            HttpResponse<String> granted = http.send(
                HttpRequest.newBuilder(URI.create("{issuer}/oauth/v2/token"))
                    .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair.getBytes()))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
            // Read access_token from the JSON with the library of your choice; it lasts 10 minutes.
            HttpResponse<String> me = http.send(
                HttpRequest.newBuilder(URI.create("{api}/me"))
                    .header("Authorization", "Bearer " + accessToken)
                    .build(),
                HttpResponse.BodyHandlers.ofString());
            """;

    private static final String PYTHON = """
            import os, requests

            granted = requests.post(
                "{issuer}/oauth/v2/token",
                auth=("{clientId}", os.environ["CLIENT_SECRET"]),
                data={"grant_type": "client_credentials"},
            )
            granted.raise_for_status()
            access_token = granted.json()["access_token"]  # lasts 10 minutes

            me = requests.get("{api}/me", headers={"Authorization": f"Bearer {access_token}"})
            print(me.json())
            """;

    private static final String JAVASCRIPT = """
            const pair = btoa(`{clientId}:${process.env.CLIENT_SECRET}`);
            const granted = await fetch("{issuer}/oauth/v2/token", {
              method: "POST",
              headers: { Authorization: `Basic ${pair}` },
              body: new URLSearchParams({ grant_type: "client_credentials" }),
            });
            const { access_token } = await granted.json(); // lasts 10 minutes

            const me = await fetch("{api}/me", {
              headers: { Authorization: `Bearer ${access_token}` },
            });
            console.log(await me.json());
            """;

    /** The key comes from the environment or a file, never from the command line, which every process of the machine can read. */
    private static final List<Samples> WITH_KEY = List.of(
            new Samples("curl", """
                    printf 'header = "X-API-Key: %s"\\n' "$API_KEY" | curl -s -K - https://api.example/path
                    """.stripTrailing()),
            new Samples("Python", """
                    import os, requests

                    answer = requests.get("https://api.example/path", headers={"X-API-Key": os.environ["API_KEY"]})
                    print(answer.json())
                    """.stripTrailing()),
            new Samples("JavaScript", """
                    const answer = await fetch("https://api.example/path", {
                      headers: { "X-API-Key": process.env.API_KEY },
                    });
                    console.log(await answer.json());
                    """.stripTrailing()),
            new Samples("Prometheus", """
                    scrape_configs:
                      - job_name: billing
                        http_headers:
                          X-API-Key:
                            files: [/etc/prometheus/api-key]
                        static_configs:
                          - targets: [api.example]
                    """.stripTrailing()));
}

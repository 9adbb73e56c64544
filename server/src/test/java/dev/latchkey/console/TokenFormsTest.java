package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Api;
import dev.latchkey.RunningServer.Browser;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Tokens without a secret, editing, and revoking several: by forms alone, without script. */
class TokenFormsTest {
    private static final String JWKS =
            "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"first\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}";

    private RunningServer server;
    private Api admin;
    private Browser browser;

    @BeforeEach
    void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        admin = server.admin();
        admin.createRole("reader", "tokens:read");
        browser = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String hidden(Answer page, String name) {
        Matcher value =
                Pattern.compile("name=\"" + name + "\" value=\"([^\"]*)\"").matcher(page.body());
        assertThat(value.find()).as(name).isTrue();
        return value.group(1);
    }

    private Answer generate(Map<String, String> fields) {
        Answer page = browser.get("/tokens/new");
        Map<String, String> form = new HashMap<>(
                Map.of("description", "By form", "role", "reader", "expires", "90", "nonce", hidden(page, "nonce")));
        form.put("csrf", browser.csrf());
        form.putAll(fields);
        return browser.post("/tokens", form);
    }

    /** The token that the answer leads to. */
    private JsonNode generated(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(303);
        return admin.get(answer.header("Location").replaceFirst("\\?.*", "")).json();
    }

    @Test
    void aTokenWithAKeyNeedsNoSecondStep() {
        JsonNode token = generated(generate(Map.of(
                "method",
                "private_key_jwt",
                "jwks",
                JWKS,
                "allowedAddresses",
                "192.0.2.0/24\n2001:db8::/32",
                "senderConstraint",
                "dpop",
                "notBefore",
                "2030-01-01T00:00",
                "expires",
                "never",
                "nameInAccessTokens",
                "nightly")));
        assertThat(token.get("nameInAccessTokens").asString()).isEqualTo("nightly");
        assertThat(browser.get("/tokens/" + token.get("clientId").asString()).body())
                .contains("<dt>Name in its access tokens</dt><dd class=\"long\">nightly</dd>");
        assertThat(token.get("authentication").toString()).contains("private_key_jwt", "first");
        assertThat(token.get("allowedAddresses")).hasSize(2);
        assertThat(token.get("senderConstraint").asString()).isEqualTo("dpop");
        assertThat(token.get("notBefore").asString()).isEqualTo("2030-01-01T00:00:00Z");
        assertThat(token.has("expiresAt")).isFalse();
        assertThat(token.get("owner").get("name").asString()).isEqualTo(RunningServer.ADMIN_EMAIL);
    }

    @Test
    void aPlatformIsTrustedUnderConditions() {
        JsonNode token = generated(generate(Map.of(
                "method",
                "federated",
                "issuer",
                "https://token.actions.githubusercontent.com",
                "claims",
                "repository = acme/shop\nref=refs/heads/*")));
        assertThat(token.get("authentication").get("claims").toString())
                .isEqualTo("{\"ref\":\"refs/heads/*\",\"repository\":\"acme/shop\"}");
    }

    @Test
    void errorsAreShownNextToTheirFieldsAndNothingIsLost() {
        Answer refused = generate(Map.of("method", "private_key_jwt", "jwks", "my keys", "allowedAddresses", "::1"));
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.body()).contains("This is not a JWK set", ">my keys</textarea>", ">::1</textarea>");
        assertThat(generate(Map.of("method", "private_key_jwt")).body()).contains("Enter the public keys");
        assertThat(generate(Map.of("method", "tls_client_auth", "nameKind", "sanDns"))
                        .body())
                .contains("Enter 1 to 500 characters.");
        assertThat(generate(Map.of("method", "federated", "issuer", "x", "claims", "y"))
                        .body())
                .contains("claim = value");
        assertThat(generate(Map.of("method", "self_signed_tls_client_auth", "certificates", "-----BEGIN"))
                        .body())
                .contains("This is not one certificate in PEM");
        assertThat(generate(Map.of("nameInAccessTokens", "two words")).body())
                .contains("value=\"two words\"", "href=\"#nameInAccessTokens\"")
                .containsPattern("<details class=\"advanced mt\" open>");
        assertThat(admin.get("/tokens?search=By%20form").json().get("items")).isEmpty();
    }

    @Test
    void conditionsThatAreNoTextAreWrittenInJson() {
        String clientId = generated(generate(Map.of(
                        "method",
                        "federated",
                        "issuer",
                        "https://ci.example",
                        "issuerJwks",
                        JWKS,
                        "claims",
                        "sub = acme/shop\nprotected := true\nrun := 7\nattempt = 1")))
                .get("clientId")
                .asString();
        assertThat(admin.get("/tokens/" + clientId).body())
                .contains("\"protected\":true", "\"run\":7", "\"attempt\":\"1\"");
        assertThat(browser.get("/tokens/" + clientId + "/edit").body())
                .contains("protected := true", "run := 7", "attempt = 1");
        assertThat(generate(Map.of(
                                "method",
                                "federated",
                                "issuer",
                                "https://token.actions.githubusercontent.com",
                                "claims",
                                "ref = refs/heads/main"))
                        .body())
                .contains("Anyone at GitHub could meet these conditions");
    }

    @Test
    void anEditChangesWhatWasChangedAndLeavesTheRest() {
        String clientId = generated(
                        generate(Map.of("method", "private_key_jwt", "jwks", JWKS, "nameInAccessTokens", "nightly")))
                .get("clientId")
                .asString();
        Answer page = browser.get("/tokens/" + clientId + "/edit");
        assertThat(page.body()).contains("By form", "first", "value=\"nightly\"");
        Map<String, String> form = new HashMap<>(Map.of(
                "csrf",
                browser.csrf(),
                "version",
                hidden(page, "version"),
                "description",
                "Edited",
                "owner",
                "",
                "method",
                "private_key_jwt",
                "jwks",
                JWKS,
                "expiresAt",
                Pattern.compile("id=\"expiresAt\"[^>]* value=\"([^\"]+)\"")
                        .matcher(page.body())
                        .results()
                        .map(match -> match.group(1))
                        .findFirst()
                        .orElseThrow(),
                "allowedAddresses",
                "127.0.0.1",
                "notBefore",
                "",
                "senderConstraint",
                "none"));
        form.put("nameInAccessTokens", "");
        Answer saved = browser.post("/tokens/" + clientId + "/edit", form);
        assertThat(saved.status()).as(saved.body()).isEqualTo(303);
        JsonNode event =
                admin.get("/tokens/" + clientId + "/events").json().get("items").get(0);
        assertThat(event.get("changes"))
                .extracting(change -> change.get("field").asString())
                .containsExactly("description", "owner", "name in access tokens", "allowed addresses");

        assertThat(browser.post("/tokens/" + clientId + "/edit", form).body())
                .as("from the version before")
                .contains("has changed since you read it");
        form.put("version", "2");
        form.put("description", "");
        assertThat(browser.post("/tokens/" + clientId + "/edit", form).body()).contains("1 to 120 characters");
    }

    @Test
    void anEditKeepsTheKeysOfAnIssuerThatLatchkeyCannotReach() {
        String clientId = generated(generate(Map.of(
                        "method",
                        "federated",
                        "issuer",
                        "https://cluster.internal",
                        "issuerJwks",
                        JWKS,
                        "claims",
                        "sub = system:serviceaccount:shop:web")))
                .get("clientId")
                .asString();
        Answer page = browser.get("/tokens/" + clientId + "/edit");
        assertThat(page.body()).contains("id=\"issuerJwks\"", "first");
        Map<String, String> form = new HashMap<>(Map.of(
                "csrf",
                browser.csrf(),
                "version",
                hidden(page, "version"),
                "description",
                "Web",
                "method",
                "federated",
                "issuer",
                "https://cluster.internal",
                "issuerJwks",
                JWKS,
                "claims",
                "sub = system:serviceaccount:shop:*"));
        Answer saved = browser.post("/tokens/" + clientId + "/edit", form);
        assertThat(saved.status()).as(saved.body()).isEqualTo(303);
        assertThat(admin.get("/tokens/" + clientId).json().get("authentication").toString())
                .contains("\"first\"", "serviceaccount:shop:*");
        form.put("version", "2");
        form.put("issuerJwks", "no keys");
        assertThat(browser.post("/tokens/" + clientId + "/edit", form).body()).contains("This is not a JWK set");
    }

    @Test
    void severalAreRevokedInTwoSteps() {
        Credentials one = admin.createToken("One", "reader");
        Credentials two = admin.createToken("Two", "reader");
        assertThat(browser.get("/tokens").body())
                .contains("name=\"id\" value=\"" + one.clientId(), "Revoke selected tokens");
        assertThat(browser.get("/tokens/revoke").status())
                .as("nothing selected")
                .isEqualTo(303);
        Answer asked = browser.get("/tokens/revoke?id=" + one.clientId() + "&id=" + two.clientId());
        assertThat(asked.body()).contains("Revoke 2 tokens?", "None of them was ever used");
        assertThat(server.requestAccessToken(one, "").status()).isEqualTo(200);

        Map<String, String> form = Map.of("csrf", browser.csrf(), "id", one.clientId(), "reason", "Spring cleaning");
        assertThat(browser.post("/tokens/revoke", form).header("Location")).isEqualTo("/tokens?done=revoked-together");
        assertThat(server.requestAccessToken(one, "").status()).isEqualTo(401);
        assertThat(server.requestAccessToken(two, "").status()).isEqualTo(200);
        assertThat(browser.get("/tokens/revoke?id=" + one.clientId()).status())
                .as("none of them is active")
                .isEqualTo(303);
    }

    @Test
    void theAccountsLimitShapesTheForm() {
        Answer page = browser.get("/settings");
        Map<String, String> form = new HashMap<>(Map.of(
                "csrf",
                browser.csrf(),
                "version",
                hidden(page, "version"),
                "name",
                "Example",
                "longestTokenDays",
                "60"));
        assertThat(browser.post("/settings", form).status()).isEqualTo(303);
        assertThat(browser.get("/tokens/new").body())
                .contains("30 days", "60 days")
                .doesNotContain("90 days", "1 year", "value=\"never\"");
        assertThat(generate(Map.of("expires", "never")).body()).contains("tokens of this account live no longer");
        form.put("version", "2");
        form.put("longestTokenDays", "many");
        assertThat(browser.post("/settings", form).body()).contains("1 to 3653 days");
    }

    @Test
    void aTokenWithoutANameIsNamedAfterItsRoleAndTheDay() {
        JsonNode token = generated(generate(Map.of("description", " ", "method", "private_key_jwt", "jwks", JWKS)));
        assertThat(token.get("description").asString()).matches("reader, [1-9][0-9]? [A-Z][a-z]+ 20[0-9]{2}");
    }

    @Test
    void aTokenWorksThroughTheDayThatIsChosen() {
        JsonNode token = generated(generate(
                Map.of("method", "private_key_jwt", "jwks", JWKS, "expires", "date", "expiresOn", "2034-02-28")));
        assertThat(token.get("expiresAt").asString()).isEqualTo("2034-03-01T00:00:00Z");
        for (String wrong : new String[] {"", "soon", "2034-02-30", "-999999999-01-01", "+999999999-12-31"}) {
            assertThat(generate(Map.of("expires", "date", "expiresOn", wrong)).body())
                    .as(wrong)
                    .contains("Enter the last day on which the token works", "href=\"#expiresAt\"");
        }
        assertThat(generate(Map.of("expires", "date", "expiresOn", "2001-01-01"))
                        .body())
                .contains("Enter a time in the future");
    }

    @Test
    void whatIsWrongBelowTheFoldIsSaidOnTopWithALinkThere() {
        Answer refused = generate(Map.of("method", "federated", "issuer", "x", "claims", "y", "description", "Kept"));
        assertThat(refused.body())
                .containsPattern("<div class=\"note bad\" role=\"alert\" tabindex=\"-1\" autofocus>")
                .contains("One field needs another look", "href=\"#claims\"", "value=\"Kept\"")
                .containsPattern("<details class=\"advanced mt\" open>");
        Matcher first = Pattern.compile("autofocus").matcher(refused.body());
        assertThat(first.results().count()).as("one thing is in focus").isEqualTo(1);
        assertThat(browser.get("/tokens/new").body()).containsPattern("<details class=\"advanced mt\" *>");
    }
}

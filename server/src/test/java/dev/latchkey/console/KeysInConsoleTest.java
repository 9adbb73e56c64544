package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Browser;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import dev.latchkey.gate.Billing.ApiKey;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** API keys in the console, without script. */
class KeysInConsoleTest {
    private RunningServer server;
    private Billing billing;
    private Browser ada;

    @BeforeEach
    void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        billing = new Billing(server);
        ada = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String nonce(String page) {
        Matcher nonce = Pattern.compile("name=\"nonce\" value=\"([^\"]+)\"")
                .matcher(ada.get(page).body());
        assertThat(nonce.find()).isTrue();
        return nonce.group(1);
    }

    private Answer generate(Map<String, String> fields) {
        Map<String, String> form =
                new HashMap<>(Map.of("role", "invoice_reader", "method", "api_key", "expires", "30"));
        form.put("csrf", ada.csrf());
        form.put("nonce", nonce("/tokens/new"));
        form.putAll(fields);
        return ada.post("/tokens", form);
    }

    private void allow(String policy) {
        assertThat(billing.admin.send("PATCH", "/account", policy).status()).isEqualTo(200);
    }

    @Test
    void theDialogSaysWhatTheAccountAsksOfAKeyAndOffersALifetimeThatFits() {
        assertThat(ada.get("/tokens/new").body())
                .contains("An API key must expire within 365 days.")
                .contains("<label class=\"not-for-keys\"><input type=\"radio\" name=\"expires\" value=\"never\"");
        allow("{\"longestKeyDays\": 7, \"keysNeedAddresses\": true}");
        assertThat(ada.get("/tokens/new").body())
                .contains("An API key must expire within 7 days and name the addresses that it is used from.")
                .containsPattern("<label ?><input type=\"radio\" name=\"expires\" value=\"7\"")
                .contains("<label class=\"not-for-keys\"><input type=\"radio\" name=\"expires\" value=\"90\"");
        assertThat(ada.get("/tokens/new?method=api_key").body())
                .as("chosen to begin with")
                .contains("value=\"7\" checked");
        allow("{\"longestKeyDays\": null, \"keysNeedAddresses\": false}");
        assertThat(ada.get("/tokens/new").body()).doesNotContain("An API key must", "class=\"not-for-keys\"><input");
    }

    @Test
    void aKeyThatDoesNotFitIsRefusedAtItsField() {
        Answer endless = generate(Map.of("expires", "never"));
        assertThat(endless.status()).isEqualTo(422);
        assertThat(endless.body())
                .contains("Enter a time within 365 days of its creation", "href=\"#expiresAt\"")
                .doesNotContain("lkk_");
        allow("{\"keysNeedAddresses\": true}");
        Answer fromAnywhere = generate(Map.of());
        assertThat(fromAnywhere.status()).isEqualTo(422);
        assertThat(fromAnywhere.body()).contains("Enter the addresses that the key is used from");
        assertThat(generate(Map.of("allowedAddresses", "192.0.2.0/24")).status())
                .isEqualTo(200);
    }

    @Test
    void aKeyIsShownOnceAndSavedUnderItsOwnName() {
        Answer shown = generate(Map.of("description", "Prometheus"));
        assertThat(shown.status()).isEqualTo(200);
        assertThat(shown.body())
                .contains("Save the API key now", "I have saved the API key")
                .doesNotContain("secret key");
        assertThat(shown.body().replace("&#39;", "'").replace("&#34;", "\""))
                .contains("printf 'header = \"X-API-Key: %s\"\\n' \"$API_KEY\" | curl");
        Matcher save = Pattern.compile("action=\"(/tokens/[^\"]+)/save\"").matcher(shown.body());
        assertThat(save.find()).isTrue();
        Answer unacknowledged = ada.post(save.group(1) + "/save", Map.of("csrf", ada.csrf()));
        assertThat(unacknowledged.status()).isEqualTo(422);
        assertThat(unacknowledged.body()).contains("I have saved the API key").doesNotContain("secret key", "lkk_");
        assertThat(ada.post(save.group(1) + "/save", Map.of("csrf", ada.csrf(), "saved", "on"))
                        .status())
                .isEqualTo(303);
    }

    @Test
    void thePageOfAKeySpeaksOfKeysAndLinksWhatTheyOpen() {
        ApiKey key = billing.apiKey("invoice_reader", "");
        String page = "/tokens/" + key.clientId();
        assertThat(ada.get(page).body())
                .contains(
                        "<h2 id=\"sc\">Keys</h2>",
                        "<dt>Key 1</dt>",
                        "Add second key",
                        "Send the API key with each call")
                .contains("Nothing: no API that its role can call takes API keys.")
                .doesNotContain("Access tokens bound to", "Add second secret");
        billing.takeKeys("{\"header\": \"X-API-Key\"}");
        assertThat(ada.get(page).body())
                .contains("href=\"/apis/billing/endpoint?method=GET&amp;path=%2Finvoices\"")
                .doesNotContain("no API that its role can call", "path=%2Finvoices%2Fadmin");
        assertThat(ada.get(page + "/edit").body())
                .contains("Within 365 days of its creation")
                .doesNotContain("Access tokens bound to", "Name in its access tokens");

        Answer second = ada.post(page + "/secrets", Map.of("csrf", ada.csrf(), "nonce", nonce(page)));
        assertThat(second.body())
                .contains("Save the new API key now", "The old key works until you", "value=\"lkk_")
                .doesNotContain("secret key");
        assertThat(ada.get(page + "/secrets/1/remove").body())
                .contains(
                        "Remove key 1?",
                        "Calls with this key are refused from the next one on.",
                        "<dt>Key created</dt>")
                .doesNotContain("no longer get access tokens");
        Answer removed = ada.post(page + "/secrets/1/remove", Map.of("csrf", ada.csrf()));
        assertThat(ada.get(removed.header("Location")).body())
                .contains("The key is removed. Calls with it are refused");
    }

    @Test
    void thePageOfAnApiSaysHowToSendAKeyWhereItTakesThem() {
        assertThat(ada.get("/apis/billing").body()).doesNotContain("Send an API key");
        billing.takeKeys("{\"header\": \"X-Key\", \"basic\": true, \"query\": \"key\"}");
        assertThat(ada.get("/apis/billing").body())
                .contains("Send an API key", "In the header X-Key", "X-Key: %s", "https://billing.example/v1/PATH")
                .contains("With HTTP Basic", "In the query parameter key")
                .doesNotContain("As an access token is sent");
    }

    @Test
    void thePageOfAnEndpointNamesTheRolesAndTokensThatMayCallIt() {
        ApiKey key = billing.apiKey("invoice_reader", "");
        billing.apiKey("invoice_clerk", ", \"allowedAddresses\": [\"192.0.2.0/24\"]");
        billing.admin.post("/tokens/" + billing.clerk.clientId() + "/revoke", "{}");
        String read = "/apis/billing/endpoint?method=GET&path=%2Finvoices";
        assertThat(ada.get(read).body())
                .contains("Who may call it", "href=\"/roles/invoice_reader\"", "href=\"/roles/invoice_clerk\"")
                .contains("href=\"/tokens/" + billing.reader.clientId() + "\"")
                .doesNotContain("href=\"/tokens/" + billing.clerk.clientId() + "\"")
                .as("the API takes no keys")
                .doesNotContain("Nightly curl");
        billing.takeKeys("{\"bearer\": true}");
        assertThat(ada.get(read).body()).contains("href=\"/tokens/" + key.clientId() + "\"");
        assertThat(ada.get("/apis/billing/endpoint?method=DELETE&path=%2Finvoices%2F%7Bid%7D")
                        .body())
                .contains("href=\"/roles/invoice_clerk\"", "Nightly curl")
                .doesNotContain("href=\"/roles/invoice_reader\"", "href=\"/tokens/" + key.clientId() + "\"");
        assertThat(ada.get("/apis/billing/endpoint?method=GET&path=%2Fstatus").body())
                .contains("Everyone, without a token");
        assertThat(ada.get("/apis/billing/endpoint?method=GET&path=%2Finvoices%2Fadmin")
                        .body())
                .contains("None. Calls are denied until a role has the privileges.", "None that works now.");
        assertThat(ada.get("/apis/billing/endpoint").body()).doesNotContain("Who may call it");
    }
}

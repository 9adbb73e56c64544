package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.security.oauth2.client.endpoint.NimbusJwtClientAuthenticationParametersConverter;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.server.resource.introspection.BadOpaqueTokenException;
import org.springframework.security.oauth2.server.resource.introspection.SpringOpaqueTokenIntrospector;

/** Spring Security's OAuth client, and its resource server on the API's side, knowing only Latchkey's issuer. */
class SpringSecurityClientTest {
    private static RunningServer server;
    private static Billing billing;
    private static Credentials program;
    private static Credentials api;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        billing = new Billing(server);
        billing.admin.createRole("token_reader", "tokens:read");
        program = billing.admin.createToken("Spring", "token_reader");
        api = billing.ownCredential();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** What an application's {@code issuer-uri} gives: everything else is read from the metadata (RFC 8414). */
    private static ClientRegistration.Builder discovered(ClientAuthenticationMethod method) {
        return ClientRegistrations.fromIssuerLocation(server.url())
                .registrationId("latchkey")
                .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
                .clientAuthenticationMethod(method);
    }

    private static ClientRegistration withSecret(ClientAuthenticationMethod method) {
        return discovered(method)
                .clientId(program.clientId())
                .clientSecret(program.clientSecret())
                .build();
    }

    private static OAuth2AccessToken granted(ClientRegistration registration) {
        return new RestClientClientCredentialsTokenResponseClient()
                .getTokenResponse(new OAuth2ClientCredentialsGrantRequest(registration))
                .getAccessToken();
    }

    private static int call(OAuth2AccessToken accessToken) {
        return server.send(server.request("/api/v1/tokens")
                        .header("Authorization", "Bearer " + accessToken.getTokenValue())
                        .build())
                .status();
    }

    @Test
    void getsAnAccessTokenForASecretInTheAuthorizationField() {
        assertThat(call(granted(withSecret(ClientAuthenticationMethod.CLIENT_SECRET_BASIC))))
                .isEqualTo(200);
    }

    @Test
    void getsAnAccessTokenForASecretInTheForm() {
        assertThat(call(granted(withSecret(ClientAuthenticationMethod.CLIENT_SECRET_POST))))
                .isEqualTo(200);
    }

    @Test
    void asksForAScopeAndGetsIt() {
        ClientRegistration registration = discovered(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
                .clientId(program.clientId())
                .clientSecret(program.clientSecret())
                .scope("tokens:read")
                .build();
        assertThat(granted(registration).getScopes()).containsExactly("tokens:read");
    }

    @Test
    void understandsARefusal() {
        ClientRegistration registration = discovered(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
                .clientId(program.clientId())
                .clientSecret("wrong")
                .build();
        assertThatThrownBy(() -> granted(registration))
                .isInstanceOf(OAuth2AuthorizationException.class)
                .hasMessageContaining("invalid_client");
    }

    @Test
    void getsAnAccessTokenForAnAssertionThatItSigns() {
        ProgramKey key = ProgramKey.make();
        // It names the token endpoint as the audience, and cannot be configured otherwise.
        String clientId = billing.admin
                .post(
                        "/tokens",
                        "{\"description\":\"Signs\",\"role\":\"token_reader\",\"authentication\":"
                                + "{\"method\":\"private_key_jwt\",\"tokenEndpointAudience\":true,\"jwks\":"
                                + key.jwks()
                                + "}}")
                .created()
                .json()
                .get("clientId")
                .asString();
        ClientRegistration registration = discovered(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
                .clientId(clientId)
                .build();
        NimbusJwtClientAuthenticationParametersConverter<OAuth2ClientCredentialsGrantRequest> assertions =
                new NimbusJwtClientAuthenticationParametersConverter<>(any -> key.privateKey());
        RestClientClientCredentialsTokenResponseClient client = new RestClientClientCredentialsTokenResponseClient();
        client.addParametersConverter(assertions);
        assertThat(call(client.getTokenResponse(new OAuth2ClientCredentialsGrantRequest(registration))
                        .getAccessToken()))
                .isEqualTo(200);
    }

    @Test
    void anApiChecksAnAccessTokenByTheIssuersKeys() {
        NimbusJwtDecoder decoder = NimbusJwtDecoder.withIssuerLocation(server.url())
                .validateType(false)
                .build();
        decoder.setJwtValidator(JwtValidators.createAtJwtValidator()
                .issuer(server.url())
                .audience(Billing.AUDIENCE)
                .clientId(program.clientId())
                .build());
        assertThat(decoder.decode(billing.accessToken(program)).getAudience()).containsExactly(Billing.AUDIENCE);
    }

    @Test
    void anApiIntrospectsAnAccessTokenUntilItsApiTokenIsRevoked() {
        SpringOpaqueTokenIntrospector introspector = SpringOpaqueTokenIntrospector.withIntrospectionUri(
                        server.url() + OAuthPaths.INTROSPECTION)
                .clientId(api.clientId())
                .clientSecret(api.clientSecret())
                .build();
        Credentials other = billing.admin.createToken("Soon revoked", "token_reader");
        String accessToken = billing.accessToken(other);
        assertThat(introspector.introspect(accessToken).<String>getAttribute("client_id"))
                .isEqualTo(other.clientId());

        billing.admin.post("/tokens/" + other.clientId() + "/revoke", "{}");
        assertThatThrownBy(() -> introspector.introspect(accessToken)).isInstanceOf(BadOpaqueTokenException.class);
    }
}

package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.oauth2.sdk.ClientCredentialsGrant;
import com.nimbusds.oauth2.sdk.TokenIntrospectionRequest;
import com.nimbusds.oauth2.sdk.TokenIntrospectionResponse;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.TokenRevocationRequest;
import com.nimbusds.oauth2.sdk.as.AuthorizationServerMetadata;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.PrivateKeyJWT;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.dpop.DPoPProofFactory;
import com.nimbusds.oauth2.sdk.dpop.DefaultDPoPProofFactory;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.token.AccessToken;
import com.nimbusds.oauth2.sdk.token.DPoPAccessToken;
import com.nimbusds.openid.connect.sdk.Nonce;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The client of Nimbus's SDK, knowing only Latchkey's issuer: what a Java program without a framework would use. */
class NimbusClientTest {
    private static RunningServer server;
    private static Billing billing;
    private static Credentials program;
    private static AuthorizationServerMetadata metadata;

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(TestEngine.SQLITE);
        billing = new Billing(server);
        billing.admin.createRole("token_reader", "tokens:read");
        program = billing.admin.createToken("Nimbus", "token_reader");
        metadata = AuthorizationServerMetadata.resolve(new Issuer(server.url()));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static ClientAuthentication secretOf(Credentials credentials) {
        return new ClientSecretBasic(new ClientID(credentials.clientId()), new Secret(credentials.clientSecret()));
    }

    private static HTTPRequest grant(ClientAuthentication authentication, String... resources) {
        TokenRequest.Builder request =
                new TokenRequest.Builder(metadata.getTokenEndpointURI(), authentication, new ClientCredentialsGrant());
        for (String resource : resources) {
            request.resource(URI.create(resource));
        }
        return request.build().toHTTPRequest();
    }

    private static AccessToken granted(HTTPResponse response) throws Exception {
        TokenResponse answer = TokenResponse.parse(response);
        assertThat(answer.indicatesSuccess()).as(response.getBody()).isTrue();
        return answer.toSuccessResponse().getTokens().getAccessToken();
    }

    private static int call(AccessToken accessToken, String... proof) throws Exception {
        HTTPRequest request = new HTTPRequest(HTTPRequest.Method.GET, URI.create(server.url() + "/api/v1/tokens"));
        request.setAuthorization(accessToken.toAuthorizationHeader());
        for (String value : proof) {
            request.setHeader("DPoP", value);
        }
        return request.send().getStatusCode();
    }

    @Test
    void aSecretGivesAnAccessTokenThatOpensTheApi() throws Exception {
        assertThat(call(granted(grant(secretOf(program)).send()))).isEqualTo(200);
    }

    @Test
    void anAssertionGivesAnAccessTokenThatOpensTheApi() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_256).keyID("first").generate();
        Answer created = billing.admin
                .post(
                        "/tokens",
                        "{\"description\":\"Signs\",\"role\":\"token_reader\",\"authentication\":{\"method\":"
                                + "\"private_key_jwt\",\"jwks\":{\"keys\":[" + key.toPublicJWK() + "]}}}")
                .created();
        PrivateKeyJWT assertion = new PrivateKeyJWT(
                new ClientID(created.json().get("clientId").asString()),
                // Its parameter is called endpoint, but it is the audience (RFC 10070).
                URI.create(metadata.getIssuer().getValue()),
                JWSAlgorithm.ES256,
                key.toECPrivateKey(),
                key.getKeyID(),
                null);
        assertThat(call(granted(grant(assertion).send()))).isEqualTo(200);
    }

    @Test
    void aProofOfPossessionBindsTheAccessToken() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_256).generate();
        DPoPProofFactory proofs = new DefaultDPoPProofFactory(key, JWSAlgorithm.ES256);
        HTTPRequest first = grant(secretOf(program));
        first.setDPoP(proofs.createDPoPJWT("POST", metadata.getTokenEndpointURI()));
        HTTPResponse asked = first.send();
        assertThat(TokenResponse.parse(asked).toErrorResponse().getErrorObject().getCode())
                .isEqualTo("use_dpop_nonce");

        Nonce nonce = asked.getDPoPNonce();
        HTTPRequest second = grant(secretOf(program));
        second.setDPoP(proofs.createDPoPJWT("POST", metadata.getTokenEndpointURI(), nonce));
        AccessToken bound = granted(second.send());
        assertThat(bound).isInstanceOf(DPoPAccessToken.class);
        String proof = proofs.createDPoPJWT("GET", URI.create(server.url() + "/api/v1/tokens"), bound)
                .serialize();
        assertThat(call(bound, proof)).isEqualTo(200);
        assertThat(call(bound)).isEqualTo(401);
    }

    @Test
    void anApiIntrospectsAnAccessTokenUntilItIsRevoked() throws Exception {
        Credentials api = billing.ownCredential();
        AccessToken accessToken =
                granted(grant(secretOf(program), Billing.AUDIENCE).send());
        assertThat(isActive(api, accessToken)).isTrue();

        HTTPResponse revoked = new TokenRevocationRequest(
                        metadata.getRevocationEndpointURI(), secretOf(program), accessToken)
                .toHTTPRequest()
                .send();
        assertThat(revoked.getStatusCode()).isEqualTo(200);
        assertThat(isActive(api, accessToken)).isFalse();
    }

    private static boolean isActive(Credentials api, AccessToken accessToken) throws Exception {
        return TokenIntrospectionResponse.parse(new TokenIntrospectionRequest(
                                metadata.getIntrospectionEndpointURI(), secretOf(api), accessToken)
                        .toHTTPRequest()
                        .send())
                .toSuccessResponse()
                .isActive();
    }
}

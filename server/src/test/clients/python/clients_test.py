"""Clients from Python's package index that this project did not write complete their flows.

ClientLibrariesTest runs this with a server, and writes setting.json beforehand.
"""
import base64
import json
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from google.auth import identity_pool
from google.auth.transport.requests import Request
from joserfc import jwt
from joserfc.jwk import ECKey
from pyiceberg.catalog.rest import RestCatalog

SETTING = json.loads((Path(__file__).parent.parent / "setting.json").read_text())
ISSUER = SETTING["issuer"]
TOKEN_ENDPOINT = f"{ISSUER}/oauth/v2/token"
AUDIENCE = SETTING["audience"]


def claims(access_token):
    """The claims of an access token, without verifying it."""
    payload = access_token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def outside_token():
    """What the platform says about the program that it vouches for."""
    key = SETTING["privateKey"]
    now = int(time.time())
    said = {"iss": "https://ci.example", "sub": "acme/shop", "aud": ISSUER, "iat": now, "exp": now + 300}
    return jwt.encode({"alg": "ES256", "kid": key["kid"]}, said, ECKey.import_key(key))


class OutsideTokens(identity_pool.SubjectTokenSupplier):
    def get_subject_token(self, context, request):
        return outside_token()


class GoogleAuth(unittest.TestCase):
    """The client of workload identity federation."""

    def assert_works(self, **more):
        credentials = identity_pool.Credentials(
            audience=AUDIENCE,
            subject_token_type="urn:ietf:params:oauth:token-type:jwt",
            token_url=TOKEN_ENDPOINT,
            subject_token_supplier=OutsideTokens(),
            scopes=["invoices:read"],
            **more,
        )
        credentials.refresh(Request())
        got = claims(credentials.token)
        self.assertEqual((SETTING["federated"]["clientId"], AUDIENCE, "invoices:read"),
                         (got["sub"], got["aud"], got["scope"]))

    def test_the_client_id_goes_into_http_basic_with_an_empty_secret(self):
        self.assert_works(client_id=SETTING["federated"]["clientId"], client_secret="")

    def test_without_a_client_id_the_api_token_is_found_by_what_it_trusts(self):
        self.assert_works()


class Authlib(unittest.TestCase):
    def test_its_validator_takes_our_metadata(self):
        for path in ("oauth-authorization-server", "openid-configuration"):
            metadata = AuthorizationServerMetadata(requests.get(f"{ISSUER}/.well-known/{path}", timeout=10).json())
            # It demands https, and this server has none.
            for name, value in list(metadata.items()):
                if isinstance(value, str):
                    metadata[name] = value.replace("http://", "https://")
            metadata.validate()

    def test_a_secret_gives_an_access_token_that_opens_the_api(self):
        program = SETTING["program"]
        with OAuth2Session(program["clientId"], program["clientSecret"]) as session:
            session.fetch_token(TOKEN_ENDPOINT, grant_type="client_credentials")
            self.assertEqual(200, session.get(f"{ISSUER}/api/v1/tokens").status_code)

    def test_private_key_jwt_for_the_token_endpoint_gives_an_access_token(self):
        """Its assertions name the token endpoint and live an hour."""
        key = ECKey.import_key(SETTING["privateKey"])
        with OAuth2Session(SETTING["endpointKeyed"]["clientId"], key,
                           token_endpoint_auth_method="private_key_jwt") as session:
            session.register_client_auth_method(
                PrivateKeyJWT(TOKEN_ENDPOINT, alg="ES256", headers={"kid": SETTING["privateKey"]["kid"]}))
            session.fetch_token(TOKEN_ENDPOINT, grant_type="client_credentials")
            self.assertEqual(200, session.get(f"{ISSUER}/api/v1/tokens").status_code)


class PyIceberg(unittest.TestCase):
    def test_a_credential_and_the_token_endpoint_are_all_that_it_needs(self):
        seen = []

        class Catalog(BaseHTTPRequestHandler):
            def do_GET(self):
                seen.append(self.headers.get("Authorization", ""))
                body = json.dumps({"defaults": {}, "overrides": {}, "namespaces": []}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *unused):
                pass

        server = HTTPServer(("127.0.0.1", 0), Catalog)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            program = SETTING["iceberg"]
            catalog = RestCatalog(
                "lake",
                uri=f"http://127.0.0.1:{server.server_port}",
                credential=f"{program['clientId']}:{program['clientSecret']}",
                **{"oauth2-server-uri": TOKEN_ENDPOINT},
            )
            self.assertEqual([], catalog.list_namespaces())
        finally:
            server.shutdown()
            server.server_close()
        got = claims(seen[-1].removeprefix("Bearer "))
        self.assertEqual((program["clientId"], AUDIENCE), (got["sub"], got["aud"]))


if __name__ == "__main__":
    unittest.main()

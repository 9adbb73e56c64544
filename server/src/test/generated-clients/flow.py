"""The flow with a client made by openapi-python-client."""

import io
import os

from latchkey_client import AuthenticatedClient
from latchkey_client.api.ap_is import propose_import
from latchkey_client.api.roles import create_role, delete_role, get_role, update_role
from latchkey_client.models import CreateRole, UpdateRole
from latchkey_client.types import File

client = AuthenticatedClient(base_url=os.environ["LATCHKEY_URL"] + "/api/v1", token=os.environ["ACCESS_TOKEN"])


def create():
    return create_role.sync_detailed(
        client=client, body=CreateRole(name="python_client"), idempotency_key="openapi-python-client"
    )


assert create().headers["Location"] == "/api/v1/roles/python_client"
assert create().headers["Idempotency-Replayed"] == "true"
tag = get_role.sync_detailed("python_client", client=client).headers["ETag"]


def update():
    change = UpdateRole(description="Made by a generated client")
    return update_role.sync_detailed("python_client", client=client, body=change, if_match=tag).status_code


assert update() == 200
assert update() == 412
proposal = propose_import.sync(
    "generated",
    client=client,
    audience="https://generated.example",
    body=File(payload=io.BytesIO(b"openapi: 3.1.0\npaths: {/a: {get: {tags: [x]}}}")),
)
assert proposal.endpoints[0].endpoint.privilege == "x:read"
assert delete_role.sync_detailed("python_client", client=client).status_code == 204

"""The official MCP client for Python calls tools behind a gateway.

McpClientsTest runs this with a server and a gateway, and writes setting.json beforehand.
"""
import json
import unittest
from pathlib import Path

import httpx2
from mcp import Client, MCPError
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.client.streamable_http import streamable_http_client

SETTING = json.loads((Path(__file__).parent / "setting.json").read_text())
URL = SETTING["url"]


class Memory:
    """Keeps tokens as long as the program runs."""

    tokens = None
    client_info = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client_info

    async def set_client_info(self, client_info):
        self.client_info = client_info


class BehindAGateway(unittest.IsolatedAsyncioTestCase):
    async def test_one_tool_is_allowed_and_one_is_refused(self):
        provider = ClientCredentialsOAuthProvider(
            server_url=URL,
            storage=Memory(),
            client_id=SETTING["clientId"],
            client_secret=SETTING["clientSecret"],
            issuer=SETTING["issuer"],
        )
        async with (
            httpx2.AsyncClient(auth=provider, timeout=30) as http,
            Client(streamable_http_client(URL, http_client=http)) as client,
        ):
            tools = await client.list_tools()
            self.assertEqual(["delete_invoice", "read_invoice"], sorted(tool.name for tool in tools.tools))

            for number in (7, 8):
                read = await client.call_tool("read_invoice", {"number": number})
                self.assertEqual(f"invoice {number}", read.content[0].text)
                # The refusal of a tool does not end the connection.
                with self.assertRaises(MCPError):
                    await client.call_tool("delete_invoice", {"number": number})


if __name__ == "__main__":
    unittest.main()

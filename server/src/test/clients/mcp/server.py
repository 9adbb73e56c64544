"""An MCP server with two tools, made with the official library. Its argument is the port on which it listens."""
import sys

from mcp.server import MCPServer

server = MCPServer("invoices")


@server.tool()
def read_invoice(number: int) -> str:
    """Reads an invoice."""
    return f"invoice {number}"


@server.tool()
def delete_invoice(number: int) -> str:
    """Deletes an invoice."""
    return f"invoice {number} is gone"


server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))

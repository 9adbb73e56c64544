// The official MCP client for TypeScript calls tools behind a gateway. McpClientsTest runs this with a server and a gateway,
// and writes setting.json beforehand.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Client, ClientCredentialsProvider, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

const { url, issuer, clientId, clientSecret } = JSON.parse(readFileSync(new URL('setting.json', import.meta.url), 'utf8'))

test('one tool is allowed and one is refused', async () => {
  // Without this option it speaks an older revision, which has no Mcp-Method.
  const client = new Client({ name: 'agent', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), {
      authProvider: new ClientCredentialsProvider({ clientId, clientSecret, expectedIssuer: issuer }),
    }),
  )
  try {
    const { tools } = await client.listTools()
    assert.deepEqual(tools.map(tool => tool.name).sort(), ['delete_invoice', 'read_invoice'])
    for (const number of [7, 8]) {
      const { content } = await client.callTool({ name: 'read_invoice', arguments: { number } })
      assert.equal(content[0].text, `invoice ${number}`)
      await assert.rejects(
        client.callTool({ name: 'delete_invoice', arguments: { number } }),
        /MCP \/tools\/call\/delete_invoice needs the privilege invoices:delete/,
      )
    }
  } finally {
    await client.close()
  }
})

test('a client of an older revision is refused', async () => {
  const client = new Client({ name: 'agent', version: '1.0.0' })
  await assert.rejects(
    client.connect(
      new StreamableHTTPClientTransport(new URL(url), {
        authProvider: new ClientCredentialsProvider({ clientId, clientSecret, expectedIssuer: issuer }),
      }),
    ),
    /Use a client that speaks MCP 2026-07-28/,
  )
})

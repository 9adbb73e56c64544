// The flow of google-auth-library, the client of workload identity federation:
// https://github.com/googleapis/google-cloud-node-core
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IdentityPoolClient } from 'google-auth-library'
import { decodeJwt } from 'jose'
import { audience, federated, issuer, outsideToken } from './setting.mjs'

/** What it calls audience goes to the token endpoint, where it names the API. */
function pool(more) {
  return new IdentityPoolClient({
    type: 'external_account',
    audience,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${issuer}/oauth/v2/token`,
    scopes: ['invoices:read'],
    subject_token_supplier: { getSubjectToken: outsideToken },
    ...more,
  })
}

async function assertWorks(client) {
  const { token } = await client.getAccessToken()
  const { sub, aud, scope } = decodeJwt(token)
  assert.deepEqual({ sub, aud, scope }, { sub: federated.clientId, aud: audience, scope: 'invoices:read' })
}

test('the client id goes into HTTP Basic, with an empty secret', () =>
  assertWorks(pool({ client_id: federated.clientId, client_secret: '' })))

test('without a client id the API token is found by what it trusts', () => assertWorks(pool({})))

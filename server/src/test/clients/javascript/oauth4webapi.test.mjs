// The flows of oauth4webapi: https://github.com/panva/oauth4webapi
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as oauth from 'oauth4webapi'
import { api, audience, issuer, keyed, privateKey, program, resource } from './setting.mjs'

const plainHttp = { [oauth.allowInsecureRequests]: true }

/** Everything that the client knows of the server (RFC 8414). */
const server = await oauth.processDiscoveryResponse(
  new URL(issuer), await oauth.discoveryRequest(new URL(issuer), { algorithm: 'oauth2', ...plainHttp }))

const client = { client_id: program.clientId }
const withSecret = oauth.ClientSecretBasic(program.clientSecret)

async function grant(who, authentication, parameters = {}, options = {}) {
  const response = await oauth.clientCredentialsGrantRequest(
    server, who, authentication, parameters, { ...plainHttp, ...options })
  return oauth.processClientCredentialsResponse(server, who, response)
}

async function call({ access_token }, options = {}) {
  const response = await oauth.protectedResourceRequest(
    access_token, 'GET', resource, undefined, undefined, { ...plainHttp, ...options })
  return response.status
}

test('the metadata of the management API names its authorization server (RFC 9728)', async () => {
  const address = new URL(`${issuer}/api/v1`)
  const found = await oauth.processResourceDiscoveryResponse(
    address, await oauth.resourceDiscoveryRequest(address, plainHttp))
  assert.deepEqual(found.authorization_servers, [issuer])
})

test('client credentials give an access token that opens the API', async () => {
  assert.equal(await call(await grant(client, withSecret)), 200)
})

test('an API can check an access token on its own (RFC 9068)', async () => {
  const { access_token } = await grant(client, withSecret, { resource: audience })
  const request = new Request(audience, { headers: { authorization: `Bearer ${access_token}` } })
  const claims = await oauth.validateJwtAccessToken(server, request, audience, plainHttp)
  assert.equal(claims.client_id, program.clientId)
})

test('private_key_jwt gives an access token that opens the API', async () => {
  const granted = await grant({ client_id: keyed.clientId }, oauth.PrivateKeyJwt(await privateKey()))
  assert.equal(await call(granted), 200)
})

test('DPoP: asked for a nonce, the client sends it and gets a bound access token', async () => {
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
  await assert.rejects(grant(client, withSecret, {}, { DPoP }), (error) => oauth.isDPoPNonceError(error))
  const granted = await grant(client, withSecret, {}, { DPoP })
  assert.equal(granted.token_type, 'dpop')
  assert.equal(await call(granted, { DPoP }), 200)
  await assert.rejects(call(granted), (error) => error.status === 401)
})

test('an API introspects an access token, as a signed JWT too (RFC 9701), until it is revoked', async () => {
  const { access_token } = await grant(client, withSecret, { resource: audience })
  const asker = { client_id: api.clientId, introspection_signed_response_alg: 'ES256' }
  async function introspect(requestJwtResponse) {
    const response = await oauth.introspectionRequest(
      server, asker, oauth.ClientSecretBasic(api.clientSecret), access_token, { ...plainHttp, requestJwtResponse })
    const result = await oauth.processIntrospectionResponse(server, asker, response)
    if (requestJwtResponse) {
      await oauth.validateApplicationLevelSignature(server, response, plainHttp)
    }
    return result
  }
  assert.equal((await introspect(false)).client_id, program.clientId)
  assert.equal((await introspect(true)).client_id, program.clientId)

  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, withSecret, access_token, plainHttp))
  assert.deepEqual(await introspect(false), { active: false })
})

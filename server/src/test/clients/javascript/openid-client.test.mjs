// The flows of openid-client: https://github.com/panva/openid-client
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as client from 'openid-client'
import { api, audience, issuer, keyed, privateKey, program, resource } from './setting.mjs'

/** A client that knows of the server only what its metadata says (RFC 8414). */
function discovered({ clientId }, authentication) {
  return client.discovery(new URL(issuer), clientId, undefined, authentication, {
    algorithm: 'oauth2',
    execute: [client.allowInsecureRequests],
  })
}

const withSecret = (token) => discovered(token, client.ClientSecretBasic(token.clientSecret))

async function call(config, { access_token }, options) {
  const response = await client.fetchProtectedResource(
    config, access_token, resource, 'GET', undefined, undefined, options)
  return response.status
}

const isUnauthorized = (error) => error.status === 401

test('the metadata is found, and is of this issuer', async () => {
  const config = await withSecret(program)
  assert.equal(config.serverMetadata().issuer, issuer)
})

test('so is what OpenID Connect calls it, where this client looks when it is told nothing', async () => {
  const config = await client.discovery(new URL(issuer), program.clientId, program.clientSecret, undefined, {
    execute: [client.allowInsecureRequests],
  })
  assert.equal(config.serverMetadata().issuer, issuer)
  const granted = await client.clientCredentialsGrant(config)
  assert.equal(await call(config, granted), 200)
})

test('client credentials in the Authorization field give an access token that opens the API', async () => {
  const config = await withSecret(program)
  const granted = await client.clientCredentialsGrant(config)
  assert.equal(granted.token_type, 'bearer')
  assert.equal(granted.expires_in, 600)
  assert.equal(await call(config, granted), 200)
})

test('client credentials in the form do the same, narrowed by a scope', async () => {
  const config = await discovered(program, client.ClientSecretPost(program.clientSecret))
  const granted = await client.clientCredentialsGrant(config, { scope: 'tokens:read' })
  assert.equal(granted.scope, 'tokens:read')
  assert.equal(await call(config, granted), 200)
})

test('a wrong secret is refused in a way that the client understands', async () => {
  const config = await discovered(program, client.ClientSecretBasic('wrong'))
  await assert.rejects(client.clientCredentialsGrant(config), isUnauthorized)
})

test('a scope that the role does not open is refused as invalid_scope', async () => {
  const config = await withSecret(program)
  await assert.rejects(
    client.clientCredentialsGrant(config, { scope: 'security:manage' }), { error: 'invalid_scope' })
})

test('private_key_jwt gives an access token that opens the API', async () => {
  const config = await discovered(keyed, client.PrivateKeyJwt(await privateKey()))
  assert.equal(await call(config, await client.clientCredentialsGrant(config)), 200)
})

test('DPoP binds the access token to a key, with the nonce that the server asks for', async () => {
  const config = await withSecret(program)
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair())
  const granted = await client.clientCredentialsGrant(config, undefined, { DPoP })
  assert.equal(granted.token_type, 'dpop')
  assert.equal(await call(config, granted, { DPoP }), 200)
  const thief = client.getDPoPHandle(config, await client.randomDPoPKeyPair())
  await assert.rejects(call(config, granted, { DPoP: thief }), isUnauthorized)
})

test('an API introspects an access token until it is revoked', async () => {
  const holder = await withSecret(program)
  const { access_token } = await client.clientCredentialsGrant(holder, { resource: audience })
  const asker = await withSecret(api)
  const known = await client.tokenIntrospection(asker, access_token)
  assert.equal(known.active, true)
  assert.equal(known.client_id, program.clientId)

  await client.tokenRevocation(holder, access_token)
  assert.deepEqual(await client.tokenIntrospection(asker, access_token), { active: false })
})

// The server that runs and the programs that it knows, as ClientLibrariesTest wrote them down.
import { readFileSync } from 'node:fs'
import { importJWK, SignJWT } from 'jose'

const written = JSON.parse(readFileSync(new URL('../setting.json', import.meta.url), 'utf8'))

export const { issuer, audience, program, api, keyed, federated } = written
export const resource = new URL(`${issuer}/api/v1/tokens`)

/** What private_key_jwt signs with. */
export async function privateKey() {
  const { kid, ...jwk } = written.privateKey
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  return { key: await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']), kid }
}

/** What the platform says about the program that it vouches for. */
export async function outsideToken() {
  const { kid } = written.privateKey
  const key = await importJWK(written.privateKey, 'ES256')
  return new SignJWT()
    .setProtectedHeader({ alg: 'ES256', kid })
    .setIssuer('https://ci.example')
    .setSubject('acme/shop')
    .setAudience(issuer)
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(key)
}

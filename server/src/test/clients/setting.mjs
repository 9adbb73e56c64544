// The server that runs and the programs that it knows, as JavaScriptClientsTest wrote them down.
import { readFileSync } from 'node:fs'

const written = JSON.parse(readFileSync(new URL('setting.json', import.meta.url), 'utf8'))

export const { issuer, audience, program, api, keyed } = written
export const resource = new URL(`${issuer}/api/v1/tokens`)

/** What private_key_jwt signs with. */
export async function privateKey() {
  const { kid, ...jwk } = written.privateKey
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  return { key: await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']), kid }
}

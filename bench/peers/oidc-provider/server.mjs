// node oidc-provider with what a client-credentials grant needs: one worker a processor, one key for all of them, JWT access
// tokens for one API. Its own development adapter keeps things in memory; such access tokens are not stored.
import cluster from 'node:cluster'
import { availableParallelism } from 'node:os'
import { generateKeyPairSync } from 'node:crypto'
import Provider from 'oidc-provider'

if (cluster.isPrimary) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = JSON.stringify({ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'bench' })
  for (let i = 0; i < availableParallelism(); i++) cluster.fork({ JWK: jwk })
} else {
  const port = process.env.PORT
  const provider = new Provider(`http://localhost:${port}`, {
    clients: [
      {
        client_id: 'bench',
        client_secret: 'a-secret-of-the-bench',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [JSON.parse(process.env.JWK)] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'https://bench.example',
        getResourceServerInfo: () => ({
          scope: 'invoices:read',
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  })
  provider.listen(port)
}

// The flow with types made by openapi-typescript, and openapi-fetch.
import createClient from 'openapi-fetch';
import type { paths } from './latchkey.d.ts';

declare const process: { env: Record<string, string> };

function check(what: string, holds: boolean) {
    if (!holds) {
        throw new Error(what);
    }
}

const client = createClient<paths>({
    baseUrl: process.env.LATCHKEY_URL + '/api/v1',
    headers: { Authorization: 'Bearer ' + process.env.ACCESS_TOKEN },
});
const create = {
    params: { header: { 'Idempotency-Key': 'openapi-fetch' } },
    body: { name: 'openapi_fetch' },
};
const made = await client.POST('/roles', create);
check('Location', made.response.headers.get('Location') === '/api/v1/roles/openapi_fetch');
const again = await client.POST('/roles', create);
check('a repeated create makes nothing', again.response.headers.get('Idempotency-Replayed') === 'true');
const read = await client.GET('/roles/{name}', { params: { path: { name: 'openapi_fetch' } } });
const update = {
    params: { path: { name: 'openapi_fetch' }, header: { 'If-Match': read.response.headers.get('ETag')! } },
    body: { description: 'Made by a generated client' },
};
check('a change from the newest version counts', (await client.PATCH('/roles/{name}', update)).response.status === 200);
check('a change from an older one does not', (await client.PATCH('/roles/{name}', update)).response.status === 412);
const proposal = await client.POST('/apis/{api}/imports', {
    params: { path: { api: 'generated' }, query: { audience: 'https://generated.example' } },
    body: 'openapi: 3.1.0\npaths: {/a: {get: {tags: [x]}}}',
    bodySerializer: body => body,
    headers: { 'Content-Type': 'application/yaml' },
});
check('a document is read', proposal.data?.endpoints[0]?.endpoint.privilege === 'x:read');
const gone = await client.DELETE('/roles/{name}', { params: { path: { name: 'openapi_fetch' } } });
check('it is gone', gone.response.status === 204);

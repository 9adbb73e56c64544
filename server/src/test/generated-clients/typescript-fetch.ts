// The flow with a client made by openapi-generator's typescript-fetch.
import { APIsApi, Configuration, ResponseError, RolesApi } from './client/index';

declare const process: { env: Record<string, string>; exit(code: number): never };

function check(what: string, holds: boolean) {
    if (!holds) {
        throw new Error(what);
    }
}

async function status(call: Promise<{ raw: Response }>): Promise<number> {
    try {
        return (await call).raw.status;
    } catch (e) {
        if (e instanceof ResponseError) {
            return e.response.status;
        }
        throw e;
    }
}

async function flow() {
    const configuration = new Configuration({
        basePath: process.env.LATCHKEY_URL + '/api/v1',
        // This generator sends what an OAuth scheme gets as it is.
        accessToken: 'Bearer ' + process.env.ACCESS_TOKEN,
    });
    const roles = new RolesApi(configuration);
    const create = { idempotencyKey: 'typescript-fetch', createRole: { name: 'typescript_fetch' } };
    const made = await roles.createRoleRaw(create);
    check('Location', made.raw.headers.get('Location') === '/api/v1/roles/typescript_fetch');
    const again = await roles.createRoleRaw(create);
    check('a repeated create makes nothing', again.raw.headers.get('Idempotency-Replayed') === 'true');
    const tag = (await roles.getRoleRaw({ name: 'typescript_fetch' })).raw.headers.get('ETag')!;
    const update = { name: 'typescript_fetch', ifMatch: tag, updateRole: { description: 'Made by a generated client' } };
    check('a change from the newest version counts', (await status(roles.updateRoleRaw(update))) === 200);
    check('a change from an older one does not', (await status(roles.updateRoleRaw(update))) === 412);
    const proposal = await new APIsApi(configuration).proposeImport({
        api: 'generated',
        audience: 'https://generated.example',
        body: new Blob(['openapi: 3.1.0\npaths: {/a: {get: {tags: [x]}}}']),
    });
    check('a document is read', proposal.endpoints[0].endpoint.privilege === 'x:read');
    check('it is gone', (await status(roles.deleteRoleRaw({ name: 'typescript_fetch' }))) === 204);
}

flow().catch(e => {
    console.error(e);
    process.exit(1);
});

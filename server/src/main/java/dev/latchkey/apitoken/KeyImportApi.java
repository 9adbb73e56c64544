package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.TOKENS_CREATE;

import dev.latchkey.apitoken.KeyImportJson.ImportKeys;
import dev.latchkey.apitoken.KeyImportJson.ImportedKeysReply;
import dev.latchkey.http.Response;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import java.util.List;

/** The management API's call for importing API keys. */
public final class KeyImportApi {
    /** A thousand keys with everything that can be said about them. */
    private static final int MAX_BODY_BYTES = 2 * 1024 * 1024;

    private final KeyImports imports;

    public KeyImportApi(KeyImports imports) {
        this.imports = imports;
    }

    public List<Operation> operations() {
        return List.of(Operation.post("/tokens/import")
                .id("importKeys")
                .tag(Tag.TOKENS)
                .needs(TOKENS_CREATE)
                .summary("Import API keys that were issued elsewhere")
                .description(
                        "Each key becomes an API token, and continues to work unchanged wherever an API takes keys. Only hashes are"
                                + " sent; latchkey key import computes them. A key that is already known stays as it is, so a batch can be sent"
                                + " again. Keys that cannot be imported are in the reply, each with the reason; the others are imported.")
                .takes(ImportKeys.class, MAX_BODY_BYTES)
                .answers(ImportedKeysReply.class)
                .by((caller, request) -> Response.json(200, imports.run(caller, request.json(ImportKeys.class)))));
    }
}

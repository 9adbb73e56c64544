package dev.latchkey.openapi;

import java.util.List;

/**
 * An OpenAPI document as far as an API's endpoints go.
 *
 * @param servers the addresses at which the document says that the API is, with their variables' defaults
 * @param leftOut the operations that cannot be taken
 * @param notices what else is doubtful
 */
public record Description(
        String title,
        String version,
        List<String> servers,
        List<DescribedOperation> operations,
        List<LeftOut> leftOut,
        List<Notice> notices) {}

package dev.latchkey.openapi;

import java.util.List;

/**
 * What an OpenAPI document says about an API's endpoints.
 *
 * @param servers the API's addresses according to the document, with their variables' defaults
 * @param leftOut the operations that cannot be imported
 * @param notices what else should be looked at
 */
public record Description(
        String title,
        String version,
        List<String> servers,
        List<DescribedOperation> operations,
        List<LeftOut> leftOut,
        List<Notice> notices) {}

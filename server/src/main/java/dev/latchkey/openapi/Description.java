package dev.latchkey.openapi;

import java.util.List;

/**
 * An OpenAPI document as far as an API's endpoints go.
 *
 * @param servers the addresses at which the document says that the API is, with their variables' defaults
 * @param notices what was left out or is doubtful
 */
public record Description(
        String title,
        String version,
        List<String> servers,
        List<DescribedOperation> operations,
        List<Notice> notices) {}

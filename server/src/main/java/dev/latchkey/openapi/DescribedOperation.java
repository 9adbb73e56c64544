package dev.latchkey.openapi;

import java.util.List;

/**
 * One operation of a document.
 *
 * @param method as it is sent; upper case unless the document says otherwise
 * @param path in our spelling of templates
 * @param id the operation's id; empty when it has none
 * @param summary one line; empty when there is none
 * @param where in plain words, with line and column
 * @param note how the path differs from the document's, if people should know; otherwise empty
 */
public record DescribedOperation(
        String method,
        String path,
        String id,
        List<String> tags,
        String summary,
        Security security,
        String where,
        String note) {}

package dev.latchkey.openapi;

import java.util.List;

/**
 * One operation of a document.
 *
 * @param method upper case
 * @param path as it stands in the document
 * @param id the operation's id; empty when it has none
 * @param summary one line; empty when there is none
 */
public record DescribedOperation(
        String method, String path, String id, List<String> tags, String summary, Security security) {}

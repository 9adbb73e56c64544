package dev.latchkey.management;

import dev.latchkey.crypto.Sha256;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.problem.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A resource's version as an entity tag (RFC 9110 section 8.8.3), so that no update overwrites another one. */
public final class ETag {
    private static final Pattern TAG =
            Pattern.compile("\\G[ \\t]*(W/)?\"([\\x21\\x23-\\x7E\\x80-\\xFF]*)\"[ \\t]*(?:,|$)|\\G[ \\t]*,");

    /** A version as we write it. */
    private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,17}");

    private ETag() {}

    public static Response on(Response response, long version) {
        return response.with("ETag", "\"" + version + "\"");
    }

    /** The response with a tag made from its body. */
    public static Response ofBody(Response response) {
        return response.with("ETag", "\"" + HexFormat.of().formatHex(Sha256.of(response.body()), 0, 16) + "\"");
    }

    /** {@link #ofBody}, or 304 when the request names that tag. */
    public static Response unlessKnown(Request request, Response response) {
        return unlessNamed(request, ofBody(response));
    }

    /**
     * The response to a GET as it is, or 304 when the request names its tag (If-None-Match, RFC 9110 section 13.1.2).
     */
    public static Response unlessNamed(Request request, Response response) {
        @Nullable String tag = response.fields().stream()
                .filter(field -> field.name().equals("ETag"))
                .map(Response.Field::value)
                .findFirst()
                .orElse(null);
        String named = fields(request, "If-None-Match");
        if (tag == null || response.status() != 200 || named.isEmpty()) {
            return response;
        }
        // Weak comparison: a proxy that compresses makes our tags weak.
        boolean known =
                named.equals("*") || tags(named).stream().anyMatch(one -> tag.equals("\"" + one.opaque() + "\""));
        return known
                ? new Response(
                        304,
                        response.fields().stream()
                                .filter(field -> !field.name().equals("Content-Type"))
                                .toList(),
                        new byte[0])
                : response;
    }

    /** One entity tag of a list, without its quotes. */
    private record Tag(boolean weak, String opaque) {}

    /** A field on several lines is one list (RFC 9110 section 5.3). */
    private static String fields(Request request, String name) {
        return String.join(",", request.headers().all(name)).strip();
    }

    /** The list's tags; anything malformed ends the list, and so names nothing. */
    private static List<Tag> tags(String list) {
        List<Tag> tags = new ArrayList<>();
        Matcher tag = TAG.matcher(list);
        while (tag.find()) {
            if (tag.group(2) != null) {
                tags.add(new Tag(tag.group(1) != null, tag.group(2)));
            }
        }
        return tags;
    }

    /**
     * The versions that a change may be based on (RFC 9110 section 13.1).
     *
     * @param versions the version must be one of these; null for any
     * @param not the version must be none of these; null when the resource must not exist
     * @param weak whether only weak tags were named, which match no version
     */
    public record Expected(
            @Nullable Set<Long> versions, @Nullable Set<Long> not, boolean weak) {
        /** This version and no other. */
        public static Expected of(long version) {
            return new Expected(Set.of(version), Set.of(), false);
        }

        private boolean isMetBy(long version) {
            return (versions == null || versions.contains(version)) && not != null && !not.contains(version);
        }
    }

    /**
     * Makes sure, inside the transaction of a change, that the resource was not changed by another one first.
     *
     * @param expected the versions that the change may be based on; null for any
     * @param what the resource, as the subject of a sentence
     * @throws Problem 412 when the version is another one by now
     */
    public static void require(@Nullable Expected expected, long version, String what) {
        if (expected == null || expected.isMetBy(version)) {
            return;
        }
        throw new Problem(
                412,
                "precondition_failed",
                expected.weak()
                        ? "If-Match names a weak tag (W/), which never matches. A proxy that compresses our answers weakens"
                                + " their tags: send the tag without W/, or exclude these answers from compression."
                        : expected.versions() == null
                                ? what + " already exists in a version that If-None-Match rules out."
                                : what + " has changed since you read it. Read it again.");
    }

    /**
     * The versions that the request's If-Match and If-None-Match allow (RFC 9110 section 13.2.2); null for any. Tags
     * that are not ours name no version, and weak ones match in If-None-Match only.
     */
    public static @Nullable Expected expected(Request request) {
        List<Tag> wanted = tags(fields(request, "If-Match"));
        boolean any = request.headers().all("If-Match").isEmpty()
                || fields(request, "If-Match").equals("*");
        String unwanted = fields(request, "If-None-Match");
        if (any && unwanted.isEmpty()) {
            return null;
        }
        Set<Long> versions = any ? null : versions(wanted, false);
        return new Expected(
                versions,
                unwanted.equals("*") ? null : versions(tags(unwanted), true),
                versions != null && versions.isEmpty() && wanted.stream().anyMatch(Tag::weak));
    }

    private static Set<Long> versions(List<Tag> tags, boolean weakToo) {
        Set<Long> versions = new HashSet<>();
        for (Tag tag : tags) {
            if ((weakToo || !tag.weak()) && VERSION.matcher(tag.opaque()).matches()) {
                versions.add(Long.valueOf(tag.opaque()));
            }
        }
        return versions;
    }
}

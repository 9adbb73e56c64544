package dev.latchkey.console;

import dev.latchkey.crypto.Sha256;
import dev.latchkey.http.Handler;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The console's style sheet, script, fonts and icons, served from memory. Their address holds a hash of all of them, so a
 * browser may keep them for ever and never mixes versions.
 */
final class Assets implements Handler {
    private static final String HTMX = "/META-INF/resources/webjars/htmx.org/2.0.10/dist/htmx.min.js";

    /** In the order in which they are joined into one style sheet. */
    private static final List<String> STYLE_SHEETS = List.of(
            "00-layers",
            "10-tokens",
            "20-base",
            "30-shell",
            "40-buttons-badges",
            "41-cards-notes",
            "42-forms",
            "43-tables",
            "44-dialogs-secrets",
            "45-role-editor",
            "46-pages",
            "47-history",
            "48-log",
            "49-health",
            "50-usage",
            "51-overview",
            "52-palette",
            "90-utilities");

    private static final List<String> FILES = List.of(
            "fonts/inter-latin-wght-normal.woff2",
            "fonts/jetbrains-mono-latin-wght-normal.woff2",
            "icons.svg",
            "icon.svg");

    private record Asset(String mediaType, byte[] content) {}

    private final Map<String, Asset> assets = new LinkedHashMap<>();
    private final String base;

    Assets() {
        StringBuilder css = new StringBuilder();
        for (String sheet : STYLE_SHEETS) {
            css.append(new String(load("assets/css/" + sheet + ".css"), StandardCharsets.UTF_8))
                    .append('\n');
        }
        add("console.css", css.toString().getBytes(StandardCharsets.UTF_8));
        add("console.js", load("assets/js/console.js"));
        add("palette.js", load("assets/js/palette.js"));
        add("htmx.js", load(HTMX));
        for (String file : FILES) {
            add(file, load("assets/" + file));
        }
        base = "/assets/" + hash();
    }

    /** Where the assets of this version are, without a trailing slash. */
    String base() {
        return base;
    }

    @Override
    public Response handle(Request request) {
        Asset asset = request.path().startsWith(base + "/")
                ? assets.get(request.path().substring(base.length() + 1))
                : null;
        if (asset == null) {
            throw Problem.notFound("This file does not exist.");
        }
        return Response.of(200, asset.mediaType(), asset.content())
                .with("Cache-Control", "public, max-age=31536000, immutable");
    }

    private void add(String name, byte[] content) {
        assets.put(name, new Asset(mediaType(name), content));
    }

    private static String mediaType(String name) {
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "css" -> "text/css; charset=utf-8";
            case "js" -> "text/javascript; charset=utf-8";
            case "woff2" -> "font/woff2";
            case "svg" -> "image/svg+xml";
            default -> throw new IllegalArgumentException(name);
        };
    }

    private String hash() {
        MessageDigest digest = Sha256.begin();
        assets.forEach((name, asset) -> {
            digest.update(name.getBytes(StandardCharsets.UTF_8));
            digest.update(asset.content());
        });
        return HexFormat.of().formatHex(digest.digest(), 0, 8);
    }

    private static byte[] load(String resource) {
        try (InputStream stream = Assets.class.getResourceAsStream(resource)) {
            if (stream == null) {
                throw new IllegalStateException("the jar lacks " + resource);
            }
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

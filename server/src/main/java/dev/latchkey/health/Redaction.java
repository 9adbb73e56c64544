package dev.latchkey.health;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Makes text fit to be given away: it takes out known words, such as names of machines and values of settings, and whatever looks like
 * a secret, a person or an address. It takes out too much rather than too little.
 */
public final class Redaction {
    /** Shorter words would be found inside of others. */
    private static final int SHORTEST_WORD = 4;

    private static final Pattern URL = Pattern.compile("\\b[a-z][a-z0-9+.:-]*://[^\\s\"'<>)]+");
    private static final Pattern EMAIL = Pattern.compile("[^\\s\"'<>(),;:=]+@[^\\s\"'<>(),;:=]+");
    private static final Pattern CLIENT_ID = Pattern.compile("\\b[0-9a-z]{6}\\.[0-9a-z]{16}\\b");
    private static final Pattern IPV4 = Pattern.compile("(?<![\\w.])\\d{1,3}(\\.\\d{1,3}){3}(?![\\w.])");
    private static final Pattern IPV6 =
            Pattern.compile("(?<![\\w:.])(?=[0-9a-f:]*::|([0-9a-f]{1,4}:){7})[0-9a-f:]{3,39}(?![\\w:.])");

    /** Of letters and digits as keys, hashes, tokens and ids have them. Words have no digits, and the times in a log have colons. */
    private static final Pattern RANDOM = Pattern.compile("(?=[A-Za-z+/_=-]*[0-9])[A-Za-z0-9+/_=-]{16,}");

    /** What a header, a query or a setting calls a secret. */
    private static final Pattern NAMED = Pattern.compile(
            "(?i)((?:password|passwd|secret|token|authorization|credential|api-?key|cookie)[\\w-]*\"?\\s*[=:]\\s*)(?:(?:bearer|basic|dpop)\\s+)?(\"[^\"]*\"|\\S+)");

    private final Map<String, String> words = new LinkedHashMap<>();

    /** @param words what to take out, and what to say in its place; the longest first, so that no part of one remains */
    public Redaction(Map<String, String> words) {
        words.entrySet().stream()
                .filter(word -> word.getKey().length() >= SHORTEST_WORD)
                .sorted(Comparator.comparingInt(word -> -word.getKey().length()))
                .forEach(word -> this.words.put(word.getKey(), word.getValue()));
    }

    /** Takes out the known words only, for text whose other parts are known to be harmless. */
    public String words(String text) {
        String rest = text;
        for (Map.Entry<String, String> word : words.entrySet()) {
            rest = rest.replace(word.getKey(), word.getValue());
        }
        return rest;
    }

    /** Takes out everything that may not be given away, for text of any kind. */
    public String text(String text) {
        String rest = words(text);
        rest = URL.matcher(rest).replaceAll("[url]");
        rest = NAMED.matcher(rest).replaceAll("$1[secret]");
        rest = EMAIL.matcher(rest).replaceAll("[email]");
        rest = CLIENT_ID.matcher(rest).replaceAll("[client id]");
        rest = IPV4.matcher(rest).replaceAll("[address]");
        rest = IPV6.matcher(rest).replaceAll("[address]");
        return RANDOM.matcher(rest).replaceAll("[...]");
    }
}

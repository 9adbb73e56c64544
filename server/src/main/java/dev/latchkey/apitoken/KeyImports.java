package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.TOKENS_CREATE;

import dev.latchkey.access.Caller;
import dev.latchkey.apitoken.ApiToken.Access;
import dev.latchkey.apitoken.KeyImportJson.ForeignKey;
import dev.latchkey.apitoken.KeyImportJson.ImportKeys;
import dev.latchkey.apitoken.KeyImportJson.ImportedKeysReply;
import dev.latchkey.apitoken.KeyImportJson.RefusedKey;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Problem.FieldError;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Imports API keys that were issued elsewhere, a batch at a time: each becomes an API token, and the program that has the key notices
 * nothing. Only hashes arrive here.
 *
 * <p>A key that is known already is left as it is, so a batch can be sent again when its answer was lost, and a key that was revoked
 * does not come back.
 */
public final class KeyImports {
    /** At most this many keys in a batch. A batch is one transaction, which holds up all other changes. */
    public static final int MOST = 1_000;

    /** What an import may be called: its events and its tokens carry the name. */
    public static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,60}");

    private static final int LONGEST_AFFIX = 200;

    private final Surroundings around;
    private final ImportedKeys imported;
    private final ApiTokenRules rules;
    private final ApiTokenStore store = new ApiTokenStore();
    private final SecretStore secrets = new SecretStore();
    private final SecureRandom random = new SecureRandom();

    public KeyImports(Surroundings around, Credentials credentials) {
        this.around = around;
        this.imported = credentials.imported();
        this.rules = ApiTokenRules.of(around);
    }

    /** A key of the batch whose hash can be looked up. */
    private record Candidate(int index, ForeignKey key) {}

    /**
     * Imports a batch, or only checks it.
     *
     * @throws Problem 403 or 422 when the batch as a whole cannot be imported
     */
    public ImportedKeysReply run(Caller caller, ImportKeys batch) {
        caller.require(TOKENS_CREATE);
        requireValid(batch);
        Map<Integer, String> refused = new TreeMap<>();
        Map<String, Candidate> candidates = candidates(batch, refused);
        List<String> tokenKeys = tokenKeys(candidates.size());
        return around.database().write(transaction -> {
            Map<Integer, String> all = new TreeMap<>(refused);
            around.roles().requireAssignable(transaction, caller, batch.role(), "role");
            boolean newRecipe = imported.recipes().isNew(transaction.handle(), batch.recipe());
            Set<String> known = secrets.known(transaction.handle(), candidates.keySet());
            Map<String, ApiToken> tokens = tokens(
                    new KeyImportRows(around, rules, transaction, caller, batch), candidates, known, tokenKeys, all);
            // Known keys need a new recipe, too: it may be the right one, and that of their import was not.
            boolean addsRecipe = newRecipe && !(tokens.isEmpty() && known.isEmpty());
            if (!batch.isDryRun() && (addsRecipe || !tokens.isEmpty())) {
                if (addsRecipe) {
                    imported.recipes().add(transaction, batch.recipe(), around.now());
                }
                insert(transaction, tokens);
                log(transaction, caller, batch, tokens);
            }
            return reply(batch, tokens, known.size(), all);
        });
    }

    private static void requireValid(ImportKeys batch) {
        List<FieldError> errors = new ArrayList<>();
        if (!ID.matcher(batch.importId()).matches()) {
            errors.add(new FieldError("importId", "Send 1 to 60 letters, digits and . _ -"));
        }
        if (batch.keys().isEmpty() || batch.keys().size() > MOST) {
            errors.add(new FieldError("keys", "Send 1 to " + MOST + " keys at a time."));
        }
        if (batch.recipe().prefix().length() > LONGEST_AFFIX) {
            errors.add(new FieldError("prefix", "Send at most " + LONGEST_AFFIX + " characters."));
        }
        if (batch.recipe().suffix().length() > LONGEST_AFFIX) {
            errors.add(new FieldError("suffix", "Send at most " + LONGEST_AFFIX + " characters."));
        }
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
    }

    /** The keys that can be found, by their stored form. */
    private Map<String, Candidate> candidates(ImportKeys batch, Map<Integer, String> refused) {
        Map<String, Candidate> candidates = new LinkedHashMap<>();
        String empty = batch.recipe().sha256("");
        for (int i = 0; i < batch.keys().size(); i++) {
            ForeignKey key = batch.keys().get(i);
            try {
                String sha256 = ForeignHash.hex(key.sha256());
                if (sha256.equals(empty)) {
                    refused.put(i, "This is the hash of an empty key.");
                } else if (candidates.putIfAbsent(imported.hash(sha256), new Candidate(i, key)) != null) {
                    refused.put(i, "The request has this key twice.");
                }
            } catch (IllegalArgumentException e) {
                refused.put(i, String.valueOf(e.getMessage()));
            }
        }
        return candidates;
    }

    /** In order, so that neighbours in the batch are neighbours in the table, and the first and the last tell which ones it has. */
    private List<String> tokenKeys(int number) {
        return Stream.generate(() -> ClientId.generateTokenKey(random))
                .limit(number)
                .sorted()
                .toList();
    }

    /** The tokens by the stored form of their keys. */
    private static Map<String, ApiToken> tokens(
            KeyImportRows rows,
            Map<String, Candidate> candidates,
            Set<String> known,
            List<String> tokenKeys,
            Map<Integer, String> refused) {
        Map<String, ApiToken> tokens = new LinkedHashMap<>();
        candidates.forEach((hash, candidate) -> {
            if (known.contains(hash)) {
                return;
            }
            try {
                String clientId = rows.clientId(tokenKeys.get(tokens.size()));
                tokens.put(hash, rows.token(candidate.key(), clientId));
            } catch (Problem e) {
                if (!KeyImportRows.isOfKey(e)) {
                    throw e;
                }
                refused.put(candidate.index(), reason(e));
            }
        });
        return tokens;
    }

    private static String reason(Problem problem) {
        return problem.errors().isEmpty()
                ? problem.detail()
                : problem.errors().stream()
                        .map(error -> error.field() + ": " + error.message())
                        .collect(Collectors.joining(" "));
    }

    private void insert(Transaction transaction, Map<String, ApiToken> tokens) {
        if (tokens.isEmpty()) {
            return;
        }
        store.insertAll(transaction, List.copyOf(tokens.values()));
        List<SecretStore.Imported> keys = new ArrayList<>(tokens.size());
        tokens.forEach((hash, apiToken) -> {
            Access access = apiToken.lastAccess();
            keys.add(new SecretStore.Imported(
                    apiToken.clientId(), hash, apiToken.createdAt(), access == null ? null : access.at()));
        });
        secrets.insertAll(transaction, keys);
    }

    private void log(Transaction transaction, Caller caller, ImportKeys batch, Map<String, ApiToken> tokens) {
        Map<String, Long> byRole = tokens.values().stream()
                .collect(Collectors.groupingBy(ApiToken::role, TreeMap::new, Collectors.counting()));
        List<Change> changes = new ArrayList<>();
        changes.add(Change.set("keys", Integer.toString(tokens.size())));
        byRole.forEach((role, number) ->
                changes.add(Change.set("role", byRole.size() == 1 ? role : role + " (" + number + ")")));
        List<ApiToken> inOrder = List.copyOf(tokens.values());
        if (!inOrder.isEmpty()) {
            changes.add(Change.set("first client id", inOrder.getFirst().clientId()));
            changes.add(Change.set("last client id", inOrder.getLast().clientId()));
        }
        around.log()
                .append(
                        transaction,
                        caller.actingWith(TOKENS_CREATE),
                        EventType.API_TOKEN_IMPORT,
                        Target.named(TargetKind.API_TOKEN_IMPORT, batch.importId()),
                        changes);
    }

    private static ImportedKeysReply reply(
            ImportKeys batch, Map<String, ApiToken> tokens, int existing, Map<Integer, String> refused) {
        List<ApiToken> inOrder = batch.isDryRun() ? List.of() : List.copyOf(tokens.values());
        return new ImportedKeysReply(
                batch.importId(),
                batch.isDryRun(),
                tokens.size(),
                existing,
                refused.entrySet().stream()
                        .map(each -> new RefusedKey(each.getKey(), each.getValue()))
                        .toList(),
                inOrder.isEmpty() ? null : inOrder.getFirst().clientId(),
                inOrder.isEmpty() ? null : inOrder.getLast().clientId());
    }
}

package dev.latchkey.signing;

import static dev.latchkey.access.ManagementApi.ACCOUNT_MANAGE;

import dev.latchkey.access.Caller;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.problem.Problem;
import dev.latchkey.signing.SigningKeys.Listed;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The management API's calls for signing keys. */
public final class SigningKeysApi {
    private final SigningKeys keys;

    public SigningKeysApi(SigningKeys keys) {
        this.keys = keys;
    }

    /** A signing key. */
    public record KeyReply(
            @Doc("Its thumbprint (RFC 7638), the kid of access tokens")
            String keyId,

            @Doc("ES256, EdDSA, RS256 or PS256") String algorithm,

            @Doc(
                    "next: published, but not signing yet; signing; verifying: no longer signing, but what it signed is still valid;"
                            + " withdrawn; ended")
            String state,

            Instant createdAt,
            Instant signsFrom,

            @Doc("Absent while no next key is planned") @Nullable Instant signsUntil,

            @Doc("When the last access token that it signed has expired") @Nullable Instant verifiesUntil,

            @Nullable Instant withdrawnAt,
            @Nullable String withdrawnBy,
            @Nullable String withdrawReason) {

        static KeyReply of(Listed listed) {
            SigningKey key = listed.key();
            var withdrawal = key.withdrawal();
            return new KeyReply(
                    key.id(),
                    key.algorithm().text(),
                    listed.state().text(),
                    key.createdAt(),
                    key.signsFrom(),
                    key.signsUntil(),
                    key.verifiesUntil(),
                    withdrawal == null ? null : withdrawal.at(),
                    withdrawal == null ? null : withdrawal.by(),
                    withdrawal == null ? null : withdrawal.reason());
        }
    }

    /** All signing keys. */
    public record KeyList(List<KeyReply> items) {}

    /** What the next key should be. */
    public record RotateKeys(
            @Doc("ES256, EdDSA, RS256 or PS256, for this key and those after it; the current algorithm when absent")
            @Nullable String algorithm,

            @Doc("How many minutes it is published before it signs: 10 to 10080; 60 when absent. Some systems cache the"
                    + " published keys for longer than they may, such as Trino for 15 minutes")
            @Nullable Integer leadMinutes) {}

    /** Why a key is withdrawn. */
    public record WithdrawKey(
            @Doc("At most 200 characters") @Nullable String reason) {}

    /** The rotation policy of signing keys. */
    public record PolicyReply(
            @Doc("The algorithm of the next key") String algorithm,

            @Doc("How many days a key signs; 0 when keys are changed by hand only")
            int rotationDays) {}

    /** A change of the policy. Absent fields stay as they are. */
    public record UpdatePolicy(
            @Doc("ES256, EdDSA, RS256 or PS256; a new algorithm publishes the next key at once") @Nullable String algorithm,

            @Doc("1 to 365, or 0 to change keys by hand only") @Nullable Integer rotationDays) {}

    public List<Operation> operations() {
        return List.of(
                Operation.get("/signing-keys")
                        .id("listSigningKeys")
                        .tag(Tag.SIGNING_KEYS)
                        .needs(ACCOUNT_MANAGE)
                        .summary("List the signing keys")
                        .description("The newest first. Ended and withdrawn keys are listed for 90 days.")
                        .answers(KeyList.class)
                        .by((caller, request) -> Response.json(
                                200,
                                new KeyList(keys.list(caller).stream()
                                        .map(KeyReply::of)
                                        .toList()))),
                Operation.post("/signing-keys/rotate")
                        .id("rotateSigningKeys")
                        .tag(Tag.SIGNING_KEYS)
                        .needs(ACCOUNT_MANAGE)
                        .summary("Rotate the signing keys")
                        .description(
                                "Publishes the next key at once. It signs an hour later, or after leadMinutes, when every cache of the"
                                        + " published keys has it. What the current key signed stays valid until it expires. If a next key"
                                        + " is published already, its turn is brought forward. The body is optional.")
                        .takes(RotateKeys.class)
                        .answers(KeyReply.class)
                        .by(this::rotate),
                Operation.post("/signing-keys/{keyId}/withdraw")
                        .id("withdrawSigningKey")
                        .tag(Tag.SIGNING_KEYS)
                        .needs(ACCOUNT_MANAGE)
                        .summary("Withdraw a signing key")
                        .description(
                                "For emergencies: once this is answered, every access token that the key signed is refused. If it was"
                                        + " the signing key, a fresh one signs at once. The body is optional.")
                        .takes(WithdrawKey.class)
                        .answers(KeyReply.class)
                        .ends()
                        .by(this::withdraw),
                Operation.get("/signing-keys/policy")
                        .id("getSigningPolicy")
                        .tag(Tag.SIGNING_KEYS)
                        .needs(ACCOUNT_MANAGE)
                        .summary("Get the rotation policy of signing keys")
                        .answers(PolicyReply.class)
                        .versioned()
                        .by((caller, request) -> reply(keys.policy(caller))),
                Operation.patch("/signing-keys/policy")
                        .id("updateSigningPolicy")
                        .tag(Tag.SIGNING_KEYS)
                        .needs(ACCOUNT_MANAGE)
                        .summary("Change the rotation policy of signing keys")
                        .takes(UpdatePolicy.class)
                        .answers(PolicyReply.class)
                        .versioned()
                        .ifMatch()
                        .by(this::update));
    }

    private Response rotate(Caller caller, Request request) {
        RotateKeys body = request.jsonIfPresent(RotateKeys.class);
        Duration lead = body == null || body.leadMinutes() == null
                ? SigningKeys.ANNOUNCED
                : Duration.ofMinutes(body.leadMinutes());
        return Response.json(
                200, KeyReply.of(keys.rotate(caller, body == null ? null : algorithm(body.algorithm()), lead)));
    }

    private Response withdraw(Caller caller, Request request) {
        WithdrawKey body = request.jsonIfPresent(WithdrawKey.class);
        return Response.json(
                200,
                KeyReply.of(
                        keys.withdraw(caller, request.pathParameter("keyId"), body == null ? null : body.reason())));
    }

    private Response update(Caller caller, Request request) {
        UpdatePolicy body = request.json(UpdatePolicy.class);
        return reply(keys.change(caller, algorithm(body.algorithm()), body.rotationDays(), ETag.expected(request)));
    }

    private static Response reply(SigningPolicy policy) {
        return ETag.on(
                Response.json(200, new PolicyReply(policy.algorithm().text(), policy.rotationDays())),
                policy.version());
    }

    /**
     * The algorithm of this name; null when there is no name.
     *
     * @throws Problem 422 when access tokens cannot be signed with it
     */
    public static @Nullable SigningAlgorithm algorithm(@Nullable String name) {
        return name == null
                ? null
                : SigningAlgorithm.named(name)
                        .orElseThrow(() -> Problem.invalid(
                                "algorithm",
                                "Send one of "
                                        + Arrays.stream(SigningAlgorithm.values())
                                                .map(SigningAlgorithm::text)
                                                .collect(Collectors.joining(", "))
                                        + "."));
    }
}

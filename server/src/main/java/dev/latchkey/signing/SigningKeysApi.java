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
            @Doc("Its thumbprint (RFC 7638), which access tokens name as kid")
            String keyId,

            @Doc("ES256, EdDSA, RS256 or PS256") String algorithm,

            @Doc(
                    "next: published and not signing yet; signing; verifying: it signs no more, and what it signed still counts;"
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

    /** What the next key is to be. */
    public record RotateKeys(
            @Doc("ES256, EdDSA, RS256 or PS256, for this key and those after it; the present one when absent") @Nullable String algorithm,

            @Doc("How many minutes it is published before it signs: 10 to 10080; 60 when absent. Some systems keep the"
                    + " published keys for longer than they may, such as Trino for 15 minutes")
            @Nullable Integer leadMinutes) {}

    /** Why a key is withdrawn. */
    public record WithdrawKey(
            @Doc("At most 200 characters") @Nullable String reason) {}

    /** How signing keys follow each other. */
    public record PolicyReply(
            @Doc("Of the next key") String algorithm,

            @Doc("How many days a key signs; 0 when keys change only by hand")
            int rotationDays) {}

    /** What about it is to change. */
    public record UpdatePolicy(
            @Doc("ES256, EdDSA, RS256 or PS256; another one publishes the next key at once") @Nullable String algorithm,

            @Doc("1 to 365, or 0 to change keys by hand only") @Nullable Integer rotationDays) {}

    public List<Operation> operations() {
        return List.of(
                Operation.get("/signing-keys")
                        .id("listSigningKeys")
                        .tag(Tag.SIGNING_KEYS)
                        .needs(ACCOUNT_MANAGE)
                        .summary("List the signing keys")
                        .description("The newest first. One that has ended or was withdrawn is listed for 90 days.")
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
                                "Publishes the next key at once; it signs an hour later, or when leadMinutes says, when every cache of"
                                        + " the published keys has it. What the present key signed stays good until it expires. When a next key is"
                                        + " published already, its turn is brought forward. The body may be left out.")
                        .takes(RotateKeys.class)
                        .answers(KeyReply.class)
                        .by(this::rotate),
                Operation.post("/signing-keys/{keyId}/withdraw")
                        .id("withdrawSigningKey")
                        .tag(Tag.SIGNING_KEYS)
                        .needs(ACCOUNT_MANAGE)
                        .summary("Withdraw a signing key")
                        .description(
                                "For emergencies: when this is answered, every access token that the key signed is refused. If it was"
                                        + " the one that signs, a fresh one signs at once. The body may be left out.")
                        .takes(WithdrawKey.class)
                        .answers(KeyReply.class)
                        .ends()
                        .by(this::withdraw),
                Operation.get("/signing-keys/policy")
                        .id("getSigningPolicy")
                        .tag(Tag.SIGNING_KEYS)
                        .needs(ACCOUNT_MANAGE)
                        .summary("Get how signing keys follow each other")
                        .answers(PolicyReply.class)
                        .versioned()
                        .by((caller, request) -> reply(keys.policy(caller))),
                Operation.patch("/signing-keys/policy")
                        .id("updateSigningPolicy")
                        .tag(Tag.SIGNING_KEYS)
                        .needs(ACCOUNT_MANAGE)
                        .summary("Change how signing keys follow each other")
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
     * @throws Problem 422 when it is none that access tokens can be signed with
     */
    public static @Nullable SigningAlgorithm algorithm(@Nullable String name) {
        return name == null
                ? null
                : SigningAlgorithm.named(name)
                        .orElseThrow(() -> Problem.invalid(
                                "algorithm",
                                "Give one of "
                                        + Arrays.stream(SigningAlgorithm.values())
                                                .map(SigningAlgorithm::text)
                                                .collect(Collectors.joining(", "))
                                        + "."));
    }
}

package dev.latchkey.apitoken;

import dev.latchkey.apitoken.ApiTokenTerms.InAccessTokens;
import dev.latchkey.apitoken.ApiTokenTerms.Limits;
import dev.latchkey.crypto.Secret;
import dev.latchkey.http.AddressRange;
import dev.latchkey.management.Doc;
import dev.latchkey.management.LimitsBody;
import dev.latchkey.problem.Json;
import dev.latchkey.problem.Problem;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An API token in the management API: the requests that create and change one, and the reply that shows it. */
public final class ApiTokenJson {
    private static final String ACTS_FOR = "The registered API whose access tokens it may introspect";
    private static final String DEFAULT_RESOURCE = "The audience of its access tokens when its programs name none";
    private static final String NAME = "A short name in the claim name of its access tokens, for systems that show one";
    private static final String NOT_BEFORE = "It does not work before then";
    private static final String EXPIRES_AT = "It stops working then";
    private static final String LIMITS = "How much may be called with it, all its programs together";

    private ApiTokenJson() {}

    /** The request that creates an API token. */
    public record CreateToken(
            @Doc("Who or what uses it, at most 120 characters; its role and the day when absent or empty") @Nullable String description,

            @Doc("A role that the caller's own privileges cover")
            String role,

            @Doc("The user id of the person responsible for it; the caller when absent, if that is a person. Naming"
                    + " someone else needs users:read")
            @Nullable String owner,

            @Doc("How it authenticates; by a secret when absent") @Nullable AuthenticationSettings authentication,

            @Doc("What all its access tokens are bound to: none, dpop or certificate; none when absent") @Nullable String senderConstraint,

            @Doc(ACTS_FOR) @Nullable String actsFor,

            @Doc(DEFAULT_RESOURCE + "; Latchkey's own API when absent") @Nullable String defaultResource,

            @Doc(NAME + "; it is not proof of identity") @Nullable String nameInAccessTokens,

            @Doc(NOT_BEFORE) @Nullable Instant notBefore,
            @Doc(EXPIRES_AT) @Nullable Instant expiresAt,

            @Doc("Where it may be used: IPv4 and IPv6 addresses and networks (CIDR); anywhere when absent") @Nullable List<String> allowedAddresses,

            @Doc(LIMITS) @Nullable LimitsBody limits) {
        /**
         * The request of a form.
         *
         * @param text the text of a field by its name; null when it is empty
         * @param limits null for none
         */
        public static CreateToken of(
                Function<String, @Nullable String> text,
                @Nullable AuthenticationSettings authentication,
                @Nullable Instant notBefore,
                @Nullable Instant expiresAt,
                List<String> allowedAddresses,
                @Nullable LimitsBody limits) {
            String role = text.apply("role");
            return new CreateToken(
                    text.apply("description"),
                    role == null ? "" : role,
                    text.apply("owner"),
                    authentication,
                    text.apply("senderConstraint"),
                    text.apply("actsFor"),
                    text.apply("defaultResource"),
                    text.apply("nameInAccessTokens"),
                    notBefore,
                    expiresAt,
                    allowedAddresses,
                    limits);
        }

        /**
         * The terms that were sent, checked field by field.
         *
         * @param issuer Latchkey's own
         */
        public ApiTokenTerms terms(String issuer) {
            return new ApiTokenTerms(
                    description == null ? "" : description,
                    owner,
                    authentication == null
                            ? new ClientAuthentication.ClientSecret()
                            : AuthenticationReader.read(authentication, issuer),
                    senderConstraint == null ? SenderConstraint.NONE : constraint(senderConstraint),
                    actsFor,
                    new InAccessTokens(defaultResource, nameInAccessTokens),
                    new Limits(notBefore, expiresAt, allowedAddresses == null ? List.of() : ranges(allowedAddresses)),
                    LimitsBody.limits(limits));
        }
    }

    /** The request that changes an API token. Absent fields stay as they are. */
    public record UpdateToken(
            @Doc("1 to 120 characters") @Nullable String description,

            @Doc(
                    value = "The user id of the person responsible for it. Naming anyone but yourself needs users:read",
                    clearable = true)
            @Nullable String owner,

            @Doc("New keys, certificates, names or conditions, in full; the method stays") @Nullable AuthenticationSettings authentication,

            @Doc("none, dpop or certificate") @Nullable String senderConstraint,

            @Doc(value = ACTS_FOR, clearable = true) @Nullable String actsFor,

            @Doc(value = DEFAULT_RESOURCE, clearable = true) @Nullable String defaultResource,

            @Doc(value = NAME, clearable = true) @Nullable String nameInAccessTokens,

            @Doc(value = NOT_BEFORE, clearable = true) @Nullable Instant notBefore,

            @Doc(value = EXPIRES_AT, clearable = true) @Nullable Instant expiresAt,

            @Doc("Where it may be used; anywhere when empty") @Nullable List<String> allowedAddresses,

            @Doc(value = LIMITS + ", in full; null for none", clearable = true) @Nullable LimitsBody limits) {
        /**
         * The request of a form.
         *
         * @param text the text of a field by its name; null when it is empty
         * @param authentication null when it stays
         * @param limits null for none
         */
        public static UpdateToken of(
                Function<String, @Nullable String> text,
                @Nullable AuthenticationSettings authentication,
                @Nullable Instant notBefore,
                @Nullable Instant expiresAt,
                List<String> allowedAddresses,
                @Nullable LimitsBody limits) {
            String description = text.apply("description");
            return new UpdateToken(
                    description == null ? "" : description,
                    text.apply("owner"),
                    authentication,
                    text.apply("senderConstraint"),
                    text.apply("actsFor"),
                    text.apply("defaultResource"),
                    text.apply("nameInAccessTokens"),
                    notBefore,
                    expiresAt,
                    allowedAddresses,
                    limits);
        }

        /**
         * The current terms with these changes.
         *
         * @param given the names that were sent, including those whose value is null
         * @param issuer Latchkey's own
         */
        public ApiTokenTerms applied(ApiTokenTerms now, Set<String> given, String issuer) {
            InAccessTokens said = now.inAccessTokens();
            Limits bounds = now.limits();
            return new ApiTokenTerms(
                    description == null ? now.description() : description,
                    given.contains("owner") ? owner : now.ownerId(),
                    authentication == null ? now.authentication() : AuthenticationReader.read(authentication, issuer),
                    senderConstraint == null ? now.senderConstraint() : constraint(senderConstraint),
                    given.contains("actsFor") ? actsFor : now.actsFor(),
                    new InAccessTokens(
                            given.contains("defaultResource") ? defaultResource : said.defaultResource(),
                            given.contains("nameInAccessTokens") ? nameInAccessTokens : said.name()),
                    new Limits(
                            given.contains("notBefore") ? notBefore : bounds.notBefore(),
                            given.contains("expiresAt") ? expiresAt : bounds.expiresAt(),
                            allowedAddresses == null ? bounds.addresses() : ranges(allowedAddresses)),
                    given.contains("limits") ? LimitsBody.limits(limits) : now.callLimits());
        }
    }

    private static SenderConstraint constraint(String text) {
        return Arrays.stream(SenderConstraint.values())
                .filter(constraint -> constraint.text().equals(text))
                .findFirst()
                .orElseThrow(() -> Problem.invalid("senderConstraint", "Send one of none, dpop, certificate."));
    }

    static List<AddressRange> ranges(List<String> texts) {
        try {
            return texts.stream().map(AddressRange::parse).toList();
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(
                    "allowedAddresses", "Enter addresses and networks such as 192.0.2.7 or 2001:db8::/32.");
        }
    }

    /** Those terms that are texts in requests, by their names there; null for those that are absent. */
    public static Map<String, @Nullable String> texts(ApiTokenTerms terms) {
        Map<String, @Nullable String> texts = new LinkedHashMap<>();
        texts.put("description", terms.description());
        texts.put("owner", terms.ownerId());
        texts.put("senderConstraint", terms.senderConstraint().text());
        texts.put("actsFor", terms.actsFor());
        texts.put("defaultResource", terms.inAccessTokens().defaultResource());
        texts.put("nameInAccessTokens", terms.inAccessTokens().name());
        return texts;
    }

    /** An API token in replies of the management API. */
    public record TokenReply(
            String clientId,

            @Doc("Only in the reply that creates the token or the secret") @Nullable String clientSecret,

            @Doc("An API key, when the method is api_key; only in the reply that creates the token or the key")
            @Nullable String apiKey,

            String description,
            String role,

            @Doc("active or revoked, regardless of its times")
            String status,

            @Doc(
                    value = "Whether it works now: active, expiring (active, but ends within 14 days), expired,"
                            + " not_yet_valid or revoked",
                    observed = true)
            String state,

            Instant createdAt,
            WhoReply createdBy,

            @Doc("The person responsible for it; absent when there is none") @Nullable OwnerReply owner,

            AuthenticationSettings authentication,

            @Doc("true when its key was issued elsewhere and imported: such a key has no checksum. Otherwise absent")
            @Nullable Boolean foreign,

            @Doc("What its access tokens are bound to: none, dpop or certificate")
            String senderConstraint,

            @Doc(ACTS_FOR) @Nullable String actsFor,

            @Doc(DEFAULT_RESOURCE + "; absent for Latchkey's own API") @Nullable String defaultResource,

            @Doc(NAME) @Nullable String nameInAccessTokens,

            @Nullable Instant notBefore,
            @Nullable Instant expiresAt,

            @Doc("Where it may be used, as networks (CIDR); anywhere when empty")
            List<String> allowedAddresses,

            @Doc(LIMITS) @Nullable LimitsBody limits,

            @Doc(value = "When it was last used successfully", observed = true) @Nullable Instant lastAccessAt,

            @Doc(value = "The address of that use", observed = true) @Nullable String lastAccessAddress,

            @Doc(value = "The User-Agent of that use, as the program sent it", observed = true) @Nullable String lastAccessUserAgent,

            @Doc(
                    value =
                            "What it did on the last 7 days (UTC, today included), as of the last hour; absent without calls",
                    observed = true)
            @Nullable LastWeekReply lastWeek,

            @Nullable Instant revokedAt,
            @Nullable WhoReply revokedBy,
            @Nullable String revokeReason) {
        /**
         * @param departed the owners who were disabled or removed
         * @param now the time of the state
         */
        static TokenReply of(ApiToken apiToken, @Nullable Secret secret, Set<String> departed, Instant now) {
            ApiToken.Owner owner = apiToken.owner();
            var access = apiToken.lastAccess();
            var revocation = apiToken.revocation();
            return new TokenReply(
                    apiToken.clientId(),
                    shown(secret, Secret.Form.CLIENT_SECRET),
                    shown(secret, Secret.Form.API_KEY),
                    apiToken.description(),
                    apiToken.role(),
                    apiToken.status().text(),
                    apiToken.state(now).text(),
                    apiToken.createdAt(),
                    WhoReply.of(apiToken.createdBy()),
                    owner == null ? null : new OwnerReply(owner.id(), owner.name(), departed.contains(owner.id())),
                    AuthenticationSettings.of(apiToken.authentication()),
                    apiToken.isForeign() ? true : null,
                    apiToken.senderConstraint().text(),
                    apiToken.actsFor(),
                    apiToken.inAccessTokens().defaultResource(),
                    apiToken.inAccessTokens().name(),
                    apiToken.limits().notBefore(),
                    apiToken.expiresAt(),
                    apiToken.limits().addresses().stream()
                            .map(AddressRange::toString)
                            .toList(),
                    LimitsBody.of(apiToken.terms().callLimits()),
                    access == null ? null : access.at(),
                    access == null ? null : access.address(),
                    access == null ? null : access.userAgent(),
                    LastWeekReply.of(apiToken.lastWeek()),
                    revocation == null ? null : revocation.at(),
                    revocation == null ? null : WhoReply.of(revocation.by()),
                    revocation == null ? null : revocation.reason());
        }

        /** The terms that the reply shows. */
        public ApiTokenTerms terms() {
            return new ApiTokenTerms(
                    description,
                    owner == null ? null : owner.id(),
                    AuthenticationReader.stored(Json.writeText(authentication)),
                    constraint(senderConstraint),
                    actsFor,
                    new InAccessTokens(defaultResource, nameInAccessTokens),
                    new Limits(notBefore, expiresAt, ranges(allowedAddresses)),
                    LimitsBody.limits(limits));
        }

        private static @Nullable String shown(@Nullable Secret secret, Secret.Form form) {
            return secret != null && secret.form() == form ? secret.value() : null;
        }

        @Override
        public String toString() {
            return "TokenReply[" + clientId + "]";
        }
    }

    /** What an API token did in the last week. */
    public record LastWeekReply(
            @Doc("All calls, refused ones included") long calls,

            @Doc("Calls that were refused, without those whose access token had ended")
            long refused,

            @Doc("Calls that a limit refused") long limited,

            @Doc(
                    "How many different endpoints it called, without refused calls and without the one that issues access tokens;"
                            + " absent when calls were counted without their endpoint, or access tokens were issued for other APIs"
                            + " of which no call is known")
            @Nullable Long endpoints) {
        static @Nullable LastWeekReply of(LastWeek week) {
            return week.calls() == 0
                    ? null
                    : new LastWeekReply(week.calls(), week.refused(), week.limited(), week.endpoints());
        }
    }

    /** Who created or revoked something. */
    public record WhoReply(
            @Doc(
                    "person, program or system; unknown for a revocation by an older version that the log does not mention")
            String kind,

            @Doc("A user id, a client id, or the same as the name")
            String id,

            @Doc("As it was then") String name) {
        static WhoReply of(ApiToken.Who who) {
            return new WhoReply(who.kind(), who.id(), who.name());
        }
    }

    /** The person responsible for something today. */
    public record OwnerReply(
            @Doc("A user id") String id,
            String name,

            @Doc("Whether they have been disabled or removed")
            boolean departed) {}
}

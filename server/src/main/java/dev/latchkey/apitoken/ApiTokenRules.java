package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.APIS_MANAGE;

import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.account.Account;
import dev.latchkey.account.User;
import dev.latchkey.account.Users;
import dev.latchkey.apitoken.ApiToken.Owner;
import dev.latchkey.apitoken.ApiTokenTerms.InAccessTokens;
import dev.latchkey.apitoken.ApiTokenTerms.Limits;
import dev.latchkey.event.Actor;
import dev.latchkey.management.Line;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Problem.FieldError;
import dev.latchkey.problem.Text;
import dev.latchkey.registry.CurrentPolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Checks the terms of API tokens. Only terms that pass become those of a token. */
final class ApiTokenRules {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.ENGLISH);
    static final int MAX_DESCRIPTION = 120;

    /** What every system can show, and what cannot be misread. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/@-]{0,59}");

    private static final Duration MAX_LIFETIME = Duration.ofDays(3_653);
    private static final int MAX_ADDRESSES = 20;

    private final CurrentPolicy policy;
    private final Users users;
    private final Clock clock;

    private ApiTokenRules(CurrentPolicy policy, Users users, Clock clock) {
        this.policy = policy;
        this.users = users;
        this.clock = clock;
    }

    static ApiTokenRules of(Surroundings around) {
        return new ApiTokenRules(around.policy(), around.users(), around.clock());
    }

    /** Terms that passed the rules, as they are stored. Only the rules make them. */
    static final class Checked {
        private final ApiTokenTerms terms;
        private final @Nullable Owner owner;

        private Checked(ApiTokenTerms terms, @Nullable Owner owner) {
            this.terms = terms;
            this.owner = owner;
        }

        ApiTokenTerms terms() {
            return terms;
        }

        /** The person responsible for the token; null for none. */
        @Nullable Owner owner() {
            return owner;
        }
    }

    /**
     * The terms of a new token. Its creator becomes the owner unless another person is named.
     *
     * @throws Problem 422 with every field that is wrong, 403 when the caller may not name the owner
     */
    Checked ofNew(Handle handle, Caller caller, String role, ApiTokenTerms wanted, Account account) {
        List<FieldError> errors = new ArrayList<>();
        String description = wanted.description().isBlank() ? nameOf(role) : wanted.description();
        descriptionError(description).ifPresent(errors::add);
        if (role.isBlank()) {
            errors.add(new FieldError("role", "Choose a role."));
        }
        if (wanted.authentication() instanceof ClientAuthentication.ApiKey key && key.importId() != null) {
            errors.add(new FieldError(
                    "authentication.importId", "Leave this out. Keys of other systems come with POST /tokens/import."));
        }
        Limits limits = millis(wanted.limits());
        errors.addAll(limitErrors(limits, account));
        errors.addAll(wanted.callLimits().errors("limits."));
        errors.addAll(ApiKeyRules.errors(wanted, limits, clock.instant(), account.keyPolicy()));
        apiError(wanted.actsFor()).ifPresent(errors::add);
        resourceError(wanted.inAccessTokens().defaultResource()).ifPresent(errors::add);
        nameError(wanted.inAccessTokens().name()).ifPresent(errors::add);
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
        Owner creator = caller.kind() == Actor.Kind.PERSON ? new Owner(caller.id(), caller.name()) : null;
        String ownerId = wanted.ownerId() == null && creator != null ? creator.id() : wanted.ownerId();
        return checked(wanted.describedAs(description), limits, owner(handle, caller, creator, ownerId));
    }

    /**
     * The terms of a token whose key was issued elsewhere. Its life here begins now, however old the key is.
     *
     * @throws Problem 422 with everything that is wrong
     */
    Checked ofImported(String role, ApiTokenTerms wanted, @Nullable Owner owner, Account account) {
        List<FieldError> errors = new ArrayList<>();
        String description = wanted.description().isBlank() ? nameOf(role) : wanted.description();
        descriptionError(description).ifPresent(errors::add);
        Limits limits = millis(wanted.limits());
        errors.addAll(limitErrors(limits, account));
        errors.addAll(wanted.callLimits().errors("limits."));
        errors.addAll(ApiKeyRules.errors(wanted, limits, clock.instant(), account.keyPolicy()));
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
        return checked(wanted.describedAs(description), limits, owner);
    }

    /** The person with this user id or email address, who must be able to own tokens; null for none. */
    @Nullable Owner owner(Handle handle, Caller caller, @Nullable String named) {
        if (named == null) {
            return null;
        }
        User user = users.answerableNamed(handle, caller, named, "owner");
        return new Owner(user.id(), user.email());
    }

    /**
     * The new terms of a token.
     *
     * @throws Problem 422 with every field that is wrong, 403 when the caller may not name the owner or the API
     */
    Checked ofChanged(Handle handle, Caller caller, ApiToken old, ApiTokenTerms sent, Account account) {
        if (old.authentication() instanceof ClientAuthentication.Unknown) {
            throw Problem.invalid(
                    "authentication",
                    "A newer Latchkey made this token, and this version would lose a part of it. Change it with the newer"
                            + " version.");
        }
        List<FieldError> errors = new ArrayList<>();
        // Which import brought a key is a fact, and no term of its token.
        ApiTokenTerms wanted = sent.authentication() instanceof ClientAuthentication.ApiKey
                        && old.authentication() instanceof ClientAuthentication.ApiKey
                ? sent.authenticatingBy(old.authentication())
                : sent;
        descriptionError(wanted.description()).ifPresent(errors::add);
        Limits limits = millis(wanted.limits());
        errors.addAll(changedLimitErrors(limits, old, account));
        errors.addAll(wanted.callLimits().errors("limits."));
        errors.addAll(ApiKeyRules.changedErrors(wanted, limits, old, account.keyPolicy()));
        if (!wanted.authentication().onlyNarrows(old.authentication())) {
            // New keys or conditions are a new credential, to which the account's longest life applies.
            tooOldError(old, account).ifPresent(wrong -> errors.add(new FieldError("authentication", wrong)));
        }
        if (!Objects.equals(wanted.actsFor(), old.actsFor())) {
            caller.require(APIS_MANAGE);
            apiError(wanted.actsFor()).ifPresent(errors::add);
        }
        String resource = wanted.inAccessTokens().defaultResource();
        if (!Objects.equals(resource, old.inAccessTokens().defaultResource())) {
            resourceError(resource).ifPresent(errors::add);
        }
        nameError(wanted.inAccessTokens().name()).ifPresent(errors::add);
        if (!wanted.authentication().method().equals(old.authentication().method())) {
            errors.add(new FieldError(
                    "authentication.method",
                    "A token keeps its method. Generate another token to use another method."));
        }
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
        return checked(wanted, limits, owner(handle, caller, old.owner(), wanted.ownerId()));
    }

    private Checked checked(ApiTokenTerms terms, Limits limits, @Nullable Owner owner) {
        ApiTokenTerms kept = terms.describedAs(terms.description().strip())
                .ownedBy(owner == null ? null : owner.id())
                .saying(asRegistered(terms.inAccessTokens()))
                .limitedTo(limits);
        return new Checked(kept, owner);
    }

    /** The current owner may stay, even one who left; a new owner must be an enabled person. */
    private @Nullable Owner owner(Handle handle, Caller caller, @Nullable Owner present, @Nullable String wanted) {
        if (wanted == null) {
            return null;
        }
        if (present != null && present.id().equals(wanted)) {
            return present;
        }
        User user = users.answerable(handle, caller, wanted, "owner");
        return new Owner(user.id(), user.email());
    }

    private List<FieldError> limitErrors(Limits limits, Account account) {
        List<FieldError> errors = new ArrayList<>();
        expiryError(limits.expiresAt(), account, clock.instant()).ifPresent(errors::add);
        beginningError(limits).ifPresent(errors::add);
        addressesError(limits).ifPresent(errors::add);
        return errors;
    }

    /** Limits that stay, or end earlier, extend no life: tightening a token is always allowed. */
    private List<FieldError> changedLimitErrors(Limits limits, ApiToken token, Account account) {
        Limits old = token.limits();
        List<FieldError> errors = new ArrayList<>();
        Instant expiresAt = limits.expiresAt();
        boolean earlier = expiresAt != null
                && expiresAt.isAfter(clock.instant())
                && (old.expiresAt() == null || expiresAt.isBefore(old.expiresAt()));
        if (!earlier && !Objects.equals(expiresAt, old.expiresAt())) {
            // Its life began when it was created, and cannot be extended a month at a time.
            expiryError(expiresAt, account, token.createdAt()).ifPresent(errors::add);
        }
        if (!Objects.equals(limits.notBefore(), old.notBefore()) || !Objects.equals(expiresAt, old.expiresAt())) {
            beginningError(limits).ifPresent(errors::add);
        }
        addressesError(limits).ifPresent(errors::add);
        return errors;
    }

    private Optional<FieldError> expiryError(@Nullable Instant expiresAt, Account account, Instant made) {
        Instant now = clock.instant();
        Integer longest = account.longestTokenDays();
        if (longest != null && (expiresAt == null || expiresAt.isAfter(made.plus(Duration.ofDays(longest))))) {
            return Optional.of(new FieldError(
                    "expiresAt",
                    "Enter a time within " + longest
                            + " days of its creation: tokens of this account live no longer."));
        }
        return expiresAt != null && (!expiresAt.isAfter(now) || expiresAt.isAfter(now.plus(MAX_LIFETIME)))
                ? Optional.of(new FieldError("expiresAt", "Enter a time in the future, within ten years."))
                : Optional.empty();
    }

    private Optional<FieldError> beginningError(Limits limits) {
        Instant notBefore = limits.notBefore();
        Instant expiresAt = limits.expiresAt();
        return notBefore != null
                        && (notBefore.isAfter(clock.instant().plus(MAX_LIFETIME))
                                || (expiresAt != null && !notBefore.isBefore(expiresAt)))
                ? Optional.of(new FieldError("notBefore", "Enter a time before the token expires, within ten years."))
                : Optional.empty();
    }

    private static Optional<FieldError> addressesError(Limits limits) {
        return limits.addresses().size() > MAX_ADDRESSES
                ? Optional.of(new FieldError("allowedAddresses", "Enter at most " + MAX_ADDRESSES + " networks."))
                : Optional.empty();
    }

    /** A fresh credential would give an old token a second life. */
    Optional<String> tooOldError(ApiToken apiToken, Account account) {
        Integer longest = longestDays(apiToken, account);
        return longest != null
                        && apiToken.createdAt().plus(Duration.ofDays(longest)).isBefore(clock.instant())
                ? Optional.of(
                        "The token is older than " + longest
                                + " days, the longest life in this account, so it gets no new credential. Generate a new token.")
                : Optional.empty();
    }

    /** The longest life of a token like this; null for any. */
    private static @Nullable Integer longestDays(ApiToken apiToken, Account account) {
        Integer longest = account.longestTokenDays();
        Integer longestOfKeys = apiToken.authentication() instanceof ClientAuthentication.ApiKey
                ? account.keyPolicy().longestDays()
                : null;
        return longest == null || (longestOfKeys != null && longestOfKeys < longest) ? longestOfKeys : longest;
    }

    Optional<FieldError> apiError(@Nullable String actsFor) {
        return actsFor == null || policy.get().api(actsFor).isPresent()
                ? Optional.empty()
                : Optional.of(new FieldError("actsFor", "There is no registered API with this name."));
    }

    private Optional<FieldError> resourceError(@Nullable String resource) {
        return resource == null || policy.get().apiFor(resource).isPresent()
                ? Optional.empty()
                : Optional.of(new FieldError(
                        "defaultResource",
                        "There is no registered API with this audience. Leave it out for Latchkey's own API."));
    }

    /** With the resource spelled as its API spells it. */
    private InAccessTokens asRegistered(InAccessTokens wanted) {
        String resource = wanted.defaultResource();
        return resource == null
                ? wanted
                : new InAccessTokens(
                        policy.get().apiFor(resource).map(Api::audience).orElse(resource), wanted.name());
    }

    private static Optional<FieldError> nameError(@Nullable String name) {
        return name == null || NAME.matcher(name).matches()
                ? Optional.empty()
                : Optional.of(new FieldError(
                        "nameInAccessTokens",
                        "Use 1 to 60 letters, digits and . _ - / @, beginning with a letter or digit."));
    }

    /** Times are kept in milliseconds. */
    private static Limits millis(Limits limits) {
        return new Limits(millis(limits.notBefore()), millis(limits.expiresAt()), limits.addresses());
    }

    private static @Nullable Instant millis(@Nullable Instant time) {
        return time == null ? null : time.truncatedTo(ChronoUnit.MILLIS);
    }

    /** The name of a token whose creator gave none: its role, and the day. */
    private String nameOf(String role) {
        return Text.shortened(role, MAX_DESCRIPTION / 2) + ", "
                + DAY.format(clock.instant().atOffset(ZoneOffset.UTC));
    }

    private static Optional<FieldError> descriptionError(String description) {
        return Line.error(
                "description",
                description,
                MAX_DESCRIPTION,
                "Say in 1 to " + MAX_DESCRIPTION + " characters who or what uses the token.");
    }
}

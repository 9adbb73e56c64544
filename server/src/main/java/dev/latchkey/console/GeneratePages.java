package dev.latchkey.console;

import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokenJson.CreateToken;
import dev.latchkey.apitoken.ApiTokenTerms;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.Drafts;
import dev.latchkey.apitoken.Surroundings;
import dev.latchkey.crypto.Secret;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Generating a token: the two steps of the dialog over the list of tokens, and creating a role on the way. */
final class GeneratePages {
    private static final String UNSAVED =
            "Your session ended before the token was saved. Until it is saved, the secret that you"
                    + " copied does not work. Sign in within 15 minutes of creating the token to save it.";

    private final Pages pages;
    private final TokenListPages lists;
    private final ApiTokens apiTokens;
    private final Drafts drafts;
    private final Surroundings around;
    private final EndpointCatalogue endpoints;
    private final String issuer;
    private final SingleUse singleUse = new SingleUse();

    GeneratePages(
            Pages pages,
            TokenListPages lists,
            ApiTokens apiTokens,
            Drafts drafts,
            Surroundings around,
            EndpointCatalogue endpoints,
            String issuer) {
        this.pages = pages;
        this.lists = lists;
        this.apiTokens = apiTokens;
        this.drafts = drafts;
        this.around = around;
        this.endpoints = endpoints;
        this.issuer = issuer;
    }

    void addTo(Routes.Builder routes) {
        routes.add(
                        "GET",
                        "/tokens/new",
                        pages.shown(visit ->
                                page(visit, 200, Form.of(visit.request().query()))))
                .add("POST", "/tokens/new", pages.sent(this::back, this::page))
                .add("POST", "/tokens", pages.sent(this::generate, this::page))
                .add("GET", "/tokens/new/role", pages.shown(visit -> rolePage(visit, 200, Form.EMPTY)))
                .add("POST", "/tokens/new/role", pages.sent(this::askForRole, this::rolePage))
                .add("POST", "/tokens/new/role/create", pages.sent(this::createRole, this::rolePage))
                .add("POST", "/tokens/{clientId}/save", pages.sent(this::save, this::unsavedPage, UNSAVED))
                .add("GET", "/tokens/{clientId}/save", pages.shown(visit -> unsavedPage(visit, 200, Form.EMPTY)))
                .add("POST", "/tokens/{clientId}/discard", pages.sent(this::discard))
                .add("POST", "/tokens/{clientId}/env", pages.sent(this::envFile, this::unsavedPage, UNSAVED));
    }

    private Response dialog(Visit visit, int status, Map<String, Object> parameters) {
        return lists.page(visit, status, TokenFilter.ALL, parameters);
    }

    private Response page(Visit visit, int status, Form form) {
        List<Role> assignable = around.roles().assignable(visit.caller()).stream()
                // The predefined roles suit few programs.
                .sorted(Comparator.comparing(Role::isPredefined).thenComparing(Role::name))
                .toList();
        String wanted = form.value("role");
        String chosen = assignable.stream().anyMatch(role -> role.name().equals(wanted)) ? wanted : null;
        return dialog(
                visit,
                status,
                Map.of(
                        "dialog",
                        "generate",
                        "form",
                        form,
                        "newToken",
                        new NewToken(
                                assignable,
                                chosen,
                                singleUse.next(),
                                List.copyOf(around.policy().get().apis()),
                                around.accounts().get().longestTokenDays(),
                                around.accounts().get().keyPolicy(),
                                LocalDate.ofInstant(around.clock().instant(), ZoneOffset.UTC))));
    }

    /** Back from the step that creates a role; or, without script, to see what the chosen role opens. */
    private Response back(Visit visit) {
        return page(
                visit,
                200,
                Form.of(KeptForm.carriedBy(visit.form()).map(KeptForm::typed).orElse(visit.form())));
    }

    /** A token with a secret is saved in a second step; one without a secret is ready. */
    private Response generate(Visit visit) {
        String nonce = singleUse.unused(visit);
        CreateToken wanted = TokenForm.create(visit, expiry(visit));
        ApiTokenTerms terms = wanted.terms(issuer);
        ApiTokens.Created created = terms.secretForm() != null
                ? drafts.draft(visit.caller(), wanted.role(), terms)
                : apiTokens.create(visit.caller(), wanted.role(), terms, null).value();
        singleUse.use(nonce);
        return created.secret() == null
                ? Response.seeOther(
                        Notice.CREATED.at(Links.token(created.apiToken().clientId())))
                : secretPage(visit, created, created.secret());
    }

    /** Answers with the secret, which is not shown again: no redirect, nothing to reload, nothing in the address. */
    private Response secretPage(Visit visit, ApiTokens.Created created, Secret secret) {
        return dialog(
                visit,
                200,
                Map.of(
                        "dialog",
                        "secret",
                        "created",
                        created,
                        "secret",
                        secret.value(),
                        "sample",
                        Samples.of(issuer, created.apiToken()).getFirst().code()));
    }

    /** The secret as the lines of an environment file. */
    private static String environment(String clientId, String secret) {
        return secret.startsWith(Secret.Form.API_KEY.prefix())
                ? "API_KEY=" + secret + "\n"
                : "CLIENT_ID=" + clientId + "\nCLIENT_SECRET=" + secret + "\n";
    }

    private @Nullable Instant expiry(Visit visit) {
        String chosen = visit.field("expires");
        if (chosen.equals("never")) {
            return null;
        }
        if (chosen.equals("date")) {
            return endOf(visit.field("expiresOn"));
        }
        if (chosen.matches("[1-9][0-9]{0,3}")) {
            return around.clock().instant().plus(Duration.ofDays(Integer.parseInt(chosen)));
        }
        throw Problem.invalid("expiresAt", "Choose when the token expires.");
    }

    /** The token works through the day that was entered. */
    private static Instant endOf(String day) {
        try {
            LocalDate date = LocalDate.parse(day);
            if (date.getYear() >= 0 && date.getYear() <= 9_999) {
                return date.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
            }
        } catch (DateTimeException e) {
            // Refused below, like a year out of range.
        }
        throw Problem.invalid("expiresOn", "Enter the last day on which the token works, such as 2030-12-31.");
    }

    /** The step in between, with everything that was typed for the token in hidden fields. */
    private Response askForRole(Visit visit) {
        KeptForm typed = KeptForm.of("/tokens/new", visit.sent(), true)
                .orElseThrow(() -> Problem.invalid("description", "This is too much for one form. Shorten it."));
        return rolePage(visit, 200, Form.EMPTY, typed);
    }

    private Response rolePage(Visit visit, int status, Form form) {
        return rolePage(
                visit, status, form, KeptForm.carriedBy(form.values()).orElse(KeptForm.nothingAt("/tokens/new")));
    }

    private Response rolePage(Visit visit, int status, Form form, KeptForm typed) {
        return dialog(
                visit,
                status,
                Map.of("dialog", "role", "form", form, "templates", RoleTemplate.of(endpoints), "typed", typed));
    }

    private Response createRole(Visit visit) {
        String template = visit.field("template");
        RoleTemplate chosen = RoleTemplate.of(endpoints).stream()
                .filter(each -> each.value().equals(template))
                .findFirst()
                .orElse(null);
        String name;
        try {
            if (chosen == null) {
                throw Problem.invalid("template", "Choose what the role may do.");
            }
            name = visit.field("roleName").isEmpty() ? chosen.roleName() : visit.field("roleName");
            around.roles()
                    .create(
                            visit.caller(),
                            name,
                            new RoleTerms(chosen.label(), chosen.privileges(), new TreeSet<>(), new TreeSet<>()),
                            null);
        } catch (Problem problem) {
            throw named(problem);
        }
        KeptForm typed = KeptForm.carriedBy(visit.form()).orElse(KeptForm.nothingAt("/tokens/new"));
        return page(
                visit,
                200,
                Form.noted(
                        typed.with("role", name).typed(),
                        "The role " + name + " is created and chosen for the token."));
    }

    /** In this form the field for the name of the role is called roleName. */
    private static Problem named(Problem problem) {
        return problem.code().equals("role_exists")
                ? Problem.invalid("roleName", problem.detail() + " Choose another name.")
                : problem.errors().stream().anyMatch(error -> error.field().equals("name"))
                        ? Problem.invalid(
                                "roleName", problem.errors().getFirst().message())
                        : problem;
    }

    private Response save(Visit visit) {
        if (!visit.form().has("saved")) {
            String what = drafts.find(visit.caller(), visit.path("clientId"))
                    .map(TokenFacts::secret)
                    .orElse(TokenFacts.SECRET);
            throw new Problem(
                    422,
                    "not_acknowledged",
                    "The token is not saved yet. Tick \"I have saved the " + what + "\" first.");
        }
        drafts.save(visit.caller(), visit.path("clientId"));
        return Response.seeOther(Notice.SAVED.at(Links.TOKENS));
    }

    /** For a person who lost the second step, with or without a copy of the secret. */
    private Response unsavedPage(Visit visit, int status, Form form) {
        String clientId = visit.path("clientId");
        ApiToken draft = drafts.find(visit.caller(), clientId).orElseThrow(Drafts::gone);
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("draft", draft);
        parameters.put("form", form);
        return pages.page(visit, status, "Save the token", "tokens", "tokens/unsaved", parameters);
    }

    private Response discard(Visit visit) {
        drafts.discard(visit.caller(), visit.path("clientId"));
        return Response.seeOther(Notice.DISCARDED.at(Links.TOKENS));
    }

    /** Returns the secret of the person's own draft as a file, so that saving it needs no script. */
    private Response envFile(Visit visit) {
        String clientId = visit.path("clientId");
        String secret = visit.field("secret");
        if (!drafts.isSecretOf(visit.caller(), clientId, secret)) {
            throw Problem.notFound("This token is already saved or discarded, so its secret is no longer available.");
        }
        return Response.of(
                        200,
                        "text/plain; charset=utf-8",
                        environment(clientId, secret).getBytes(StandardCharsets.UTF_8))
                .with("Content-Disposition", "attachment; filename=\"latchkey.env\"")
                .with("Cache-Control", "no-store");
    }
}

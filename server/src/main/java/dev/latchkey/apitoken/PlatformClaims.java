package dev.latchkey.apitoken;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which claims of outside tokens identify their owner. Platforms sign tokens for everyone who has an account with them: a branch,
 * an event or an environment has the same name in a stranger's project. So one condition must name the owner, in full:
 * {@code repo:acme*} also matches {@code repo:acme-of-a-stranger}.
 */
public final class PlatformClaims {
    /** Exactly this value. */
    private static final String WHOLE = "[^*]+";

    /**
     * A platform.
     *
     * @param issuer matches its issuers
     * @param owners the claims that name an owner, each with the form that its condition must have
     * @param example a condition that names an owner
     */
    private record Platform(String name, Pattern issuer, Map<String, Pattern> owners, String example) {
        static Platform of(String name, String issuer, String example, String... owners) {
            Map<String, Pattern> patterns = new TreeMap<>();
            for (int i = 0; i < owners.length; i += 2) {
                patterns.put(owners[i], Pattern.compile(owners[i + 1], Pattern.DOTALL));
            }
            return new Platform(name, Pattern.compile(issuer, Pattern.CASE_INSENSITIVE), patterns, example);
        }
    }

    private static final String NAMESPACE = "/kubernetes.io/namespace";
    private static final String SERVICE_ACCOUNT = "system:serviceaccount:[^*:]+:.*";

    private static final List<Platform> PLATFORMS = List.of(
            Platform.of(
                    "GitHub",
                    "https://token\\.actions\\.githubusercontent\\.com(/.*)?|https://token\\.actions\\.[^/]+\\.ghe\\.com(/.*)?"
                            + "|https://[^/]+/_services/token",
                    "repository = acme/shop",
                    "sub",
                    "(repo|repository):[^*/:]+/.*|(repository_owner|repository_owner_id|repository_id|enterprise):[^*:]+(:.*)?",
                    "repository",
                    "[^*/]+/.*",
                    "repository_owner",
                    WHOLE,
                    "repository_owner_id",
                    WHOLE,
                    "repository_id",
                    WHOLE,
                    "enterprise_id",
                    WHOLE),
            Platform.of(
                    "GitLab",
                    "https://gitlab\\.com/?",
                    "project_path = acme/shop",
                    "sub",
                    "project_path:[^*/:]+/.*",
                    "project_path",
                    "[^*/]+/.*",
                    "namespace_path",
                    "[^*/]+(/.*)?",
                    "project_id",
                    WHOLE,
                    "namespace_id",
                    WHOLE),
            Platform.of(
                    "Google",
                    "(https://)?accounts\\.google\\.com/?",
                    "email = deploy@acme-prod.iam.gserviceaccount.com",
                    "sub",
                    WHOLE,
                    "email",
                    WHOLE,
                    "hd",
                    WHOLE,
                    "/google/compute_engine/project_id",
                    WHOLE,
                    "/google/compute_engine/project_number",
                    WHOLE),
            Platform.of(
                    "Microsoft Entra",
                    "https://sts\\.windows\\.net/.*|https://login\\.microsoftonline\\.(com|us)/.*"
                            + "|https://login\\.partner\\.microsoftonline\\.cn/.*",
                    "sub = the object id of the managed identity",
                    "sub",
                    WHOLE,
                    "oid",
                    WHOLE,
                    "azp",
                    WHOLE,
                    "appid",
                    WHOLE),
            Platform.of(
                    "Kubernetes",
                    "https://oidc\\.eks\\.[^/]+/id/.*|https://container\\.googleapis\\.com/.*|https://[^/]+\\.oic\\.[^/]+"
                            + "|https://[^/]+\\.oic\\.[^/]+/.*|https://kubernetes\\.default\\.svc[^/]*/?",
                    "sub = system:serviceaccount:prod:shop",
                    "sub",
                    SERVICE_ACCOUNT,
                    NAMESPACE,
                    WHOLE,
                    "/kubernetes.io/serviceaccount/uid",
                    WHOLE),
            Platform.of(
                    "CircleCI",
                    "https://oidc\\.circleci\\.com/.*",
                    "oidc.circleci.com/project-id = the project's id",
                    "sub",
                    "org/[^*/]+/project/[^*/]+(/.*)?",
                    "oidc.circleci.com/project-id",
                    WHOLE),
            Platform.of(
                    "Buildkite",
                    "https://agent\\.buildkite\\.com/?",
                    "organization_slug = acme",
                    "sub",
                    "organization:[^*:]+:.*",
                    "organization_slug",
                    WHOLE,
                    "organization_id",
                    WHOLE,
                    "pipeline_id",
                    WHOLE),
            Platform.of(
                    "Bitbucket",
                    "https://api\\.bitbucket\\.org/.*",
                    "repositoryUuid = {the repository's id}",
                    "sub",
                    "\\{[^*:]+}:.*",
                    "repositoryUuid",
                    WHOLE,
                    "workspaceUuid",
                    WHOLE),
            Platform.of(
                    "HCP Terraform",
                    "https://app(\\.eu)?\\.terraform\\.io/?",
                    "terraform_organization_name = acme",
                    "sub",
                    "organization:[^*:]+:.*",
                    "terraform_organization_name",
                    WHOLE,
                    "terraform_organization_id",
                    WHOLE,
                    "terraform_project_id",
                    WHOLE,
                    "terraform_workspace_id",
                    WHOLE),
            Platform.of(
                    "Vercel",
                    "https://oidc\\.vercel\\.com(/.*)?",
                    "owner = acme",
                    "sub",
                    "owner:[^*:]+:.*",
                    "owner",
                    WHOLE,
                    "owner_id",
                    WHOLE,
                    "project_id",
                    WHOLE),
            Platform.of(
                    "Fly.io",
                    "https://oidc\\.fly\\.io/.*",
                    "sub = acme:shop:*",
                    "sub",
                    "[^*:]+:.*",
                    "org_id",
                    WHOLE,
                    "app_id",
                    WHOLE),
            Platform.of(
                    "Modal",
                    "https://oidc\\.modal\\.com/?",
                    "workspace_id = the workspace's id",
                    "sub",
                    "modal:workspace_id:[^*:]+:.*",
                    "workspace_id",
                    WHOLE),
            Platform.of(
                    "Pulumi",
                    "https://api\\.pulumi\\.com/oidc(/v2)?/?",
                    "https://pulumi.com/org_id = the organization's id",
                    "sub",
                    "pulumi:[^*:]+:org:[^*:]+:.*",
                    "org",
                    WHOLE,
                    "https://pulumi.com/org",
                    WHOLE,
                    "https://pulumi.com/org_id",
                    WHOLE),
            Platform.of(
                    "Codefresh",
                    "https://oidc\\.codefresh\\.io/?",
                    "account_id = the account's id",
                    "sub",
                    "account:[^*:]+:.*",
                    "account_id",
                    WHOLE));

    /**
     * The subject of any other issuer: exactly, or up to a separator after a name. Platforms put words before the name
     * ({@code repo:acme/shop}), so one part alone is not a name where colons separate the parts.
     */
    private static final Pattern SUBJECT = Pattern.compile(
            "[^*]+"
                    + "|(?!system:(serviceaccount:)?\\*)(?![a-z][a-z0-9+.-]*://\\*)"
                    + "([^*]*[\\p{L}\\p{N}][^*/]*/|[^*]*[\\p{L}\\p{N}][^*:|#@]*[:|#@][^*]*[\\p{L}\\p{N}][^*:|#@]*[:|#@])\\*.*",
            Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

    private PlatformClaims() {}

    /** Why others than the owner could meet the conditions, with what to do; null when they cannot. */
    static @Nullable String whyTooWide(String issuer, Map<String, Object> conditions) {
        for (Platform platform : PLATFORMS) {
            if (platform.issuer().matcher(issuer).matches()) {
                return whyAnybody(platform, conditions);
            }
        }
        return conditions.get("sub") instanceof String subject
                        && SUBJECT.matcher(subject).matches()
                ? null
                : "One condition must name the token's owner: sub, exactly or up to a separator (sub = build/shop/*).";
    }

    /** The same for well-known platforms only, where strangers certainly have tokens, too. */
    public static @Nullable String whyOpenToStrangers(String issuer, Map<String, Object> conditions) {
        return PLATFORMS.stream()
                .filter(platform -> platform.issuer().matcher(issuer).matches())
                .findFirst()
                .map(platform -> whyAnybody(platform, conditions))
                .orElse(null);
    }

    private static @Nullable String whyAnybody(Platform platform, Map<String, Object> conditions) {
        for (Map.Entry<String, Pattern> owner : platform.owners().entrySet()) {
            Object condition = conditions.get(owner.getKey());
            if (condition == null && !owner.getKey().startsWith("/")) {
                condition =
                        conditions.get("/" + owner.getKey().replace("~", "~0").replace("/", "~1"));
            }
            if (condition instanceof String text
                            && owner.getValue().matcher(text).matches()
                    || condition instanceof Number) {
                return null;
            }
        }
        return "Anyone at " + platform.name()
                + " could meet these conditions. One must name the owner, exactly or up to"
                + " a separator: " + platform.example() + ". Claims that name an owner: "
                + platform.owners().keySet().stream().collect(Collectors.joining(", ")) + ".";
    }
}

package dev.latchkey.apitoken;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Conditions that a stranger's project fulfils as well are refused. */
class PlatformClaimsTest {
    private static Map<String, Object> conditions(String text) {
        return Arrays.stream(text.split(" & ", -1))
                .map(one -> one.split("=", 2))
                .collect(Collectors.toMap(one -> one[0], one -> one[1]));
    }

    private static final String GITHUB = "https://token.actions.githubusercontent.com";

    @ParameterizedTest
    @CsvSource({
        GITHUB + ",ref=refs/heads/main",
        GITHUB + ",sub=repo:*",
        GITHUB + ",event_name=push",
        GITHUB + ",repository=*/*",
        GITHUB + ",repository=*/shop",
        GITHUB + ",repository=acme*",
        GITHUB + ",environment=production",
        GITHUB + ",sub=repo:acme*",
        GITHUB + ",sub=repo:acme*/shop:ref:refs/heads/main",
        GITHUB + ",sub=*:ref:refs/heads/main",
        GITHUB + ",sub=*acme/shop*",
        GITHUB + ",repository_owner=acme*",
        GITHUB + ",job_workflow_ref=acme/shared/.github/workflows/deploy.yml@refs/heads/main",
        GITHUB + ",actor=ada & ref=refs/heads/main & environment=production",
        GITHUB + "/,ref=refs/heads/main",
        GITHUB + "/acme,ref=refs/heads/main",
        "https://TOKEN.actions.githubusercontent.com,ref=refs/heads/main",
        "https://token.actions.acme.ghe.com,ref=refs/heads/main",
        "https://github.acme.example/_services/token,ref=refs/heads/main",
        "https://gitlab.com,ref=main & ref_protected=true",
        "https://gitlab.com,sub=project_path:*",
        "https://gitlab.com,project_path=acme*",
        "https://gitlab.com,namespace_path=acme*",
        "https://accounts.google.com,email=*@gmail.com",
        "https://accounts.google.com,email_verified=true",
        "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0,tid=11111111-2222-3333-4444-555555555555",
        "https://oidc.eks.eu-central-1.amazonaws.com/id/ABC,sub=system:serviceaccount:*",
        "https://oidc.eks.eu-central-1.amazonaws.com/id/ABC,sub=system:serviceaccount:prod*:shop",
        "https://container.googleapis.com/v1/projects/p/locations/l/clusters/c,sub=system:*",
        "https://oidc.circleci.com/org/1234,sub=org/*",
        "https://agent.buildkite.com,pipeline_slug=deploy",
        "https://agent.buildkite.com,sub=organization:acme*",
        "https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc,branchName=main",
        "https://app.terraform.io,terraform_workspace_name=prod",
        "https://app.terraform.io,sub=organization:*:project:x:workspace:y:run_phase:apply",
        "https://oidc.vercel.com,environment=production",
        "https://oidc.fly.io/acme,sub=*",
        "https://ci.example,ref=refs/heads/main",
        "https://ci.example,sub=*",
        "https://ci.example,sub=*acme*",
        "https://ci.example,sub=acme*",
        "https://ci.example,sub=repo:*",
        "https://k8s.example,sub=system:serviceaccount:*",
        "https://k8s.example,sub=system:*",
        "https://k8s.example,sub=system:*:default:shop",
        "https://ci.example,sub=repository_owner:*",
        "https://ci.example,sub=workspace:*",
        "https://oidc.modal.com,sub=modal:*",
        "https://oidc.modal.com,sub=modal:workspace_id:*",
        "https://api.pulumi.com/oidc,sub=pulumi:deploy:org:*",
        "https://api.pulumi.com/oidc/v2,https://pulumi.com/current_env=shop/prod",
        "https://id.example,sub=spiffe://*"
    })
    void aConditionThatAnyoneMeetsIsTooWide(String issuer, String conditions) {
        assertThat(PlatformClaims.whyTooWide(issuer, conditions(conditions))).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        GITHUB + ",repository=acme/shop",
        GITHUB + ",/repository=acme/shop",
        GITHUB + ",repository=acme/*",
        GITHUB + ",repository=acme/shop & ref=refs/heads/*",
        GITHUB + ",sub=repo:acme/shop:ref:refs/heads/main",
        GITHUB + ",sub=repo:acme/*",
        GITHUB + ",sub=repo:acme@12/shop@34:*",
        GITHUB + ",sub=repository_owner_id:12:environment:production",
        GITHUB + ",repository_owner=acme",
        GITHUB + ",repository_id=1234",
        "https://gitlab.com,project_path=acme/shop",
        "https://gitlab.com,namespace_path=acme",
        "https://gitlab.com,sub=project_path:acme/*:ref_type:branch:ref:main",
        "https://accounts.google.com,email=deploy@acme-prod.iam.gserviceaccount.com",
        "https://accounts.google.com,sub=112233445566778899000",
        "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0,oid=66666666-7777",
        "https://oidc.eks.eu-central-1.amazonaws.com/id/ABC,sub=system:serviceaccount:prod:*",
        "https://kubernetes.default.svc.cluster.local,/kubernetes.io/namespace=prod",
        "https://oidc.circleci.com/org/1234,sub=org/1234/project/5678/*",
        "https://agent.buildkite.com,organization_slug=acme & pipeline_slug=deploy",
        "https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc,repositoryUuid={1}",
        "https://app.terraform.io,sub=organization:acme:project:*",
        "https://oidc.vercel.com/acme,owner=acme",
        "https://oidc.fly.io/acme,sub=acme:shop:*",
        "https://ci.example,sub=build-7",
        "https://ci.example,sub=repo:acme/*",
        "https://k8s.example,sub=system:serviceaccount:prod:shop",
        "https://k8s.example,sub=system:serviceaccount:prod:*",
        "https://ci.example,sub=repository_owner:acme:*",
        "https://oidc.modal.com,sub=modal:workspace_id:ac-12:*",
        "https://api.pulumi.com/oidc,sub=pulumi:deploy:org:acme:*",
        "https://api.pulumi.com/oidc,org=acme",
        "https://api.pulumi.com/oidc/v2,https://pulumi.com/org_id=4711",
        "spiffe://example.org,sub=spiffe://example.org/shop"
    })
    void whatNamesTheOwnerIsEnough(String issuer, String conditions) {
        assertThat(PlatformClaims.whyTooWide(issuer, conditions(conditions))).isNull();
    }
}

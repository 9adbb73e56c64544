package dev.latchkey.blueprint;

import dev.latchkey.client.FailedCallException;
import dev.latchkey.client.ManagementClient;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** {@code latchkey plan}, {@code apply} and {@code export}: set-up as code, over the management API of a running Latchkey. */
public final class Blueprints {
    /** How the command names itself for what a blueprint of this name creates; the log keeps it with the event. */
    private static final String MARK = "latchkey-blueprint/";

    private static final int ERROR = 1;
    private static final int DIFFERENT = 2;

    private final ManagementClient client;
    private final PrintStream out;
    private final PrintStream err;

    public Blueprints(ManagementClient client, PrintStream out, PrintStream err) {
        this.client = client;
        this.out = out;
        this.err = err;
    }

    /** Does work, and tells people what kept it from being done. Exits 0 when it was, 1 when not. */
    private int run(Work work) {
        try {
            return work.run();
        } catch (FailedCallException | UnusableBlueprintException e) {
            err.println(e.getMessage());
            return ERROR;
        }
    }

    @FunctionalInterface
    private interface Work {
        int run();
    }

    /**
     * Shows what a blueprint would change.
     *
     * @param prune whether it removes what it made and no longer names
     * @param json whether programs read it
     * @param tellDifference whether to exit 2 when something is different
     */
    public record PlanRequest(Path file, boolean prune, boolean json, boolean tellDifference) {}

    /** Exits 0, or 1 when something is wrong, or 2 when asked to and something is different. */
    public int plan(PlanRequest request) {
        return run(() -> {
            Blueprint blueprint = BlueprintReader.read(request.file());
            Plan plan = plan(
                    blueprint,
                    state(blueprint, request.prune()),
                    request.file(),
                    request.prune(),
                    SecretDelivery.none());
            PlanReport report = new PlanReport(out);
            if (request.json()) {
                report.printJson(plan);
            } else {
                report.print(plan);
                if (!plan.isEmpty()) {
                    out.println("Nothing has changed yet. latchkey apply makes it so; with --plan " + plan.id()
                            + " only if nothing else has changed by then.");
                }
            }
            return request.tellDifference() && !plan.isEmpty() ? DIFFERENT : 0;
        });
    }

    /**
     * Makes it so.
     *
     * @param prune whether it removes what it made and no longer names
     * @param planId the plan that is applied, and no other; null for whatever there is to do
     * @param secretsFolder the folder of the files of new secrets; null for no files
     * @param secretsCommand what takes each new secret; null for nothing
     */
    public record ApplyRequest(
            Path file,
            boolean prune,
            @Nullable String planId,
            @Nullable Path secretsFolder,
            @Nullable String secretsCommand,
            boolean discardSecrets) {}

    /** Exits 0 when everything is as the blueprint says, otherwise 1. */
    public int apply(ApplyRequest request) {
        return run(() -> {
            SecretDelivery secrets =
                    new SecretDelivery(request.secretsFolder(), request.secretsCommand(), request.discardSecrets());
            Blueprint blueprint = BlueprintReader.read(request.file());
            ServerState state = state(blueprint, request.prune());
            Plan plan = plan(blueprint, state, request.file(), request.prune(), secrets);
            new PlanReport(out).print(plan);
            if (request.planId() != null && !request.planId().equals(plan.id()) && !plan.isEmpty()) {
                throw FailedCallException.refused("This is not the plan " + request.planId()
                        + ": the file or what it changes is different by now. Nothing has changed.");
            }
            if (plan.isEmpty()) {
                return 0;
            }
            Set<String> needs = new TreeSet<>(Comparison.needs(blueprint, request.prune()));
            needs.addAll(Comparison.needsToApply(plan));
            state.require(needs);
            secrets.requireRoomFor(Applying.withSecrets(plan));
            new Applying(state, marked(blueprint), secrets, out).apply(plan);
            out.println("Applied.");
            return 0;
        });
    }

    /**
     * Prints what there is as a blueprint.
     *
     * @param name the blueprint's name
     */
    public int export(String name, boolean withTokens) {
        return run(() -> {
            Set<String> needs = new TreeSet<>(Set.of("roles:read", "apis:read"));
            if (withTokens) {
                needs.add("tokens:read");
            }
            client.requireUsable(String.join(", ", needs));
            client.authenticate();
            out.print(new Export(ServerState.read(client, needs)).text(name, withTokens));
            return 0;
        });
    }

    private ServerState state(Blueprint blueprint, boolean prune) {
        Set<String> needs = Comparison.needs(blueprint, prune);
        client.requireUsable(String.join(", ", needs));
        client.authenticate();
        return ServerState.read(client, needs);
    }

    private Plan plan(Blueprint blueprint, ServerState state, Path file, boolean prune, SecretDelivery secrets) {
        Path folder = file.toAbsolutePath().getParent();
        return new Comparison(blueprint, state, client.issuer())
                .plan(folder == null ? file : folder, prune ? mark(blueprint) : null, secrets);
    }

    private static String mark(Blueprint blueprint) {
        return MARK + blueprint.name();
    }

    private ManagementClient marked(Blueprint blueprint) {
        ManagementClient marked = client.named(mark(blueprint));
        marked.authenticate();
        return marked;
    }
}

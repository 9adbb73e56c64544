package dev.latchkey.console;

import dev.latchkey.advice.Window;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import java.util.Map;

/** The buttons that try a role without what its advice removes, stop that, and apply it. */
final class TrialPages {
    private final Pages pages;
    private final Advised advised;
    private final RolePages rolePages;

    TrialPages(Pages pages, Advised advised, RolePages rolePages) {
        this.pages = pages;
        this.advised = advised;
        this.rolePages = rolePages;
    }

    void addTo(Routes.Builder routes) {
        routes.add("POST", "/roles/{name}/advice/trial", pages.pressed(this::begin, this::refused))
                .add("POST", "/roles/{name}/advice/trial/stop", pages.pressed(this::stop, this::refused))
                .add("POST", "/roles/{name}/advice/trial/apply", pages.pressed(this::apply, this::refused));
    }

    private Response begin(Visit visit) {
        String name = visit.path("name");
        Window window = Window.orUsual(visit.field(RoleAdvicePart.WINDOW));
        return orShown(
                visit,
                () -> advised.newTrials().begin(visit.caller(), name, window, visit.version("advice")),
                Notice.TRIAL_BEGUN,
                "No trial has begun: the advice is a different one since this page was opened. Below is what is advised now.");
    }

    private Response stop(Visit visit) {
        String name = visit.path("name");
        advised.trials().stop(visit.caller(), name);
        return Response.seeOther(Notice.TRIAL_STOPPED.at(Links.role(name)));
    }

    private Response apply(Visit visit) {
        String name = visit.path("name");
        return orShown(
                visit,
                () -> advised.trials().apply(visit.caller(), name, visit.version("trial")),
                Notice.TRIAL_APPLIED,
                "Nothing was changed: the trial is a different one, or has ended, since this page was opened.");
    }

    /** Does it, or shows the role's page as it is now if the button was on an older one. */
    private Response orShown(Visit visit, Runnable deed, Notice done, String outdated) {
        try {
            deed.run();
        } catch (Problem problem) {
            if (problem.status() != 412) {
                throw problem;
            }
            return rolePages.shown(visit, 412, new Form(Parameters.NONE, Map.of(), outdated));
        }
        return Response.seeOther(done.at(Links.role(visit.path("name"))));
    }

    /** The role's page, whose own form has nothing of the button's. */
    private Response refused(Visit visit, int status, Form form) {
        return rolePages.shown(visit, status, new Form(Parameters.NONE, form.errors(), form.problem(), form.notice()));
    }
}

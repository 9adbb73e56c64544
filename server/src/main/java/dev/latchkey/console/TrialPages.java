package dev.latchkey.console;

import dev.latchkey.advice.Window;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;

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
        return rolePages.pressed(
                visit,
                () -> advised.newTrials().begin(visit.caller(), name, window, visit.version("advice")),
                Notice.TRIAL_BEGUN,
                "No trial has begun: the advice is a different one since this page was opened. Below is what is advised now.");
    }

    private Response stop(Visit visit) {
        String name = visit.path("name");
        return rolePages.pressed(
                visit,
                () -> advised.trials().stop(visit.caller(), name, visit.version("trial")),
                Notice.TRIAL_STOPPED,
                "Nothing was stopped: the trial is a different one, or has passed or ended, since this page was opened.");
    }

    private Response apply(Visit visit) {
        String name = visit.path("name");
        return rolePages.pressed(
                visit,
                () -> advised.trials().apply(visit.caller(), name, visit.version("trial")),
                Notice.TRIAL_APPLIED,
                "Nothing was changed: the trial is a different one, or has ended, since this page was opened.");
    }

    /** The role's page, whose own form has nothing of the button's. */
    private Response refused(Visit visit, int status, Form form) {
        return rolePages.shown(visit, status, new Form(Parameters.NONE, form.errors(), form.problem(), form.notice()));
    }
}

package dev.latchkey.console;

import dev.latchkey.health.Health;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import java.util.Map;

/** How this installation is: what was found, and what to do about it. */
final class HealthPages {
    private final Pages pages;
    private final Health health;

    HealthPages(Pages pages, Health health) {
        this.pages = pages;
        this.health = health;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", Links.HEALTH, pages.shown(this::page));
    }

    private Response page(Visit visit) {
        return pages.page(visit, 200, "Health", "health", "health", Map.of("report", health.report(visit.caller())));
    }
}

package dev.latchkey.console;

import dev.latchkey.access.AccessDifference;
import dev.latchkey.access.Api;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.http.FormData.UploadedFile;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.openapi.Description;
import dev.latchkey.openapi.OpenApiReader;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.ApiTerms;
import dev.latchkey.registry.Apis;
import dev.latchkey.registry.ImportProposal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Importing an OpenAPI document in two steps: first a review of what it would change, where every choice can be edited, then
 * the change. In between, the form holds everything and the server nothing.
 */
final class ImportPages {
    private static final String SECTION = "apis";
    private static final int MAX_UPLOAD = OpenApiReader.MAX_UPLOAD_BYTES + 64 * 1024;

    private final Pages pages;
    private final Apis apis;
    private final OpenApiReader documents;

    ImportPages(Pages pages, Apis apis, OpenApiReader documents) {
        this.pages = pages;
        this.apis = apis;
        this.documents = documents;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", "/apis/{api}/import", pages.shown(visit -> uploadPage(visit, 200, Form.EMPTY)))
                .add(
                        "POST",
                        "/apis/{api}/import",
                        pages.sent(this::upload, this::uploadPage),
                        MAX_UPLOAD,
                        pages::refusal)
                .add("POST", "/apis/{api}/import/review", pages.sent(this::review), Pages.LARGE_FORM, pages::refusal)
                .add(
                        "POST",
                        "/apis/{api}/import/apply",
                        pages.pressed(this::apply, this::reviewAgain),
                        Pages.LARGE_FORM,
                        pages::refusal);
    }

    private Response uploadPage(Visit visit, int status, Form form) {
        Api api = apis.find(visit.caller(), visit.path("api"));
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("api", api);
        parameters.put("form", form);
        return pages.page(visit, status, "Import into " + api.name(), SECTION, "apis/import", parameters);
    }

    private Response upload(Visit visit) {
        Api api = apis.find(visit.caller(), visit.path("api"));
        // Reading a document costs more than most calls, so it takes more than the right to look.
        visit.caller().require(ManagementApi.APIS_MANAGE);
        ImportProposal proposal = ImportProposal.of(api, description(visit));
        return reviewPage(visit, 200, api, ImportReview.of(proposal), Form.EMPTY);
    }

    private Description description(Visit visit) {
        Optional<UploadedFile> file = visit.sent().file("file");
        String address = visit.field("address");
        if (file.isPresent()) {
            return documents.read(file.get().content(), file.get().name(), visit.field("main"));
        }
        if (address.isEmpty()) {
            throw Problem.invalid("file", "Choose a file or enter an address.");
        }
        return documents.readFrom(address);
    }

    /** The review again after choices were edited, with what they would open and close. */
    private Response review(Visit visit) {
        Api api = apis.find(visit.caller(), visit.path("api"));
        return reviewPage(visit, 200, api, ImportReview.edited(api, visit.form()), Form.of(visit.form()));
    }

    private Response reviewAgain(Visit visit, int status, Form form) {
        Api api = apis.find(visit.caller(), visit.path("api"));
        return reviewPage(visit, status, api, ImportReview.edited(api, visit.form()), form);
    }

    private Response reviewPage(Visit visit, int status, Api api, ImportReview review, Form form) {
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("api", api);
        parameters.put("review", review);
        Form shown = form;
        try {
            ApiTerms wanted = ApiTerms.of(api).withEndpoints(review.endpoints(api.name()));
            parameters.put("difference", apis.preview(visit.caller(), api.name(), wanted));
        } catch (Problem problem) {
            parameters.put("difference", new AccessDifference(List.of()));
            shown = form.isRefused() ? form : Form.refused(visit.form(), problem);
        }
        parameters.put("form", shown);
        return pages.page(visit, status, "Import into " + api.name(), SECTION, "apis/review", parameters);
    }

    private Response apply(Visit visit) {
        Api api = apis.find(visit.caller(), visit.path("api"));
        ImportReview review = ImportReview.edited(api, visit.form());
        apis.replaceEndpoints(visit.caller(), api.name(), review.endpoints(api.name()), visit.version("API"));
        return Response.seeOther(Notice.IMPORTED.at(Links.api(api.name())));
    }
}

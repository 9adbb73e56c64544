package dev.latchkey.advice;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement.Holds;
import dev.latchkey.access.Endpoints;
import dev.latchkey.access.KeyPlaces;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.limit.CallLimits;
import dev.latchkey.usage.Called;
import dev.latchkey.usage.DayOfUse;
import dev.latchkey.usage.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** A generated fleet of API tokens whose use is known: which token calls what on which days. The same seed makes the same fleet. */
final class Fleet {
    static final Instant NOW = Instant.parse("2026-11-29T10:00:00Z");
    static final int DAYS = 400;

    /** The first day that is kept. */
    static final Instant FIRST = Instant.parse("2026-11-29T00:00:00Z").minus(Duration.ofDays(DAYS));

    static final Instant LONG_AGO = FIRST.minus(Duration.ofDays(500));

    /** Calls of a token: always the same request, on some days. */
    record Job(Holder holder, Api api, Endpoint endpoint, String target, BitSet days) {}

    final List<Api> apis = new ArrayList<>();
    final List<Role> roles = new ArrayList<>();
    final List<Holder> holders = new ArrayList<>();
    final List<Job> jobs = new ArrayList<>();

    /** @param tokens at least one for each of the roles */
    static Fleet of(long seed, int roles, int tokens) {
        Fleet fleet = new Fleet();
        Random random = new Random(seed);
        for (int i = 0; i < 6; i++) {
            fleet.apis.add(api("api" + i, random));
        }
        for (int i = 0; i < roles; i++) {
            fleet.addRole(i, random);
        }
        AccessPolicy policy = fleet.policy();
        for (int i = 0; i < tokens; i++) {
            Holder holder = new Holder(
                    "fleet0.token" + i, "Token " + i, fleet.roles.get(i % roles).name(), LONG_AGO, false, null);
            fleet.holders.add(holder);
            fleet.addJobs(holder, policy, random);
        }
        return fleet;
    }

    private static Api api(String name, Random random) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            for (String method : List.of("GET", "POST")) {
                List<String> needs = new ArrayList<>(List.of("p" + i + (method.equals("GET") ? ":read" : ":write")));
                if (random.nextInt(4) == 0) {
                    needs.add("p" + random.nextInt(10) + ":read");
                }
                endpoints.add(new Endpoint(method, "/things" + i + "/{id}", Holds.of(name, needs), ""));
            }
        }
        endpoints.add(new Endpoint("GET", "/open", new Endpoint.Requirement.AnyToken(), ""));
        return api(name, endpoints);
    }

    static Api api(String name, List<Endpoint> endpoints) {
        Map<String, String> privileges = new TreeMap<>();
        endpoints.forEach(endpoint -> {
            if (endpoint.requirement() instanceof Holds holds) {
                holds.names().forEach(each -> privileges.put(each, ""));
            }
        });
        return new Api(
                name,
                "",
                "https://" + name + ".example",
                List.of(),
                "/v1",
                new TreeMap<>(privileges),
                new TreeMap<>(),
                KeyPlaces.NONE,
                false,
                CallLimits.NONE,
                new Endpoints("/v1", endpoints),
                LONG_AGO,
                "Ada",
                1);
    }

    static Role role(String name, Set<Privilege> allowed, String... granted) {
        return new Role(
                name,
                new RoleTerms("", new TreeSet<>(allowed), new TreeSet<>(), new TreeSet<>(Arrays.asList(granted))),
                LONG_AGO,
                "Ada",
                1);
    }

    private void addRole(int number, Random random) {
        SortedSet<Privilege> allowed = new TreeSet<>();
        for (Api api : apis) {
            for (String privilege : api.privileges().keySet()) {
                if (random.nextInt(5) == 0) {
                    allowed.add(new Privilege(api.name(), privilege));
                }
            }
        }
        // Some roles have others below them, which are then used by their tokens as well.
        String[] granted = number % 4 == 3 ? new String[] {"role" + (number - 1)} : new String[0];
        roles.add(role("role" + number, allowed, granted));
    }

    AccessPolicy policy() {
        return new AccessPolicy(roles, apis);
    }

    /** A few things that the token does, of those that its role lets it do: every day, on workdays, monthly, or once a year. */
    private void addJobs(Holder holder, AccessPolicy policy, Random random) {
        List<Job> possible = new ArrayList<>();
        for (Api api : apis) {
            for (Endpoint endpoint : api.endpoints().all()) {
                if (endpoint.isOpenTo(policy.effective(holder.role()))) {
                    String target = "/v1" + endpoint.path().replace("{id}", "n" + random.nextInt(1000));
                    possible.add(new Job(holder, api, endpoint, target, new BitSet()));
                }
            }
        }
        int number = 1 + random.nextInt(3);
        for (int i = 0; i < number; i++) {
            // Only among the first: so something stays unused even where a role has many tokens.
            Job job = possible.get(random.nextInt(Math.max(1, possible.size() / 2)));
            int rhythm = random.nextInt(20);
            int offset = random.nextInt(28);
            for (int day = 0; day <= DAYS; day++) {
                boolean due = rhythm < 12
                        || rhythm < 15 && day % 7 < 5
                        || rhythm < 18 && day % 30 == offset
                        || rhythm >= 18 && day == 20 + offset;
                job.days().set(day, due);
            }
            jobs.add(job);
        }
    }

    /** The tokens with the role and with those above it. */
    List<Holder> of(Role role, AccessPolicy policy) {
        return holders.stream()
                .filter(holder -> policy.above(role.name()).contains(holder.role()))
                .toList();
    }

    /** What of the role's own privileges some call needed, known from the jobs and not from what was counted. */
    SortedSet<Privilege> unused(Role role, AccessPolicy policy) {
        SortedSet<Privilege> unused = new TreeSet<>(role.allowed());
        Set<String> above = policy.above(role.name());
        for (Job job : jobs) {
            if (above.contains(job.holder().role())
                    && !job.days().isEmpty()
                    && job.endpoint().requirement() instanceof Holds holds) {
                unused.removeAll(holds.privileges());
            }
        }
        return unused;
    }

    /** What is counted of the tokens' calls, some of which come with access tokens and some with keys. */
    Recorded recorded(List<Holder> of, Window window) {
        Recorded recorded = new Recorded(FIRST, Subject.from(window, NOW));
        for (Job job : jobs) {
            if (of.contains(job.holder())) {
                job.days().stream().forEach(day -> {
                    if (job.holder().clientId().hashCode() % 2 == 0) {
                        recorded.add(
                                row(job.holder(), day, new Called(job.api().name(), "POST", "/oauth/v2/token"), 1));
                    }
                    recorded.add(row(job.holder(), day, Called.of(job.api(), job.endpoint()), 3));
                });
            }
        }
        return recorded;
    }

    static DayOfUse row(Holder holder, int day, Called called, long calls) {
        Instant start = FIRST.plus(Duration.ofDays(day));
        return new DayOfUse(holder.clientId(), start, called, Outcome.ALLOWED, calls, start.plus(Duration.ofHours(3)));
    }

    static Subject subject(Role role, AccessPolicy policy, List<Holder> holders, Window window) {
        return new Subject(role, policy, own(), holders, List.of(), Map.of(), List.of(), window, NOW, FIRST);
    }

    /** Latchkey's own API, as far as these tests need it. */
    static Api own() {
        return new Api(
                ManagementApi.NAME,
                "",
                "https://latchkey.example/api/v1",
                List.of(),
                "/api/v1",
                new TreeMap<>(),
                new TreeMap<>(),
                KeyPlaces.NONE,
                false,
                CallLimits.NONE,
                new Endpoints(
                        "/api/v1",
                        List.of(
                                new Endpoint("GET", "/tokens", new Holds(ManagementApi.TOKENS_READ), ""),
                                new Endpoint("POST", "/tokens", new Holds(ManagementApi.TOKENS_CREATE), ""),
                                new Endpoint("POST", "/verify", new Holds(ManagementApi.DECISIONS_ASK), ""),
                                new Endpoint("GET", "/apis/{api}/policy", new Holds(ManagementApi.APIS_READ), ""))),
                Instant.EPOCH,
                "Latchkey",
                1);
    }
}

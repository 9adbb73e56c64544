package dev.latchkey;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.latchkey.apitoken.LastAccess;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.Vault;
import dev.latchkey.event.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The structure of the code, as described in docs/architecture.md. */
class ArchitectureTest {
    private static final String ROOT = "dev.latchkey";

    /** In order: a package may use those before it, never those after it. The root comes last and uses all. */
    private static final List<String> PACKAGES = List.of(
            "path",
            "jwt",
            "figure",
            "trace",
            "lane",
            "problem",
            "database",
            "crypto",
            "event",
            "backup",
            "http",
            "grpc",
            "openapi",
            "limit",
            "access",
            "management",
            "audit",
            "registry",
            "account",
            "apitoken",
            "usage",
            "signing",
            "oauth",
            "gate",
            "authzen",
            "health",
            "observe",
            "advice",
            "console",
            "client",
            "blueprint");

    /** The pages' templates become classes of this package when they are compiled. */
    private static final String TEMPLATES = ROOT + ".console.template";

    private static final Path SOURCES = Path.of("src/main/java/dev/latchkey");

    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            // The library for APIs is another artifact, of which the server uses the packages for paths and JWTs.
            .withImportOption(location -> !location.contains("/dev/latchkey/verifier/"))
            .importPackages(ROOT);

    @Test
    void everyPackageHasItsPlaceInTheOrder() {
        Set<String> found = ALL.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> !name.equals(ROOT) && !name.startsWith(TEMPLATES))
                .map(name -> name.substring(ROOT.length() + 1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(found).contains("http", "database").isSubsetOf(PACKAGES);
    }

    @Test
    void dependenciesOnlyPointUpTheOrder() {
        for (int i = 0; i < PACKAGES.size(); i++) {
            String[] later = Stream.concat(
                            Stream.of(ROOT), PACKAGES.stream().skip(i + 1).map(name -> ROOT + "." + name + ".."))
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + "." + PACKAGES.get(i) + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(later)
                    .allowEmptyShould(true)
                    .check(ALL);
        }
    }

    @Test
    void theServerUsesNothingOfTheLibraryForApisButPathsAndJwts() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".verifier..")
                .check(ALL);
    }

    @Test
    void noPackagesDependOnEachOtherInACircle() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(ALL);
    }

    @Test
    void noClassesOfAPackageDependOnEachOtherInACircle() {
        Map<String, List<JavaClass>> packages = ALL.stream()
                .filter(type -> !type.getPackageName().startsWith(TEMPLATES))
                .collect(Collectors.groupingBy(JavaClass::getPackageName));
        Map<String, List<String>> circles = new TreeMap<>();
        packages.forEach((name, classes) -> {
            List<String> found = ClassCircles.among(classes);
            if (!found.isEmpty()) {
                circles.put(name, found);
            }
        });
        assertThat(circles).isEmpty();
    }

    @Test
    void storesStayInsideTheirPackage() {
        classes()
                .that()
                .haveSimpleNameEndingWith("Store")
                .should()
                .bePackagePrivate()
                .check(ALL);
    }

    @Test
    void statementsAreWrittenInStores() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".database..")
                .and(areNotOf(
                        "a store or one of few exceptions",
                        name -> name.endsWith("Store")
                                // One statement each, and nothing else.
                                || Set.of("KeyCheck", "Idempotency", "TokensOfRole", "UsersOfRole")
                                        .contains(name)
                                // No statement, but how the stores of API tokens read and write a row.
                                || name.equals("ApiTokenRow")))
                .should()
                .dependOnClassesThat(typesOf(
                        "Jdbi (the handle itself excepted) or JDBC",
                        type -> (type.getPackageName().startsWith("org.jdbi.")
                                        && !type.getName().equals("org.jdbi.v3.core.Handle"))
                                || type.getPackageName().startsWith("java.sql")
                                || type.getPackageName().startsWith("javax.sql")))
                .check(ALL);
    }

    @Test
    void onlyTheDatabasePackageKnowsTheEngines() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".database..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.flywaydb..", "com.zaxxer..", "org.sqlite..", "org.postgresql..")
                .check(ALL);
    }

    @Test
    void onlyTheHttpPackageKnowsTheServer() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".http..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.eclipse.jetty..")
                .check(ALL);
    }

    @Test
    void onlyTheRootReadsTheEnvironment() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT)
                .should()
                .callMethod(System.class, "getenv")
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .check(ALL);
    }

    @Test
    void onlyTheRootPrints() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT)
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(ALL);
    }

    @Test
    void thereIsOneLoggingLibrary() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.logging..", "org.apache.commons.logging..")
                .check(ALL);
    }

    @Test
    void timeIsInjected() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT)
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Clock.class, "tickMillis", ZoneId.class)
                .check(ALL);
        // The one clock ticks in milliseconds, as databases keep time.
        noClasses().should().callMethod(Clock.class, "systemUTC").check(ALL);
    }

    /** Code that seals something new adds it to MasterKeyRotate.reseal, and then here. */
    @Test
    void whatIsSealedIsSealedAgainWhenTheMasterKeyIsReplaced() {
        noClasses()
                .that(areNotOf(
                        "those that MasterKeyRotate knows",
                        name -> Set.of("KeyCheck", "SigningKeys", "HashRecipes").contains(name)))
                .should()
                .callConstructor(Vault.class, MasterKey.class, String.class)
                .check(ALL);
    }

    /** So that anything else that must be counted is counted at every door. */
    @Test
    void everyUseOfAnApiTokenIsNotedInOnePlace() {
        noClasses()
                .that(areNotOf("the one place", name -> name.equals("Uses")))
                .should()
                .callMethod(LastAccess.class, "note", String.class, Origin.class)
                .check(ALL);
    }

    @Test
    void whatHappensToSigningKeysIsPlannedWithoutAClockAndADatabase() {
        noClasses()
                .that(typesOf("the plan", type -> type.getName().startsWith(ROOT + ".signing.KeyPlan")))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT + ".database..", "java.sql..")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .check(ALL);
    }

    @Test
    void namesSayWhatAClassKnows() {
        noClasses()
                .should()
                .haveNameMatching(".*(Util|Utils|Manager|Impl|Helper|Helpers|Service)(\\$.*)?")
                .orShould()
                .haveNameMatching(".*[.$](Token|Tokens)")
                .check(ALL);
    }

    /** An interface with one implementation is a class with a second name; function types are exempt. */
    @Test
    void interfacesHaveSeveralImplementations() {
        classes()
                .that()
                .areInterfaces()
                .and()
                .areNotAnnotations()
                .and()
                .areNotAnnotatedWith(FunctionalInterface.class)
                .and()
                .doNotHaveSimpleName("package-info")
                .should(haveSeveralImplementations())
                .check(ALL);
    }

    @Test
    void everyPackageSaysWhatItOwnsAndIsNullMarked() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            Map<Path, List<Path>> folders = files.filter(file -> file.toString().endsWith(".java"))
                    .collect(Collectors.groupingBy(Path::getParent));
            assertThat(folders.keySet())
                    .isNotEmpty()
                    .allSatisfy(folder -> assertThat(folder.resolve("package-info.java"))
                            .content()
                            .contains("/**", "@NullMarked"));
        }
    }

    @Test
    void everyPublicTypeSaysWhatItIsFor() throws IOException {
        Pattern type = Pattern.compile("(?m)^public [a-z -]*(?:class|record|interface|enum) (\\w+)");
        try (Stream<Path> files = Files.walk(SOURCES)) {
            List<String> silent = files.filter(file -> file.toString().endsWith(".java"))
                    .map(ArchitectureTest::source)
                    .flatMap(source -> type.matcher(source)
                            .results()
                            .filter(declaration ->
                                    !source.substring(0, declaration.start()).contains("/**")))
                    .map(MatchResult::group)
                    .toList();
            assertThat(silent).as("public types without Javadoc").isEmpty();
        }
    }

    private static String source(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static DescribedPredicate<JavaClass> typesOf(
            String description, java.util.function.Predicate<JavaClass> test) {
        return DescribedPredicate.describe(description, test);
    }

    private static DescribedPredicate<JavaClass> areNotOf(
            String description, java.util.function.Predicate<String> test) {
        return DescribedPredicate.describe("are not of " + description, type -> {
            JavaClass outermost = type;
            while (outermost.getEnclosingClass().isPresent()) {
                outermost = outermost.getEnclosingClass().get();
            }
            return !test.test(outermost.getSimpleName());
        });
    }

    private static ArchCondition<JavaClass> haveSeveralImplementations() {
        return new ArchCondition<>("have several implementations") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                int implementations = type.getAllSubclasses().size();
                events.add(new SimpleConditionEvent(
                        type, implementations >= 2, type.getName() + " has " + implementations + " implementations"));
            }
        };
    }
}

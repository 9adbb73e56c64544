package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ClassCirclesTest {
    @Test
    void classesThatDependOnEachOtherAreACircle() {
        assertThat(among(Hen.class, Egg.class, Nest.class)).containsExactly("Egg -> Hen; Hen -> Egg");
    }

    @Test
    void aNestedClassBelongsToItsTopLevelClass() {
        assertThat(among(Hen.class, Hen.Comb.class, Feather.class)).containsExactly("Feather -> Hen; Hen -> Feather");
    }

    @Test
    void aSealedTypeAndTheTypesThatItPermitsAreOneUnit() {
        assertThat(among(Bird.class, Robin.class, Wren.class)).isEmpty();
        assertThat(among(Bird.class, Robin.class, Wren.class, Worm.class))
                .containsExactly("Bird -> Worm; Worm -> Bird");
    }

    private static List<String> among(Class<?>... classes) {
        return ClassCircles.among(Stream.of(classes)
                .map(type -> new ClassFileImporter().importClass(type))
                .toList());
    }
}

final class Hen {
    Egg laid = new Egg();

    static final class Comb {
        Feather beside = new Feather();
    }
}

final class Egg {
    Object layer = Hen.class;
}

final class Feather {
    Object owner = Hen.class;
}

final class Nest {
    Egg in = new Egg();
}

sealed interface Bird permits Robin, Wren {
    static Bird any() {
        return new Robin();
    }
}

record Robin() implements Bird {
    Bird mate() {
        return new Wren();
    }
}

record Wren() implements Bird {
    Worm caught() {
        return new Worm();
    }
}

final class Worm {
    boolean isSeenBy(Bird bird) {
        return bird instanceof Robin;
    }
}

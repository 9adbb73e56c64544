package dev.latchkey;

import com.tngtech.archunit.core.domain.JavaClass;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The circles in which the classes of one package depend on each other, as their class files say. A nested class belongs to
 * its top-level class, and a sealed type and the types that it permits are one unit.
 */
final class ClassCircles {
    /** The unit that a top-level class belongs to, if that is another class. */
    private final Map<String, String> owners = new HashMap<>();

    /** The units that each unit uses. */
    private final Map<String, Set<String>> uses = new TreeMap<>();

    private ClassCircles(Collection<JavaClass> classes) {
        for (JavaClass type : classes) {
            Class<?> loaded = type.reflect();
            if (loaded.isSealed()) {
                for (Class<?> permitted : loaded.getPermittedSubclasses()) {
                    join(topLevel(permitted.getName()), topLevel(type.getName()));
                }
            }
        }
        Set<String> names = classes.stream().map(JavaClass::getName).collect(Collectors.toSet());
        for (JavaClass type : classes) {
            String from = unit(topLevel(type.getName()));
            type.getDirectDependenciesFromSelf().stream()
                    .map(dependency ->
                            dependency.getTargetClass().getBaseComponentType().getName())
                    .filter(names::contains)
                    .map(name -> unit(topLevel(name)))
                    .filter(to -> !to.equals(from))
                    .forEach(to -> uses.computeIfAbsent(from, unused -> new TreeSet<>())
                            .add(to));
        }
    }

    /** Each circle as the units in it, with what each of them uses in it. */
    static List<String> among(Collection<JavaClass> classesOfAPackage) {
        ClassCircles circles = new ClassCircles(classesOfAPackage);
        Map<String, Set<String>> reached = new TreeMap<>();
        circles.uses.keySet().forEach(unit -> reached.put(unit, circles.reachedFrom(unit)));
        return reached.keySet().stream()
                .map(unit -> reached.get(unit).stream()
                        .filter(other -> reached.getOrDefault(other, Set.of()).contains(unit))
                        .collect(Collectors.toCollection(TreeSet::new)))
                .filter(circle -> !circle.isEmpty())
                .distinct()
                .map(circles::described)
                .toList();
    }

    private Set<String> reachedFrom(String unit) {
        Set<String> reached = new TreeSet<>();
        Deque<String> next = new ArrayDeque<>(List.of(unit));
        while (!next.isEmpty()) {
            for (String used : uses.getOrDefault(next.pop(), Set.of())) {
                if (reached.add(used)) {
                    next.push(used);
                }
            }
        }
        return reached;
    }

    private String described(Set<String> circle) {
        return circle.stream()
                .map(unit -> simple(unit) + " -> "
                        + uses.get(unit).stream()
                                .filter(circle::contains)
                                .map(ClassCircles::simple)
                                .collect(Collectors.joining(", ")))
                .collect(Collectors.joining("; "));
    }

    private void join(String permitted, String parent) {
        String one = unit(permitted);
        String other = unit(parent);
        if (!one.equals(other)) {
            owners.put(one, other);
        }
    }

    private String unit(String topLevel) {
        String unit = topLevel;
        while (owners.containsKey(unit)) {
            unit = owners.get(unit);
        }
        return unit;
    }

    private static String topLevel(String name) {
        return name.replaceFirst("\\$.*", "");
    }

    private static String simple(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }
}

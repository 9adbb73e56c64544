package dev.latchkey;

import dev.latchkey.crypto.Secret;
import dev.latchkey.database.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code latchkey secret check}: searches files and folders for Latchkey secrets, offline. It prints where they are, and
 * never a secret. Exits 0 when it finds none, 1 when it finds one, 2 when it finds none but could not read everything.
 */
final class SecretCheck {
    private static final int MAX_FILES = 1_000_000;

    private final PrintStream out;
    private final PrintStream err;
    private final int maxFiles;
    private final SecretSearch search = new SecretSearch();
    private long found;
    private int files;
    private int repositories;
    private int links;
    private int special;
    private boolean incomplete;

    SecretCheck(PrintStream out, PrintStream err) {
        this(out, err, MAX_FILES);
    }

    SecretCheck(PrintStream out, PrintStream err, int maxFiles) {
        this.out = out;
        this.err = err;
        this.maxFiles = maxFiles;
    }

    /**
     * @param paths files and folders
     * @param input what to read when no path is named, or for {@code -}
     */
    int run(List<Path> paths, InputStream input) {
        boolean standardInput = paths.isEmpty() || paths.equals(List.of(Path.of("-")));
        for (Path path : paths.isEmpty() ? List.of(Path.of("-")) : paths) {
            if (path.equals(Path.of("-"))) {
                look(input, "standard input");
            } else if (Files.isDirectory(path)) {
                lookThrough(path);
            } else {
                look(path);
            }
        }
        String where = standardInput ? "standard input" : counted(files, "file");
        out.println(
                (found == 0 ? "No Latchkey secret" : counted(found, "Latchkey secret")) + " found in " + where + ".");
        printSkipped();
        return found > 0 ? 1 : incomplete ? 2 : 0;
    }

    private void printSkipped() {
        List<String> skipped = new ArrayList<>();
        if (repositories > 0) {
            skipped.add("the compressed objects of "
                    + (repositories == 1 ? "1 Git repository" : repositories + " Git repositories")
                    + " (git log -p --all | latchkey secret check)");
        }
        if (links > 0) {
            skipped.add(counted(links, "symbolic link"));
        }
        if (special > 0) {
            skipped.add(counted(special, "special file"));
        }
        if (!skipped.isEmpty()) {
            out.println("Skipped: " + String.join(", ", skipped) + ".");
        }
    }

    private static String counted(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    /**
     * Searches all files below a folder. It does not follow symbolic links, so there are no loops and no way out of the
     * folder.
     */
    private void lookThrough(Path folder) {
        try {
            Path start = Files.isSymbolicLink(folder) ? folder.toRealPath() : folder;
            Files.walkFileTree(start, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) {
                    if (holdsGitObjects(each)) {
                        repositories++;
                        return FileVisitResult.SKIP_SUBTREE;
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (attributes.isSymbolicLink()) {
                        links++;
                    } else if (!attributes.isRegularFile()) {
                        // A pipe that no one writes to would block the check for ever.
                        special++;
                    } else if (files == maxFiles) {
                        incomplete = true;
                        err.println("There are more than " + maxFiles + " files. The others were not searched. Name"
                                + " smaller folders.");
                        return FileVisitResult.TERMINATE;
                    } else {
                        look(file);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    unreadable(file.toString(), e);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path each, @Nullable IOException e) {
                    if (e != null) {
                        unreadable(each.toString(), e);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            unreadable(folder.toString(), e);
        }
    }

    private static boolean holdsGitObjects(Path folder) {
        return folder.endsWith("objects")
                && Files.isDirectory(folder.resolve("pack"))
                && Files.isRegularFile(folder.resolveSibling("HEAD"));
    }

    private void look(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            files++;
            look(in, file.toString());
        } catch (IOException e) {
            unreadable(file.toString(), e);
        }
    }

    private void look(InputStream in, String name) {
        try {
            search.look(in, find -> {
                found++;
                out.println(shown(name) + ":" + find.line() + ":" + find.column() + ": a Latchkey secret"
                        + switch (find.spelling()) {
                            case PLAIN -> "";
                            case ESCAPED -> ", with an escaped underscore";
                            case BASE64 -> ", in base64";
                        });
            });
        } catch (IOException e) {
            unreadable(name, e);
        }
    }

    private void unreadable(String name, IOException e) {
        incomplete = true;
        err.println(shown(name) + " cannot be read (" + Reason.ofFile(e) + ").");
    }

    /** A name may contain a secret too, or control characters that a terminal would obey. */
    private static String shown(String name) {
        return Secret.masked(name).replaceAll("\\p{Cntrl}", "?");
    }
}

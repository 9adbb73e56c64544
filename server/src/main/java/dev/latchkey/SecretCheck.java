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
 * {@code latchkey secret check}: where in files and folders Latchkey secrets are, offline. It says where, and never repeats
 * a secret. Exits 0 when there is none, 1 when there is one, 2 when there is none in what could be read and something could
 * not be.
 */
final class SecretCheck {
    private static final int MOST_FILES = 1_000_000;

    private final PrintStream out;
    private final PrintStream err;
    private final int mostFiles;
    private final SecretSearch search = new SecretSearch();
    private long found;
    private int files;
    private int repositories;
    private int links;
    private int special;
    private boolean incomplete;

    SecretCheck(PrintStream out, PrintStream err) {
        this(out, err, MOST_FILES);
    }

    SecretCheck(PrintStream out, PrintStream err, int mostFiles) {
        this.out = out;
        this.err = err;
        this.mostFiles = mostFiles;
    }

    /**
     * @param paths files and folders
     * @param input what to read when none is named, or for {@code -}
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
        sayWhatWasLeftOut();
        return found > 0 ? 1 : incomplete ? 2 : 0;
    }

    private void sayWhatWasLeftOut() {
        List<String> left = new ArrayList<>();
        if (repositories > 0) {
            left.add("the compressed objects of "
                    + (repositories == 1 ? "1 Git repository" : repositories + " Git repositories")
                    + " (git log -p --all | latchkey secret check)");
        }
        if (links > 0) {
            left.add(counted(links, "symbolic link"));
        }
        if (special > 0) {
            left.add(counted(special, "special file"));
        }
        if (!left.isEmpty()) {
            out.println("Left out: " + String.join(", ", left) + ".");
        }
    }

    private static String counted(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    /** All files below a folder. A symbolic link is not followed, so there is no loop and no way out of the folder. */
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
                        // A pipe, such as one that nobody writes to, would hold the check up for ever.
                        special++;
                    } else if (files == mostFiles) {
                        incomplete = true;
                        err.println("There are more than " + mostFiles + " files. The others were not looked into: name"
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

    /** A name may hold a secret too, or what a terminal would obey. */
    private static String shown(String name) {
        return Secret.masked(name).replaceAll("\\p{Cntrl}", "?");
    }
}

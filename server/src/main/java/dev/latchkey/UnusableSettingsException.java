package dev.latchkey;

import java.util.List;

/** The settings do not make sense; each problem is one line that says what to do. */
final class UnusableSettingsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnusableSettingsException(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
    }
}

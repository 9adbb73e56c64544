/** Backups: made while the service runs, checked, and restored with a report of what they cannot know. */
@NullMarked
package dev.latchkey.backup;

import org.jspecify.annotations.NullMarked;

/** Backups: made of a service in use, checked, and restored with a word on what they cannot know. */
@NullMarked
package dev.latchkey.backup;

import org.jspecify.annotations.NullMarked;

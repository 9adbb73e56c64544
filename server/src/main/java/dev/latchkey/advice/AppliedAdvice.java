package dev.latchkey.advice;

import dev.latchkey.access.Privilege;
import dev.latchkey.event.Change;
import java.time.Instant;
import java.util.List;

/**
 * Advice that was applied to a role and was not undone.
 *
 * @param event the sequence of its event
 * @param evidence what it rests on, such as "never used in at least 90 days"
 * @param removed what it removed
 * @param changes everything that the event changed
 * @param version of the role after it
 * @param undoable whether nothing has edited the role since
 */
public record AppliedAdvice(
        long event,
        Instant at,
        String evidence,
        List<Privilege> removed,
        List<Change> changes,
        long version,
        boolean undoable) {}

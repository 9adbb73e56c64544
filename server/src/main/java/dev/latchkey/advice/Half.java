package dev.latchkey.advice;

import dev.latchkey.access.Privilege;
import java.util.List;
import java.util.SortedSet;

/**
 * One of two groups of tokens that use different parts of a role, for which a role of its own would do.
 *
 * @param tokens those that can be used
 * @param privileges what the role itself would allow
 * @param without what it would not, although the current role needs it for the other group
 * @param calls how many recorded calls of the group the role would allow: all of them
 */
public record Half(List<Holder> tokens, SortedSet<Privilege> privileges, SortedSet<Privilege> without, long calls) {}

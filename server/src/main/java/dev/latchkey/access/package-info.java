/** Values and policy: roles, privileges, APIs and their endpoints, and the decision whether a role may make a call. */
@NullMarked
package dev.latchkey.access;

import org.jspecify.annotations.NullMarked;

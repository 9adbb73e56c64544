package dev.latchkey.access;

import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Something that uses roles. The features that assign roles implement it over their own tables. */
public interface RoleUse {
    /** {@code token} for active API tokens, {@code user} for people. */
    String kind();

    /** How many of the kind use each role; roles that none uses may be absent. */
    Map<String, Long> counts(Handle handle);
}

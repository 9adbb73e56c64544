package dev.latchkey.management;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A sentence about a field of the management API, for the OpenAPI document. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Doc {
    String value();

    /** Whether null is a value too, which clears the field. */
    boolean clearable() default false;

    /** Whether it changes without an edit, by use; a client that sends back what it read may send it as it was. */
    boolean observed() default false;
}

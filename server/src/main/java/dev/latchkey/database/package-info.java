/**
 * Where data is kept: closures that own the transaction, the dialect, migrations. The only place where SQLite and
 * PostgreSQL differ.
 */
@NullMarked
package dev.latchkey.database;

import org.jspecify.annotations.NullMarked;

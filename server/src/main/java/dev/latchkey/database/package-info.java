/**
 * Where data is stored: transactions, dialects, migrations, copies. The only place where SQLite and PostgreSQL differ.
 */
@NullMarked
package dev.latchkey.database;

import org.jspecify.annotations.NullMarked;

/* SPDX-License-Identifier: GPL-2.0-only */
/* SQL with its values bound by a format: 't' text or NULL, 'i' int64_t, 'd' double. */
#ifndef SPTEST_STORE_SQL_H
#define SPTEST_STORE_SQL_H

#include <sqlite3.h>

/* A statement with its values bound; NULL, and the database has the message. */
sqlite3_stmt *sql_prepare(sqlite3 *db, const char *sql, const char *format, ...);

/* Runs one that gives no rows. An SQLite code. */
int sql_run(sqlite3 *db, const char *sql, const char *format, ...);

/*
 * Runs a prepared one that gives no rows, with new values; texts are only looked at until it returns. An
 * SQLite code.
 */
int sql_again(sqlite3_stmt *statement, const char *format, ...);

/* A column's text, "" for NULL; valid until the next step. */
const char *sql_text(sqlite3_stmt *statement, int column);

#endif

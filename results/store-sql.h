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

/* Gives a connection the functions clean_line() and clean_text(), see text.h; NULL stays NULL. An SQLite code. */
int sql_add_clean(sqlite3 *db);

/*
 * The series of a kernel: "6.12" of the version 6.12.74, "6.12-rc" of 6.12-rc7: an update is held against the one
 * before. run: a table or its other name.
 */
#define SQL_SERIES_OF(run) SQL_SERIES("coalesce(" run ".version, " run ".kernel)")
#define SQL_SERIES(version) "CASE WHEN instr(" version ", '-rc') THEN substr(" version ", 1, instr(" version ", '-rc') + 2)" \
	" ELSE substr(" version ", 1, instr(" version ", '.') +" \
	" instr(substr(" version ", instr(" version ", '.') + 1) || '.', '.') - 1) END"

/* What tells kernels of one series apart that are not updates of each other, see kernel_flavour(). */
#define SQL_FLAVOUR_OF(run) "flavour(" run ".kernel)"
/* The function behind it, for each connection. An SQLite code. */
int sql_add_flavour(sqlite3 *db);
/*
 * "cloud-amd64" of the release 6.12.117+deb13-cloud-amd64, "mutants" of 6.12.117-mutants, "next" of
 * 6.19.0-rc1-next-20260101, "" of 6.19.0-rc1-00123-gabcdef012345-dirty; the caller's to free.
 */
char *kernel_flavour(const char *release);

/* Two runs of the very same kernel. */
#define SQL_SAME_BUILD(a, b) a ".kernel = " b ".kernel AND " a ".config_hash IS " b ".config_hash"

/* A test's rounds in one word: the worst of them. */
#define SQL_WORST "CASE WHEN sum(verdict NOT IN ('pass', 'skip', 'xfail', 'xpass')) > 0 THEN" \
	" max(CASE WHEN verdict NOT IN ('pass', 'skip', 'xfail', 'xpass') THEN verdict END)" \
	" WHEN sum(verdict = 'xfail') > 0 THEN 'xfail' WHEN sum(verdict = 'pass') > 0 THEN 'pass'" \
	" WHEN sum(verdict = 'xpass') > 0 THEN 'xpass' ELSE 'skip' END"

#endif

// SPDX-License-Identifier: GPL-2.0-only
#include "store-check.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "measured.h"
#include "mutants.h"
#include "store-sql.h"
#include "verdict.h"

static bool is_mutant_row(sqlite3_stmt *row)
{
	return mutant_verdict_is_known(sql_text(row, 0));
}

/* With a NUL inside, C and SQL would read two names. */
static bool is_verdict_row(sqlite3_stmt *row)
{
	const char *name = sql_text(row, 0);

	return verdict_from_name(name) != VERDICT_COUNT && strlen(name) == (size_t)sqlite3_column_bytes(row, 0);
}

static bool is_number_row(sqlite3_stmt *row)
{
	return sqlite3_column_type(row, 0) != SQLITE_TEXT && sqlite3_column_type(row, 0) != SQLITE_BLOB &&
	       isfinite(sqlite3_column_double(row, 0));
}

static bool is_name_row(sqlite3_stmt *row)
{
	return measured_is_name(sql_text(row, 0)) && strlen(sql_text(row, 0)) == (size_t)sqlite3_column_bytes(row, 0);
}

static const struct {
	const char *sql;
	bool (*is_fine)(sqlite3_stmt *row);
	const char *wrong;
} checks[] = {
	{ "SELECT DISTINCT verdict FROM test", is_verdict_row, "a test's verdict" },
	{ "SELECT DISTINCT verdict FROM result", is_verdict_row, "a case's verdict" },
	{ "SELECT DISTINCT verdict FROM mutant", is_mutant_row, "a mutant's verdict" },
	{ "SELECT value FROM figure", is_number_row, "a figure's value" },
	{ "SELECT DISTINCT name FROM figure", is_name_row, "a figure's name" },
	{ "SELECT DISTINCT unit FROM figure", is_name_row, "a figure's unit" },
	{ "SELECT duration_s FROM run UNION ALL SELECT duration_s FROM test UNION ALL SELECT duration_s FROM campaign"
	  " UNION ALL SELECT duration_s FROM mutant", is_number_row, "a duration" },
};

int store_check(struct store *store, char error[STORE_ERROR])
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		sqlite3_stmt *row = sql_prepare(store->db, checks[i].sql, "");
		int err = SQLITE_ERROR;

		while (row && (err = sqlite3_step(row)) == SQLITE_ROW && checks[i].is_fine(row))
			;
		sqlite3_finalize(row);
		if (err == SQLITE_DONE)
			continue;
		if (err != SQLITE_ROW)
			return store_fail(store, error);
		snprintf(error, STORE_ERROR, "%s: %s is none that this sptest knows", store->path, checks[i].wrong);
		return -EINVAL;
	}
	return 0;
}

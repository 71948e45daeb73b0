// SPDX-License-Identifier: GPL-2.0-only
#include "store-show.h"

#include <errno.h>

#include "store-sql.h"

/* A run's figures of one name come to their mean. */
static const char query[] =
	"SELECT f.name, run.id, started, kernel, test.mmu, avg(value), coalesce(unit, ''), count(*)"
	" FROM figure AS f JOIN test ON test.id = f.test JOIN run ON run.id = test.run WHERE test.name = ?"
	" GROUP BY f.name, run.id, test.mmu ORDER BY f.name, started, run.id, test.mmu";

int store_figures(struct store *store, const char *test, FILE *out, char error[STORE_ERROR])
{
	sqlite3_stmt *row = sql_prepare(store->db, query, "t", test);
	int err = SQLITE_ERROR;
	size_t count = 0;

	while (row && (err = sqlite3_step(row)) == SQLITE_ROW) {
		if (!count++)
			fprintf(out, "%-32s  %5s  %-20s  %-32s  %-7s  %12s  %-8s  %s\n", "FIGURE", "RUN",
				"STARTED", "KERNEL", "MMU", "MEAN", "UNIT", "VALUES");
		fprintf(out, "%-32s  %5lld  %-20s  %-32s  %-7s  %12.6g  %-8s  %d\n", sql_text(row, 0),
			(long long)sqlite3_column_int64(row, 1), sql_text(row, 2), sql_text(row, 3),
			sql_text(row, 4), sqlite3_column_double(row, 5), sql_text(row, 6),
			sqlite3_column_int(row, 7));
	}
	sqlite3_finalize(row);
	if (err != SQLITE_DONE)
		return store_fail(store, error);
	if (count)
		return 0;
	snprintf(error, STORE_ERROR, "%s: measured nothing in any run of %s", test, store->path);
	return -ENOENT;
}

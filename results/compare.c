// SPDX-License-Identifier: GPL-2.0-only
#include "compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "store-sql.h"

static const char query[] =
	"SELECT name, mmu, count(*), sum(verdict IN ('pass', 'xpass')),"
	" sum(verdict NOT IN ('pass', 'skip', 'xfail', 'xpass')), sum(verdict IN ('xfail', 'xpass')),"
	" (SELECT verdict FROM test AS t WHERE t.run = test.run AND t.name = test.name AND t.mmu = test.mmu"
	"  AND verdict != 'pass' ORDER BY verdict IN ('skip', 'xfail', 'xpass'), round LIMIT 1),"
	" (SELECT reason FROM test AS t WHERE t.run = test.run AND t.name = test.name AND t.mmu = test.mmu"
	"  AND verdict != 'pass' ORDER BY verdict IN ('skip', 'xfail', 'xpass'), round LIMIT 1),"
	" (SELECT class FROM test AS t WHERE t.run = test.run AND t.name = test.name AND t.mmu = test.mmu"
	"  AND class IS NOT NULL ORDER BY round LIMIT 1)"
	" FROM test WHERE run = ? GROUP BY name, mmu";

static int by_name(const void *a, const void *b)
{
	const struct comparison_test *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : strcmp(x->mmu, y->mmu);
}

static struct comparison_test *add(struct comparison *comparison, const char *name, const char *mmu)
{
	struct comparison_test *test;

	comparison->tests = xrealloc(comparison->tests,
				     (comparison->count + 1) * sizeof(*comparison->tests));
	test = &comparison->tests[comparison->count++];
	*test = (struct comparison_test){
		.name = xstrdup(name), .mmu = xstrdup(mmu),
		.a = { .verdict = xstrdup(""), .reason = xstrdup(""), .class = xstrdup("") },
		.b = { .verdict = xstrdup(""), .reason = xstrdup(""), .class = xstrdup("") },
	};
	return test;
}

static void fill(struct comparison_side *side, sqlite3_stmt *row)
{
	free(side->verdict);
	free(side->reason);
	free(side->class);
	*side = (struct comparison_side){
		.rounds = sqlite3_column_int(row, 2), .passed = sqlite3_column_int(row, 3),
		.failed = sqlite3_column_int(row, 4), .known = sqlite3_column_int(row, 5),
		.verdict = xstrdup(sql_text(row, 6)), .reason = xstrdup(sql_text(row, 7)),
		.class = xstrdup(sql_text(row, 8)),
	};
}

/* The tests of A first, sorted; those of B find theirs by bisection or are added behind. */
static int load(struct store *store, struct comparison *comparison, bool second)
{
	sqlite3_stmt *row = sql_prepare(store->db, query, "i", second ? comparison->b : comparison->a);
	size_t known = second ? comparison->count : 0;
	int err = SQLITE_ERROR;

	while (row && (err = sqlite3_step(row)) == SQLITE_ROW) {
		struct comparison_test key = {
			.name = (char *)sql_text(row, 0), .mmu = (char *)sql_text(row, 1),
		};
		struct comparison_test *test = NULL;

		if (known)
			test = bsearch(&key, comparison->tests, known, sizeof(key), by_name);
		if (!test)
			test = add(comparison, key.name, key.mmu);
		fill(second ? &test->b : &test->a, row);
	}
	sqlite3_finalize(row);
	if (comparison->count)
		qsort(comparison->tests, comparison->count, sizeof(*comparison->tests), by_name);
	return err == SQLITE_DONE ? 0 : -EIO;
}

/* Of a test and its cases, those that say it most exactly. */
static const char cured_query[] =
	"SELECT test.name, mmu, coalesce(result.name, ''), coalesce(result.reason, test.reason) FROM test"
	" LEFT JOIN result ON result.test = test.id AND result.verdict = 'xpass'"
	" WHERE run = ? AND (result.name IS NOT NULL OR test.verdict = 'xpass')"
	" GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";

static int load_cured(struct store *store, struct comparison *comparison)
{
	sqlite3_stmt *row = sql_prepare(store->db, cured_query, "i", comparison->b);
	int err = SQLITE_ERROR;

	while (row && (err = sqlite3_step(row)) == SQLITE_ROW) {
		comparison->cured = xrealloc(comparison->cured, (comparison->cured_count + 1) *
					     sizeof(*comparison->cured));
		comparison->cured[comparison->cured_count++] = (struct comparison_cured){
			.name = xstrdup(sql_text(row, 0)), .mmu = xstrdup(sql_text(row, 1)),
			.case_name = xstrdup(sql_text(row, 2)), .reason = xstrdup(sql_text(row, 3)),
		};
	}
	sqlite3_finalize(row);
	return err == SQLITE_DONE ? 0 : -EIO;
}

static bool ran(const struct comparison_side *side)
{
	return side->passed + side->failed + side->known > 0;
}

static enum change judge(const struct comparison_side *a, const struct comparison_side *b)
{
	if (!ran(a) && !ran(b))
		return CHANGE_NONE;
	if (!ran(a))
		return CHANGE_NEW;
	if (!ran(b))
		return CHANGE_GONE;
	if (!a->failed && !b->failed)
		return a->known || b->known ? CHANGE_KNOWN : CHANGE_NONE;
	if (!a->failed)
		return CHANGE_REGRESSION;
	if (!b->failed)
		return CHANGE_FIX;
	return a->passed && b->passed ? CHANGE_FLAKY : CHANGE_STILL;
}

char *comparison_label(struct store *store, int64_t id)
{
	sqlite3_stmt *row = sql_prepare(store->db, "SELECT kernel, mmu, started FROM run WHERE id = ?", "i",
					id);
	char *text = NULL;

	if (row && sqlite3_step(row) == SQLITE_ROW)
		text = xasprintf("run %lld: %s, mmu %s, %s", (long long)id, sql_text(row, 0),
				 sql_text(row, 1), sql_text(row, 2));
	sqlite3_finalize(row);
	return text;
}

int compare_runs(struct store *store, int64_t a, int64_t b, struct comparison *comparison,
		 char error[STORE_ERROR])
{
	*comparison = (struct comparison){
		.a = a, .b = b, .label_a = comparison_label(store, a), .label_b = comparison_label(store, b),
	};
	if (!comparison->label_a || !comparison->label_b || load(store, comparison, false) ||
	    load(store, comparison, true) || load_cured(store, comparison)) {
		comparison_free(comparison);
		return store_fail(store, error);
	}
	for (size_t i = 0; i < comparison->count; i++)
		comparison->tests[i].change = judge(&comparison->tests[i].a, &comparison->tests[i].b);
	return 0;
}

void comparison_free(struct comparison *comparison)
{
	for (size_t i = 0; i < comparison->count; i++) {
		struct comparison_test *test = &comparison->tests[i];

		free(test->name);
		free(test->mmu);
		free(test->a.verdict);
		free(test->a.reason);
		free(test->a.class);
		free(test->b.verdict);
		free(test->b.reason);
		free(test->b.class);
	}
	for (size_t i = 0; i < comparison->cured_count; i++) {
		free(comparison->cured[i].name);
		free(comparison->cured[i].mmu);
		free(comparison->cured[i].case_name);
		free(comparison->cured[i].reason);
	}
	free(comparison->cured);
	free(comparison->tests);
	free(comparison->label_a);
	free(comparison->label_b);
	*comparison = (struct comparison){ 0 };
}

size_t comparison_count(const struct comparison *comparison, enum change change)
{
	size_t count = 0;

	for (size_t i = 0; i < comparison->count; i++)
		count += comparison->tests[i].change == change;
	return count;
}

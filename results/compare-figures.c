// SPDX-License-Identifier: GPL-2.0-only
#include "compare-figures.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "figure-runs.h"
#include "host/die.h"
#include "store-sql.h"

/* One figure of one part of a side. */
struct heap {
	char *suite, *accel, *part;	/* part: series and flavour, "" if the side is not taken apart */
	char *test, *name, *mmu, *unit;
	char *kernel, *series;		/* kernel: the version; of several their series, or that they are several */
	char *real_suite, *real_accel;
	bool less_is_better;
	double *values;
	size_t count;
};

struct heaps {
	struct heap *all;
	size_t count;
};

/* ?1: taken apart by series, ?2: by suite and accelerator. One row for each value, those of a heap one after another. */
static const char query[] =
	"SELECT CASE WHEN ?2 THEN suite ELSE '' END, CASE WHEN ?2 THEN coalesce(accel, '') ELSE '' END,"
	" CASE WHEN ?1 THEN " SQL_SERIES_OF("run") " || ' ' || " SQL_FLAVOUR_OF("run") " ELSE '' END,"
	" test.name, f.name, test.mmu, coalesce(unit, ''), less_is_better, value, suite,"
	" coalesce(version, kernel), " SQL_SERIES_OF("run") ", coalesce(accel, '')"
	" FROM picked JOIN run ON run.id = picked.run JOIN test ON test.run = run.id JOIN figure AS f ON f.test = test.id"
	" WHERE test.verdict IN ('pass', 'xfail', 'xpass')"
	" ORDER BY 1, 4, 5, 6, 2, 3, started, run.id, test.id, f.rowid";

static int order_of_figure(const struct heap *x, const struct heap *y)
{
	int order = strcmp(x->suite, y->suite);

	if (!order)
		order = strcmp(x->test, y->test);
	if (!order)
		order = strcmp(x->name, y->name);
	return order ? order : strcmp(x->mmu, y->mmu);
}

static bool is_of(const struct heap *heap, sqlite3_stmt *row)
{
	const struct heap key = {
		.suite = (char *)sql_text(row, 0), .test = (char *)sql_text(row, 3), .name = (char *)sql_text(row, 4),
		.mmu = (char *)sql_text(row, 5),
	};

	return !order_of_figure(heap, &key) && !strcmp(heap->accel, sql_text(row, 1)) &&
	       !strcmp(heap->part, sql_text(row, 2));
}

static struct heap *add_heap(struct heaps *heaps, sqlite3_stmt *row)
{
	struct heap *heap;

	heaps->all = xrealloc(heaps->all, (heaps->count + 1) * sizeof(*heap));
	heap = &heaps->all[heaps->count++];
	*heap = (struct heap){
		.suite = xstrdup(sql_text(row, 0)), .accel = xstrdup(sql_text(row, 1)),
		.part = xstrdup(sql_text(row, 2)), .test = xstrdup(sql_text(row, 3)),
		.name = xstrdup(sql_text(row, 4)), .mmu = xstrdup(sql_text(row, 5)),
		.unit = xstrdup(sql_text(row, 6)), .less_is_better = sqlite3_column_int(row, 7),
		.real_suite = xstrdup(sql_text(row, 9)), .kernel = xstrdup(sql_text(row, 10)),
		.series = xstrdup(sql_text(row, 11)), .real_accel = xstrdup(sql_text(row, 12)),
	};
	return heap;
}

static void rename_kernel(struct heap *heap, const char *version, const char *series)
{
	if (!strcmp(heap->kernel, version))
		return;
	free(heap->kernel);
	heap->kernel = xstrdup(strcmp(heap->series, series) ? "several kernels" : series);
}

static int load(struct store *store, const struct store_set *set, bool split, bool any, struct heaps *heaps)
{
	sqlite3_stmt *row = NULL;
	struct heap *heap = NULL;
	int err = figure_runs_pick(store, set);

	if (err)
		return err;
	row = sql_prepare(store->db, query, "ii", (int64_t)split, (int64_t)!any);
	err = SQLITE_ERROR;
	while (row && (err = sqlite3_step(row)) == SQLITE_ROW) {
		if (!heap || !is_of(heap, row))
			heap = add_heap(heaps, row);
		rename_kernel(heap, sql_text(row, 10), sql_text(row, 11));
		heap->values = xrealloc(heap->values, (heap->count + 1) * sizeof(*heap->values));
		heap->values[heap->count++] = sqlite3_column_double(row, 8);
	}
	sqlite3_finalize(row);
	return err == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR;
}

static void heaps_free(struct heaps *heaps)
{
	for (size_t i = 0; i < heaps->count; i++) {
		const struct heap *heap = &heaps->all[i];
		char *const texts[] = {
			heap->suite, heap->accel, heap->part, heap->test, heap->name, heap->mmu, heap->unit,
			heap->kernel, heap->series, heap->real_suite, heap->real_accel,
		};

		for (size_t j = 0; j < sizeof(texts) / sizeof(texts[0]); j++)
			free(texts[j]);
		free(heap->values);
	}
	free(heaps->all);
}

static void add_pair(struct figure_pairs *pairs, const struct heap *a, const struct heap *b)
{
	struct figure_pair *pair;

	pairs->pairs = xrealloc(pairs->pairs, (pairs->count + 1) * sizeof(*pair));
	pair = &pairs->pairs[pairs->count++];
	*pair = (struct figure_pair){
		.suite = xstrdup(b->real_suite), .test = xstrdup(b->test), .mmu = xstrdup(b->mmu),
		.name = xstrdup(b->name), .unit = xstrdup(b->unit),
		.place_a = xasprintf("%s %s", a->kernel, a->real_accel),
		.place_b = xasprintf("%s %s", b->kernel, b->real_accel),
		.less_is_better = b->less_is_better, .count_a = a->count, .count_b = b->count,
		.median_a = figures_median(a->values, a->count), .median_b = figures_median(b->values, b->count),
	};
	pair->change = figures_judge(a->values, a->count, b->values, b->count, b->less_is_better, &pair->chance);
}

/* A side that is not taken apart is held against each part of the other. */
static bool are_alike(const struct heap *a, const struct heap *b)
{
	return !strcmp(a->accel, b->accel) && (!*a->part || !*b->part || !strcmp(a->part, b->part));
}

/* Both are sorted by figure: one walk. */
static void match(struct figure_pairs *pairs, const struct heaps *a, const struct heaps *b)
{
	size_t first = 0;

	for (size_t j = 0; j < b->count; j++) {
		while (first < a->count && order_of_figure(&a->all[first], &b->all[j]) < 0)
			first++;
		for (size_t i = first; i < a->count && !order_of_figure(&a->all[i], &b->all[j]); i++)
			if (are_alike(&a->all[i], &b->all[j]))
				add_pair(pairs, &a->all[i], &b->all[j]);
	}
}

static int by_change(const void *x, const void *y)
{
	const struct figure_pair *a = x, *b = y;
	const char *const texts[][2] = {
		{ a->suite, b->suite }, { a->test, b->test }, { a->name, b->name }, { a->mmu, b->mmu },
		{ a->place_b, b->place_b }, { a->place_a, b->place_a },
	};
	int order = (int)a->change - (int)b->change;

	for (size_t i = 0; !order && i < sizeof(texts) / sizeof(texts[0]); i++)
		order = strcmp(texts[i][0], texts[i][1]);
	return order;
}

static int compare(struct store *store, const struct figure_runs *runs, struct figure_pairs *pairs,
		   char error[STORE_ERROR])
{
	struct heaps a = { 0 }, b = { 0 };
	int err = load(store, &runs->a, runs->split_a, runs->any, &a);

	if (!err)
		err = load(store, &runs->b, runs->split_b, runs->any, &b);
	if (!err)
		match(pairs, &a, &b);
	heaps_free(&a);
	heaps_free(&b);
	return err ? store_fail(store, error) : 0;
}

int figures_compare(struct store *store, const char *word_a, const char *word_b, struct figure_pairs *pairs,
		    char error[STORE_ERROR])
{
	struct figure_runs runs;
	int err = figure_runs_find(store, word_a, word_b, &runs, error);

	*pairs = (struct figure_pairs){ 0 };
	if (err)
		return err;
	err = compare(store, &runs, pairs, error);
	if (!err && !pairs->count) {
		snprintf(error, STORE_ERROR, "%s and %s: no figure was measured in both by a test that passed", word_a,
			 word_b);
		err = -ENOENT;
	}
	if (err) {
		figure_pairs_free(pairs);
		figure_runs_free(&runs);
		return err;
	}
	qsort(pairs->pairs, pairs->count, sizeof(*pairs->pairs), by_change);
	pairs->a = runs.a;
	pairs->b = runs.b;
	return 0;
}

void figure_pairs_free(struct figure_pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		const struct figure_pair *pair = &pairs->pairs[i];
		char *const texts[] = {
			pair->suite, pair->test, pair->mmu, pair->name, pair->unit, pair->place_a, pair->place_b,
		};

		for (size_t j = 0; j < sizeof(texts) / sizeof(texts[0]); j++)
			free(texts[j]);
	}
	free(pairs->pairs);
	store_set_free(&pairs->a);
	store_set_free(&pairs->b);
	*pairs = (struct figure_pairs){ 0 };
}

size_t figure_pairs_count(const struct figure_pairs *pairs, enum figure_change change)
{
	size_t count = 0;

	for (size_t i = 0; i < pairs->count; i++)
		count += pairs->pairs[i].change == change;
	return count;
}

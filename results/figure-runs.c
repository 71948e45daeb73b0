// SPDX-License-Identifier: GPL-2.0-only
#include "figure-runs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare-figures.h"
#include "host/die.h"
#include "store-sql.h"

static void add_run(struct store_set *set, int64_t id)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->ids[i] == id)
			return;
	set->ids = xrealloc(set->ids, (set->count + 1) * sizeof(*set->ids));
	set->ids[set->count++] = id;
}

static int add_word(struct store *store, const char *word, struct store_set *set, char error[STORE_ERROR])
{
	struct store_set one;
	int err = store_find_all(store, word, &one, error);

	if (err)
		return err;
	if (set->count && set->kind != one.kind)
		set->kind = STORE_RUN;
	else
		set->kind = one.kind;
	for (size_t i = 0; i < one.count; i++)
		add_run(set, one.ids[i]);
	store_set_free(&one);
	return 0;
}

/* Words with commas between; a folder may have one in its name. */
static int find_words(struct store *store, const char *words, struct store_set *set, char error[STORE_ERROR])
{
	char *copy = xstrdup(words), *rest = NULL, *word;
	int err = 0;

	if (store_is_folder(words) || !*words) {
		free(copy);
		return add_word(store, words, set, error);
	}
	for (word = strtok_r(copy, ",", &rest); !err && word; word = strtok_r(NULL, ",", &rest))
		err = add_word(store, word, set, error);
	free(copy);
	return err;
}

int figure_runs_pick(struct store *store, const struct store_set *set)
{
	int err = sqlite3_exec(store->db, "CREATE TEMP TABLE IF NOT EXISTS picked (run INTEGER PRIMARY KEY);"
			       "DELETE FROM picked", NULL, NULL, NULL);

	for (size_t i = 0; !err && i < set->count; i++)
		err = sql_run(store->db, "INSERT INTO picked VALUES (?)", "i", set->ids[i]);
	return err;
}

/* Before the first one of B that is its like. */
static int find_earlier(struct store *store, const struct store_set *b, struct store_set *a)
{
	static const char sql[] =
		"SELECT id FROM run WHERE started < (SELECT min(other.started) FROM picked JOIN run AS other ON"
		" other.id = picked.run WHERE other.suite = run.suite AND other.accel IS run.accel AND "
		SQL_SERIES_OF("other") " = " SQL_SERIES_OF("run") " AND "
		SQL_FLAVOUR_OF("other") " = " SQL_FLAVOUR_OF("run") ") ORDER BY started DESC, id DESC";
	sqlite3_stmt *row = figure_runs_pick(store, b) ? NULL : sql_prepare(store->db, sql, "");
	int err = SQLITE_ERROR;

	while (row && (err = sqlite3_step(row)) == SQLITE_ROW)
		add_run(a, sqlite3_column_int64(row, 0));
	sqlite3_finalize(row);
	return err == SQLITE_DONE ? 0 : -EIO;
}

static int find_green(struct store *store, const struct store_set *b, struct store_set *a, char error[STORE_ERROR])
{
	for (size_t i = 0; i < b->count; i++) {
		int64_t id;
		int err = store_find(store, STORE_LAST_GREEN, b->ids[i], &id, error);

		if (!err)
			add_run(a, id);
		else if (err != -ENOENT)
			return err;
	}
	return 0;
}

static int find_before(struct store *store, const char *word_a, struct figure_runs *runs, char error[STORE_ERROR])
{
	int err = 0;

	runs->split_a = runs->split_b = true;
	if (!strcmp(word_a, STORE_LAST_GREEN))
		err = find_green(store, &runs->b, &runs->a, error);
	else if (find_earlier(store, &runs->b, &runs->a))
		err = store_fail(store, error);
	if (err || runs->a.count)
		return err;
	snprintf(error, STORE_ERROR, "%s: no such run of a suite, accelerator, kernel series and flavour of those of B",
		 word_a);
	return -ENOENT;
}

static bool has_run(const struct store_set *set, int64_t id)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->ids[i] == id)
			return true;
	return false;
}

/* One run against all of its kernel: against all the others. */
static void leave_out(struct store_set *set, const struct store_set *other)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->count; i++)
		if (!has_run(other, set->ids[i]))
			set->ids[kept++] = set->ids[i];
	set->count = kept;
}

static bool is_before(const char *word)
{
	return (!strcmp(word, STORE_LAST_GREEN) || !strcmp(word, FIGURES_EARLIER)) && !store_is_folder(word);
}

int figure_runs_find(struct store *store, const char *word_a, const char *word_b, struct figure_runs *runs,
		     char error[STORE_ERROR])
{
	int err;

	*runs = (struct figure_runs){ 0 };
	err = find_words(store, word_b, &runs->b, error);
	if (!err && is_before(word_a)) {
		err = find_before(store, word_a, runs, error);
	} else if (!err) {
		err = find_words(store, word_a, &runs->a, error);
		runs->split_a = runs->a.kind == STORE_DATE;
		runs->split_b = runs->b.kind == STORE_DATE;
		runs->any = runs->a.kind == STORE_RUN && runs->b.kind == STORE_RUN;
	}
	if (err)
		figure_runs_free(runs);
	else if (runs->a.count != runs->b.count)
		leave_out(runs->a.count > runs->b.count ? &runs->a : &runs->b,
			  runs->a.count > runs->b.count ? &runs->b : &runs->a);
	return err;
}

void figure_runs_free(struct figure_runs *runs)
{
	store_set_free(&runs->a);
	store_set_free(&runs->b);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "compare-sets.h"

#include <errno.h>
#include <stdlib.h>

#include "compare-show.h"
#include "host/die.h"
#include "json-text.h"
#include "store-sql.h"

static char *alone_label(struct store *store, int64_t id)
{
	sqlite3_stmt *row = sql_prepare(store->db, "SELECT suite, accel FROM run WHERE id = ?", "i", id);
	char *run = comparison_label(store, id), *text = NULL;

	if (run && row && sqlite3_step(row) == SQLITE_ROW)
		text = xasprintf("%s, suite %s, accel %s", run, sql_text(row, 0), sql_text(row, 1));
	sqlite3_finalize(row);
	free(run);
	return text;
}

static int add_alone(struct store *store, const struct store_set *set, bool in_a, struct comparisons *all)
{
	for (size_t i = 0; i < set->count; i++) {
		char *label = alone_label(store, set->ids[i]);

		if (!label)
			return -EIO;
		all->alone[all->alone_count++] = (struct comparison_alone){
			.id = set->ids[i], .label = label, .in_a = in_a,
		};
	}
	return 0;
}

int compare_sets(struct store *store, const struct compare_pairs *pairs, struct comparisons *all,
		 char error[STORE_ERROR])
{
	size_t alone = pairs->only_a.count + pairs->only_b.count;
	int err = 0;

	*all = (struct comparisons){
		.pairs = xzalloc((pairs->count + 1) * sizeof(*all->pairs)),
		.alone = xzalloc((alone + 1) * sizeof(*all->alone)),
	};
	for (size_t i = 0; !err && i < pairs->count; i++) {
		err = compare_runs(store, pairs->pairs[i].a, pairs->pairs[i].b, &all->pairs[i], error);
		all->count += !err;
	}
	if (!err && (add_alone(store, &pairs->only_a, true, all) || add_alone(store, &pairs->only_b, false, all))) {
		err = store_fail(store, error);
	}
	if (err)
		comparisons_free(all);
	return err;
}

void comparisons_free(struct comparisons *all)
{
	for (size_t i = 0; i < all->count; i++)
		comparison_free(&all->pairs[i]);
	for (size_t i = 0; i < all->alone_count; i++)
		free(all->alone[i].label);
	free(all->pairs);
	free(all->alone);
	*all = (struct comparisons){ 0 };
}

size_t comparisons_count(const struct comparisons *all, enum change change)
{
	size_t count = 0;

	for (size_t i = 0; i < all->count; i++)
		count += comparison_count(&all->pairs[i], change);
	return count;
}

void comparisons_print(const struct comparisons *all, FILE *out, int colour)
{
	size_t counts[CHANGE_COUNT];

	for (size_t i = 0; i < all->count; i++) {
		if (i)
			fputc('\n', out);
		comparison_print(&all->pairs[i], out, colour);
	}
	if (all->alone_count)
		fputc('\n', out);
	for (size_t i = 0; i < all->alone_count; i++)
		fprintf(out, "only in %c: %s\n", all->alone[i].in_a ? 'A' : 'B', all->alone[i].label);
	if (all->count == 1)
		return;
	for (int change = 0; change < CHANGE_COUNT; change++)
		counts[change] = comparisons_count(all, change);
	fprintf(out, "\ntotal of %zu comparisons: ", all->count);
	changes_print(counts, out);
}

static json_t *alone_json(const struct comparisons *all, bool in_a)
{
	json_t *ids = json_array();

	for (size_t i = 0; i < all->alone_count; i++)
		if (all->alone[i].in_a == in_a)
			json_array_append_new(ids, json_integer(all->alone[i].id));
	return ids;
}

char *comparisons_json(const struct comparisons *all)
{
	json_t *root, *pairs;

	if (all->count == 1) {
		root = comparison_object(&all->pairs[0]);
	} else {
		root = json_object();
		pairs = json_array();
		for (size_t i = 0; i < all->count; i++)
			json_array_append_new(pairs, comparison_object(&all->pairs[i]));
		json_object_set_new(root, "comparisons", pairs);
	}
	if (all->count > 1 || all->alone_count) {
		json_object_set_new(root, "only_a", alone_json(all, true));
		json_object_set_new(root, "only_b", alone_json(all, false));
	}
	return json_finish(root);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "compare-pairs.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"

static void set_add(struct store_set *set, int64_t id)
{
	set->ids = xrealloc(set->ids, (set->count + 1) * sizeof(*set->ids));
	set->ids[set->count++] = id;
}

static void pair_add(struct compare_pairs *pairs, int64_t a, int64_t b)
{
	pairs->pairs = xrealloc(pairs->pairs, (pairs->count + 1) * sizeof(*pairs->pairs));
	pairs->pairs[pairs->count++] = (struct compare_pair){ .a = a, .b = b };
}

static int by_b(const void *x, const void *y)
{
	const struct compare_pair *one = x, *two = y;

	if (one->b != two->b)
		return one->b < two->b ? -1 : 1;
	return (one->a > two->a) - (one->a < two->a);
}

static bool has_partner(const struct compare_pairs *pairs, int64_t id, bool in_a)
{
	for (size_t i = 0; i < pairs->count; i++)
		if ((in_a ? pairs->pairs[i].a : pairs->pairs[i].b) == id)
			return true;
	return false;
}

static void find_alone(const struct compare_pairs *pairs, const struct store_set *set, bool in_a,
		       struct store_set *alone)
{
	for (size_t i = 0; i < set->count; i++)
		if (!has_partner(pairs, set->ids[i], in_a))
			set_add(alone, set->ids[i]);
}

static void keys_free(char **keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(keys[i]);
	free(keys);
}

static char **keys_of(struct store *store, const struct store_set *set, enum store_key key_kind)
{
	char **keys = xzalloc((set->count + 1) * sizeof(*keys));

	for (size_t i = 0; i < set->count; i++) {
		keys[i] = store_run_key(store, set->ids[i], key_kind);
		if (!keys[i]) {
			keys_free(keys, i);
			return NULL;
		}
	}
	return keys;
}

/* All with all of the same key, or only those with each other that have no partner yet. */
static int join_by(struct store *store, const struct store_set *a, const struct store_set *b, enum store_key key_kind,
		   bool alone, struct compare_pairs *pairs, char error[STORE_ERROR])
{
	bool any = a->kind == STORE_RUN && b->kind == STORE_RUN;
	char **keys_a = keys_of(store, a, key_kind), **keys_b = keys_of(store, b, key_kind);
	int err = 0;

	if (!keys_a || !keys_b) {
		err = store_fail(store, error);
		goto out;
	}
	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count; j++)
			if ((any || !strcmp(keys_a[i], keys_b[j])) &&
			    !(alone && (has_partner(pairs, a->ids[i], true) || has_partner(pairs, b->ids[j], false))))
				pair_add(pairs, a->ids[i], b->ids[j]);
out:
	if (keys_a)
		keys_free(keys_a, a->count);
	if (keys_b)
		keys_free(keys_b, b->count);
	return err;
}

/*
 * Of two nights each kernel against itself, and then those that have no partner, an update against what it updates: the
 * newest first. Other sets have one of each mode at most.
 */
static int join(struct store *store, const struct store_set *a, const struct store_set *b,
		struct compare_pairs *pairs, char error[STORE_ERROR])
{
	int err;

	if (a->kind != STORE_DATE || b->kind != STORE_DATE)
		return join_by(store, a, b, STORE_KEY_MODE, false, pairs, error);
	err = join_by(store, a, b, STORE_KEY_BUILD, false, pairs, error);
	return err ? err : join_by(store, a, b, STORE_KEY_SERIES, true, pairs, error);
}

static int join_green(struct store *store, const struct store_set *b, struct compare_pairs *pairs,
		      char error[STORE_ERROR])
{
	for (size_t i = 0; i < b->count; i++) {
		int64_t green;
		int err = store_find(store, STORE_LAST_GREEN, b->ids[i], &green, error);

		if (!err)
			pair_add(pairs, green, b->ids[i]);
		else if (err != -ENOENT)
			return err;
	}
	return 0;
}

/*
 * Both before any is looked for: else which run a kernel names would depend on the order of the words.
 */
static int take_in_folders(struct store *store, const char *word_a, const char *word_b, char error[STORE_ERROR])
{
	const char *words[] = { word_b, word_a };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		int64_t id;
		int err = store_is_folder(words[i]) ? store_import(store, words[i], &id, error) : 0;

		if (err && err != -EEXIST)
			return err;
	}
	return 0;
}

static int say_nothing_pairs(const struct store *store, const char *word_a, const char *word_b, bool green,
			     char error[STORE_ERROR])
{
	if (green)
		snprintf(error, STORE_ERROR, "%s: no green run in %s is older than %s and of its suite, mode, accelerator and kernel series",
			 word_a, *store->path ? store->path : "the store", word_b);
	else
		snprintf(error, STORE_ERROR, "%s and %s: nothing to compare: no run of one has a partner of its suite, mode and accelerator in the other (of two dates, of its kernel series and flavour)",
			 word_a, word_b);
	return -ENOENT;
}

int compare_pairs_find(struct store *store, const char *word_a, const char *word_b, struct compare_pairs *pairs,
		       char error[STORE_ERROR])
{
	struct store_set a = { 0 }, b = { 0 };
	bool green = !strcmp(word_a, STORE_LAST_GREEN) && !store_is_folder(word_a);
	int err = take_in_folders(store, word_a, word_b, error);

	*pairs = (struct compare_pairs){ 0 };
	if (!err)
		err = store_find_set(store, word_b, &b, error);
	if (!err && !green)
		err = store_find_set(store, word_a, &a, error);
	if (!err && green)
		err = join_green(store, &b, pairs, error);
	else if (!err)
		err = join(store, &a, &b, pairs, error);
	if (!err && !pairs->count)
		err = say_nothing_pairs(store, word_a, word_b, green, error);
	if (!err) {
		qsort(pairs->pairs, pairs->count, sizeof(*pairs->pairs), by_b);
		find_alone(pairs, &a, true, &pairs->only_a);
		find_alone(pairs, &b, false, &pairs->only_b);
	}
	store_set_free(&a);
	store_set_free(&b);
	if (err)
		compare_pairs_free(pairs);
	return err;
}

void compare_pairs_free(struct compare_pairs *pairs)
{
	free(pairs->pairs);
	store_set_free(&pairs->only_a);
	store_set_free(&pairs->only_b);
	*pairs = (struct compare_pairs){ 0 };
}

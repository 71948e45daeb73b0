// SPDX-License-Identifier: GPL-2.0-only
/* Which runs are held against which. */
#include "scratch_store.h"

#include <errno.h>

#include "results/compare-sets.h"

#define PASS TEST("a/b", "pass", "1")
#define FAIL TEST("a/b", "fail", "1")

/* One more run, of this version, mode and accelerator. */
static int64_t add(struct store *store, void **state, const char *day, const char *version, const char *mmu,
		   const char *accel, const char *tests)
{
	char *columns = xasprintf("version = '%s', kernel = '%s-x', mmu = '%s', accel = '%s'", version, version, mmu, accel);
	int64_t id = import_as(store, state, day, columns, tests);

	free(columns);
	return id;
}

/* What a pairing comes to: "1-4 2-5 A3 B6" are two pairs, and a run of each side without a partner. */
static void expect(struct store *store, const char *a, const char *b, const char *expected)
{
	struct compare_pairs pairs;
	char error[STORE_ERROR], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(compare_pairs_find(store, a, b, &pairs, error), 0);
	for (size_t i = 0; i < pairs.count; i++)
		fprintf(out, " %lld-%lld", (long long)pairs.pairs[i].a, (long long)pairs.pairs[i].b);
	for (size_t i = 0; i < pairs.only_a.count; i++)
		fprintf(out, " A%lld", (long long)pairs.only_a.ids[i]);
	for (size_t i = 0; i < pairs.only_b.count; i++)
		fprintf(out, " B%lld", (long long)pairs.only_b.ids[i]);
	fclose(out);
	assert_string_equal(text + 1, expected);
	free(text);
	compare_pairs_free(&pairs);
}

static void expect_none(struct store *store, const char *a, const char *b, const char *says)
{
	struct compare_pairs pairs;
	char error[STORE_ERROR];

	assert_int_equal(compare_pairs_find(store, a, b, &pairs, error), -ENOENT);
	assert_non_null(strstr(error, says));
	assert_null(strchr(error, '\n'));
}

/* Two nights of a matrix; the second with a stable update, a mode more, and a run that was done again. */
static void dates_pair_by_kernel_and_mode(void **state)
{
	struct store store;

	open_store(&store);
	add(&store, state, "2026-01-01", "6.1.9", "tdp", "tcg", PASS);		/* 1 */
	add(&store, state, "2026-01-01", "6.12.9", "tdp", "tcg", PASS);		/* 2 */
	add(&store, state, "2026-01-01", "6.12.9", "shadow", "tcg", PASS);	/* 3 */
	add(&store, state, "2026-01-01", "6.12.9", "tdp", "kvm", PASS);		/* 4 */
	add(&store, state, "2026-01-01", "7.3-rc7", "tdp", "tcg", PASS);	/* 5 */
	add(&store, state, "2026-01-01", "6.6", "tdp", "tcg", PASS);		/* 6 */
	add(&store, state, "2026-01-02", "6.1.10", "tdp", "tcg", FAIL);		/* 7 */
	add(&store, state, "2026-01-02", "6.1.10", "tdp", "tcg", FAIL);		/* 8: again */
	add(&store, state, "2026-01-02", "6.12.9", "tdp", "tcg", PASS);		/* 9 */
	add(&store, state, "2026-01-02", "6.12.9", "direct", "tcg", PASS);	/* 10 */
	add(&store, state, "2026-01-02", "7.3-rc8", "tdp", "tcg", PASS);	/* 11 */
	add(&store, state, "2026-01-02", "6.12.9", "tdp", "tcg", TEST("workload/b", "pass", "1"));	/* 12 */
	add(&store, state, "2026-01-02", "7.3.1", "tdp", "tcg", PASS);		/* 13: no release candidate */
	expect(&store, "2026-01-01", "2026-01-02", "1-8 2-9 5-11 A6 A4 A3 B13 B12 B10");
	expect(&store, "2026-01-02", "2026-01-01", "8-1 9-2 11-5 A13 A12 A10 B6 B4 B3");
	store_close(&store);
}

static void kernels_pair_by_mode(void **state)
{
	struct store store;

	open_store(&store);
	add(&store, state, "2026-01-01", "6.1.9", "tdp", "tcg", PASS);		/* 1 */
	add(&store, state, "2026-01-02", "6.1.9", "shadow", "tcg", PASS);	/* 2 */
	add(&store, state, "2026-01-01", "6.12.9", "shadow", "tcg", PASS);	/* 3 */
	add(&store, state, "2026-01-03", "6.12.8", "tdp", "tcg", PASS);		/* 4 */
	add(&store, state, "2026-01-02", "6.12.9", "tdp", "tcg", PASS);		/* 5 */
	add(&store, state, "2026-01-02", "6.6.9", "direct", "tcg", PASS);	/* 6 */
	expect(&store, "6.1", "6.12", "2-3 1-4");
	expect(&store, "6.12", "6.1", "4-1 3-2");
	expect(&store, "6.12.9", "6.1", "5-1 3-2");
	expect(&store, "6.12", "2026-01-02", "3-2 4-5 B6");
	expect(&store, "2026-01-02", "6.12", "2-3 5-4 A6");
	expect(&store, "2", "6.12", "2-3 B4");
	expect(&store, "6.12", "latest", "4-4 A3");
	expect_none(&store, "6.1", "6.6", "nothing to compare");
	expect_none(&store, "6.6", "6.1", "nothing to compare");
	store_close(&store);
}

/* Whoever names two runs means these. */
static void two_runs_are_a_pair(void **state)
{
	struct store store;

	open_store(&store);
	add(&store, state, "2026-01-01", "6.1.9", "tdp", "tcg", PASS);
	add(&store, state, "2026-01-02", "6.12.9", "shadow", "kvm", TEST("workload/b", "pass", "1"));
	expect(&store, "1", "2", "1-2");
	expect(&store, "2", "1", "2-1");
	expect(&store, "1", "latest", "1-2");
	store_close(&store);
}

static void each_has_its_own_green(void **state)
{
	struct store store;

	open_store(&store);
	add(&store, state, "2026-01-01", "6.1.9", "tdp", "tcg", PASS);		/* 1 */
	add(&store, state, "2026-01-02", "6.12.9", "tdp", "tcg", PASS);		/* 2 */
	add(&store, state, "2026-01-02", "6.12.9", "shadow", "tcg", FAIL);	/* 3 */
	add(&store, state, "2026-01-03", "6.1.9", "tdp", "tcg", FAIL);		/* 4 */
	add(&store, state, "2026-01-03", "6.12.9", "tdp", "tcg", FAIL);		/* 5 */
	add(&store, state, "2026-01-03", "6.12.9", "shadow", "tcg", FAIL);	/* 6 */
	expect(&store, "last-green", "2026-01-03", "1-4 2-5 B6");
	expect(&store, "last-green", "5", "2-5");
	expect_none(&store, "last-green", "6", "last-green: no green run");
	expect_none(&store, "last-green", "2026-01-01", "last-green: no green run");
	assert_int_equal(sqlite3_exec(store.db, "DELETE FROM run WHERE id <= 2", NULL, NULL, NULL), SQLITE_OK);
	expect_none(&store, "4", "last-green", "last-green: no green run");
	store_close(&store);
}

static void words_have_no_wildcards(void **state)
{
	static const char *const words[] = { "%", "6%", "6.1_", "_.12", "6._", "%.12", "", ".", "6.", "6.1", "0", "*" };
	struct store store;

	open_store(&store);
	add(&store, state, "2026-01-01", "6.12.9", "tdp", "tcg", PASS);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		expect_none(&store, words[i], "6.12", "neither a run folder nor");
	expect(&store, "6.12.9-x", "6.12", "1-1");
	store_close(&store);
}

/* Each pair of a set's runs counts, and swapped words swap what it came to. */
static void swapping_sets_inverts(void **state)
{
	static const enum change inverse[CHANGE_COUNT] = {
		CHANGE_FIX, CHANGE_REGRESSION, CHANGE_GONE, CHANGE_NEW, CHANGE_FLAKY, CHANGE_KNOWN, CHANGE_STILL, CHANGE_NONE,
	};
	static const char *const words[][2] = { { "2026-01-01", "2026-01-02" }, { "6.1", "6.12" }, { "6.1", "2026-01-01" } };
	static const size_t regressions[] = { 1, 1, 2 };
	struct comparisons there, back;
	struct compare_pairs pairs;
	char error[STORE_ERROR];
	struct store store;

	open_store(&store);
	add(&store, state, "2026-01-01", "6.12.9", "tdp", "tcg", FAIL);
	add(&store, state, "2026-01-01", "6.1.9", "tdp", "tcg", PASS);
	add(&store, state, "2026-01-01", "6.1.9", "shadow", "tcg", PASS);
	add(&store, state, "2026-01-02", "6.1.9", "shadow", "tcg", PASS "," TEST("a/new", "pass", "1"));
	add(&store, state, "2026-01-01", "6.12.9", "shadow", "tcg", FAIL);
	add(&store, state, "2026-01-02", "6.1.9", "direct", "tcg", FAIL);
	add(&store, state, "2026-01-02", "6.12.9", "shadow", "tcg", FAIL);
	add(&store, state, "2026-01-02", "6.12.9", "tdp", "tcg", PASS);
	add(&store, state, "2026-01-01", "6.1.9", "direct", "tcg", PASS);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_int_equal(compare_pairs_find(&store, words[i][0], words[i][1], &pairs, error), 0);
		assert_int_equal(compare_sets(&store, &pairs, &there, error), 0);
		compare_pairs_free(&pairs);
		assert_int_equal(compare_pairs_find(&store, words[i][1], words[i][0], &pairs, error), 0);
		assert_int_equal(compare_sets(&store, &pairs, &back, error), 0);
		compare_pairs_free(&pairs);
		assert_true(there.count > 1);
		assert_int_equal(there.count, back.count);
		assert_int_equal(there.alone_count, back.alone_count);
		assert_int_equal(comparisons_count(&there, CHANGE_REGRESSION), regressions[i]);
		for (int change = 0; change < CHANGE_COUNT; change++)
			assert_int_equal(comparisons_count(&there, change), comparisons_count(&back, inverse[change]));
		comparisons_free(&there);
		comparisons_free(&back);
	}
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_pair_by_kernel_and_mode),
		cmocka_unit_test(kernels_pair_by_mode),
		cmocka_unit_test(two_runs_are_a_pair),
		cmocka_unit_test(each_has_its_own_green),
		cmocka_unit_test(words_have_no_wildcards),
		cmocka_unit_test(swapping_sets_inverts),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

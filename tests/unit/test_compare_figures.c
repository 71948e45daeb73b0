// SPDX-License-Identifier: GPL-2.0-only
/* What tests measured, pooled over runs and held against other runs. */
#include "scratch_store.h"

#include <errno.h>
#include <math.h>

#include "results/compare-figures.h"

#define MEASURED(verdict, mmu, values) \
	"{\"name\": \"workload/w\", \"mmu\": \"" mmu "\", \"round\": 1, \"verdict\": \"" verdict "\"," \
	"\"figures\": {\"reads\": {\"unit\": \"1/s\", \"less_is_better\": false, \"values\": [" values "]}}}"

static int64_t add(struct store *store, void **state, int day, const char *kernel, const char *tests)
{
	char *name = xasprintf("d%d-%s-%d", day, kernel, rand()), *started = xasprintf("2026-01-%02dT00:00:00Z", day);
	int64_t id = import(store, state, name, started, tests);
	char *sql = xasprintf("UPDATE run SET kernel = '%s', version = substr('%s', 1, instr('%s', '-') - 1)"
			      " WHERE id = %lld", kernel, kernel, kernel, (long long)id);

	assert_int_equal(sqlite3_exec(store->db, sql, NULL, NULL, NULL), SQLITE_OK);
	free(sql);
	free(started);
	free(name);
	return id;
}

static int64_t measure(struct store *store, void **state, int day, const char *kernel, double value)
{
	char *tests = xasprintf(MEASURED("pass", "tdp", "%.9g"), value);
	int64_t id = add(store, state, day, kernel, tests);

	free(tests);
	return id;
}

static struct figure_pairs compared(struct store *store, const char *a, const char *b)
{
	struct figure_pairs pairs;
	char error[STORE_ERROR] = "";

	if (figures_compare(store, a, b, &pairs, error))
		fail_msg("%s", error);
	return pairs;
}

/* One value a night: it takes 19 nights before the 20th can be told from chance. */
static void nights_are_one_heap(void **state)
{
	struct figure_pairs pairs;
	struct store store;

	open_store(&store);
	for (int day = 1; day <= 18; day++)
		measure(&store, state, day, "6.12.7-x", 100 + day % 3);
	measure(&store, state, 20, "6.12.8-x", 50);
	pairs = compared(&store, FIGURES_EARLIER, "2026-01-20");
	assert_int_equal(pairs.count, 1);
	assert_int_equal(pairs.pairs[0].change, FIGURE_TOO_FEW);
	figure_pairs_free(&pairs);
	measure(&store, state, 19, "6.12.7-x", 100);
	pairs = compared(&store, FIGURES_EARLIER, "latest");
	assert_int_equal(pairs.a.count, 19);
	assert_int_equal(pairs.pairs[0].change, FIGURE_WORSE);
	assert_int_equal(pairs.pairs[0].count_a, 19);
	assert_int_equal(pairs.pairs[0].count_b, 1);
	assert_true(fabs(pairs.pairs[0].chance - 1.0 / 20) < 1e-9);
	assert_string_equal(pairs.pairs[0].place_a, "6.12.7 tcg");
	assert_string_equal(pairs.pairs[0].place_b, "6.12.8 tcg");
	figure_pairs_free(&pairs);
	pairs = compared(&store, "2026-01-01,2026-01-02,2026-01-03,2026-01-04", "2026-01-05,2026-01-06,7,8");
	assert_int_equal(pairs.pairs[0].change, FIGURE_SAME);
	assert_int_equal(pairs.pairs[0].count_b, 4);
	figure_pairs_free(&pairs);
	store_close(&store);
}

/* Four samples each of two series and two flavours on two days: each is held against its like. */
static void kernels_of_a_night_are_not_mixed(void **state)
{
	static const char *const kernels[] = { "6.12.7-x", "6.12.7-debug", "6.18.2-x" };
	struct figure_pairs pairs;
	struct store store;

	open_store(&store);
	for (int day = 1; day <= 2; day++)
		for (int kernel = 0; kernel < 3; kernel++)
			for (int i = 0; i < 4; i++)
				measure(&store, state, day, kernels[kernel],
					100 * (kernel + 1) + i + (day == 2 && kernel == 1 ? 50 : 0));
	pairs = compared(&store, "2026-01-01", "2026-01-02");
	assert_int_equal(pairs.count, 3);
	assert_int_equal(figure_pairs_count(&pairs, FIGURE_BETTER), 1);
	assert_int_equal(figure_pairs_count(&pairs, FIGURE_SAME), 2);
	assert_true(fabs(pairs.pairs[0].median_b - 251.5) < 1e-9);
	figure_pairs_free(&pairs);
	pairs = compared(&store, FIGURES_EARLIER, "2026-01-02");
	assert_int_equal(figure_pairs_count(&pairs, FIGURE_SAME), 2);
	figure_pairs_free(&pairs);
	/* a kernel against each other part of a night; two kernels against each other */
	pairs = compared(&store, "6.18", "2026-01-02");
	assert_int_equal(pairs.count, 2);
	figure_pairs_free(&pairs);
	pairs = compared(&store, "6.12.7-x", "6.18");
	assert_int_equal(pairs.count, 1);
	assert_int_equal(pairs.pairs[0].count_b, 8);
	assert_int_equal(pairs.pairs[0].change, FIGURE_BETTER);
	figure_pairs_free(&pairs);
	pairs = compared(&store, "6.12.7", "6.18");
	assert_int_equal(pairs.pairs[0].count_a, 16);
	figure_pairs_free(&pairs);
	store_close(&store);
}

static void a_run_of_both_is_of_the_smaller(void **state)
{
	struct figure_pairs pairs;
	struct store store;

	open_store(&store);
	for (int day = 1; day <= 5; day++)
		add(&store, state, day, "6.12.7-x", MEASURED("pass", "tdp", "1, 2, 3"));
	pairs = compared(&store, "6.12", "5");
	assert_int_equal(pairs.pairs[0].count_a, 12);
	assert_int_equal(pairs.pairs[0].count_b, 3);
	figure_pairs_free(&pairs);
	pairs = compared(&store, "6.12", "2026-01-05");
	assert_int_equal(pairs.pairs[0].count_a, 12);
	figure_pairs_free(&pairs);
	pairs = compared(&store, "6.12", "6.12");
	assert_int_equal(pairs.pairs[0].count_a, 15);
	figure_pairs_free(&pairs);
	store_close(&store);
}

static void modes_are_apart_and_failures_no_sample(void **state)
{
	struct figure_pairs pairs;
	char error[STORE_ERROR];
	struct store store;

	open_store(&store);
	for (int day = 1; day <= 2; day++)
		add(&store, state, day, "6.12.7-x",
		    MEASURED("pass", "tdp", "1, 2, 3, 4") "," MEASURED("xfail", "shadow", "11, 12, 13, 14") ","
		    MEASURED("fail", "tdp", "1000, 1000"));
	pairs = compared(&store, "1", "2");
	assert_int_equal(pairs.count, 2);
	assert_string_equal(pairs.pairs[0].mmu, "shadow");
	assert_true(fabs(pairs.pairs[0].median_a - 12.5) < 1e-9);
	assert_int_equal(pairs.pairs[1].count_a, 4);
	figure_pairs_free(&pairs);
	add(&store, state, 3, "6.12.7-x", MEASURED("fail", "tdp", "1, 2"));
	assert_int_equal(figures_compare(&store, "1", "3", &pairs, error), -ENOENT);
	assert_non_null(strstr(error, "no figure was measured in both"));
	assert_int_equal(figures_compare(&store, FIGURES_EARLIER, "1", &pairs, error), -ENOENT);
	assert_int_equal(figures_compare(&store, "1", "no such", &pairs, error), -ENOENT);
	assert_int_equal(figures_compare(&store, ",", "1", &pairs, error), -ENOENT);
	store_close(&store);
}

static void the_last_green_one_is_each_ones_own(void **state)
{
	struct figure_pairs pairs;
	struct store store;

	open_store(&store);
	for (int day = 1; day <= 3; day++) {
		add(&store, state, day, "6.12.7-x", day == 2 ? MEASURED("fail", "tdp", "9") :
		    MEASURED("pass", "tdp", "1, 2, 3, 4"));
		add(&store, state, day, "6.18.2-x", MEASURED("pass", "tdp", "21, 22, 23, 24"));
	}
	pairs = compared(&store, STORE_LAST_GREEN, "2026-01-03");
	assert_int_equal(pairs.count, 2);
	assert_int_equal(figure_pairs_count(&pairs, FIGURE_SAME), 2);
	assert_int_equal(pairs.a.count, 2);
	figure_pairs_free(&pairs);
	store_close(&store);
}

/* Random nights: swapped, worse is better, and nothing else changes. */
static void swapping_inverts(void **state)
{
	static const char *const kernels[] = { "6.12.7-x", "6.12.8-x", "6.18.2-x", "6.18.2-debug" };
	static const char *const words[] = { "2026-01-01", "2026-01-02", "6.12", "6.18", "1,5,9", "12" };
	struct store store;

	open_store(&store);
	srand(7);
	for (int i = 0; i < 48; i++)
		measure(&store, state, 1 + i % 2, kernels[rand() % 4], 100 + rand() % 20 + (i % 2 ? 15 : 0) + i * 0.001);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		for (size_t j = 0; j < sizeof(words) / sizeof(words[0]); j++) {
			struct figure_pairs there = compared(&store, words[i], words[j]);
			struct figure_pairs back = compared(&store, words[j], words[i]);

			assert_int_equal(there.count, back.count);
			for (int change = 0; change < FIGURE_CHANGES; change++)
				assert_int_equal(figure_pairs_count(&there, change),
						 figure_pairs_count(&back, change == FIGURE_WORSE ? FIGURE_BETTER :
								    change == FIGURE_BETTER ? FIGURE_WORSE :
								    (enum figure_change)change));
			figure_pairs_free(&there);
			figure_pairs_free(&back);
		}
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nights_are_one_heap),
		cmocka_unit_test(kernels_of_a_night_are_not_mixed),
		cmocka_unit_test(a_run_of_both_is_of_the_smaller),
		cmocka_unit_test(modes_are_apart_and_failures_no_sample),
		cmocka_unit_test(the_last_green_one_is_each_ones_own),
		cmocka_unit_test(swapping_inverts),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

// SPDX-License-Identifier: GPL-2.0-only
/* Several kernels of one series, and several builds of one kernel, are told apart wherever runs have a key. */
#include "scratch_store.h"

#include <errno.h>

#include "results/compare-pairs.h"
#include "results/report.h"
#include "results/store-show.h"
#include "results/store-sql.h"

static void flavours_are_what_stays(void **state)
{
	static const struct {
		const char *release, *flavour;
	} cases[] = {
		{ "5.10.0-46-cloud-amd64", "cloud-amd64" }, { "6.12.117+deb13-cloud-amd64", "cloud-amd64" },
		{ "6.12.117-mutants", "mutants" }, { "6.12.117-debug", "debug" }, { "6.12.117", "" },
		{ "6.19.0-rc1", "" }, { "6.19.0-rc1+", "" }, { "6.19.0-rc1-00123-gabcdef012345-dirty", "" },
		{ "6.19.0-rc1-next-20260101", "next" }, { "5.14.0-503.el9.x86_64", "" }, { "6.1.9-global", "global" },
		{ "6.1.9-my-rcu-debug", "my-rcu-debug" }, { "", "" }, { "--+", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *flavour = kernel_flavour(cases[i].release);

		assert_string_equal(flavour, cases[i].flavour);
		free(flavour);
	}
}

/* One more run, of this release and configuration. */
static int64_t add(struct store *store, void **state, const char *day, const char *release, const char *config,
		   const char *verdict)
{
	char *tests = xasprintf("{\"name\": \"a/b\", \"mmu\": \"tdp\", \"verdict\": \"%s\"}", verdict);
	char *columns = xasprintf("kernel = '%s', version = substr('%s', 1, instr('%s', '-') - 1), config_hash = '%s'",
				  release, release, release, config);
	int64_t id = import_as(store, state, day, columns, tests);

	free(columns);
	free(tests);
	return id;
}

static void expect_pairs(struct store *store, const char *a, const char *b, const char *expected)
{
	struct compare_pairs pairs;
	char error[STORE_ERROR], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(compare_pairs_find(store, a, b, &pairs, error), 0);
	for (size_t i = 0; i < pairs.count; i++)
		fprintf(out, "%lld-%lld ", (long long)pairs.pairs[i].a, (long long)pairs.pairs[i].b);
	fprintf(out, "alone %zu %zu", pairs.only_a.count, pairs.only_b.count);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	compare_pairs_free(&pairs);
}

/* A stock kernel, one for debugging, and two builds of a third, each night; the stock one had an update. */
static void nights_pair_each_build_with_itself(void **state)
{
	struct store store;

	open_store(&store);
	add(&store, state, "2026-01-01", "6.12.9-cloud", "c1", "pass");	/* 1 */
	add(&store, state, "2026-01-01", "6.12.9-debug", "d1", "pass");	/* 2 */
	add(&store, state, "2026-01-01", "6.12.9-own", "o1", "pass");		/* 3 */
	add(&store, state, "2026-01-01", "6.12.9-own", "o2", "pass");		/* 4 */
	add(&store, state, "2026-01-02", "6.12.9-own", "o2", "fail");		/* 5 */
	add(&store, state, "2026-01-02", "6.12.9-own", "o1", "pass");		/* 6 */
	add(&store, state, "2026-01-02", "6.12.9-debug", "d1", "fail");	/* 7 */
	add(&store, state, "2026-01-02", "6.12.10-cloud", "c2", "pass");	/* 8 */
	add(&store, state, "2026-01-03", "6.12.9-cloud", "c1", "pass");	/* 9 */
	add(&store, state, "2026-01-03", "6.12.10-cloud", "c2", "pass");	/* 10 */
	expect_pairs(&store, "2026-01-01", "2026-01-02", "4-5 3-6 2-7 1-8 alone 0 0");
	expect_pairs(&store, "2026-01-02", "2026-01-01", "8-1 7-2 6-3 5-4 alone 0 0");
	/* The update against itself, and its predecessor has no partner. */
	expect_pairs(&store, "2026-01-02", "2026-01-03", "8-10 alone 3 1");
	store_close(&store);
}

static void green_is_of_the_same_build(void **state)
{
	char error[STORE_ERROR];
	struct store store;
	int64_t stock, one, red, id;

	open_store(&store);
	stock = add(&store, state, "2026-01-01", "6.12.9-cloud", "c1", "pass");
	one = add(&store, state, "2026-01-01", "6.12.9-own", "o1", "pass");
	add(&store, state, "2026-01-01", "6.12.9-own", "o2", "pass");
	red = add(&store, state, "2026-01-02", "6.12.9-own", "o1", "fail");
	assert_int_equal(store_find(&store, "last-green", red, &id, error), 0);
	assert_int_equal(id, one);
	red = add(&store, state, "2026-01-02", "6.12.10-cloud", "c2", "fail");
	assert_int_equal(store_find(&store, "last-green", red, &id, error), 0);
	assert_int_equal(id, stock);
	red = add(&store, state, "2026-01-02", "6.12.9-debug", "d1", "fail");
	assert_int_equal(store_find(&store, "last-green", red, &id, error), -ENOENT);
	store_close(&store);
}

/* Each has its column, whose title tells which it is; and its newest run is reported and kept. */
static void each_build_has_its_column(void **state)
{
	char error[STORE_ERROR], *text = NULL;
	struct report report;
	struct store store;
	int64_t *ids;
	size_t size;
	FILE *out;

	open_store(&store);
	add(&store, state, "2026-01-01", "6.1.9-cloud", "a1", "pass");
	add(&store, state, "2026-01-02", "6.12.9-cloud", "c1", "skip");
	add(&store, state, "2026-01-03", "6.12.9-own", "0123456789abcdef", "fail");
	add(&store, state, "2026-01-04", "6.12.9-own", "fedcba9876543210", "pass");
	add(&store, state, "2026-01-05", "6.12.9-own", "fedcba9876543210", "panic");
	out = open_memstream(&text, &size);
	assert_int_equal(store_matrix(&store, out, STORE_PLAIN, error), 0);
	fclose(out);
	assert_string_equal(text,
		"TEST  MMU  6.1.9  6.12.9-cloud  6.12.9-own 01234567  6.12.9-own fedcba98\n"
		"a/b   tdp  pass   skip          fail                 panic\n");
	free(text);
	assert_int_equal(store_newest(&store, "", &ids, error), 4);
	assert_int_equal(report_load(&report, &store, ids, 4, error), 0);
	assert_int_equal(report.column_count, 4);
	assert_string_equal(report.columns[0].title, "6.1.9");
	assert_string_equal(report.columns[1].title, "6.12.9-cloud");
	assert_string_equal(report.columns[2].title, "6.12.9-own 01234567");
	assert_string_equal(report.columns[3].title, "6.12.9-own fedcba98");
	report_free(&report);
	free(ids);
	assert_int_equal(store_prune(&store, 1, error), 1);
	assert_int_equal(rows(&store, "run WHERE id != 4"), 4);
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flavours_are_what_stays),
		cmocka_unit_test(nights_pair_each_build_with_itself),
		cmocka_unit_test(green_is_of_the_same_build),
		cmocka_unit_test(each_build_has_its_column),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

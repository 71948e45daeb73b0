// SPDX-License-Identifier: GPL-2.0-only
#include "scratch_store.h"

#include "results/compare.h"

static const char *const states[] = {
	"", TEST("a/b", "pass", "1"), TEST("a/b", "fail", "1"), TEST("a/b", "skip", "1"),
	TEST("a/b", "pass", "1") "," TEST("a/b", "hang", "2"), TEST("a/b", "xfail", "1"),
	TEST("a/b", "xpass", "1"),
};

#define STATES (sizeof(states) / sizeof(states[0]))

static enum change change_of(struct store *store, int64_t a, int64_t b)
{
	struct comparison comparison;
	char error[STORE_ERROR];
	enum change change;

	assert_int_equal(compare_runs(store, a, b, &comparison, error), 0);
	assert_true(comparison.count <= 1);
	change = comparison.count ? comparison.tests[0].change : CHANGE_NONE;
	comparison_free(&comparison);
	return change;
}

static enum change inverse(enum change change)
{
	switch (change) {
	case CHANGE_REGRESSION:
		return CHANGE_FIX;
	case CHANGE_FIX:
		return CHANGE_REGRESSION;
	case CHANGE_NEW:
		return CHANGE_GONE;
	case CHANGE_GONE:
		return CHANGE_NEW;
	default:
		return change;
	}
}

static void a_failure_is_what_is_shown(void **state)
{
	struct comparison comparison;
	char error[STORE_ERROR];
	struct store store;
	int64_t a, b;

	open_store(&store);
	a = import(&store, state, "f1", "2026-01-01T00:00:00Z", TEST("a/b", "pass", "1"));
	b = import(&store, state, "f2", "2026-01-02T00:00:00Z", TEST("a/b", "skip", "1") "," TEST("a/b", "panic", "2"));
	assert_int_equal(compare_runs(&store, a, b, &comparison, error), 0);
	assert_string_equal(comparison.tests[0].b.verdict, "panic");
	comparison_free(&comparison);
	store_close(&store);
}

/* Every state of a test against every other, both ways. */
static void swapping_inverts(void **state)
{
	int64_t ids[STATES];
	struct store store;
	char name[16], started[32];

	open_store(&store);
	for (size_t i = 0; i < STATES; i++) {
		snprintf(name, sizeof(name), "s%zu", i);
		snprintf(started, sizeof(started), "2026-01-0%zuT00:00:00Z", i + 1);
		ids[i] = import(&store, state, name, started, states[i]);
	}
	for (size_t i = 0; i < STATES; i++)
		for (size_t j = 0; j < STATES; j++)
			assert_int_equal(change_of(&store, ids[j], ids[i]),
					 inverse(change_of(&store, ids[i], ids[j])));
	assert_int_equal(change_of(&store, ids[1], ids[2]), CHANGE_REGRESSION);
	assert_int_equal(change_of(&store, ids[1], ids[4]), CHANGE_REGRESSION);
	assert_int_equal(change_of(&store, ids[5], ids[2]), CHANGE_REGRESSION);
	assert_int_equal(change_of(&store, ids[1], ids[5]), CHANGE_KNOWN);
	assert_int_equal(change_of(&store, ids[1], ids[3]), CHANGE_GONE);
	assert_int_equal(change_of(&store, ids[0], ids[2]), CHANGE_NEW);
	assert_int_equal(change_of(&store, ids[2], ids[4]), CHANGE_STILL);
	assert_int_equal(change_of(&store, ids[4], ids[4]), CHANGE_FLAKY);
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_is_what_is_shown),
		cmocka_unit_test(swapping_inverts),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

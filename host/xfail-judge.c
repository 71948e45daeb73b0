// SPDX-License-Identifier: GPL-2.0-only
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "mmu.h"
#include "version.h"
#include "xfail.h"

static bool is_mode(const char *modes, const char *mmu)
{
	const char *list[MMU_MODES];
	size_t count = mmu_list(modes, list);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i], mmu))
			return true;
	/* With --here nobody knows the mode: only what holds in all of them is certain. */
	return count == MMU_MODES;
}

static bool is_there(const struct xfail *item, const struct xfail_place *place, const char *test)
{
	return place->version && version_in_ranges(place->version, item->kernels) &&
	       is_mode(item->mmu, place->mmu) && !fnmatch(item->test, test, 0);
}

/* The first that is about this case; name is NULL for all of the test. */
static const struct xfail *find(const struct run_test *test, const struct xfail_place *place,
				const char *name)
{
	for (size_t i = 0; i < place->list->count; i++) {
		const struct xfail *item = &place->list->items[i];

		if (!item->cases == !name && is_there(item, place, test->name) &&
		    (!name || !fnmatch(item->cases, name, 0)))
			return item;
	}
	return NULL;
}

/* What is turned keeps its own reason behind that of the bug. */
static void turn(const struct xfail *item, enum verdict *verdict, char **reason)
{
	char *old = *reason;
	bool passed = *verdict == VERDICT_PASS;

	*verdict = passed ? VERDICT_XPASS : VERDICT_XFAIL;
	if (passed)
		*reason = xasprintf("gone: known bug no longer seen, remove %s.conf, or this kernel from it: %s (%s)",
				    item->name, item->reason, item->commit);
	else
		*reason = xasprintf("known bug: %s (%s)%s%s", item->reason, item->commit,
				    old ? "\n" : "", old ? old : "");
	free(old);
}

static void judge_cases(struct run_test *test, const struct xfail_place *place)
{
	for (size_t i = 0; i < test->case_count; i++) {
		struct run_case *c = &test->cases[i];
		const struct xfail *item = find(test, place, c->name);

		if (item && (c->verdict == VERDICT_PASS || c->verdict == VERDICT_FAIL))
			turn(item, &c->verdict, &c->reason);
	}
}

static const struct run_case *first_case(const struct run_test *test, enum verdict verdict)
{
	for (size_t i = 0; i < test->case_count; i++)
		if (test->cases[i].verdict == verdict)
			return &test->cases[i];
	return NULL;
}

/* The test follows its cases: what still fails, else what fails as expected, else what does not. */
static void follow_cases(struct run_test *test)
{
	static const enum verdict order[] = { VERDICT_FAIL, VERDICT_XFAIL, VERDICT_XPASS };
	const struct run_case *c = NULL;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) && !c; i++)
		c = first_case(test, order[i]);
	if (!c)
		return;
	test->verdict = c->verdict;
	free(test->reason);
	test->reason = c->reason ? xasprintf("%s: %.*s", c->name, (int)strcspn(c->reason, "\n"),
					     c->reason) : xstrdup(c->name);
}

/* Did the first splat or panic happen in that function, or below it? */
static bool is_at(const char *fingerprint, const char *functions)
{
	char *copy = xstrdup(fingerprint ? fingerprint : ""), *rest = copy, *name;
	bool found = false;

	while ((name = strsep(&rest, " <")))
		found |= !fnmatch(functions, name, 0);
	free(copy);
	return found;
}

/* What cases say of a kernel that has said itself that it is no longer sound goes with that. */
static bool befell(const struct xfail *item, const struct run_test *test)
{
	if (test->verdict == VERDICT_PASS)
		return true;
	if (item->at && !is_at(test->fingerprint, item->at))
		return false;
	return test->verdict == item->verdict ||
	       (item->verdict == VERDICT_SPLAT && test->verdict == VERDICT_FAIL);
}

void xfail_judge(struct run_test *test, const struct xfail_place *place, bool sound)
{
	const struct xfail *item = find(test, place, NULL);

	if (sound) {
		judge_cases(test, place);
		follow_cases(test);
	}
	if (item && befell(item, test))
		turn(item, &test->verdict, &test->reason);
}

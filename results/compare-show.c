// SPDX-License-Identifier: GPL-2.0-only
/* A comparison for people and for programs. */
#include <stdlib.h>
#include <string.h>

#include "compare-show.h"
#include "host/die.h"
#include "json-text.h"
#include "text.h"

static const struct {
	const char *name, *colour;
} changes[CHANGE_COUNT] = {
	[CHANGE_REGRESSION] = { "regression", "\033[31m" },
	[CHANGE_FIX] = { "fix", "\033[32m" },
	[CHANGE_NEW] = { "new", "\033[36m" },
	[CHANGE_GONE] = { "gone", "\033[33m" },
	[CHANGE_FLAKY] = { "flaky", "\033[33m" },
	[CHANGE_KNOWN] = { "known", "" },
	[CHANGE_STILL] = { "still fails", "\033[31m" },
	[CHANGE_NONE] = { "unchanged", "" },
};

const char *change_name(enum change change)
{
	return changes[change].name;
}

/* "pass", "fail 2/3", "-" */
static char *describe(const struct comparison_side *side)
{
	if (!side->rounds)
		return xstrdup("-");
	if (!side->verdict[0])
		return xstrdup("pass");
	if (side->rounds == 1 || side->failed == side->rounds || !side->failed)
		return xstrdup(side->verdict);
	return xasprintf("%s %u/%u", side->verdict, side->failed, side->rounds);
}

static void print_test(const struct comparison_test *test, int wide, FILE *out, int colour)
{
	char *a = describe(&test->a), *b = describe(&test->b), *from_to = xasprintf("%s -> %s", a, b);
	const char *tint = colour ? changes[test->change].colour : "";
	const char *reason = test->b.reason[0] ? test->b.reason : test->a.reason;

	fprintf(out, "  %s%-11s%s  ", tint, changes[test->change].name, *tint ? "\033[0m" : "");
	text_put(out, test->name, wide);
	fputs("  ", out);
	text_put(out, test->mmu, 7);
	fprintf(out, "  %-16s  %s%s%.*s\n", from_to, test->b.class, *test->b.class ? ": " : "",
		(int)strcspn(reason, "\n"), reason);
	free(from_to);
	free(b);
	free(a);
}

/* A paragraph of its own: these are to be acted on, though nothing fails. */
static void print_cured(const struct comparison *comparison, FILE *out)
{
	for (size_t i = 0; i < comparison->cured_count; i++) {
		const struct comparison_cured *cured = &comparison->cured[i];

		fprintf(out, "%s  %s %s%s%s: %.*s\n", i ? "" : "\n", cured->name, cured->mmu,
			*cured->case_name ? " " : "", cured->case_name,
			(int)strcspn(cured->reason, "\n"), cured->reason);
	}
}

void changes_print(const size_t counts[CHANGE_COUNT], FILE *out)
{
	const char *comma = "";

	for (int change = 0; change < CHANGE_COUNT; change++) {
		if (!counts[change] && change != CHANGE_REGRESSION)
			continue;
		fprintf(out, "%s%zu %s%s", comma, counts[change], changes[change].name,
			change == CHANGE_REGRESSION && counts[change] != 1 ? "s" : "");
		comma = ", ";
	}
	fputc('\n', out);
}

void comparison_print(const struct comparison *comparison, FILE *out, int colour)
{
	size_t counts[CHANGE_COUNT];
	int wide = 0;

	fprintf(out, "A  %s\nB  %s\n\n", comparison->label_a, comparison->label_b);
	for (size_t i = 0; i < comparison->count; i++)
		wide = text_wider(wide, comparison->tests[i].name);
	for (int change = 0; change < CHANGE_NONE; change++)
		for (size_t i = 0; i < comparison->count; i++)
			if ((int)comparison->tests[i].change == change)
				print_test(&comparison->tests[i], wide, out, colour);
	print_cured(comparison, out);
	for (int change = 0; change < CHANGE_COUNT; change++)
		counts[change] = comparison_count(comparison, change);
	fputs(counts[CHANGE_NONE] == comparison->count && !comparison->cured_count ? "  " : "\n  ", out);
	changes_print(counts, out);
}

static json_t *side_json(const struct comparison_side *side)
{
	return json_pack("{s:i, s:i, s:i, s:i, s:o, s:o, s:o}", "rounds", side->rounds, "passed", side->passed,
			 "failed", side->failed, "known", side->known, "verdict", json_text(side->verdict),
			 "reason", json_text(side->reason), "class", json_text(side->class));
}

static json_t *cured_json(const struct comparison *comparison)
{
	json_t *all = json_array();

	for (size_t i = 0; i < comparison->cured_count; i++) {
		const struct comparison_cured *cured = &comparison->cured[i];

		json_array_append_new(all, json_pack("{s:o, s:o, s:o, s:o}", "name", json_text(cured->name),
			"mmu", json_text(cured->mmu), "case", json_text(cured->case_name),
			"reason", json_text(cured->reason)));
	}
	return all;
}

json_t *comparison_object(const struct comparison *comparison)
{
	json_t *tests = json_array(), *totals = json_object();

	for (size_t i = 0; i < comparison->count; i++) {
		const struct comparison_test *test = &comparison->tests[i];

		json_array_append_new(tests, json_pack("{s:o, s:o, s:s, s:o, s:o}", "name",
			json_text(test->name), "mmu", json_text(test->mmu), "change",
			changes[test->change].name, "a", side_json(&test->a), "b", side_json(&test->b)));
	}
	for (int change = 0; change < CHANGE_COUNT; change++)
		json_object_set_new(totals, changes[change].name,
				    json_integer(comparison_count(comparison, change)));
	return json_pack("{s:i, s:I, s:I, s:o, s:o, s:o}", "format", 1, "a", (json_int_t)comparison->a, "b",
			 (json_int_t)comparison->b, "totals", totals, "tests", tests,
			 "cured", cured_json(comparison));
}

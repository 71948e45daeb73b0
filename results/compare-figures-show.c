// SPDX-License-Identifier: GPL-2.0-only
/* Figures held against each other, for people and for programs. */
#include <stdlib.h>
#include <string.h>

#include "compare-figures.h"
#include "host/die.h"
#include "json-text.h"
#include "text-table.h"

static const struct {
	const char *name, *colour;
} changes[FIGURE_CHANGES] = {
	[FIGURE_WORSE] = { "worse", "\033[31m" },
	[FIGURE_BETTER] = { "better", "\033[32m" },
	[FIGURE_SAME] = { "same", "" },
	[FIGURE_TOO_FEW] = { "too few samples", "\033[33m" },
};

/* "6.12 tcg tdp", "6.1.192 tcg -> 6.12.74 tcg tdp" */
static char *place_of(const struct figure_pair *pair)
{
	if (!strcmp(pair->place_a, pair->place_b))
		return xasprintf("%s %s", pair->place_b, pair->mmu);
	return xasprintf("%s -> %s %s", pair->place_a, pair->place_b, pair->mmu);
}

static bool is_shown(const struct figure_pair *pair, bool changed)
{
	return !changed || pair->change == FIGURE_WORSE || pair->change == FIGURE_BETTER;
}

static void add_why(struct text_table *table, const struct figure_pair *pair)
{
	char why[40] = "";

	if (pair->change != FIGURE_TOO_FEW && pair->chance < 1)
		snprintf(why, sizeof(why), ", chance %.3g", pair->chance);
	else if (pair->change != FIGURE_TOO_FEW)
		snprintf(why, sizeof(why), ", medians near");
	text_table_add(table, "", "%zu and %zu samples%s", pair->count_a, pair->count_b, why);
}

static void add_pair(struct text_table *table, const struct figure_pair *pair, int colour)
{
	double percent = pair->median_a != 0 ? 100 * (pair->median_b - pair->median_a) / pair->median_a : 0;
	char *place = place_of(pair);

	text_table_add(table, colour ? changes[pair->change].colour : "", "%s", changes[pair->change].name);
	text_table_add(table, "", "%s", pair->test);
	text_table_add(table, "", "%s", pair->name);
	text_table_add(table, "", "%s", place);
	text_table_add(table, "", "%.6g", pair->median_a);
	text_table_add(table, "", "-> %.6g", pair->median_b);
	text_table_add(table, "", "%s", pair->unit);
	text_table_add(table, "", "%+.1f %%", percent);
	add_why(table, pair);
	free(place);
}

static void print_runs(char side, const struct store_set *set, FILE *out)
{
	fprintf(out, "%c  ", side);
	if (set->count > 1)
		fprintf(out, "%zu runs: ", set->count);
	for (size_t i = 0; i < set->count && i < 8; i++)
		fprintf(out, "%s%lld", i ? ", " : set->count > 1 ? "" : "run ", (long long)set->ids[i]);
	fputs(set->count > 8 ? ", ...\n" : "\n", out);
}

void figure_pairs_print(const struct figure_pairs *pairs, bool changed, FILE *out, int colour)
{
	size_t told = pairs->count - figure_pairs_count(pairs, FIGURE_TOO_FEW);
	struct text_table table = { .columns = 9, .right = 1 << 4 | 1 << 7 };

	print_runs('A', &pairs->a, out);
	print_runs('B', &pairs->b, out);
	fputc('\n', out);
	for (size_t i = 0; i < pairs->count; i++)
		if (is_shown(&pairs->pairs[i], changed))
			add_pair(&table, &pairs->pairs[i], colour);
	text_table_print(&table, 2, out);
	fprintf(out, "%s  %zu worse, %zu better, %zu the same, %zu with too few samples", table.count ? "\n" : "",
		figure_pairs_count(pairs, FIGURE_WORSE), figure_pairs_count(pairs, FIGURE_BETTER),
		figure_pairs_count(pairs, FIGURE_SAME), figure_pairs_count(pairs, FIGURE_TOO_FEW));
	/* Many questions: some get a wrong answer. */
	if (told * FIGURE_ALPHA >= 1)
		fprintf(out, "; of %zu up to %.0f seem to change by chance", told, told * FIGURE_ALPHA);
	fputc('\n', out);
	text_table_free(&table);
}

static json_t *pair_json(const struct figure_pair *pair)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:f, s:f, s:I, s:I, s:f}",
			 "change", changes[pair->change].name, "suite", json_text(pair->suite),
			 "test", json_text(pair->test), "mmu", json_text(pair->mmu), "name", json_text(pair->name),
			 "unit", json_text(pair->unit), "a", json_text(pair->place_a), "b", json_text(pair->place_b),
			 "less_is_better", pair->less_is_better, "median_a", pair->median_a,
			 "median_b", pair->median_b, "samples_a", (json_int_t)pair->count_a,
			 "samples_b", (json_int_t)pair->count_b, "chance", pair->chance);
}

static json_t *runs_json(const struct store_set *set)
{
	json_t *ids = json_array();

	for (size_t i = 0; i < set->count; i++)
		json_array_append_new(ids, json_integer(set->ids[i]));
	return ids;
}

char *figure_pairs_json(const struct figure_pairs *pairs)
{
	json_t *figures = json_array(), *totals = json_object();

	for (int change = 0; change < FIGURE_CHANGES; change++)
		json_object_set_new(totals, changes[change].name, json_integer(figure_pairs_count(pairs, change)));
	for (size_t i = 0; i < pairs->count; i++)
		json_array_append_new(figures, pair_json(&pairs->pairs[i]));
	return json_finish(json_pack("{s:i, s:o, s:o, s:o, s:o}", "format", 1, "a", runs_json(&pairs->a), "b",
				     runs_json(&pairs->b), "totals", totals, "figures", figures));
}

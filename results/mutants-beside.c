// SPDX-License-Identifier: GPL-2.0-only
/* Suites of tests held against the same mutants, side by side. */
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "results/mutants.h"
#include "results/text.h"

#define WIDE 44	/* columns of a suite */

/* "killed by zap/munmap", "survived", or "-": it was not asked. The caller's to free. */
static char *cell(const struct mutants *suite, const char *name)
{
	const struct mutant *mutant = mutants_get(suite, name);

	if (!mutant)
		return xstrdup("-");
	return xasprintf("%s%s%s", mutant_verdict_name(mutant->verdict), mutant->killer[0] ? " by " : "",
			 mutant->killer);
}

static void print_row(const struct mutants *suites, size_t count, const char *name, int wide, FILE *out)
{
	fprintf(out, "  %-*s", wide, name);
	for (size_t i = 0; i < count; i++) {
		char *text = cell(&suites[i], name), *clean = text_clean_line(text);

		fputs("  ", out);
		text_put(out, clean, i + 1 < count ? WIDE : 0);
		free(clean);
		free(text);
	}
	fputc('\n', out);
}

static bool is_in_any(const struct mutants *suites, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (mutants_get(&suites[i], name))
			return true;
	return false;
}

static int widest(const struct mutants *suites, size_t count)
{
	int wide = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < suites[i].count; j++)
			if ((int)strlen(suites[i].all[j].name) > wide)
				wide = strlen(suites[i].all[j].name);
	return wide;
}

static void print_score(const struct mutants *suites, size_t count, int wide, FILE *out)
{
	fprintf(out, "  %-*s", wide, "killed of all");
	for (size_t i = 0; i < count; i++) {
		char *text = xasprintf("%zu of %zu", mutants_count(&suites[i], MUTANT_KILLED), suites[i].count);

		fprintf(out, "  %-*s", i + 1 < count ? WIDE : 0, text);
		free(text);
	}
	fputc('\n', out);
}

void mutants_print_beside(const struct mutants *suites, size_t count, FILE *out)
{
	int wide = widest(suites, count);

	fprintf(out, "\n  %-*s", wide, "mutant");
	for (size_t i = 0; i < count; i++)
		fprintf(out, "  %-*s", i + 1 < count ? WIDE : 0, suites[i].suite);
	fputc('\n', out);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < suites[i].count; j++)
			if (!is_in_any(suites, i, suites[i].all[j].name))
				print_row(suites, count, suites[i].all[j].name, wide, out);
	print_score(suites, count, wide, out);
}

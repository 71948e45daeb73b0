// SPDX-License-Identifier: GPL-2.0-only
#include "results/mutants.h"

#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "text.h"

static const char *const names[MUTANT_VERDICTS] = {
	"unreached", "killed", "survived", "broken",
};

const char *mutant_verdict_name(enum mutant_verdict verdict)
{
	return names[verdict];
}

bool mutant_verdict_is_known(const char *name)
{
	for (enum mutant_verdict verdict = 0; verdict < MUTANT_VERDICTS; verdict++)
		if (!strcmp(mutant_verdict_name(verdict), name))
			return true;
	return false;
}

struct mutant *mutants_add(struct mutants *mutants, const char *name)
{
	struct mutant *mutant;

	mutants->all = xrealloc(mutants->all, (mutants->count + 1) * sizeof(*mutants->all));
	mutant = &mutants->all[mutants->count++];
	*mutant = (struct mutant){
		.name = xstrdup(name), .text = xstrdup(""), .commit = xstrdup(""),
		.append = xstrdup(""), .timeout = xstrdup(""),
		.prefer = xstrdup(""), .killer = xstrdup(""), .reason = xstrdup(""),
	};
	return mutant;
}

struct mutant *mutants_get(const struct mutants *mutants, const char *name)
{
	for (size_t i = 0; i < mutants->count; i++)
		if (!strcmp(mutants->all[i].name, name))
			return &mutants->all[i];
	return NULL;
}

void mutant_add_reach(struct mutant *mutant, const char *test, double duration_s)
{
	mutant->reach = xrealloc(mutant->reach, (mutant->reach_count + 1) * sizeof(*mutant->reach));
	mutant->reach[mutant->reach_count++] = (struct mutant_reach){ xstrdup(test), duration_s };
}

void mutant_set_verdict(struct mutant *mutant, enum mutant_verdict verdict, const char *killer, char *reason)
{
	mutant->verdict = verdict;
	free(mutant->killer);
	free(mutant->reason);
	mutant->killer = xstrdup(killer);
	mutant->reason = reason;
}

void mutants_free(struct mutants *mutants)
{
	for (size_t i = 0; i < mutants->count; i++) {
		struct mutant *mutant = &mutants->all[i];

		for (size_t j = 0; j < mutant->reach_count; j++)
			free(mutant->reach[j].test);
		free(mutant->reach);
		free(mutant->name);
		free(mutant->text);
		free(mutant->commit);
		free(mutant->prefer);
		free(mutant->append);
		free(mutant->timeout);
		free(mutant->killer);
		free(mutant->reason);
	}
	free(mutants->all);
	free(mutants->suite);
	free(mutants->kernel);
	free(mutants->mmu);
	free(mutants->folder);
	free(mutants->started);
}

size_t mutants_count(const struct mutants *mutants, enum mutant_verdict verdict)
{
	size_t count = 0;

	for (size_t i = 0; i < mutants->count; i++)
		count += mutants->all[i].verdict == verdict;
	return count;
}

/* What came of it; the caller's to free. */
static char *outcome(const struct mutant *mutant)
{
	if (mutant->verdict == MUTANT_KILLED)
		return xasprintf("%6.1f s  %s: %s", mutant->duration_s, mutant->killer, mutant->reason);
	if (mutant->verdict == MUTANT_SURVIVED)
		return xasprintf("%6.1f s  %zu test%s: %s", mutant->duration_s, mutant->tried,
				 mutant->tried == 1 ? "" : "s", mutant->text);
	return xasprintf("          %s", mutant->verdict == MUTANT_BROKEN ? mutant->reason : mutant->text);
}

/* A line each, though reasons are what tests said. */
static void print_row(const struct mutant *mutant, int wide, FILE *out)
{
	char *text = outcome(mutant), *clean = text_clean_line(text), *name = text_clean_line(mutant->name);

	fprintf(out, "  %-9s  ", names[mutant->verdict]);
	text_put(out, name, wide);
	fprintf(out, "  %s\n", clean);
	free(name);
	free(clean);
	free(text);
}

static int by_number(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double mutants_median(const struct mutants *mutants)
{
	double *times = xzalloc((mutants->count + 1) * sizeof(*times)), middle;
	size_t n = 0;

	for (size_t i = 0; i < mutants->count; i++)
		if (mutants->all[i].verdict == MUTANT_KILLED)
			times[n++] = mutants->all[i].duration_s;
	qsort(times, n, sizeof(*times), by_number);
	middle = n ? times[n / 2] : 0;
	free(times);
	return middle;
}

void mutants_print(const struct mutants *mutants, FILE *out)
{
	static const enum mutant_verdict order[] = {
		MUTANT_BROKEN, MUTANT_SURVIVED, MUTANT_UNREACHED, MUTANT_KILLED,
	};
	size_t killed = mutants_count(mutants, MUTANT_KILLED);
	size_t reached = killed + mutants_count(mutants, MUTANT_SURVIVED);
	int wide = 0;

	for (size_t i = 0; i < mutants->count; i++)
		if ((int)strlen(mutants->all[i].name) > wide)
			wide = strlen(mutants->all[i].name);
	for (size_t v = 0; v < MUTANT_VERDICTS; v++)
		for (size_t i = 0; i < mutants->count; i++)
			if (mutants->all[i].verdict == order[v])
				print_row(&mutants->all[i], wide, out);
	fprintf(out, "\n  %zu of %zu reached mutants killed (%.0f %%), %zu survived, %zu not reached, "
		"%zu broken; median time to the kill %.1f s; %.0f s in all   suite %s, kernel %s, mmu %s\n",
		killed, reached, reached ? 100.0 * killed / reached : 0.0,
		mutants_count(mutants, MUTANT_SURVIVED), mutants_count(mutants, MUTANT_UNREACHED),
		mutants_count(mutants, MUTANT_BROKEN), mutants_median(mutants), mutants->duration_s,
		mutants->suite, mutants->kernel, mutants->mmu);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests noticed of defects that were switched on in a kernel: a model, its table, its JSON. */
#ifndef SPTEST_RESULTS_MUTANTS_H
#define SPTEST_RESULTS_MUTANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum mutant_verdict {
	MUTANT_UNREACHED,	/* no test comes to its place */
	MUTANT_KILLED,		/* a test that passes without it fails with it */
	MUTANT_SURVIVED,	/* no test that reaches it fails */
	MUTANT_BROKEN,		/* this kernel has no such switch, or no machine ran with it */
	MUTANT_VERDICTS,
};

struct mutant_reach {
	char *test;
	double duration_s;	/* of the test without the mutant */
};

struct mutant {
	char *name;
	char *text, *commit;	/* what it stands for; commit or report, "" if none */
	char *prefer;		/* tests that are tried first, globs with commas, or "" */
	char *append;		/* kernel parameters that are the defect, "": it is switched on at run time */
	char *timeout;		/* seconds on hardware for each test, "": by what it takes without */
	struct mutant_reach *reach;
	size_t reach_count;
	bool known;		/* this kernel has it */

	enum mutant_verdict verdict;
	char *killer, *reason;	/* the test, and what it said; "" if none */
	double duration_s;	/* until the first kill, or of all that was tried */
	size_t tried;		/* tests */
};

struct mutants {
	char *suite;		/* of tests: "sptest", "upstream" */
	char *kernel, *mmu, *folder;
	char *started;		/* ISO 8601, UTC */
	double duration_s;
	struct mutant *all;
	size_t count;
};

const char *mutant_verdict_name(enum mutant_verdict verdict);
bool mutant_verdict_is_known(const char *name);

/* A new one, all text empty. */
struct mutant *mutants_add(struct mutants *mutants, const char *name);
struct mutant *mutants_get(const struct mutants *mutants, const char *name);
void mutant_add_reach(struct mutant *mutant, const char *test, double duration_s);

/* reason, from malloc(), becomes the mutant's. */
void mutant_set_verdict(struct mutant *mutant, enum mutant_verdict verdict, const char *killer, char *reason);

void mutants_free(struct mutants *mutants);

size_t mutants_count(const struct mutants *mutants, enum mutant_verdict verdict);

/* Of the times to the kill, in seconds; 0 if there was none. */
double mutants_median(const struct mutants *mutants);

/* Aligned columns, survivors first, the score last. */
void mutants_print(const struct mutants *mutants, FILE *out);

/* One line for each mutant, one column for each suite. */
void mutants_print_beside(const struct mutants *suites, size_t count, FILE *out);

/* The caller's to free. */
char *mutants_json(const struct mutants *mutants);

/* One suite as mutants_json(), several as the array "suites" of such objects. */
char *mutants_json_all(const struct mutants *suites, size_t count);

#endif

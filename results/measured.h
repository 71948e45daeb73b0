/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What tests measured, for comparison and never for a verdict. A test says each value in a diagnostic at its
 * outermost level, as often as it measures it:
 *
 *	# figure NAME VALUE UNIT less|more
 *
 * The last word says which is better.
 */
#ifndef SPTEST_MEASURED_H
#define SPTEST_MEASURED_H

#include <stdbool.h>
#include <stddef.h>

struct measured {
	char *name, *unit;
	bool less_is_better;
	double *values;		/* in the order in which they were said */
	size_t count;
};

struct measured_list {
	struct measured *figures;	/* in the order in which they were first said */
	size_t count;
};

/* Is it one word of letters, digits and _.:/%-, as names and units of figures are? "" is. */
bool measured_is_name(const char *word);

/* A diagnostic without its "# "; any other is let be. */
void measured_take(struct measured_list *list, const char *diagnostic);

/* Adds what is in `from`. */
void measured_add(struct measured_list *into, const struct measured_list *from);
void measured_release(struct measured_list *list);

#endif

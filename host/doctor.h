/* SPDX-License-Identifier: GPL-2.0-only */
/* What this machine offers and lacks for sptest. */
#ifndef SPTEST_DOCTOR_H
#define SPTEST_DOCTOR_H

#include <stdbool.h>

struct finding {
	const char *name;
	bool ok;
	char text[400];		/* what there is */
	char fix[200];		/* what to do; "" when nothing is to be done */
};

/*
 * One look at a part of this machine. finding comes with ok set and texts empty; out is the folder
 * that run folders go into.
 */
typedef void (*doctor_check)(struct finding *finding, const char *out);

struct doctor_entry {
	const char *name;
	doctor_check check;
};

/* Ends with a NULL name. */
extern const struct doctor_entry doctor_entries[];

#endif

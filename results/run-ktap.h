/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_RUN_KTAP_H
#define SPTEST_RUN_KTAP_H

#include <stddef.h>
#include <stdio.h>

#include "verdict.h"

struct run;

/* The run as one KTAP text, a test each with its cases as subtests; the caller's to free. */
char *run_ktap(const struct run *run);

/* One result line, with the reason (or NULL) in a diagnostic before it or in its directive. */
void ktap_put_result(FILE *f, const char *indent, size_t number, const char *name, enum verdict verdict,
		     const char *reason);

#endif

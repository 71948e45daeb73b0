/* SPDX-License-Identifier: GPL-2.0-only */
/* What a VM that was not made, or is gone, must not have left behind. */
#ifndef SPTEST_LIB_CENSUS_H
#define SPTEST_LIB_CENSUS_H

#include <stddef.h>
#include <stdint.h>

#define CENSUS_MODULES 3

struct census {
	size_t files;				/* that this process has open */
	uint64_t references[CENSUS_MODULES];	/* to KVM's modules; 0 where it is built in */
};

void census_take(struct census *census);

/* There is nothing more and nothing less; `what` names the step. */
void census_expect_same(const struct census *before, const char *what);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* The events witness: do the invalidations of a step say what they must? */
#ifndef SPTEST_LIB_RANGE_CHECK_H
#define SPTEST_LIB_RANGE_CHECK_H

#include "lib/witness.h"

void range_check(const struct vm *vm, const char *what, const struct step *step,
		 const struct event_list *list);

#endif

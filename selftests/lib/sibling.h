/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Another process with a VM of its own, to which nothing must happen whatever the case does to others.
 * Failures end the case.
 */
#ifndef SPTEST_LIB_SIBLING_H
#define SPTEST_LIB_SIBLING_H

/* Before the case has a VM. Its guest has written all of its memory. */
void sibling_start(void);

/*
 * Guest and owner still read what was written, from the same pages by the same sptes; `what` names
 * the step.
 */
void sibling_expect_untouched(const char *what);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Known bugs of kernels: which cases fail because of them, and on which kernels. Such a failure is no
 * news, but it is always shown; so is a pass where a failure was expected.
 */
#ifndef SPTEST_XFAIL_H
#define SPTEST_XFAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "results/run.h"

struct xfail {
	char *name;		/* of its file, without .conf */
	char *test, *cases;	/* globs; cases is NULL for what befalls all of the test */
	char *kernels;		/* as version_in_ranges() takes them */
	char *mmu;		/* modes with commas, or all */
	char *commit;		/* upstream, that mends it */
	char *reason;		/* one line */
	char *at;		/* glob of a function in the fingerprint of the splat or panic; NULL: any */
	enum verdict verdict;	/* what it comes to: fail, splat, panic, hang, timeout */
};

struct xfail_list {
	struct xfail *items;
	size_t count;
};

/*
 * share/xfail/NAME.conf, then the user's own, of which one of the same name wins. Dies (STATUS_USAGE)
 * with one line for a file that makes no sense.
 */
void xfail_load(struct xfail_list *list);
void xfail_free(struct xfail_list *list);

/* Where a test ran. */
struct xfail_place {
	const struct xfail_list *list;
	const char *version;	/* upstream version of the kernel, or NULL */
	const char *mmu;
};

/*
 * Turns failures that are expected there into VERDICT_XFAIL, with the known bug in front of the reason,
 * and passes in place of them into VERDICT_XPASS. sound: the test ran to its end and nothing but its
 * cases speaks against it; if not, cases stay as they are.
 */
void xfail_judge(struct run_test *test, const struct xfail_place *place, bool sound);

#endif

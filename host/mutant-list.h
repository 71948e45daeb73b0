/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The defects that sptest knows of: share/mutants/NAME.conf and the user's own, which win by name. Sites of
 * notifier calls are not listed: the kernel names them.
 */
#ifndef SPTEST_MUTANT_LIST_H
#define SPTEST_MUTANT_LIST_H

struct mutants;

/* Only those whose name matches a glob of only (with commas; NULL: all). Dies on a bad file. */
void mutant_list_load(struct mutants *mutants, const char *only);

/* Does one of the globs, separated by commas, match? */
int mutant_matches(const char *globs, const char *name);

#endif

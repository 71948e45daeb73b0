/* SPDX-License-Identifier: GPL-2.0-only */
/* The tests without any defect: which pass, how long they take, which places each reaches. */
#ifndef SPTEST_MUTANT_SURVEY_H
#define SPTEST_MUTANT_SURVEY_H

struct mutant_options;
struct mutants;

/*
 * Call sites that the kernel names are added to mutants; one that no test names, as this kernel has no such
 * switch, is broken. Dies (STATUS_HARNESS) if nothing passes, and notes tests that fail without a defect: they
 * can't kill.
 */
void mutant_survey(struct mutants *mutants, const struct mutant_options *options);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* One suite of tests held against many mutants. */
#ifndef SPTEST_MUTANT_CAMPAIGN_H
#define SPTEST_MUTANT_CAMPAIGN_H

struct mutant_options;
struct mutants;

/*
 * mutants has suite, mmu, folder (absolute, there already) and those that are known of; those that the kernel names are
 * added. Each gets its verdict, jobs of them at a time, and folder/mutants.json has it all. Dies as mutant_survey() does.
 */
void mutant_campaign(struct mutants *mutants, const struct mutant_options *options, unsigned long jobs);

#endif

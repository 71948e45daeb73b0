// SPDX-License-Identifier: GPL-2.0-only
#include "report-look.h"

#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "host/version.h"
#include "report-order.h"
#include "report.h"

const struct report_test *report_worst(const struct report_test *test, const struct report_test *end)
{
	static const int rank[VERDICT_COUNT] = {
		[VERDICT_SKIP] = 0, [VERDICT_PASS] = 1, [VERDICT_XPASS] = 2, [VERDICT_XFAIL] = 3,
		[VERDICT_FAIL] = 4, [VERDICT_LOST] = 5, [VERDICT_TIMEOUT] = 6, [VERDICT_SPLAT] = 7,
		[VERDICT_HANG] = 8, [VERDICT_PANIC] = 9,
	};
	const struct report_test *bad = test;

	for (; test < end; test++)
		if (rank[test->verdict] > rank[bad->verdict])
			bad = test;
	return bad;
}

bool report_first_of_kernel(const struct report *report, size_t column)
{
	return !column || strcmp(report->columns[column].title, report->columns[column - 1].title);
}

const struct report_site *report_site_of(const struct report_site *first, const struct report_site *end,
					 const char *kernel)
{
	for (; first < end; first++)
		if (!strcmp(first->kernel, kernel))
			return first;
	return NULL;
}

void report_sites_count(const struct report_site *first, const struct report_site *end, const char *kernel,
			size_t *reached, size_t *total)
{
	*reached = *total = 0;
	for (; first < end; first++)
		if (!strcmp(first->kernel, kernel)) {
			*reached += first->reached;
			*total += first->total;
		}
}

static bool same_campaign(const struct report_mutant *a, const struct report_mutant *b)
{
	return !strcmp(a->kernel, b->kernel) && !strcmp(a->mmu, b->mmu) && !strcmp(a->suite, b->suite) &&
	       !strcmp(a->started, b->started);
}

static int campaign_order(const void *a, const void *b)
{
	const struct report_mutant *x = ((const struct report_campaign *)a)->first;
	const struct report_mutant *y = ((const struct report_campaign *)b)->first;
	int order = version_compare(x->kernel, y->kernel);

	if (!order)
		order = strcmp(x->kernel, y->kernel);
	if (!order)
		order = report_mode_order(x->mmu, y->mmu);
	return order ? order : strcmp(x->suite, y->suite);
}

size_t report_campaigns(const struct report *report, struct report_campaign **campaigns)
{
	struct report_campaign *all = xzalloc((report->mutant_count + 1) * sizeof(*all)), *last = NULL;
	size_t count = 0;

	for (size_t i = 0; i < report->mutant_count; i++) {
		const struct report_mutant *mutant = &report->mutants[i];

		if (!last || !same_campaign(last->first, mutant)) {
			last = &all[count++];
			last->first = mutant;
		}
		last->count++;
		last->killed += !strcmp(mutant->verdict, "killed");
		last->reached += !strcmp(mutant->verdict, "killed") || !strcmp(mutant->verdict, "survived");
	}
	qsort(all, count, sizeof(*all), campaign_order);
	*campaigns = all;
	return count;
}

const struct report_mutant *report_campaign_mutant(const struct report_campaign *campaign, const char *name)
{
	for (size_t i = 0; i < campaign->count; i++)
		if (!strcmp(campaign->first[i].name, name))
			return &campaign->first[i];
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct report_mutant *const *)a)->name, (*(const struct report_mutant *const *)b)->name);
}

size_t report_mutant_names(const struct report *report, const struct report_mutant ***mutants)
{
	const struct report_mutant **all = xzalloc((report->mutant_count + 1) * sizeof(*all));
	size_t count = 0;

	for (size_t i = 0; i < report->mutant_count; i++)
		all[i] = &report->mutants[i];
	qsort(all, report->mutant_count, sizeof(*all), by_name);
	for (size_t i = 0; i < report->mutant_count; i++)
		if (!count || strcmp(all[i]->name, all[count - 1]->name))
			all[count++] = all[i];
	*mutants = all;
	return count;
}

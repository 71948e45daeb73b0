// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "spte/pagemap.h"
#include "spte/tool/text.h"
#include "spte/tool/views.h"

#define SHOWN_MAX 100

/* A foreign VM runs on: what looks wrong must stay so for some milliseconds. */
#define LIVE_LOOKS 5
#define LIVE_PAUSE_US 2000

static void show(void *arg, const struct spte_violation *v)
{
	const struct reading *reading = arg;
	char spte[TEXT_SIZE], pte[TEXT_SIZE];

	if (reading->check.violations > SHOWN_MAX)
		return;
	text_spte(&reading->reader->format, &v->leaf, spte);
	text_pte(&v->pte, pte);
	printf("  %s: gfn 0x%" PRIx64, spte_fault_name(v->fault), v->gfn);
	if (v->hva)
		printf(" hva 0x%" PRIx64, v->hva);
	if (v->leaf.table->role.space)
		printf(" in SMM");
	printf(": spte %s %s", spte, spte_fault_text(v->fault));
	if (v->hva)
		printf("; pte %s", pte);
	if (v->fault == FAULT_PAGEMAP)
		printf("; pagemap: %s, pfn 0x%" PRIx64, v->pagemap_present ? "present" : "not present",
		       v->pagemap_pfn);
	putchar('\n');
}

int reading_check(struct reading *reading, bool still,
		  void (*report)(void *arg, const struct spte_violation *v), void *arg)
{
	struct pagemap_block *pagemap = malloc(sizeof(*pagemap));
	bool opened = pagemap && !pagemap_block_open(pagemap, reading->vm.pid);
	int err;

	reading->check = (struct spte_check){
		.reader = reading->reader, .vm = &reading->vm, .report = report, .arg = arg,
		.looks = still ? 2 : LIVE_LOOKS, .pause_us = still ? 0 : LIVE_PAUSE_US,
		.pagemap = opened ? pagemap : NULL,
	};
	err = spte_check_run(&reading->check, &reading->snapshot, &reading->slots);
	if (opened)
		pagemap_block_close(pagemap);
	free(pagemap);
	return err;
}

int view_check(struct reading *reading, bool still)
{
	const struct spte_check *check = &reading->check;
	int err = reading_check(reading, still, show, reading);

	if (err)
		return err;
	if (check->violations > SHOWN_MAX)
		printf("  ... and %" PRIu64 " more\n", check->violations - SHOWN_MAX);
	printf("  coherence: %" PRIu64 " sptes, %" PRIu64 " pages checked, %" PRIu64 " violation%s",
	       check->leaves, check->pages, check->violations, check->violations == 1 ? "" : "s");
	if (check->suspects)
		printf(", %" PRIu64 " looked at again", check->suspects);
	if (check->unjudged)
		printf(", %" PRIu64 " not judged (guest_memfd or a root being freed)", check->unjudged);
	putchar('\n');
	for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++)
		if (check->by_fault[i])
			printf("    %-15s %" PRIu64 "\n", spte_fault_name(i), check->by_fault[i]);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/backing.h"
#include "lib/check.h"
#include "lib/keeper.h"
#include "lib/knob.h"
#include "lib/mailbox.h"
#include "lib/pagemap.h"
#include "lib/poison.h"
#include "lib/sigbus.h"
#include "lib/sysfile.h"

#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE 101
#endif

#define TRIES 50
#define PAUSE_US 10000
#define UNPOISON "/sys/kernel/debug/hwpoison/unpoison-pfn"

/*
 * What the kernel sets aside for ever, or until the keeper says that it was a test. Of a hugetlb page that is
 * one small page, which nobody can give back once the rest went to the buddy allocator.
 */
static void remember(const void *page)
{
	struct page_state state;
	char pfn[32];

	pagemap_read(page, &state, 1);
	require(state.present, "the page to be poisoned is not there");
	snprintf(pfn, sizeof(pfn), "%#lx", state.pfn);
	if (backing()->granule == 1 && sysfile_exists(UNPOISON))
		keeper_add(UNDO_WRITE, UNPOISON, pfn);
}

static void inject(void *page)
{
	require(!madvise(page, GUEST_PAGE, MADV_HWPOISON), "MADV_HWPOISON: %s", strerror(errno));
}

void poison_page(void *page)
{
	struct sigbus got;

	knob_set(POISON_KNOB, "0");
	remember(page);
	if (!expect(sigbus_during(inject, page, &got), "no SIGBUS for a page that was poisoned"))
		return;
	expect(got.code == BUS_MCEERR_AR, "SIGBUS has code %d, expected %d", got.code, BUS_MCEERR_AR);
	expect(got.address <= (char *)page && got.address + got.size > (char *)page,
	       "SIGBUS is for %p (%zu bytes), poisoned was %p", got.address, got.size, page);
}

/* A huge page is not split while somebody, such as compaction, looks at it and holds a reference (try_to_split_thp_page()). */
void poison_soft_offline(void *page)
{
	int tries = 0, err;

	remember(page);
	while ((err = madvise(page, GUEST_PAGE, MADV_SOFT_OFFLINE)) && errno == EBUSY && ++tries < TRIES)
		usleep(PAUSE_US);
	require(!err, "MADV_SOFT_OFFLINE: %s", strerror(errno));
}

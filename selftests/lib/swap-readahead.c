// SPDX-License-Identifier: GPL-2.0-only
#include <stdint.h>
#include <string.h>

#include "lib/check.h"
#include "lib/knob.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/swap-cache.h"
#include "lib/swap-readahead.h"

#define PAGES 64
#define WINDOW 4	/* the next one is half of it at least, wherever it is */

void swap_read_several(void)
{
	volatile char *memory = memory_alloc(PAGES);
	uint64_t before, window = 0;

	knob_set("/proc/sys/vm/page-cluster", "3");
	swap_cache_allow((void *)memory, PAGES);
	memset((void *)memory, 1, PAGES * GUEST_PAGE);
	swap_out_fully((void *)memory, PAGES);
	/* One after the other, each hit in the cache makes the window larger. */
	for (size_t page = 0; page < PAGES && window < WINDOW; page++) {
		before = swap_reads();
		(void)memory[page * GUEST_PAGE];
		window = swap_reads() - before;
	}
	memory_free((void *)memory, PAGES);
	if (window < WINDOW)
		skip_case("this kernel reads %lu pages from swap at once", window);
}

// SPDX-License-Identifier: GPL-2.0-only
#include <glob.h>
#include <string.h>

#include "lib/age.h"
#include "lib/knob.h"
#include "lib/machine-pin.h"
#include "lib/thp.h"

static void pin_off(void)
{
	knob_try("/proc/sys/kernel/numa_balancing", "0");
	knob_try("/proc/sys/vm/compaction_proactiveness", "0");
	knob_try("/sys/kernel/mm/ksm/run", "0");
	/* On by default from 6.17 on: looks at any page, clears its accessed bits, and holds it meanwhile. */
	knob_try("/sys/module/damon_stat/parameters/enabled", "N");
}

/* Folios of other sizes than 2 MiB are made for those who ask for them by name only; the sizes depend on the kernel. */
static void pin_folio_sizes(const char *pattern)
{
	glob_t found;

	if (glob(pattern, GLOB_NOSORT, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		knob_try(found.gl_pathv[i],
			 strstr(found.gl_pathv[i], "-2048kB/") ? "inherit" : "never");
	globfree(&found);
}

static void pin_huge_pages(void)
{
	knob_try(THP_KNOBS "enabled", "always");
	knob_try(THP_KNOBS "defrag", "madvise");
	knob_try(THP_KNOBS "shmem_enabled", "never");
	knob_try(THP_KNOBS "use_zero_page", "1");
	pin_folio_sizes(THP_KNOBS "hugepages-*/enabled");
	pin_folio_sizes(THP_KNOBS "hugepages-*/shmem_enabled");
}

void pin_machine(void)
{
	pin_off();
	pin_huge_pages();
	mglru_pin();
}

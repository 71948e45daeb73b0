// SPDX-License-Identifier: GPL-2.0-only
#include "workload/acts.h"

#include "workload/figure.h"

bool acts_forks_fine(FILE *out, const char *guest, unsigned long forks, unsigned long told, const char *why)
{
	figure(out, "vmm_forks", forks, "forks", false);
	figure(out, "vmm_forks_told", told, "times", false);
	if (forks && told >= forks)
		return true;
	fprintf(out, "# %s: QEMU forked %lu times, and notifiers were told of that %lu times: %s\n", guest, forks, told,
		*why ? why : "it took too long, or was never asked to");
	return false;
}

bool acts_holes_fine(FILE *out, const char *guest, unsigned long holes, unsigned long told)
{
	figure(out, "vmm_holes", holes, "holes", false);
	figure(out, "vmm_holes_told", told, "times", false);
	if (holes && told >= holes)
		return true;
	fprintf(out, "# %s: QEMU punched %lu holes, and notifiers were told %lu times: %s\n", guest, holes, told,
		holes ? "not of all of them" : "its guest reported no free page");
	return false;
}

bool acts_memslots_fine(FILE *out, const char *guest, long long switched, long long bad, const char *first_bad,
			unsigned long updates)
{
	const bool found = switched > 0 && !bad, updated = updates >= 2 * (unsigned long)switched;

	figure(out, "memslots_switched", switched, "times", false);
	figure(out, "memslot_updates", updates, "updates", false);
	if (!found)
		fprintf(out, "# %s: a BAR was switched off and on %lld times, and %lld were wrong: %s\n", guest, switched, bad,
			first_bad);
	if (!updated)
		fprintf(out, "# %s: KVM had %lu updates of memslots, fewer than two for each of %lld times\n", guest, updates,
			switched);
	return found && updated;
}

bool acts_nodes_fine(FILE *out, const char *guest, unsigned long away, unsigned long back, unsigned long balanced,
		     const char *why)
{
	figure(out, "pages_sent_away", away, "pages", false);
	figure(out, "pages_moved_back", back, "pages", false);
	figure(out, "pages_balanced", balanced, "pages", false);
	if (away && back && balanced)
		return true;
	fprintf(out, "# %s: %lu pages went to node 1, %lu back, and %lu by NUMA balancing: %s\n", guest, away, back, balanced,
		*why ? why : "some must have gone each way");
	return false;
}

// SPDX-License-Identifier: GPL-2.0-only
#include "lib/check.h"
#include "lib/told.h"

void events_expect_told(const struct event_list *list, const void *hva, size_t vms, const char *what)
{
	size_t told = 0;

	if (events_missing() || !events_have(EVENT_KVM_UNMAP))
		return;
	for (size_t i = 0; i < list->count; i++)
		told += list->event[i].kind == EVENT_KVM_UNMAP &&
			list->event[i].start == (uintptr_t)hva;
	expect(told == vms, "%s: %zu VMs were told, expected %zu", what, told, vms);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "spte/tool/text.h"

#include <inttypes.h>
#include <stdio.h>

#include "spte/format.h"
#include "spte/totals.h"

void text_spte(const struct spte_format *format, const struct spte_leaf *leaf,
	       char text[TEXT_SIZE])
{
	char flags[16];

	spte_flags_text(format, leaf->spte, flags);
	if (leaf->state == SPTE_MMIO)
		snprintf(text, TEXT_SIZE, "0x%" PRIx64 " (MMIO)", leaf->spte);
	else
		snprintf(text, TEXT_SIZE, "0x%" PRIx64 " (%s, pfn 0x%" PRIx64 ", %s)", leaf->spte,
			 spte_level_name(leaf->level), spte_pfn(format, leaf->spte), flags);
}

void text_pte(const struct primary_pte *pte, char text[TEXT_SIZE])
{
	if (pte->present)
		snprintf(text, TEXT_SIZE, "0x%" PRIx64 " (%s, pfn 0x%" PRIx64 ", %s)", pte->value,
			 spte_level_name(pte->level), pte->pfn, pte->writable ? "rw" : "r-");
	else
		snprintf(text, TEXT_SIZE, "0x%" PRIx64 " (%s)", pte->value,
			 pte->value ? "not present" : "none");
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* Sptes and ptes in words. */
#ifndef SPTEST_SPTE_TOOL_TEXT_H
#define SPTEST_SPTE_TOOL_TEXT_H

#include "spte/coherence.h"

#define TEXT_SIZE 128

/* "0x600000012345fe7 (4 KiB, pfn 0x12345, rwxu/AD/hm)" */
void text_spte(const struct spte_format *format, const struct spte_leaf *leaf,
	       char text[TEXT_SIZE]);

/* "0x8000000012345867 (4 KiB, pfn 0x12345, rw)", "0x0 (none)" */
void text_pte(const struct primary_pte *pte, char text[TEXT_SIZE]);

#endif

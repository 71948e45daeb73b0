/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of what is shown of a comparison, for those who show several. */
#ifndef SPTEST_COMPARE_SHOW_H
#define SPTEST_COMPARE_SHOW_H

#include <jansson.h>

#include "compare.h"

/* "1 regression, 2 fix", and a newline. */
void changes_print(const size_t counts[CHANGE_COUNT], FILE *out);

/* The caller's reference. */
json_t *comparison_object(const struct comparison *comparison);

#endif

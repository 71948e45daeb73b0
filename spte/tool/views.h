/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tool shows of a reading, each in a file of its own. */
#ifndef SPTEST_SPTE_TOOL_VIEWS_H
#define SPTEST_SPTE_TOOL_VIEWS_H

#include "spte/tool/options.h"
#include "spte/tool/reading.h"

void view_summary(const struct reading *reading);

/* -errno with reader->error. */
int view_check(struct reading *reading, bool still);
int view_dump(const struct reading *reading, const struct options *options);
int view_map(struct reading *reading, const struct options *options);
int view_svg(struct reading *reading, const struct options *options);
int view_diff(const struct reading *older, const struct reading *newer,
	      const struct options *options);
int view_json(struct reading *reading, const struct options *options, bool still);

#endif

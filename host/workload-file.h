/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_WORKLOAD_FILE_H
#define SPTEST_WORKLOAD_FILE_H

#include "workload.h"

extern const char *const workload_file_keys[];	/* ends with NULL */

/*
 * What the file says, as the description of a test GROUP/NAME, with its plan. Dies (STATUS_USAGE) with "FILE:LINE: ..."
 * if it makes no sense. defect: it is of a deadlock, and must say how that shows; its load may be a selftest instead of
 * guests, and the description has "tests" then, and no plan.
 */
json_t *workload_file_read(const char *path, const char *group, const char *name,
			   const struct workload_choice *choice, bool defect);

#endif

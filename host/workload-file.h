/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_WORKLOAD_FILE_H
#define SPTEST_WORKLOAD_FILE_H

#include "workload.h"

/*
 * What the file says, as the description of a test GROUP/NAME, with its plan. Dies (STATUS_USAGE) with "FILE:LINE: ..."
 * if it makes no sense. defect: the file must name one, and how it shows.
 */
json_t *workload_file_read(const char *path, const char *group, const char *name,
			   const struct workload_choice *choice, bool defect);

#endif

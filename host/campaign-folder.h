/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_CAMPAIGN_FOLDER_H
#define SPTEST_CAMPAIGN_FOLDER_H

/* Makes OUT/YYYYMMDD-HHMMSS for what consists of many runs; the caller's to free. Dies (STATUS_USAGE). */
char *campaign_folder(const char *out);

#endif

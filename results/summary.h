/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_SUMMARY_H
#define SPTEST_SUMMARY_H

struct run;

/* The run as summary.json's text, the caller's to free. */
char *summary_json(const struct run *run);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* The folder that every run leaves. */
#ifndef SPTEST_RUN_FOLDER_H
#define SPTEST_RUN_FOLDER_H

struct run;
struct run_test;

#define RUN_DIAGNOSIS "diagnosis"	/* in a test's folder: who waited for whom (host/diagnosis.h) */

/* Now, as strftime(3) formats it, in UTC; the caller's to free. */
char *utc_now(const char *format);

/*
 * Makes <parent>/<time>-<kernel>[-2..] and points <parent>/latest at it; sets run->folder and
 * run->started. -errno.
 */
int run_folder_create(struct run *run, const char *parent);

/* <folder>/tests/<group>-<name>[.mmu][.round]/, made; sets test->folder. -errno. */
int run_folder_add_test(const struct run *run, struct run_test *test);

/* test's verdict and reason as "verdict: reason" in its folder's file "verdict". -errno. */
int run_folder_write_verdict(const struct run *run, const struct run_test *test);

/* summary.json, junit.xml and ktap, each written whole or not at all. -errno. */
int run_folder_write_summary(const struct run *run);

#endif

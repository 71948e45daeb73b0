/* SPDX-License-Identifier: GPL-2.0-only */
/* The private apt: its configuration, and what is run with it. For packages.c alone. */
#ifndef SPTEST_APT_H
#define SPTEST_APT_H

#include <stddef.h>

struct kernel_list;
struct mirror;

/* Writes apt.conf and sources.list for these suites under dir. 0 or -errno. */
int apt_configure(const char *dir, const struct kernel_list *list, const struct mirror *mirror);

/* apt-get update; what it says goes to dir/update.log. The exit status, or -errno. */
int apt_update(const char *dir);

/* "SUITE|FILE" lines of the indexes that are there, the caller's to free; NULL: apt-get failed. */
char *apt_indexes(const char *dir);

/* apt-get download in folder `into`, log in dir/download.log. The exit status, or -errno. */
int apt_download(const char *dir, const char *into, const char *name, const char *version);

/*
 * Why it failed, by its log: the first URI that could not be had with the reason in the line below,
 * or the first "E: " line, or where the log is.
 */
void apt_first_error(const char *dir, const char *log, char *text, size_t size);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* Versions of kernel packages: their order, and what of them a person types. */
#ifndef SPTEST_VERSION_H
#define SPTEST_VERSION_H

#include <stdbool.h>

/* Debian's order (deb-version(7)), without epochs: <0, 0, >0. */
int version_compare(const char *a, const char *b);

/* "6.12.74-2~bpo12+1" is 6.12.74, "7.3~rc7-1~exp1" is 7.3-rc7; the caller's to free. */
char *version_upstream(const char *package_version);

/* Does a word like "6.12", "6.12.74" or "6.18-rc" name this upstream version? "6.1" is not 6.12. */
bool version_matches(const char *upstream, const char *word);

/* "6.1.192" of "6.1.0-56-cloud-amd64 (...) #1 SMP Debian 6.1.192-2 (...)": a banner as of uname -rv; the caller's. */
char *version_of_banner(const char *release, const char *banner);

/*
 * Ranges with commas: "6.1" (6.1 and all of 6.1.*), "5.10..6.1.50", "6.13.." or "..5.15"; both ends
 * belong to it. Is the upstream version in one of them? A release candidate counts as its release.
 */
bool version_in_ranges(const char *upstream, const char *ranges);
bool version_are_ranges(const char *text);

#endif

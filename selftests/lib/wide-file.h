/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that is mapped so widely that a hole takes long: page tables outlive the only page of each, and a
 * hole has to walk them all. Whoever punches holes one after the other is then most of the time between the
 * start and the end of an invalidation of that process: what happens there meanwhile mostly happens inside of
 * it, by no law. Failures end the case.
 */
#ifndef SPTEST_LIB_WIDE_FILE_H
#define SPTEST_LIB_WIDE_FILE_H

#include <stddef.h>

/* Makes the file as large as that, and maps all of it here until the process ends. */
void wide_file_map(int fd);

/* A hole from that page to the end. */
void wide_file_punch(int fd, size_t first);

#endif

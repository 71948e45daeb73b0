/* SPDX-License-Identifier: GPL-2.0-only */
/* UFFDIO_MOVE (Linux 6.8): pages change their place without a copy. Failures end the case. */
#ifndef SPTEST_LIB_UFFD_MOVE_H
#define SPTEST_LIB_UFFD_MOVE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * A userfaultfd with `to` registered for missing pages: who touches one there that was not moved
 * to it waits until uffd_move_close(). Skips the case on a kernel without UFFDIO_MOVE.
 */
int uffd_move_open(void *to, size_t pages);
void uffd_move_close(int uffd);

/* Pages of private anonymous memory that only this process has. None may be missing. */
void uffd_move(int uffd, void *to, void *from, size_t pages);

/* Once, until it stops: how many were moved, or -errno if it was none. */
ssize_t uffd_move_some(int uffd, void *to, void *from, size_t pages);

#endif

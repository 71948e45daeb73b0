/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads that wait inside the kernel. Failures end the case. */
#ifndef SPTEST_LIB_WAITING_H
#define SPTEST_LIB_WAITING_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Until so many threads are in one of these states ("D", "S": proc_pid_stat(5)), not counting the
 * caller; false: they are not for as long as a hang is given.
 */
bool threads_wait(unsigned int threads, const char *states);

/* The kernel's thread of that name; 0: there is none. */
pid_t kernel_thread_find(const char *name);

/* As the first, for that thread: until it sleeps ("S"). True if there is none. */
bool kernel_thread_waits(const char *name);

#endif

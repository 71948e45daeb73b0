/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * userfaultfd write protection: pages that the host takes the right to write from, and a thread that
 * gives it back page by page, at the access. Failures end the case.
 */
#ifndef SPTEST_LIB_UFFD_H
#define SPTEST_LIB_UFFD_H

#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* linux/userfaultfd.h, since 6.4 and 6.7 */
#ifndef UFFD_FEATURE_WP_UNPOPULATED
#define UFFD_FEATURE_WP_UNPOPULATED (1 << 13)
#endif
#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC (1 << 15)
#endif

#define UFFD_FAULTS_MAX 4096

/* With these features (UFFD_FEATURE_...); skips the case where the kernel lacks one. */
int uffd_open(uint64_t features);

/* These pages may be protected; skips the case where this kind of memory cannot. */
void uffd_register_wp(int uffd, void *memory, size_t pages);

void uffd_protect(int uffd, void *memory, size_t pages);
void uffd_unprotect(int uffd, void *memory, size_t pages);

/* The address of the next write that is held up. It is a failure if there is none in time. */
void *uffd_wait(int uffd);

/* In a thread of its own, so that the case may write, or have its guest write, meanwhile. */
struct uffd_handler {
	int uffd, stop[2];
	size_t granule;			/* pages of 4 KiB that are released at once */
	void (*held)(void *page);	/* called in that thread before a page is released; or NULL */
	pthread_t thread;
	size_t count;			/* writes that were held up, and where: the start of the granule */
	void *page[UFFD_FAULTS_MAX];
};

void uffd_handler_start(struct uffd_handler *handler, int uffd, size_t granule,
			void (*held)(void *page));
void uffd_handler_stop(struct uffd_handler *handler);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's log, as far as a case waits for a line of it. Failures end the case. */
#ifndef SPTEST_LIB_KMSG_H
#define SPTEST_LIB_KMSG_H

/* From now on. The file descriptor is the caller's to close. */
int kmsg_open(void);

/* Until a line that begins so was logged since kmsg_open() or the last of these calls. */
void kmsg_wait(int fd, const char *beginning);

#endif

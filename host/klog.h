/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines of a kernel log. */
#ifndef SPTEST_KLOG_H
#define SPTEST_KLOG_H

/*
 * Past "<4>", "[   12.345678] " and "[   T12] " (or "[ C1] "), which stand before a message as the
 * kernel was built and booted to print them.
 */
const char *klog_message(const char *line);

#endif

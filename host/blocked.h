/* SPDX-License-Identifier: GPL-2.0-only */
/* Who waits for what on a machine that hangs: a page for people, made from the kernel's own list. */
#ifndef SPTEST_BLOCKED_H
#define SPTEST_BLOCKED_H

/*
 * From a kernel log in which SysRq w ("Show Blocked State") was answered; of several answers the last. Tasks that wait
 * in the same place come together, most of them first; places by their functions, innermost first, without the
 * scheduler's. The caller's to free; NULL: the log has no answer, or no task was blocked.
 */
char *blocked_page(const char *log);

#endif

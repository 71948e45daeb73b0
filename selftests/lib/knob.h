/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings in /proc and /sys: set by a test, restored by the keeper at the end of the case. */
#ifndef SPTEST_LIB_KNOB_H
#define SPTEST_LIB_KNOB_H

/* 0 or -errno. The value to restore is what the file says, or its word in [brackets]. */
int knob_try(const char *path, const char *value);

/* The same; a failure ends the case. */
void knob_set(const char *path, const char *value);

#endif

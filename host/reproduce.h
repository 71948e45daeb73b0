/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_REPRODUCE_H
#define SPTEST_REPRODUCE_H

#include <stdint.h>

struct machine_config;

/*
 * Writes folder/reproduce.sh, which runs `tests` again on that kernel with that seed; KERNEL=, SPTEST=
 * in the environment take it to another machine. -errno.
 */
int reproduce_write(const char *folder, const struct machine_config *config, const char *tests,
		    uint64_t seed, unsigned int timeout_s);

#endif

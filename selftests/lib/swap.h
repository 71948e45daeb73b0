/* SPDX-License-Identifier: GPL-2.0-only */
/* Swap devices of the test's own, and pushing pages out to them. Failures end the case. */
#ifndef SPTEST_LIB_SWAP_H
#define SPTEST_LIB_SWAP_H

#include <stdbool.h>
#include <stddef.h>

/* Can swap_on() work here? why gets the reason if not. */
bool swap_possible(char *why, size_t size);

/* A new zram device of that size, as swap of the highest priority. Gone at the end of the case. */
void swap_on(unsigned int mib);

/* Takes it away again: what is on it comes back into memory. */
void swap_off(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* What a process is told of memory that is broken: SIGBUS, with the address. Failures end the case. */
#ifndef SPTEST_LIB_SIGBUS_H
#define SPTEST_LIB_SIGBUS_H

#include <stdbool.h>
#include <stddef.h>

struct sigbus {
	int code;		/* BUS_MCEERR_AR: whoever got it touched the memory */
	const char *address;
	size_t size;		/* of what is lost around the address, in bytes */
};

/*
 * Calls function(arg); true if it got a SIGBUS, which ended it there. What happens within must bear to be
 * left so.
 */
bool sigbus_during(void (*function)(void *arg), void *arg, struct sigbus *got);

#endif

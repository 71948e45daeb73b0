/* SPDX-License-Identifier: GPL-2.0-only */
/* The call sites of the notifiers that the running kernel has. */
#ifndef SPTEST_LIB_KNOWN_CALLERS_H
#define SPTEST_LIB_KNOWN_CALLERS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/events.h"

enum caller_kind { CALLER_NOTIFIER, CALLER_AGING, CALLER_KINDS };

struct known_callers {
	struct known_caller {
		enum caller_kind kind;
		char name[CALLER_SIZE];
	} *caller;
	size_t count;
	char error[160];
};

/*
 * Read from the kernel's text once (a second under emulation), then kept in /run until the next
 * boot. False: it cannot be told, and `error` says why.
 */
bool known_callers_read(struct known_callers *known);
void known_callers_free(struct known_callers *known);

/*
 * Whether that function calls a notifier: not if this kernel lacks it, or its compiler made it a part of its
 * callers. Fails the case if it cannot be told.
 */
bool known_callers_have(const char *function);

#endif

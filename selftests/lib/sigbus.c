// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>

#include "lib/check.h"
#include "lib/sigbus.h"

static sigjmp_buf way_out;
static struct sigbus caught;

static void handle(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	caught = (struct sigbus){
		.code = info->si_code, .address = info->si_addr,
		.size = 1ul << info->si_addr_lsb,
	};
	siglongjmp(way_out, 1);
}

bool sigbus_during(void (*function)(void *arg), void *arg, struct sigbus *got)
{
	const struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO };
	struct sigaction before;

	require(!sigaction(SIGBUS, &action, &before), "sigaction: %s", strerror(errno));
	caught = (struct sigbus){ 0 };
	if (!sigsetjmp(way_out, 1))
		function(arg);
	sigaction(SIGBUS, &before, NULL);
	*got = caught;
	return caught.code;
}

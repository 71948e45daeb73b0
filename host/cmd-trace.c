// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "die.h"
#include "path.h"

/* A program of its own, as sptest-spte is. */
int cmd_trace(int argc, char **argv)
{
	char *program = path_libexec("tools/sptest-trace");

	(void)argc;
	execv(program, argv);
	die(STATUS_HARNESS, "%s: %s: sptest is not completely built or installed", program,
	    strerror(errno));
}

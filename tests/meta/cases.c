// SPDX-License-Identifier: GPL-2.0-only
/* A test made with the selftests' library: of its three cases one is left to full runs. */
#include "lib/test.h"

static void pass(void)
{
}

const struct test test = {
	.name = "cases",
	.group = "full",
	.proves = "some cases are left to full runs",
	.timeout_s = 20,
	.cases = {
		{ "quick", pass },
		{ "long", pass, .full = "naps for an hour" },
		{ "last", pass },
	},
};

// SPDX-License-Identifier: GPL-2.0-only
#include "campaign-folder.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "die.h"
#include "path.h"

char *campaign_folder(const char *out)
{
	char stamp[32], *folder, *absolute;
	time_t now = time(NULL);
	int err;

	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", localtime(&now));
	folder = xasprintf("%s/%s", out, stamp);
	err = path_mkdirs(folder);
	if (err)
		die(STATUS_USAGE, "%s: %s", folder, strerror(-err));
	absolute = realpath(folder, NULL);
	free(folder);
	return absolute;
}

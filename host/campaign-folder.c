// SPDX-License-Identifier: GPL-2.0-only
#include "campaign-folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
	err = path_mkdirs(out);
	for (int i = 2; !err && mkdir(folder, 0777); i++) {
		err = errno == EEXIST ? 0 : -errno;
		free(folder);
		folder = xasprintf("%s/%s-%d", out, stamp, i);
	}
	if (err)
		die(STATUS_USAGE, "%s: %s", folder, strerror(-err));
	absolute = realpath(folder, NULL);
	free(folder);
	return absolute;
}

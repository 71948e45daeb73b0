// SPDX-License-Identifier: GPL-2.0-only
#include "workload/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/path.h"

static const char *word(json_t *setting, size_t i)
{
	return json_string_value(json_array_get(setting, i));
}

const char *settings_missing(json_t *settings)
{
	json_t *setting;
	size_t i;

	json_array_foreach(settings, i, setting)
		if (!path_exists(word(setting, 0)))
			return word(setting, 0);
	return NULL;
}

bool setting_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool fine = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (!fine)
		printf("# %s <- %s: %s\n", path, text, strerror(errno));
	if (fd >= 0)
		close(fd);
	return fine;
}

bool settings_write(json_t *settings)
{
	bool fine = true;
	json_t *setting;
	size_t i;

	json_array_foreach(settings, i, setting)
		fine = setting_write(word(setting, 0), word(setting, 1)) && fine;
	return fine;
}

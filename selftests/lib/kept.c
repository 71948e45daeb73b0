// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/kept.h"
#include "lib/sysfile.h"

#define PATH_SIZE 64

static bool read_boot_id(char *id, size_t size)
{
	return sysfile_read("/proc/sys/kernel/random/boot_id", id, size) > 0;
}

static void name_unfinished(char *name, const char *path)
{
	snprintf(name, PATH_SIZE, "%s.%d", path, getpid());
}

FILE *kept_open(const char *path)
{
	char id[64], line[64];
	struct stat st;
	FILE *f = fopen(path, "re");

	if (!f)
		return NULL;
	if (!fstat(fileno(f), &st) && S_ISREG(st.st_mode) && !st.st_uid &&
	    !(st.st_mode & (S_IWGRP | S_IWOTH)) && read_boot_id(id, sizeof(id)) &&
	    fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strcmp(line, id))
			return f;
	}
	fclose(f);
	return NULL;
}

FILE *kept_create(const char *path)
{
	char name[PATH_SIZE], id[64];
	FILE *f;

	if (!read_boot_id(id, sizeof(id)))
		return NULL;
	name_unfinished(name, path);
	f = fopen(name, "wxe");
	if (f)
		fprintf(f, "%s\n", id);
	return f;
}

void kept_finish(FILE *f, const char *path)
{
	const bool good = !ferror(f);
	char name[PATH_SIZE];

	name_unfinished(name, path);
	if (fclose(f) || !good || chmod(name, 0600) || rename(name, path))
		unlink(name);
}

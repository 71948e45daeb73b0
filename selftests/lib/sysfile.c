// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/sysfile.h"

int sysfile_read(const char *path, char *text, size_t size)
{
	ssize_t n;
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, size - 1);
	err = -errno;
	close(fd);
	if (n < 0)
		return err;
	if (n > 0 && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	return n;
}

int sysfile_read_u64(const char *path, uint64_t *value)
{
	char text[64], *end;
	int n;

	n = sysfile_read(path, text, sizeof(text));
	if (n < 0)
		return n;
	errno = 0;
	*value = strtoull(text, &end, 0);
	return end == text || errno ? -EINVAL : 0;
}

char *sysfile_load(const char *path, size_t *size)
{
	size_t room = 65536, used = 0;
	char *text = NULL, *grown;
	ssize_t n;
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	do {
		if (!text || room - used < 4096) {
			room *= 2;
			grown = realloc(text, room);
			if (!grown) {
				n = -1;
				break;
			}
			text = grown;
		}
		n = read(fd, text + used, room - used - 1);
		if (n > 0)
			used += n;
	} while (n > 0);
	err = errno;
	close(fd);
	if (n < 0) {
		free(text);
		errno = err;
		return NULL;
	}
	text[used] = '\0';
	if (size)
		*size = used;
	return text;
}

static int write_with(const char *path, const char *text, int flags)
{
	ssize_t n;
	int fd, err;

	fd = open(path, O_WRONLY | O_CLOEXEC | flags);
	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	err = n < 0 ? -errno : 0;
	close(fd);
	return err;
}

int sysfile_write(const char *path, const char *text)
{
	return write_with(path, text, O_TRUNC);
}

int sysfile_append(const char *path, const char *text)
{
	return write_with(path, text, O_APPEND);
}

bool sysfile_exists(const char *path)
{
	return !access(path, F_OK);
}

bool sysfile_key_u64(const char *path, const char *key, uint64_t *value)
{
	size_t length = strlen(key);
	bool found = false;
	char *text, *line;

	text = sysfile_load(path, NULL);
	if (!text)
		return false;
	for (line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) || (line[length] != ' ' && line[length] != '\t'))
			continue;
		*value = strtoull(line + length, NULL, 0);
		found = true;
		break;
	}
	free(text);
	return found;
}

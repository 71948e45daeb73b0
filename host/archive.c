// SPDX-License-Identifier: GPL-2.0-only
#include "archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"

#define BLOCK 65536

/* libarchive sets errno numbers of its own (-1, EFTYPE-like) at times. */
static int archive_err(struct archive *a)
{
	int err = archive_errno(a);

	return err > 0 ? -err : -EINVAL;
}

static int read_all(struct archive *a, char **data, size_t *size)
{
	size_t used = 0, room = 0;
	la_ssize_t n;

	do {
		if (room - used < BLOCK)
			*data = xrealloc(*data, room = room ? room * 2 : 4 * BLOCK);
		n = archive_read_data(a, *data + used, room - used - 1);
		used += n > 0 ? n : 0;
	} while (n > 0);
	if (n < 0)
		return archive_err(a);
	(*data)[used] = '\0';
	*size = used;
	return 0;
}

char *archive_read_file(const char *path, size_t *size)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	char *data = NULL;
	size_t used = 0;
	int err = 0, ret;

	archive_read_support_filter_all(a);
	archive_read_support_format_raw(a);
	archive_read_support_format_empty(a);
	if (archive_read_open_filename(a, path, BLOCK)) {
		err = archive_err(a);
		goto out;
	}
	ret = archive_read_next_header(a, &entry);
	if (ret == ARCHIVE_OK)
		err = read_all(a, &data, &used);
	else if (ret == ARCHIVE_EOF)	/* an empty file has no entry */
		data = xzalloc(1);
	else
		err = archive_err(a);
out:
	archive_read_free(a);
	if (err) {
		free(data);
		errno = -err;
		return NULL;
	}
	if (size)
		*size = used;
	return data;
}

/* The inner archive (data.tar.*) reads from the current member of the outer one (ar). */
static la_ssize_t read_member(struct archive *inner, void *outer, const void **block)
{
	size_t size;
	la_int64_t offset;
	int ret = archive_read_data_block(outer, block, &size, &offset);

	if (ret == ARCHIVE_EOF)
		return 0;
	if (ret != ARCHIVE_OK) {
		archive_set_error(inner, archive_errno(outer), "%s", archive_error_string(outer));
		return -1;
	}
	return size;
}

static int copy_data(struct archive *from, struct archive *to)
{
	const void *block;
	la_int64_t offset;
	size_t size;
	int ret;

	while ((ret = archive_read_data_block(from, &block, &size, &offset)) == ARCHIVE_OK)
		if (archive_write_data_block(to, block, size, offset) < 0) {
			archive_copy_error(from, to);
			return ARCHIVE_FATAL;
		}
	return ret == ARCHIVE_EOF ? ARCHIVE_OK : ret;
}

static int extract_entry(struct archive *tar, struct archive *disk, struct archive_entry *entry,
			 const char *dest, archive_place place)
{
	const char *name = archive_entry_pathname(entry);
	char *placed, *full;
	int ret;

	if (archive_entry_filetype(entry) != AE_IFREG)
		return ARCHIVE_OK;
	if (!strncmp(name, "./", 2))
		name += 2;
	placed = place(name);
	if (!placed)
		return ARCHIVE_OK;
	full = xasprintf("%s/%s", dest, placed);
	archive_entry_set_pathname(entry, full);
	ret = archive_write_header(disk, entry);
	if (ret == ARCHIVE_OK)
		ret = copy_data(tar, disk);
	else
		archive_copy_error(tar, disk);
	free(full);
	free(placed);
	return ret;
}

static int extract_tar(struct archive *tar, const char *dest, archive_place place)
{
	struct archive *disk = archive_write_disk_new();
	struct archive_entry *entry;
	int ret;

	/* A member named "a/../../b" or through a symlink must not leave dest. */
	archive_write_disk_set_options(disk, ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
				       ARCHIVE_EXTRACT_SECURE_SYMLINKS);
	while ((ret = archive_read_next_header(tar, &entry)) == ARCHIVE_OK) {
		ret = extract_entry(tar, disk, entry, dest, place);
		if (ret != ARCHIVE_OK)
			break;
	}
	if (ret == ARCHIVE_EOF)
		ret = ARCHIVE_OK;
	if (archive_write_close(disk) != ARCHIVE_OK && ret == ARCHIVE_OK) {
		archive_copy_error(tar, disk);
		ret = ARCHIVE_FATAL;
	}
	archive_write_free(disk);
	return ret;
}

static int find_data_member(struct archive *ar)
{
	struct archive_entry *entry;
	int ret;

	while ((ret = archive_read_next_header(ar, &entry)) == ARCHIVE_OK)
		if (!strncmp(archive_entry_pathname(entry), "data.tar", 8))
			return ARCHIVE_OK;
	if (ret == ARCHIVE_EOF)
		archive_set_error(ar, EINVAL, "no data.tar in it: not a Debian package");
	return ARCHIVE_FATAL;
}

int archive_extract_deb(const char *deb, const char *dest, archive_place place, char error[200])
{
	struct archive *ar = archive_read_new(), *tar = archive_read_new(), *failed = NULL;
	int err = 0;

	archive_read_support_format_ar(ar);
	archive_read_support_filter_all(tar);
	archive_read_support_format_tar(tar);
	if (archive_read_open_filename(ar, deb, BLOCK) || find_data_member(ar))
		failed = ar;
	else if (archive_read_open(tar, ar, NULL, read_member, NULL) ||
		 extract_tar(tar, dest, place))
		failed = tar;
	if (failed) {
		const char *text = archive_error_string(failed);

		err = archive_err(failed);
		snprintf(error, 200, "%s", text ? text : strerror(-err));
	}
	archive_read_free(tar);
	archive_read_free(ar);
	return err;
}

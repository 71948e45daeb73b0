// SPDX-License-Identifier: GPL-2.0-only
#include "spte/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spte/layout.h"
#include "spte/symbols.h"

#define PATH "/run/sptest-spte"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define KVM_TEXT "/sys/module/kvm/sections/.text"
#define KVM_DATA "/sys/module/kvm/sections/.data"

struct key {
	uint64_t reader;	/* hash of what this reader looks for */
	char boot[40];
	char text[24], data[24];	/* where KVM is loaded; empty when it is built in */
};

struct cached {
	struct key key;
	struct symbols symbols;
	struct layout layout;
};

static void read_line(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
}

static bool make_key(struct key *key)
{
	memset(key, 0, sizeof(*key));
	key->reader = layout_hash(symbols_hash());
	read_line(BOOT_ID, key->boot, sizeof(key->boot));
	read_line(KVM_TEXT, key->text, sizeof(key->text));
	read_line(KVM_DATA, key->data, sizeof(key->data));
	return key->boot[0];
}

bool cache_load(struct symbols *symbols, struct layout *layout)
{
	int fd = open(PATH, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct cached cached;
	struct stat st;
	struct key key;
	bool good;

	if (fd < 0)
		return false;
	good = !fstat(fd, &st) && st.st_uid == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH)) &&
	       read(fd, &cached, sizeof(cached)) == sizeof(cached) && make_key(&key) &&
	       !memcmp(&key, &cached.key, sizeof(key));
	close(fd);
	if (!good)
		return false;
	*symbols = cached.symbols;
	*layout = cached.layout;
	return true;
}

/* Under another name first, so that nobody reads half of it. */
void cache_save(const struct symbols *symbols, const struct layout *layout)
{
	struct cached cached;
	char path[64];
	bool good;
	int fd;

	memset(&cached, 0, sizeof(cached));
	cached.symbols = *symbols;
	cached.layout = *layout;
	snprintf(path, sizeof(path), PATH ".%d", getpid());
	if (!make_key(&cached.key))
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	good = write(fd, &cached, sizeof(cached)) == sizeof(cached);
	close(fd);
	if (!good || rename(path, PATH))
		unlink(path);
}

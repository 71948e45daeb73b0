// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"

#define IMAGE "/image"

static void attach(const char *source, const char *target, const char *type, unsigned long flags)
{
	if (mount(source, target, type, flags, NULL))
		give_up("%s on %s: %s", source, target, strerror(errno));
}

void root_enter(void)
{
	static const char *const inherited[][2] = {
		{ "/proc", IMAGE "/proc" }, { "/sys", IMAGE "/sys" }, { "/dev", IMAGE "/dev" },
	};

	mkdir(IMAGE, 0755);
	attach("/dev/vda", IMAGE, "iso9660", MS_RDONLY);
	for (size_t i = 0; i < sizeof(inherited) / sizeof(inherited[0]); i++)
		attach(inherited[i][0], inherited[i][1], NULL, MS_BIND | MS_REC);
	attach("tmpfs", IMAGE "/tmp", "tmpfs", 0);
	if (chroot(IMAGE) || chdir("/tmp"))
		give_up("%s: %s", IMAGE, strerror(errno));
}

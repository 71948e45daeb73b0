// SPDX-License-Identifier: GPL-2.0-only
#include "workload/disks.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "host/die.h"
#include "host/machine.h"
#include "host/path.h"
#include "workload/qemu-x86.h"

#define SERIALS "/sys/block/vd*/serial"
#define SCRATCH_SERIAL "sptest-scratch"

/* /sys/block/NAME/serial */
static char *device_of(const char *knob)
{
	const char *name = knob + strlen("/sys/block/");

	return xasprintf("/dev/%.*s", (int)strcspn(name, "/"), name);
}

static int mount_image(const char *device)
{
	mkdir(GUEST_ROOT, 0755);
	if (path_exists(GUEST_ROOT "/boot") || !mount(device, GUEST_ROOT, "iso9660", MS_RDONLY, NULL))
		return 0;
	printf("# %s on " GUEST_ROOT ": %s\n", device, strerror(errno));
	return -errno;
}

int disks_find(struct disks *disks)
{
	glob_t found;

	*disks = (struct disks){ 0 };
	if (glob(SERIALS, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			char *serial = file_read(found.gl_pathv[i], NULL);

			if (serial && !strncmp(serial, MACHINE_DISK_SERIAL, strlen(MACHINE_DISK_SERIAL)))
				disks->image = device_of(found.gl_pathv[i]);
			else if (serial && !strncmp(serial, SCRATCH_SERIAL, strlen(SCRATCH_SERIAL)))
				disks->scratch = device_of(found.gl_pathv[i]);
			free(serial);
		}
		globfree(&found);
	}
	if (disks->image && disks->scratch)
		return mount_image(disks->image);
	printf("# the machine lacks a disk: this program is started by sptest workload\n");
	return -ENODEV;
}

void disks_release(struct disks *disks)
{
	free(disks->image);
	free(disks->scratch);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "guest-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache.h"
#include "die.h"
#include "image.h"
#include "path.h"
#include "proc.h"

#define FOLDER "disks"
#define KEEP 8		/* files, two of each */

/* What its init and its agent find no other way; zram for those that swap; what takes and gives its memory. */
static const char *const guest_modules[] = {
	"virtio_pci", "virtio_console", "virtio_blk", "isofs", "zram", "virtio_balloon", "virtio_mem",
};

static const char *const firmware[] = { "bios-256k.bin", "kvmvapic.bin", "linuxboot_dma.bin" };

static void add_from_path(struct image *image, const char *program)
{
	char *path = proc_find(program), *name = xasprintf("bin/%s", program);

	if (!path)
		die(STATUS_USAGE, "no %s in PATH: workloads need it (ci/setup workload installs it)", program);
	image_add_program(image, name, path);
	free(name);
	free(path);
}

/* In the first of the folders in which QEMU itself looks. */
static void add_firmware(struct image *image, const char *folders, const char *file)
{
	char *copy = xstrdup(folders), *rest = copy, *folder, *name = xasprintf("firmware/%s", file);
	bool found = false;

	while (!found && (folder = strsep(&rest, "\n"))) {
		char *path = xasprintf("%s/%s", folder, file);

		found = *folder && path_exists(path);
		if (found)
			image_add_file(image, name, path);
		free(path);
	}
	if (!found)
		die(STATUS_USAGE, "no %s of QEMU's here: install qemu-system-data and seabios", file);
	free(name);
	free(copy);
}

static void add_qemu(struct image *image)
{
	static const char *const argv[] = { MACHINE_QEMU, "-L", "help", NULL };
	char *folders = proc_capture(argv, NULL);

	if (!folders)
		die(STATUS_HARNESS, MACHINE_QEMU " -L help: does not run");
	add_from_path(image, MACHINE_QEMU);
	for (size_t i = 0; i < sizeof(firmware) / sizeof(firmware[0]); i++)
		add_firmware(image, folders, firmware[i]);
	free(folders);
}

/* Its init is that of host machines, which serves a guest as well; and the agent. */
static char *write_initramfs(const struct kernel *kernel, const char *folder)
{
	char *init = path_libexec("init"), *agent = path_libexec("guest-agent");
	char *tmp = xasprintf("%s/tmp%d", folder, getpid()), *path, hash[17];
	struct image *image = image_new();
	int err;

	image_add_program(image, "init", init);
	image_add_program(image, "bin/guest-agent", agent);
	image_add_modules(image, kernel, guest_modules,
			  sizeof(guest_modules) / sizeof(guest_modules[0]));
	err = image_write(image, tmp, hash);
	path = xasprintf("%s/%s.initrd", folder, hash);
	if (!err && rename(tmp, path))
		err = -errno;
	if (err)
		die(STATUS_HARNESS, "%s: %s", path, strerror(-err));
	image_free(image);
	free(tmp);
	free(agent);
	free(init);
	return path;
}

static struct image *compose(const struct kernel *kernel, const char *initrd)
{
	static const char *const mount_points[] = { "proc", "sys", "dev", "tmp" };
	struct image *image = image_new();

	for (size_t i = 0; i < sizeof(mount_points) / sizeof(mount_points[0]); i++)
		image_add_folder(image, mount_points[i]);
	image_add_shell(image);
	add_qemu(image);
	add_from_path(image, "fio");
	add_from_path(image, "stress-ng");
	image_add_file(image, "boot/linux", kernel->image);
	image_add_file(image, "boot/initrd", initrd);
	return image;
}

void guest_disk_write(struct machine_config *config, const struct kernel *kernel)
{
	char *folder = path_cache(FOLDER), hash[17];
	struct image *image;
	int err = 0;

	config->initrd = write_initramfs(kernel, folder);
	config->guest_kernel = xstrdup(kernel->image);
	image = compose(kernel, config->initrd);
	image_identify(image, hash);
	config->disk = xasprintf("%s/%s.iso", folder, hash);
	/* In use: the last to be pruned. */
	if (utimensat(AT_FDCWD, config->disk, NULL, 0))
		err = image_write_iso(image, config->disk);
	if (err)
		die(STATUS_HARNESS, "%s: %s", config->disk, strerror(-err));
	cache_prune(FOLDER, KEEP);
	image_free(image);
	free(folder);
}

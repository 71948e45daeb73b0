/* SPDX-License-Identifier: GPL-2.0-only */
/* Images that sptest writes by itself: an initramfs (cpio newc, uncompressed), or a read-only disk. */
#ifndef SPTEST_IMAGE_H
#define SPTEST_IMAGE_H

#include <stddef.h>

struct image;
struct kernel;

/*
 * The same content gives the same bytes (owner 0, time 0, sorted), so that an image can be
 * recognised by its hash. Adding dies (STATUS_USAGE) with one line when a file cannot be read.
 */
struct image *image_new(void);
void image_free(struct image *image);

/* An executable under `name` (no leading slash), with the shared libraries that it links against. */
void image_add_program(struct image *image, const char *name, const char *path);

/* Any file as it is; it may be run if it may be here. */
void image_add_file(struct image *image, const char *name, const char *path);
void image_add_text(struct image *image, const char *name, const char *text, unsigned int mode);
void image_add_symlink(struct image *image, const char *name, const char *target);
void image_add_folder(struct image *image, const char *name);

/* busybox as the shell, with a link for each of its applets. */
void image_add_shell(struct image *image);

/*
 * Kernel modules by name with what they depend on, decompressed, as modules/NAME.ko, and the text
 * file "modules/order", one name a line, dependencies first. Names that are built in, or that this
 * kernel does not have, are left out: tests probe for what they need.
 */
void image_add_modules(struct image *image, const struct kernel *kernel,
		       const char *const names[], size_t count);

/* 16 hex digits of its content. */
void image_identify(struct image *image, char hash[17]);

/* Writes it to path as a cpio; hash gets what image_identify() says. -errno. */
int image_write(struct image *image, const char *path, char hash[17]);

/* The same as an ISO 9660 file system with Rock Ridge, after image_identify(): a disk that is read where it lies. */
int image_write_iso(const struct image *image, const char *path);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_HOST_IMAGE_H
#define SPTEST_HOST_IMAGE_H

#include "machine.h"
#include "test-list.h"

/*
 * Writes the image into the cache and fills config->image and image_hash: init, the tests in /tests/GROUP/NAME, the kernel modules that they ask for,
 * a busybox, and config->with. Dies (STATUS_HARNESS) if it cannot be written.
 */
void host_image_write(struct machine_config *config, const struct test_list *tests);

#endif

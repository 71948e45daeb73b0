/* SPDX-License-Identifier: GPL-2.0-only */
/* Booted machines kept in the cache, so that the next one need not boot. */
#ifndef SPTEST_SNAPSHOT_H
#define SPTEST_SNAPSHOT_H

#include "machine.h"

/* Where the snapshot of such a machine is or would be; the caller's to free. */
char *snapshot_path(const struct machine_config *config);

/* Saves an idle machine there, for this run and later ones; old snapshots go. -errno. */
int snapshot_save(struct machine *machine, const char *path);

#endif

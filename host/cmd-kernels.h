/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_CMD_KERNELS_H
#define SPTEST_CMD_KERNELS_H

/* names: flavours with a version, or with tree just flavours; tree and commit may be NULL. */
int kernels_build(char **names, const char *tree, const char *commit);

#endif

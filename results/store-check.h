/* SPDX-License-Identifier: GPL-2.0-only */
/* A store from elsewhere may hold anything. */
#ifndef SPTEST_STORE_CHECK_H
#define SPTEST_STORE_CHECK_H

#include "store.h"

/* 0 if each verdict is known and each figure a finite number, else -EINVAL with a line, or -EIO with one. */
int store_check(struct store *store, char error[STORE_ERROR]);

#endif

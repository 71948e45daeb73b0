/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What another thread or process does again and again beside the case, as often as it is granted: so it is at it
 * when it should be, and makes no more events than can be kept.
 */
#ifndef SPTEST_LIB_TURNS_H
#define SPTEST_LIB_TURNS_H

/* Before the other is started. */
void turns_prepare(void);

/* In the other: does it whenever it is granted, and returns after turns_stop(). */
void turns_take(void (*act)(void));

/* `least` more turns have been taken when this returns, and no more than `most` will be. */
void turns_grant(unsigned long least, unsigned long most);

/* None is under way when this returns, nor will be before the next grant. */
void turns_pause(void);

void turns_stop(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Another process of a case, with memory (and maybe a VM) of its own, that does what it is told, one
 * call at a time. It is a copy of the case's process: static variables of the test are its own.
 */
#ifndef SPTEST_LIB_PEER_H
#define SPTEST_LIB_PEER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct peer {
	const char *name;
	int fd;
	pid_t pid;
};

/*
 * Before the case makes its own VM, so that no fork copies the memory of its memslots; unless that fork
 * is what the case is about.
 */
void peer_start(struct peer *peer, const char *name);

/* Runs it there and waits. If it ends the peer (a failed require()), the case ends too. */
void peer_call(struct peer *peer, void (*function)(void));

/*
 * The same for a function that ends the peer, in whatever way, and for SIGKILL at any moment. Back when
 * the process, all of its threads and its memory are gone; its wait status.
 */
int peer_end(struct peer *peer, void (*function)(void));
int peer_kill(struct peer *peer);

/* The same without waiting: it takes no other call before peer_answer(), or ever if it ends there. */
void peer_tell(const struct peer *peer, void (*function)(void));
void peer_answer(const struct peer *peer);
int peer_wait(struct peer *peer);

/* Zeroed memory that the process and all its later peers see alike. */
void *shared_alloc(size_t size);

/* A file that it has open, opened here as well (pidfd_getfd()); the caller's to close. */
int peer_take_fd(const struct peer *peer, int theirs);

#endif

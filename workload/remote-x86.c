// SPDX-License-Identifier: GPL-2.0-only
#include "workload/remote.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define SYSCALL_INSN 0x050fu		/* of two bytes */
#define SYSCALL_STOP (SIGTRAP | 0x80)	/* PTRACE_O_TRACESYSGOOD */
#define OPTIONS (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE)
#define RED_ZONE 128			/* below the stack pointer, a function's own */
/* What a signal leaves in rax of a system call that is to be done again (include/linux/errno.h). */
#define ERESTARTSYS 512
#define ERESTARTNOHAND 514
#define ERESTART_RESTARTBLOCK 516

/*
 * The next stop of it, as waitpid() says. Signals on the way are kept, as a handler would do calls of its own; but one that stops
 * the process may be taken back by the next. -errno.
 */
static int next_stop(struct remote *remote, enum __ptrace_request resume)
{
	int status, signal = 0;

	for (;;) {
		if (ptrace(resume, remote->pid, NULL, (void *)(long)signal) || waitpid(remote->pid, &status, __WALL) < 0)
			return -errno;
		if (!WIFSTOPPED(status))
			return -ESRCH;
		if (WSTOPSIG(status) == SYSCALL_STOP || status >> 16)
			return status;
		signal = WSTOPSIG(status) == SIGSTOP ? SIGSTOP : 0;
		remote->signals |= signal ? 0 : 1ul << (WSTOPSIG(status) - 1);
	}
}

static bool is_event(int status, int event)
{
	return status >= 0 && status >> 16 == event;
}

static int get_registers(struct remote *remote)
{
	return ptrace(PTRACE_GETREGS, remote->pid, NULL, &remote->before) ? -errno : 0;
}

/* Where the interrupted system call was made there is the instruction for more of them. */
static bool in_syscall(const struct remote *remote)
{
	const struct user_regs_struct *regs = &remote->before;
	long text;

	if ((int64_t)regs->orig_rax < 0)
		return false;
	errno = 0;
	text = ptrace(PTRACE_PEEKTEXT, remote->pid, (void *)(regs->rip - 2), NULL);
	return !errno && (text & 0xffff) == SYSCALL_INSN;
}

int remote_open(struct remote *remote, pid_t pid)
{
	int status = 0, err = 0;

	*remote = (struct remote){ .pid = pid };
	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)OPTIONS))
		return errno == EPERM ? -EAGAIN : -errno;
	if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) || waitpid(pid, &status, __WALL) < 0)
		err = -errno;
	else if (!WIFSTOPPED(status))
		return -ESRCH;
	else if (!is_event(status, PTRACE_EVENT_STOP) || WSTOPSIG(status) != SIGTRAP || get_registers(remote) ||
		 !in_syscall(remote))
		err = -EAGAIN;
	if (err)	/* a signal that it was about to get it gets */
		ptrace(PTRACE_DETACH, pid, NULL, (void *)(long)(status >> 16 ? 0 : WSTOPSIG(status)));
	return err;
}

int64_t remote_call(struct remote *remote, long number, uint64_t first, uint64_t second, uint64_t third, uint64_t fourth)
{
	struct user_regs_struct regs = remote->before;
	int status = 0;

	regs.rip -= 2;
	regs.rax = number;
	regs.orig_rax = -1;
	regs.rdi = first;
	regs.rsi = second;
	regs.rdx = third;
	regs.r10 = fourth;
	regs.r8 = regs.r9 = 0;
	if (ptrace(PTRACE_SETREGS, remote->pid, NULL, &regs))
		return -errno;
	/* At its entry and at its exit; a clone stops between them, too. */
	for (int stops = 0; stops < 2; stops += WSTOPSIG(status) == SYSCALL_STOP) {
		status = next_stop(remote, PTRACE_SYSCALL);
		if (status < 0)
			return status;
	}
	if (ptrace(PTRACE_GETREGS, remote->pid, NULL, &regs))
		return -errno;
	return regs.rax;
}

/* As the kernel does it after a signal without a handler (arch_do_signal_or_restart() in arch/x86/kernel/signal.c). */
static void restart(struct user_regs_struct *regs)
{
	const int64_t answer = regs->rax;

	if (answer > -ERESTARTSYS || answer < -ERESTART_RESTARTBLOCK)
		return;
	if (answer == -ERESTART_RESTARTBLOCK)
		regs->rax = SYS_restart_syscall;
	else
		regs->rax = regs->orig_rax;
	regs->rip -= 2;
}

void remote_close(struct remote *remote)
{
	restart(&remote->before);
	remote->before.orig_rax = -1;
	ptrace(PTRACE_SETREGS, remote->pid, NULL, &remote->before);
	ptrace(PTRACE_DETACH, remote->pid, NULL, NULL);
	for (int number = 1; number <= 64; number++)
		if (remote->signals & 1ul << (number - 1))
			kill(remote->pid, number);
}

/* Below what the stack has: the path, then argv with it alone. The address of the path, or 0. */
static uint64_t push_arguments(struct remote *child, const char *program)
{
	uint64_t path = (child->before.rsp - RED_ZONE - 256) & ~0xful, argv = path - 2 * sizeof(uint64_t), word;
	size_t size = strlen(program) + 1;

	for (size_t i = 0; i < size; i += sizeof(word)) {
		word = 0;
		memcpy(&word, program + i, size - i < sizeof(word) ? size - i : sizeof(word));
		if (ptrace(PTRACE_POKEDATA, child->pid, (void *)(path + i), (void *)word))
			return 0;
	}
	if (ptrace(PTRACE_POKEDATA, child->pid, (void *)argv, (void *)path) ||
	    ptrace(PTRACE_POKEDATA, child->pid, (void *)(argv + sizeof(word)), NULL))
		return 0;
	return path;
}

/* To its end: the status, or -errno. */
static int see_off(const struct remote *child)
{
	int status, signal = 0;

	for (;;) {
		if (ptrace(PTRACE_CONT, child->pid, NULL, (void *)(long)signal) ||
		    waitpid(child->pid, &status, __WALL) < 0)
			return -errno;
		if (!WIFSTOPPED(status))
			return status;
		signal = status >> 16 ? 0 : WSTOPSIG(status);
	}
}

/* The child stands where it was born, at the end of the clone. */
static int run_child(struct remote *child, const char *program)
{
	int status, err;
	uint64_t path;

	if (waitpid(child->pid, &status, __WALL) < 0)
		return -errno;
	err = get_registers(child);
	path = err ? 0 : push_arguments(child, program);
	if (path)
		err = remote_call(child, SYS_execve, path, path - 2 * sizeof(uint64_t), 0, 0);
	if (!path || err)
		kill(child->pid, SIGKILL);
	status = see_off(child);
	return err ? err : status;
}

int remote_spawn(struct remote *remote, const char *program, bool *forked)
{
	struct remote child = { .pid = remote_call(remote, SYS_clone, 0, 0, 0, 0) };
	int status;

	*forked = child.pid > 0;
	if (!*forked)
		return child.pid;
	status = run_child(&child, program);
	remote_call(remote, SYS_wait4, child.pid, 0, __WALL, 0);
	return status;
}

// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "cmd.h"
#include "clock.h"
#include "die.h"
#include "machine-options.h"
#include "mmu.h"
#include "path.h"
#include "snapshot.h"
#include "splat.h"

#define GDB_DEFAULT "tcp:127.0.0.1:1234"
#define START_MS 60000

static const char usage[] =
	"Usage: sptest shell [OPTIONS]\n\n"
	"An interactive shell in the host machine; the tests are in /tests. Leave it with exit.\n"
	"Without a terminal it reads commands from its standard input.\n\n"
	MACHINE_OPTIONS_HELP
	"  --gdb[=WHERE]    QEMU's gdbstub listens (default: " GDB_DEFAULT ")\n"
	"  --no-snapshot    boot the machine\n"
	"  --log FILE       the kernel log goes there\n\n"
	"Example: sptest shell --kernel 6.12 --gdb\n";

enum { OPT_GDB = 1, OPT_NO_SNAPSHOT, OPT_LOG };

enum { CHANNEL, CONSOLE, MACHINE, SIGNALS, INPUT, FD_COUNT };

struct shell {
	struct machine machine;
	struct pollfd fds[FD_COUNT];
	bool started, over;
	int status;
};

static struct termios saved;
static bool raw;
static char *folder;

static void clean_up(void)
{
	if (raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	if (folder)
		path_remove_tree(folder);
}

static void make_raw(void)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &saved))
		return;
	t = saved;
	cfmakeraw(&t);
	raw = !tcsetattr(STDIN_FILENO, TCSANOW, &t);
}

static struct channel_window window(void)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };

	ioctl(STDIN_FILENO, TIOCGWINSZ, &size);
	return (struct channel_window){ .rows = size.ws_row, .columns = size.ws_col };
}

static void start_shell(struct shell *shell)
{
	const struct channel_window size = window();

	channel_send(&shell->machine.channel, CHANNEL_SHELL, &size, sizeof(size));
	shell->started = true;
	shell->fds[INPUT].fd = STDIN_FILENO;
	make_raw();
}

static void on_channel(struct shell *shell)
{
	struct channel_message message;
	struct channel_exit ended;

	while (channel_receive(&shell->machine.channel, &message) > 0) {
		if ((message.type == CHANNEL_HELLO || message.type == CHANNEL_PONG) &&
		    !shell->started)
			start_shell(shell);
		if (message.type == CHANNEL_OUTPUT &&
		    write(STDOUT_FILENO, message.data, message.size) < 0)
			shell->over = true;
		if (message.type == CHANNEL_EXIT && message.size == sizeof(ended)) {
			memcpy(&ended, message.data, sizeof(ended));
			shell->status = WIFEXITED(ended.status) ? WEXITSTATUS(ended.status) : 1;
			shell->over = true;
		}
	}
}

static void on_input(struct shell *shell)
{
	static const char end_of_file = 4;	/* Ctrl-D, for the pty */
	char buf[4096];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));

	if (n > 0) {
		channel_send(&shell->machine.channel, CHANNEL_INPUT, buf, n);
	} else {
		channel_send(&shell->machine.channel, CHANNEL_INPUT, &end_of_file, 1);
		shell->fds[INPUT].fd = -1;
	}
}

static void on_signal(struct shell *shell)
{
	struct signalfd_siginfo info;
	const struct channel_window size = window();

	if (read(shell->fds[SIGNALS].fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGWINCH && shell->started) {
		channel_send(&shell->machine.channel, CHANNEL_WINDOW, &size, sizeof(size));
	} else if (info.ssi_signo != SIGWINCH) {
		shell->over = true;
		shell->status = STATUS_INTERRUPTED;
	}
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static void serve(struct shell *shell, uint64_t deadline)
{
	while (!shell->over) {
		poll(shell->fds, FD_COUNT, 500);
		if (!shell->started && clock_ms() > deadline)
			die(STATUS_HARNESS, "the machine does not start; --log shows why");
		if (shell->fds[CHANNEL].revents)
			on_channel(shell);
		if (shell->fds[CONSOLE].revents && !console_read(&shell->machine.console))
			shell->fds[CONSOLE].fd = -1;
		if (shell->fds[SIGNALS].revents)
			on_signal(shell);
		if (shell->fds[INPUT].revents)
			on_input(shell);
		if (shell->fds[MACHINE].revents && !shell->over) {
			warn("the machine went away%s%s", shell->machine.console.panic ? ": " : "",
			     shell->machine.console.panic ? shell->machine.console.panic : "");
			shell->status = STATUS_FAILED;
			shell->over = true;
		}
	}
}

static void keep_log(const char *log)
{
	char *path = xasprintf("%s/console.log", folder);

	/* console.log in the folder is then the user's file. */
	if (symlink(log, path))
		die(STATUS_USAGE, "--log %s: %s", log, strerror(errno));
	free(path);
}

static int run_shell(const struct machine_config *config, bool snapshots)
{
	struct shell shell = { 0 };
	char *snapshot = snapshots && !config->gdb ? snapshot_path(config) : NULL;
	int err;

	if (snapshot && !path_exists(snapshot)) {
		free(snapshot);
		snapshot = NULL;
	}
	note("%s %s, mmu %s, %s (%s)", snapshot ? "restoring" : "booting", config->kernel.release,
	     config->mmu, config->accel.name, config->accel.why);
	err = machine_start(&shell.machine, config, folder, snapshot);
	if (err)
		die(STATUS_HARNESS, "cannot start a machine: %s", strerror(-err));
	if (snapshot)
		channel_send(&shell.machine.channel, CHANNEL_PING, "", 0);
	free(snapshot);
	shell.fds[CHANNEL] = (struct pollfd){ .fd = shell.machine.channel.fd, .events = POLLIN };
	shell.fds[CONSOLE] = (struct pollfd){ .fd = shell.machine.console.fd, .events = POLLIN };
	shell.fds[MACHINE] = (struct pollfd){ .fd = shell.machine.pidfd, .events = POLLIN };
	shell.fds[SIGNALS] = (struct pollfd){ .fd = open_signals(), .events = POLLIN };
	shell.fds[INPUT] = (struct pollfd){ .fd = -1, .events = POLLIN };
	serve(&shell, clock_ms() + START_MS * config->accel.slowness);
	machine_stop(&shell.machine);
	return shell.status;
}

int cmd_shell(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "gdb", optional_argument, NULL, OPT_GDB },
		{ "no-snapshot", no_argument, NULL, OPT_NO_SNAPSHOT },
		{ "log", required_argument, NULL, OPT_LOG },
		MACHINE_OPTIONS_LONG,
		{ 0 },
	};
	struct machine_options machine = MACHINE_OPTIONS_DEFAULT;
	const char *log = NULL;
	struct machine_config config;
	struct test_list list;
	bool snapshots = true;
	char *dir, *shells;
	int opt, status;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		}
		if (opt == OPT_GDB)
			machine.gdb = optarg ? optarg : GDB_DEFAULT;
		else if (opt == OPT_NO_SNAPSHOT)
			snapshots = false;
		else if (opt == OPT_LOG)
			log = optarg;
		else if (!machine_options_take(&machine, opt, optarg))
			return STATUS_USAGE;
	}
	if (!mmu_parameters(machine.mmu))
		die(STATUS_USAGE, "--mmu %s: a shell is in one mode", machine.mmu);
	splat_load();
	dir = machine_options_selftests(&machine);
	test_list_load(&list, dir, machine.tests);
	machine_options_apply(&machine, &list, &config);
	shells = path_cache("shell");
	folder = xasprintf("%s/XXXXXX", shells);
	if (!mkdtemp(folder))
		die(STATUS_HARNESS, "%s: %s", folder, strerror(errno));
	atexit(clean_up);
	if (log)
		keep_log(log);
	if (machine.gdb)
		note("gdb VMLINUX -ex 'target remote %s' reaches the host kernel", machine.gdb);
	status = run_shell(&config, snapshots);
	machine_config_release(&config);
	machine_options_release(&machine);
	test_list_free(&list);
	free(shells);
	free(dir);
	return status;
}

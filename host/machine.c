// SPDX-License-Identifier: GPL-2.0-only
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "hash.h"
#include "path.h"
#include "proc.h"

#define QMP_TIMEOUT_MS 60000
#define AGENT_TIMEOUT_MS 1000
#define DISK_SIZE (1ull << 30)	/* sparse */

/* One end stays with us, the other passes to the child. */
static int connect_pair(int *ours, int *theirs)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return -errno;
	*ours = fds[0];
	*theirs = fds[1];
	fcntl(*theirs, F_SETFD, 0);
	return 0;
}

static int open_disk(const char *folder)
{
	int fd = open(folder, O_TMPFILE | O_RDWR, 0600);

	if (fd >= 0 && ftruncate(fd, DISK_SIZE)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void close_fds(struct machine_fds *fds)
{
	close(fds->console);
	close(fds->channel);
	close(fds->qmp);
	close(fds->disk);
	*fds = (struct machine_fds){ -1, -1, -1, -1 };
}

static int write_command(const char *folder, const struct args *args)
{
	char *line = args_quote(args), *text = xasprintf("%s\n", line);
	char *path = xasprintf("%s/qemu.cmd", folder);
	int err = file_write(path, text, strlen(text), 0644);

	free(path);
	free(text);
	free(line);
	return err;
}

/* Should memory run out on the outer machine, the host machine goes first, not who asked for it. */
static void offer_to_oom_killer(pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, "800", 3) != 3)
		warn("%s: %s", path, strerror(errno));
	close(fd);
}

static int launch(struct machine *machine, const struct args *args, const char *log)
{
	/* Ctrl-C is for sptest: a machine that goes of it too would be taken for lost. */
	const struct proc_options opt = { .log = log, .own_group = true };

	machine->pid = proc_start((const char *const *)args->v, &opt);
	if (machine->pid < 0) {
		int err = machine->pid;

		machine->pid = 0;
		return err;
	}
	machine->pidfd = syscall(SYS_pidfd_open, machine->pid, 0);
	return machine->pidfd < 0 ? -errno : 0;
}

static void attach(struct machine *machine, int console, int channel, const char *folder, bool kmsg)
{
	char *path = xasprintf("%s/console.log", folder);

	console_open(&machine->console, console, path, kmsg);
	channel_open(&machine->channel, channel);
	free(path);
}

static int start_here(struct machine *machine, const char *folder)
{
	struct args args = { 0 };
	char *init = path_libexec("init");
	int ours, theirs, err, kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (kmsg < 0)
		die(STATUS_USAGE, "/dev/kmsg: %s: --here reads the kernel log, run it as root",
		    strerror(errno));
	lseek(kmsg, 0, SEEK_END);
	err = connect_pair(&ours, &theirs);
	if (err)
		goto out;
	args_add(&args, "%s", init);
	args_add(&args, "--agent");
	args_add(&args, "%d", theirs);
	attach(machine, kmsg, ours, folder, true);
	err = launch(machine, &args, NULL);
	close(theirs);
	args_free(&args);
out:
	free(init);
	return err;
}

static int wait_migrated(struct qmp *qmp)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	uint64_t deadline = clock_ms() + QMP_TIMEOUT_MS;

	while (clock_ms() < deadline) {
		json_t *info = qmp_execute(qmp, "query-migrate", NULL, QMP_TIMEOUT_MS);
		const char *status = json_string_value(json_object_get(info, "status"));
		const char *why = json_string_value(json_object_get(info, "error-desc"));
		/* No answer: QEMU exits at a stream that it cannot read. */
		int done = !info ? -EPIPE : !status ? 0 : !strcmp(status, "completed") ? 1 :
			   !strcmp(status, "failed") ? -EIO : 0;

		if (done == -EIO)
			warn("QEMU could not save or restore the machine: %s", why ? why : "it does not say why");
		json_decref(info);
		if (done)
			return done < 0 ? done : 0;
		nanosleep(&pause, NULL);
	}
	return -ETIMEDOUT;
}

/* The snapshot was taken of a stopped machine, and comes back as one. */
static int resume(struct qmp *qmp)
{
	json_t *answer;
	int err = wait_migrated(qmp);

	if (err)
		return err;
	answer = qmp_execute(qmp, "cont", NULL, QMP_TIMEOUT_MS);
	err = answer ? 0 : -EIO;
	json_decref(answer);
	return err;
}

static int connect_qemu(struct machine *machine, const char *folder, struct machine_fds *theirs,
			int *qmp)
{
	int console, channel, err;

	err = connect_pair(&console, &theirs->console);
	if (err)
		return err;
	err = connect_pair(&channel, &theirs->channel);
	if (err) {
		close(console);
		return err;
	}
	attach(machine, console, channel, folder, false);
	err = connect_pair(qmp, &theirs->qmp);
	if (err)
		return err;
	theirs->disk = open_disk(folder);
	return theirs->disk < 0 ? -errno : 0;
}

static int start_qemu(struct machine *machine, const struct machine_config *config,
		      const char *folder, const char *snapshot)
{
	struct machine_fds theirs = { -1, -1, -1, -1 };
	char *log = xasprintf("%s/qemu.log", folder);
	int qmp = -1, state = -1, err;
	struct args args = { 0 };

	err = connect_qemu(machine, folder, &theirs, &qmp);
	if (err)
		goto out;
	machine_x86_args(&args, config, &theirs);
	if (snapshot) {
		state = open(snapshot, O_RDONLY);
		if (state < 0) {
			err = -errno;
			goto out;
		}
		args_add(&args, "-incoming");
		args_add(&args, "fd:%d", state);
	}
	err = write_command(folder, &args);
	if (!err)
		err = launch(machine, &args, log);
	/* The only ends left are QEMU's: when it exits, ours say so. */
	close_fds(&theirs);
	if (err)
		goto out;
	offer_to_oom_killer(machine->pid);
	machine->qmp = qmp_open(qmp, QMP_TIMEOUT_MS);
	qmp = -1;
	if (!machine->qmp)
		err = -EIO;
	else if (snapshot)
		err = resume(machine->qmp);
out:
	args_free(&args);
	free(log);
	close_fds(&theirs);
	if (qmp >= 0)
		close(qmp);
	if (state >= 0)
		close(state);
	return err;
}

int machine_start(struct machine *machine, const struct machine_config *config,
		  const char *folder, const char *snapshot)
{
	int err = path_mkdirs(folder);

	*machine = (struct machine){ .pidfd = -1, .console.fd = -1, .channel.fd = -1 };
	if (err)
		return err;
	if (config->here)
		return start_here(machine, folder);
	return start_qemu(machine, config, folder, snapshot);
}

/* An agent takes the end of its channel for an order to end its test and itself. */
static void stop_agent(struct machine *machine)
{
	struct pollfd gone = { .fd = machine->pidfd, .events = POLLIN };

	channel_close(&machine->channel);
	poll(&gone, 1, AGENT_TIMEOUT_MS);
}

void machine_stop(struct machine *machine)
{
	if (machine->pid && machine->console.kmsg)
		stop_agent(machine);
	if (machine->pid) {
		kill(machine->pid, SIGKILL);
		while (waitpid(machine->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (machine->pidfd >= 0)
		close(machine->pidfd);
	qmp_close(machine->qmp);
	channel_close(&machine->channel);
	if (machine->console.log)
		console_close(&machine->console);
	*machine = (struct machine){ .pidfd = -1, .console.fd = -1, .channel.fd = -1 };
}

static int migrate_to(struct qmp *qmp, const char *path)
{
	char *quoted = shell_quote(path), *uri = xasprintf("exec:cat > %s", quoted);
	json_t *answer;
	int err = -EIO;

	/* As fast as the disk takes it: the default is a limit for networks. */
	json_decref(qmp_execute(qmp, "migrate-set-parameters",
				json_pack("{s:I}", "max-bandwidth", (json_int_t)1 << 40),
				QMP_TIMEOUT_MS));
	answer = qmp_execute(qmp, "migrate", json_pack("{s:s}", "uri", uri), QMP_TIMEOUT_MS);
	if (answer)
		err = wait_migrated(qmp);
	json_decref(answer);
	free(uri);
	free(quoted);
	return err;
}

int machine_save(struct machine *machine, const char *path)
{
	char *tmp = xasprintf("%s.tmp%d", path, getpid());
	json_t *answer;
	int err;

	if (!machine->qmp)
		return -EOPNOTSUPP;
	/* Stopped first: a running one would send its memory twice. */
	json_decref(qmp_execute(machine->qmp, "stop", NULL, QMP_TIMEOUT_MS));
	err = migrate_to(machine->qmp, tmp);
	answer = qmp_execute(machine->qmp, "cont", NULL, QMP_TIMEOUT_MS);
	if (!answer && !err)
		err = -EIO;
	json_decref(answer);
	if (!err && rename(tmp, path))
		err = -errno;
	if (err)
		unlink(tmp);
	free(tmp);
	return err;
}

static uint64_t hash_file_state(uint64_t hash, const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return hash;
	hash = hash_add_string(hash, path);
	hash = hash_add(hash, &st.st_size, sizeof(st.st_size));
	return hash_add(hash, &st.st_mtim, sizeof(st.st_mtim));
}

void machine_identity(const struct machine_config *config, char hash[17])
{
	static const char *const version[] = { MACHINE_QEMU, "--version", NULL };
	const struct machine_fds none = { 0 };
	char *qemu = proc_capture(version, NULL);
	struct args args = { 0 };
	uint64_t h = HASH_START;

	machine_x86_args(&args, config, &none);
	for (size_t i = 0; i < args.count; i++)
		if (strcmp(args.v[i], config->image))
			h = hash_add_string(h, args.v[i]);
	h = hash_add_string(h, qemu ? qemu : "");
	h = hash_add_string(h, config->image_hash);
	h = hash_file_state(h, config->kernel.image);
	snprintf(hash, 17, "%016" PRIx64, h);
	args_free(&args);
	free(qemu);
}

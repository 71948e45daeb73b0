// SPDX-License-Identifier: GPL-2.0-only
/*
 * PID 1 of the host machine: gets the kernel ready, then does what the runner says over the channel.
 * It stays responsive when memory is short (locked, never an OOM victim, real-time priority), so that
 * its silence means that the machine hangs.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init.h"

enum { PORT, SIGNALS, TIMER, OUTPUT, FD_COUNT };

struct state {
	struct pollfd fds[FD_COUNT];
	struct job job;
	bool machine;		/* PID 1 of a machine of our own, not an agent with --here */
};

static void set_up_machine(void)
{
	struct sched_param param = { .sched_priority = 1 };

	mounts_set_up();
	/* Standard streams on the serial console; it must stay open for its SysRq to work. */
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/console", O_RDWR) != fd)
			kernel_log("no /dev/console");
	setenv("PATH", "/bin", 1);
	setenv("HOME", "/", 1);
	setenv("TERM", "linux", 0);
	write_file("/proc/self/oom_score_adj", "-1000");
	clocksource_settle();
	modules_load();
	mlockall(MCL_CURRENT | MCL_FUTURE);
	sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &param);
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void beat_every(int timer, int ms)
{
	struct itimerspec spec = {
		.it_value.tv_nsec = ms * 1000000l,
		.it_interval.tv_nsec = ms * 1000000l,
	};

	timerfd_settime(timer, 0, &spec, NULL);
}

static void job_started(struct state *st)
{
	st->fds[OUTPUT].fd = st->job.fd;
	beat_every(st->fds[TIMER].fd, CHANNEL_BEAT_MS);
}

static void report_exit(struct state *st)
{
	struct job *job = &st->job;
	struct channel_exit message = {
		.status = job->status,
		.killed = job->killed,
		.taint_before = job->taint_before,
		.taint_after = kernel_taint(),
		.duration_ns = job->ended_ns - job->started_ns,
	};

	while (job_forward(job, st->fds[PORT].fd) > 0)
		;
	close(job->fd);
	st->fds[OUTPUT].fd = -1;
	beat_every(st->fds[TIMER].fd, 0);
	if (!job->pty)
		kernel_log("end %s", job->name);
	port_send(st->fds[PORT].fd, CHANNEL_EXIT, &message, sizeof(message));
	job->pid = 0;
}

/*
 * A test is over when all its processes are: the one that restores knobs outlives it. What still
 * lives after CHANNEL_LINGER_MS is killed (in a machine of our own everything but init is the test's).
 */
static void reap(struct state *st)
{
	struct job *job = &st->job;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != job->pid)
			continue;
		job->ended = true;
		job->status = status;
		job->ended_ns = clock_ns();
		kill(-pid, SIGKILL);
	}
	if (!job->pid || !job->ended)
		return;
	if (pid < 0 && errno == ECHILD)
		report_exit(st);
	else if (clock_ns() - job->ended_ns > CHANNEL_LINGER_MS * 1000000ull && st->machine)
		kill(-1, SIGKILL);
}

static void start_failed(struct state *st, const char *what, int err)
{
	struct channel_exit message = { .status = 127 << 8 };
	char text[128];
	int n = snprintf(text, sizeof(text), "# cannot start %s: %s\n", what, strerror(-err));

	port_send(st->fds[PORT].fd, CHANNEL_OUTPUT, text, n);
	port_send(st->fds[PORT].fd, CHANNEL_EXIT, &message, sizeof(message));
}

static void obey(struct state *st)
{
	static char buf[CHANNEL_MAX] __attribute__((aligned(8)));
	struct channel_header header;
	int port = st->fds[PORT].fd, err;

	port_receive(port, &header, buf);
	switch (header.type) {
	case CHANNEL_PING:
		port_send(port, CHANNEL_PONG, buf, header.length);
		break;
	case CHANNEL_RUN:
		err = job_start(&st->job, (struct channel_run *)buf,
				buf + sizeof(struct channel_run),
				header.length - sizeof(struct channel_run));
		if (err)
			start_failed(st, "the test", err);
		else
			job_started(st);
		break;
	case CHANNEL_SHELL:
		err = job_start_shell(&st->job, (struct channel_window *)buf);
		if (err)
			start_failed(st, "a shell", err);
		else
			job_started(st);
		break;
	case CHANNEL_INPUT:
		if (st->job.pid && st->job.pty && write(st->job.fd, buf, header.length) < 0)
			kernel_log("shell: %s", strerror(errno));
		break;
	case CHANNEL_WINDOW:
		job_resize(&st->job, (struct channel_window *)buf);
		break;
	case CHANNEL_KILL:
		if (st->job.pid)
			job_kill(&st->job, st->machine);
		break;
	case CHANNEL_SYSRQ:
		if (st->machine)
			kernel_sysrq(buf, header.length);
		break;
	case CHANNEL_POWEROFF:
		if (st->machine)
			reboot(RB_POWER_OFF);
		exit(0);
	default:
		kernel_log("message of unknown type %u", header.type);
	}
}

/* The end of a job in the same round of poll() disarms the timer: then there is nothing to read. */
static void tick(struct state *st)
{
	uint64_t count;

	if (read(st->fds[TIMER].fd, &count, sizeof(count)) < 0)
		return;
	port_send(st->fds[PORT].fd, CHANNEL_BEAT, NULL, 0);
	reap(st);
}

static struct job *agent_job;

/* An agent without its runner, which exits, does not leave the test behind; its keeper sees to knobs. */
static void agent_end_job(void)
{
	if (agent_job->pid)
		kill(-agent_job->pid, SIGKILL);
}

static void set_up_agent(struct job *job)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* Instead of a death with sptest: the closed channel tells as well, and leaves time to clear up. */
	prctl(PR_SET_PDEATHSIG, 0);
	agent_job = job;
	atexit(agent_end_job);
}

static void serve(struct state *st)
{
	struct signalfd_siginfo info;

	for (;;) {
		if (poll(st->fds, FD_COUNT, -1) < 0 && errno != EINTR)
			exit(1);
		if (st->fds[OUTPUT].revents && job_forward(&st->job, st->fds[PORT].fd) < 0)
			st->fds[OUTPUT].fd = -1;
		if (st->fds[SIGNALS].revents) {
			while (read(st->fds[SIGNALS].fd, &info, sizeof(info)) > 0)
				;
			reap(st);
		}
		if (st->fds[TIMER].revents)
			tick(st);
		if (st->fds[PORT].revents & POLLIN)
			obey(st);
		else if (st->fds[PORT].revents & (POLLHUP | POLLERR))
			exit(1);
	}
}

int main(int argc, char **argv)
{
	struct state st = { .machine = getpid() == 1 };
	struct channel_hello hello;
	int port;

	if (st.machine) {
		set_up_machine();
		port = port_open();
	} else if (argc == 3 && !strcmp(argv[1], "--agent")) {
		port = atoi(argv[2]);
		set_up_agent(&st.job);
	} else {
		fprintf(stderr, "%s: started by sptest, not by hand\n", argv[0]);
		return 2;
	}
	fcntl(port, F_SETFD, FD_CLOEXEC);
	fcntl(port, F_SETFL, O_NONBLOCK);
	st.fds[PORT] = (struct pollfd){ .fd = port, .events = POLLIN };
	st.fds[SIGNALS] = (struct pollfd){ .fd = open_signals(), .events = POLLIN };
	st.fds[TIMER] = (struct pollfd){
		.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), .events = POLLIN,
	};
	st.fds[OUTPUT] = (struct pollfd){ .fd = -1, .events = POLLIN };
	kernel_describe(&hello);
	port_send(port, CHANNEL_HELLO, &hello, sizeof(hello));
	serve(&st);
}

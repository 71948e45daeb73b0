// SPDX-License-Identifier: GPL-2.0-only
#include "accel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "accel-arch.h"
#include "die.h"
#include "path.h"

#define PROBE_SECONDS 10

/*
 * Measured with busybox in a 6.12 host machine of two CPUs against the same on the outer machine:
 * gzip 5, md5sum 7, fork and exec 10, copying 10, a shell's loop 19 times slower.
 */
#define TCG_SLOWNESS 10
#define SLOWNESS_MAX 1000

static bool nested_is_on(const char *module, char why[200])
{
	char *path = xasprintf("/sys/module/%s/parameters/nested", module);
	char *value = file_read(path, NULL);
	bool on = value && (value[0] == 'Y' || value[0] == '1');

	if (!value)
		snprintf(why, 200, "module %s is not loaded: modprobe %s", module, module);
	else if (!on)
		snprintf(why, 200, "nesting is off: load %s with nested=1", module);
	free(value);
	free(path);
	return on;
}

static noreturn void probe(int out)
{
	char why[200] = "";
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	bool ok = kvm >= 0 && accel_arch_run(kvm, why);

	if (kvm < 0)
		snprintf(why, sizeof(why), "/dev/kvm: %s%s", strerror(errno),
			 errno == EACCES ? " (is the user in group kvm?)" : "");
	if (write(out, why, strlen(why)) < 0)
		ok = false;
	_exit(ok ? 0 : 1);
}

/* In a child with an alarm, since the KVM_RUN of a broken KVM may never return. */
static bool guest_runs(char why[200])
{
	int fds[2], status = 0;
	ssize_t n;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC)) {
		snprintf(why, 200, "pipe: %s", strerror(errno));
		return false;
	}
	pid = fork();
	if (pid == 0) {
		signal(SIGALRM, SIG_DFL);
		alarm(PROBE_SECONDS);
		probe(fds[1]);
	}
	close(fds[1]);
	n = read(fds[0], why, 199);
	why[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid < 0 || WIFSIGNALED(status))
		snprintf(why, 200, "a guest of one instruction did not come back within %d s",
			 PROBE_SECONDS);
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool accel_probe_kvm(char why[200])
{
	const char *module = accel_arch_module(why);

	if (!module || !nested_is_on(module, why) || !guest_runs(why))
		return false;
	snprintf(why, 200, "%s can nest, and a guest runs", module);
	return true;
}

/* Does it run guests at all? */
static bool probe_kvm_guests(char why[200])
{
	if (!accel_arch_module(why) || !guest_runs(why))
		return false;
	snprintf(why, 200, "a guest runs");
	return true;
}

/* SPTEST_SLOWNESS: for an outer machine that is busier than most, or a test in a hurry. */
static unsigned int slowness(bool kvm)
{
	const char *text = getenv("SPTEST_SLOWNESS");
	unsigned long value;
	char *end;

	if (!text || !*text)
		return kvm ? 1 : TCG_SLOWNESS;
	value = strtoul(text, &end, 10);
	if (*end || value < 1 || value > SLOWNESS_MAX)
		die(STATUS_USAGE, "SPTEST_SLOWNESS=%s: a whole number from 1 to %d is wanted", text,
		    SLOWNESS_MAX);
	return value;
}

static void use(struct accel *accel, bool kvm)
{
	accel->kvm = kvm;
	accel->name = kvm ? "kvm" : "tcg";
	accel->slowness = slowness(kvm);
}

static void choose(struct accel *accel, const char *word, bool (*probe_kvm)(char why[200]))
{
	bool want_kvm = !strcmp(word, "kvm"), want_tcg = !strcmp(word, "tcg");

	memset(accel, 0, sizeof(*accel));
	if (!want_kvm && !want_tcg && strcmp(word, "auto"))
		die(STATUS_USAGE, "accelerator \"%s\": say auto, kvm or tcg", word);
	if (want_tcg) {
		use(accel, false);
		snprintf(accel->why, sizeof(accel->why), "asked for");
		return;
	}
	use(accel, probe_kvm(accel->why));
	if (want_kvm && !accel->kvm)
		die(STATUS_USAGE, "KVM is not fit here: %s; use --accel tcg or auto", accel->why);
}

void accel_choose(struct accel *accel, const char *word)
{
	choose(accel, word, accel_probe_kvm);
}

void accel_choose_guests(struct accel *accel, const char *word)
{
	choose(accel, word, probe_kvm_guests);
}

// SPDX-License-Identifier: GPL-2.0-only
/* With --here: guests are domains of the machine's own libvirt, and gone with the connection (autodestroy). */
#include "workload/carrier.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/die.h"
#include "host/path.h"
#include "workload/ending.h"
#include "workload/libvirt/carried.h"
#include "workload/libvirt/channel-socket.h"
#include "workload/libvirt/connection.h"
#include "workload/libvirt/domain-xml.h"
#include "workload/qemu-x86.h"

#define NAME "sptest-%u"		/* of the guest of a number */
#define CONNECT_MS 20000		/* QEMU runs when libvirt says so, but may be being swapped */
#define ENDED_MS 20000
#define DEATH_MS 60000

static struct {
	virConnectPtr connection;
	int callback;			/* of lifecycle events; -1: none */
	struct carried *all;
} libvirt = { .callback = -1 };

static const char *detail_text(int detail)
{
	switch (detail) {
	case VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN:
		return "the domain ended: the guest shut down";
	case VIR_DOMAIN_EVENT_STOPPED_DESTROYED:
		return "the domain ended: it was destroyed, or its guest reset itself";
	case VIR_DOMAIN_EVENT_STOPPED_CRASHED:
		return "the domain ended: the guest crashed";
	default:
		return "the domain ended: its QEMU failed or was killed";
	}
}

static int on_lifecycle(virConnectPtr connection, virDomainPtr domain, int event, int detail, void *arg)
{
	(void)connection;
	(void)arg;
	if (event != VIR_DOMAIN_EVENT_STOPPED)
		return 0;
	for (struct carried *carried = libvirt.all; carried; carried = carried->next)
		if (carried->domain && !strcmp(virDomainGetName(carried->domain), virDomainGetName(domain)))
			carried->stopped = detail_text(detail);
	connection_wake();
	return 0;
}

bool carrier_open(const struct plan *plan)
{
	(void)plan;
	libvirt.connection = connection_open();
	if (!libvirt.connection)
		return false;
	libvirt.callback = virConnectDomainEventRegisterAny(libvirt.connection, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
							    VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), NULL, NULL);
	if (libvirt.callback < 0)
		printf("# libvirt tells no events: %s\n", connection_error());
	return libvirt.callback >= 0;
}

void carrier_close(void)
{
	if (libvirt.callback >= 0)
		virConnectDomainEventDeregisterAny(libvirt.connection, libvirt.callback);
	libvirt.callback = -1;
	connection_close();
}

/* Of the jobs, empty. */
static int make_data(const char *path, int mib)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), err = 0;

	if (fd < 0 || ftruncate(fd, (off_t)mib << 20))
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

/* As --here has it: the description stays beside the guest's log. */
static char *describe(const struct guest *guest, const struct plan *plan, const struct channel_socket *channel,
		      const char *data)
{
	char *name = xasprintf(NAME, guest->number), *log = xasprintf("%s/" GUEST_LOG, plan->folder, guest->number);
	char *kept = xasprintf("domain-%u.xml", guest->number), *xml;
	const struct domain domain = {
		.name = name, .kvm = plan->here.kvm, .kernel = plan->here.kernel, .initrd = plan->here.initrd,
		.image = plan->here.image, .data = data, .channel = channel->path, .log = log,
		.beats = guest->beats_name,
	};

	xml = domain_xml(plan, &domain);
	if (file_write(kept, xml, strlen(xml), 0644))
		printf("# %s: cannot be written\n", kept);
	free(kept);
	free(log);
	free(name);
	return xml;
}

/* Who comes is QEMU: libvirt has not handed the socket on. */
static int meet(struct guest *guest, const struct channel_socket *channel)
{
	struct carried *carried = guest->carried;
	int fd = channel_socket_accept(channel, &guest->pid);

	if (fd == -EAGAIN) {
		connection_wait(channel->fd, CONNECT_MS);
		fd = channel_socket_accept(channel, &guest->pid);
	}
	if (fd < 0)
		return fd;
	channel_open(&guest->channel, fd);
	carried->pidfd = pidfd_open(guest->pid, 0);
	return carried->pidfd < 0 ? -errno : 0;
}

static int create(struct guest *guest, const char *xml, const struct channel_socket *channel)
{
	struct carried *carried = guest->carried;
	int err;

	carried->domain = virDomainCreateXML(libvirt.connection, xml,
					     VIR_DOMAIN_START_AUTODESTROY | VIR_DOMAIN_START_VALIDATE);
	if (!carried->domain) {
		printf("# %s: libvirt does not start it: %s\n", guest->name, connection_error());
		return -EIO;
	}
	err = meet(guest, channel);
	if (err)
		printf("# %s: its QEMU does not come to its channel: %s\n", guest->name, strerror(-err));
	return err;
}

/* QEMU has opened its files when it comes, so that none of them outlives the guest, whoever is killed. */
int carrier_start(struct guest *guest, const struct plan *plan)
{
	char *data = plan->disk_mib ? xasprintf("%s/data-%u", plan->folder, guest->number) : NULL;
	char *beats = xasprintf("/dev/shm/%s", guest->beats_name), *xml;
	struct carried *carried = xrealloc(NULL, sizeof(*carried));
	struct channel_socket channel;
	int err;

	*carried = (struct carried){ .pidfd = -1, .next = libvirt.all };
	libvirt.all = guest->carried = carried;
	err = channel_socket_open(&channel);
	if (!err && data)
		err = make_data(data, plan->disk_mib);
	if (err) {
		printf("# %s: no files for it: %s\n", guest->name, strerror(-err));
		goto out;
	}
	xml = describe(guest, plan, &channel, data);
	err = create(guest, xml, &channel);
	free(xml);
out:
	channel_socket_close(&channel);
	if (data)
		unlink(data);
	unlink(beats);
	free(beats);
	free(data);
	return err;
}

static bool dies(int pidfd, int ms)
{
	struct pollfd fd = { .fd = pidfd, .events = POLLIN };

	return poll(&fd, 1, ms) == 1;
}

/* Where there is no daemon that does it, QEMU is killed here: it would go on for ever. */
static void destroy(struct guest *guest)
{
	struct carried *carried = guest->carried;
	bool destroyed = carried->stopped || virDomainDestroy(carried->domain) == 0;

	if (carried->pidfd < 0 || dies(carried->pidfd, destroyed ? DEATH_MS : 0))
		return;
	pidfd_send_signal(carried->pidfd, SIGKILL, NULL, 0);
	if (!dies(carried->pidfd, DEATH_MS))
		printf("# %s: its QEMU, process %d, does not die\n", guest->name, guest->pid);
}

void carrier_stop(struct guest *guest)
{
	struct carried *carried = guest->carried, **link = &libvirt.all;

	if (!carried)
		return;
	if (carried->domain) {
		destroy(guest);
		virDomainFree(carried->domain);
	}
	if (carried->pidfd >= 0)
		close(carried->pidfd);
	while (*link != carried)
		link = &(*link)->next;
	*link = carried->next;
	free(carried);
	guest->carried = NULL;
}

int carrier_pause(struct guest *guest, const struct plan *plan, char *why, size_t size)
{
	(void)plan;
	snprintf(why, size, "%s is not paused by libvirt", guest->name);
	return -ENOSYS;
}

int carrier_move(struct guest *guest, const struct plan *plan, bool by_file, char *why, size_t size)
{
	(void)plan;
	(void)by_file;
	snprintf(why, size, "%s is not moved by libvirt", guest->name);
	return -ENOSYS;
}

void carrier_wait(const struct guest *guest, int ms)
{
	connection_wait(guest->gone ? -1 : guest->channel.fd, ms);
}

bool carrier_ended(const struct guest *guest)
{
	const struct carried *carried = guest->carried;

	return connection_lost() || (carried && carried->stopped);
}

char *carrier_why(struct guest *guest)
{
	const uint64_t deadline = clock_ms() + ENDED_MS;
	char *path = xasprintf(GUEST_LOG, guest->number), *log, *why;
	const struct carried *carried = guest->carried;

	while (!carrier_ended(guest) && clock_ms() < deadline)
		connection_wait(-1, deadline - clock_ms());
	log = file_read(path, NULL);
	if (carried && carried->stopped)
		why = ending_of_domain(carried->stopped, log);
	else
		why = xstrdup(connection_lost() ?: "QEMU closed the guest's channel");
	free(log);
	free(path);
	return why;
}

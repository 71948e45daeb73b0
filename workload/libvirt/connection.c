// SPDX-License-Identifier: GPL-2.0-only
#include "workload/libvirt/connection.h"

#include <libvirt/virterror.h>
#include <stdio.h>
#include <stdlib.h>

/* A daemon that is silent for so long is gone: 3 questions, 5 s apart. */
#define KEEPALIVE_S 5
#define KEEPALIVE_COUNT 3

static struct {
	virConnectPtr handle;
	const char *lost;
	bool woken;
} connection;

/* What failed is said where it matters, not on stderr. */
static void drop_error(void *arg, virErrorPtr error)
{
	(void)arg;
	(void)error;
}

static void closed(virConnectPtr handle, int reason, void *arg)
{
	static const char *const words[] = {
		[VIR_CONNECT_CLOSE_REASON_ERROR] = "libvirt's daemon is gone: an error of its connection",
		[VIR_CONNECT_CLOSE_REASON_EOF] = "libvirt's daemon is gone: it closed the connection",
		[VIR_CONNECT_CLOSE_REASON_KEEPALIVE] = "libvirt's daemon is gone: it answers no more",
	};

	(void)handle;
	(void)arg;
	if ((size_t)reason < sizeof(words) / sizeof(words[0]))
		connection.lost = words[reason];
	connection.woken = true;
}

virConnectPtr connection_open(void)
{
	const char *uri = getenv("LIBVIRT_DEFAULT_URI") ?: CONNECTION_URI;

	virSetErrorFunc(NULL, drop_error);
	if (virInitialize() || virEventRegisterDefaultImpl()) {
		printf("# libvirt: %s\n", connection_error());
		return NULL;
	}
	connection.handle = virConnectOpen(uri);
	if (!connection.handle) {
		printf("# libvirt at %s: %s\n", uri, connection_error());
		return NULL;
	}
	if (virConnectSetKeepAlive(connection.handle, KEEPALIVE_S, KEEPALIVE_COUNT) ||
	    virConnectRegisterCloseCallback(connection.handle, closed, NULL, NULL)) {
		printf("# libvirt at %s: %s\n", uri, connection_error());
		connection_close();
	}
	return connection.handle;
}

void connection_close(void)
{
	if (!connection.handle)
		return;
	virConnectUnregisterCloseCallback(connection.handle, closed);
	virConnectClose(connection.handle);
	connection.handle = NULL;
}

const char *connection_lost(void)
{
	return connection.lost;
}

const char *connection_error(void)
{
	return virGetLastErrorMessage();
}

void connection_wake(void)
{
	connection.woken = true;
}

static void on_readable(int watch, int fd, int events, void *arg)
{
	(void)watch;
	(void)fd;
	(void)events;
	(void)arg;
	connection.woken = true;
}

static void on_time(int timer, void *arg)
{
	(void)timer;
	(void)arg;
	connection.woken = true;
}

void connection_wait(int fd, int ms)
{
	const int events = VIR_EVENT_HANDLE_READABLE | VIR_EVENT_HANDLE_HANGUP | VIR_EVENT_HANDLE_ERROR;
	int timer = virEventAddTimeout(ms, on_time, NULL, NULL);
	int watch = fd < 0 ? -1 : virEventAddHandle(fd, events, on_readable, NULL, NULL);

	connection.woken = timer < 0;
	while (!connection.woken)
		if (virEventRunDefaultImpl())
			break;
	if (timer >= 0)
		virEventRemoveTimeout(timer);
	if (watch >= 0)
		virEventRemoveHandle(watch);
}

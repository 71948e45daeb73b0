// SPDX-License-Identifier: GPL-2.0-only
/* By libvirt: each turn ends with its event that the guest has the memory, or when its time is over. */
#include "workload/resize.h"

#include <libvirt/libvirt.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/die.h"
#include "workload/libvirt/carried.h"
#include "workload/libvirt/connection.h"
#include "workload/libvirt/domain-xml.h"

#define KIB_PER_MIB 1024

struct lever {
	const struct plan *plan;
	struct resize_count *count;
	virDomainPtr domain;
	int callback, timer;		/* -1: none */
	int now, target;		/* MiB */
	bool resting;			/* between two turns */
};

static void give_up(struct lever *lever)
{
	lever->count->silent = true;
	virEventUpdateTimeout(lever->timer, -1);
}

static int ask(const struct lever *lever)
{
	char *xml;
	int err;

	if (lever->plan->balloon_mib)
		return virDomainSetMemoryFlags(lever->domain, (unsigned long)lever->target * KIB_PER_MIB,
					       VIR_DOMAIN_AFFECT_LIVE);
	xml = domain_plug_xml(lever->plan, lever->target);
	err = virDomainUpdateDeviceFlags(lever->domain, xml, VIR_DOMAIN_AFFECT_LIVE);
	free(xml);
	return err;
}

/* virtio-mem has nothing at first, the balloon nothing to give. */
static void begin_turn(struct lever *lever)
{
	const int most = resize_most(lever->plan), least = resize_least(lever->plan);

	lever->target = lever->now == most ? least : most;
	lever->resting = false;
	if (ask(lever)) {
		printf("# progress libvirt does not resize: %s\n", connection_error());
		give_up(lever);
		return;
	}
	virEventUpdateTimeout(lever->timer, RESIZE_TURN_MS * lever->plan->slowness);
}

static void on_size(struct lever *lever, int mib)
{
	lever->now = mib;
	if (lever->resting || mib != lever->target)
		return;
	if (mib == resize_most(lever->plan))
		lever->count->given++;
	else
		lever->count->taken++;
	lever->resting = true;
	virEventUpdateTimeout(lever->timer, RESIZE_REST_MS);
}

static void on_balloon(virConnectPtr connection, virDomainPtr domain, unsigned long long kib, void *lever)
{
	(void)connection;
	(void)domain;
	on_size(lever, kib / KIB_PER_MIB);
}

static void on_plug(virConnectPtr connection, virDomainPtr domain, const char *alias, unsigned long long kib, void *lever)
{
	(void)connection;
	(void)domain;
	(void)alias;
	on_size(lever, kib / KIB_PER_MIB);
}

/* A guest that did not comply may do so when it is asked again. */
static void on_time(int timer, void *arg)
{
	(void)timer;
	begin_turn(arg);
}

static virConnectDomainEventGenericCallback callback_of(const struct plan *plan)
{
	return plan->balloon_mib ? VIR_DOMAIN_EVENT_CALLBACK(on_balloon) : VIR_DOMAIN_EVENT_CALLBACK(on_plug);
}

static int event_of(const struct plan *plan)
{
	return plan->balloon_mib ? VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE : VIR_DOMAIN_EVENT_ID_MEMORY_DEVICE_SIZE_CHANGE;
}

bool resize_start(struct resize *resize, struct guest *guest, const struct plan *plan)
{
	const struct carried *carried = guest->carried;
	struct lever *lever;

	if (!resize_prepare(resize))
		return false;
	lever = resize->lever = xrealloc(NULL, sizeof(*lever));
	*lever = (struct lever){
		.plan = plan, .count = resize->count, .domain = carried->domain,
		.now = plan->balloon_mib ? plan->guest_mib : 0,
	};
	lever->callback = virConnectDomainEventRegisterAny(virDomainGetConnect(lever->domain), lever->domain,
							   event_of(plan), callback_of(plan), lever, NULL);
	lever->timer = virEventAddTimeout(0, on_time, lever, NULL);
	if (lever->callback < 0 || lever->timer < 0)
		printf("# libvirt tells no sizes: %s\n", connection_error());
	return lever->callback >= 0 && lever->timer >= 0;
}

void resize_stop(struct resize *resize)
{
	struct lever *lever = resize->lever;

	if (!lever)
		return;
	if (lever->callback >= 0)
		virConnectDomainEventDeregisterAny(virDomainGetConnect(lever->domain), lever->callback);
	if (lever->timer >= 0)
		virEventRemoveTimeout(lever->timer);
	free(lever);
	resize->lever = NULL;
}

// SPDX-License-Identifier: GPL-2.0-only
#include "workload/libvirt/domain-xml.h"

#include <stdarg.h>
#include <stdlib.h>

#include "guest-agent/agent.h"
#include "guest-image/channel.h"
#include "host/die.h"
#include "results/xml-text.h"
#include "workload/qemu-x86.h"

#define HUGEPAGE_KIB "2048"
#define PLUG_BLOCK_KIB "2048"	/* the least that virtio-mem takes with huge pages on x86 */
/* libvirt finds the device by its place (virDomainMemoryFindByDeviceInfo()), and names it to QEMU by the alias that it is given. */
#define PLUG_SLOT "0x1e"
#define PLUG_ALIAS "ua-" GUEST_PLUG
#define LOCKED_MORE_MIB 1024	/* what QEMU itself may lock; without a limit libvirt sets none at all */

static void open_element(xmlTextWriter *writer, const char *name, va_list attributes)
{
	const char *key;

	xmlTextWriterStartElement(writer, BAD_CAST name);
	while ((key = va_arg(attributes, const char *)))
		xml_attribute(writer, key, va_arg(attributes, const char *));
}

/* Attributes: pairs of name and value, then NULL. */
static void __attribute__((sentinel)) start(xmlTextWriter *writer, const char *name, ...)
{
	va_list attributes;

	va_start(attributes, name);
	open_element(writer, name, attributes);
	va_end(attributes);
}

static void end(xmlTextWriter *writer)
{
	xmlTextWriterEndElement(writer);
}

static void __attribute__((sentinel)) leaf(xmlTextWriter *writer, const char *name, ...)
{
	va_list attributes;

	va_start(attributes, name);
	open_element(writer, name, attributes);
	va_end(attributes);
	end(writer);
}

static void text_of(xmlTextWriter *writer, const char *name, const char *text)
{
	start(writer, name, NULL);
	xml_text(writer, text);
	end(writer);
}

static void number_of(xmlTextWriter *writer, const char *name, int number)
{
	char *text = xasprintf("%d", number);

	text_of(writer, name, text);
	free(text);
}

static void mib_of(xmlTextWriter *writer, const char *name, int mib)
{
	start(writer, name, "unit", "MiB", NULL);
	xmlTextWriterWriteFormatString(writer, "%d", mib);
	end(writer);
}

static void add_backing(xmlTextWriter *writer, enum backing backing)
{
	if (backing == BACKING_ANONYMOUS)
		return;
	start(writer, "memoryBacking", NULL);
	switch (backing) {
	case BACKING_MEMFD:
		leaf(writer, "source", "type", "memfd", NULL);
		leaf(writer, "access", "mode", "shared", NULL);
		break;
	case BACKING_HUGEPAGES:
		start(writer, "hugepages", NULL);
		leaf(writer, "page", "size", HUGEPAGE_KIB, "unit", "KiB", NULL);
		end(writer);
		break;
	case BACKING_LOCKED:
		leaf(writer, "locked", NULL);
		break;
	default:
		leaf(writer, "nosharepages", NULL);
	}
	end(writer);
}

static void add_memory(xmlTextWriter *writer, const struct plan *plan)
{
	const int all_mib = plan->guest_mib + plan->hotplug_mib;

	if (plan->hotplug_mib) {
		start(writer, "maxMemory", "slots", "1", "unit", "MiB", NULL);
		xmlTextWriterWriteFormatString(writer, "%d", all_mib);
		end(writer);
	}
	mib_of(writer, "memory", all_mib);
	mib_of(writer, "currentMemory", plan->guest_mib);
	add_backing(writer, plan->backing);
	if (plan->backing == BACKING_LOCKED) {
		start(writer, "memtune", NULL);
		mib_of(writer, "hard_limit", all_mib + LOCKED_MORE_MIB);
		end(writer);
	}
	if (plan->node >= 0) {
		char *node = xasprintf("%d", plan->node);

		start(writer, "numatune", NULL);
		leaf(writer, "memory", "mode", "strict", "nodeset", node, NULL);
		end(writer);
		free(node);
	}
}

/* libvirt plugs memory only into a guest with a node (qemuDomainDefValidateMemoryHotplug()). */
static void add_cpu(xmlTextWriter *writer, const struct plan *plan, bool kvm)
{
	char *cpus = xasprintf("0-%d", plan->cpus - 1), *mib = xasprintf("%d", plan->guest_mib);

	number_of(writer, "vcpu", plan->cpus);
	if (plan->iothreads)
		number_of(writer, "iothreads", plan->iothreads);
	if (kvm)
		start(writer, "cpu", "mode", "host-passthrough", NULL);
	else
		start(writer, "cpu", NULL);
	if (plan->hotplug_mib) {
		start(writer, "numa", NULL);
		leaf(writer, "cell", "id", "0", "cpus", cpus, "memory", mib, "unit", "MiB", NULL);
		end(writer);
	}
	end(writer);
	free(mib);
	free(cpus);
}

static void add_boot(xmlTextWriter *writer, const struct domain *domain)
{
	start(writer, "os", NULL);
	start(writer, "type", "arch", "x86_64", "machine", "pc", NULL);
	xml_text(writer, "hvm");
	end(writer);
	text_of(writer, "kernel", domain->kernel);
	text_of(writer, "initrd", domain->initrd);
	text_of(writer, "cmdline", GUEST_PARAMETERS);
	end(writer);
	start(writer, "features", NULL);
	leaf(writer, "acpi", NULL);
	leaf(writer, "apic", NULL);
	end(writer);
	start(writer, "clock", "offset", "utc", NULL);
	leaf(writer, "timer", "name", "hpet", "present", "no", NULL);
	end(writer);
	text_of(writer, "on_poweroff", "destroy");
	text_of(writer, "on_reboot", "destroy");
	text_of(writer, "on_crash", "destroy");
}

/* The first disk is the agent's (guest-agent/root.c). */
static void add_disk(xmlTextWriter *writer, const struct plan *plan, const char *file, const char *device,
		     bool read_only)
{
	start(writer, "disk", "type", "file", "device", "disk", NULL);
	if (plan->iothreads)
		leaf(writer, "driver", "name", "qemu", "type", "raw", "iothread", "1", NULL);
	else
		leaf(writer, "driver", "name", "qemu", "type", "raw", NULL);
	leaf(writer, "source", "file", file, NULL);
	leaf(writer, "target", "dev", device, "bus", "virtio", NULL);
	if (read_only)
		leaf(writer, "readonly", NULL);
	end(writer);
}

static void add_ports(xmlTextWriter *writer, const struct domain *domain)
{
	start(writer, "serial", "type", "file", NULL);
	leaf(writer, "source", "path", domain->log, NULL);
	end(writer);
	start(writer, "channel", "type", "unix", NULL);
	leaf(writer, "source", "mode", "connect", "path", domain->channel, NULL);
	leaf(writer, "target", "type", "virtio", "name", CHANNEL_PORT, NULL);
	end(writer);
	start(writer, "shmem", "name", domain->beats, NULL);
	leaf(writer, "model", "type", "ivshmem-plain", NULL);
	mib_of(writer, "size", BEAT_DEVICE_SIZE >> 20);
	end(writer);
}

static void add_plug(xmlTextWriter *writer, const struct plan *plan, int requested_mib)
{
	start(writer, "memory", "model", "virtio-mem", NULL);
	start(writer, "target", NULL);
	mib_of(writer, "size", plan->hotplug_mib);
	text_of(writer, "node", "0");
	start(writer, "block", "unit", "KiB", NULL);
	xml_text(writer, PLUG_BLOCK_KIB);
	end(writer);
	mib_of(writer, "requested", requested_mib);
	end(writer);
	leaf(writer, "alias", "name", PLUG_ALIAS, NULL);
	leaf(writer, "address", "type", "pci", "domain", "0", "bus", "0", "slot", PLUG_SLOT, "function", "0", NULL);
	end(writer);
}

/* What takes memory from the guest and gives it back. */
static void add_resizers(xmlTextWriter *writer, const struct plan *plan)
{
	leaf(writer, "memballoon", "model", plan->balloon_mib ? "virtio" : "none", NULL);
	if (plan->hotplug_mib)
		add_plug(writer, plan, 0);
}

static void add_devices(xmlTextWriter *writer, const struct plan *plan, const struct domain *domain)
{
	start(writer, "devices", NULL);
	add_disk(writer, plan, domain->image, "vda", true);
	if (domain->data)
		add_disk(writer, plan, domain->data, "vdb", false);
	leaf(writer, "controller", "type", "usb", "model", "none", NULL);
	add_ports(writer, domain);
	add_resizers(writer, plan);
	end(writer);
}

/* Its files are the run's and the cache's: their owner stays as it is, so QEMU has to be that one, root. */
static void add_owner(xmlTextWriter *writer)
{
	start(writer, "seclabel", "type", "static", "model", "dac", "relabel", "no", NULL);
	text_of(writer, "label", "+0:+0");
	end(writer);
}

static xmlTextWriter *open_text(xmlBuffer **buffer)
{
	xmlTextWriter *writer;

	*buffer = xmlBufferCreate();
	writer = xmlNewTextWriterMemory(*buffer, 0);
	if (!writer)
		die(STATUS_HARNESS, "out of memory");
	xmlTextWriterSetIndent(writer, 1);
	return writer;
}

static char *close_text(xmlTextWriter *writer, xmlBuffer *buffer)
{
	char *text;

	xmlFreeTextWriter(writer);
	text = xstrdup((const char *)xmlBufferContent(buffer));
	xmlBufferFree(buffer);
	return text;
}

char *domain_plug_xml(const struct plan *plan, int mib)
{
	xmlBuffer *buffer;
	xmlTextWriter *writer = open_text(&buffer);

	add_plug(writer, plan, mib);
	return close_text(writer, buffer);
}

char *domain_xml(const struct plan *plan, const struct domain *domain)
{
	xmlBuffer *buffer;
	xmlTextWriter *writer = open_text(&buffer);

	start(writer, "domain", "type", domain->kvm ? "kvm" : "qemu", NULL);
	text_of(writer, "name", domain->name);
	add_memory(writer, plan);
	add_cpu(writer, plan, domain->kvm);
	add_boot(writer, domain);
	add_devices(writer, plan, domain);
	add_owner(writer);
	end(writer);
	return close_text(writer, buffer);
}

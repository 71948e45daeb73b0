# SPDX-License-Identifier: GPL-2.0-only
# The director of workloads, a program of the host machine.

workload_obj := $(patsubst $(srcdir)/%.c,$(out)/obj/%.o,$(wildcard $(srcdir)/workload/*.c))
# What it has in common with the runner: leaves.
workload_shared_obj := $(patsubst %,$(out)/obj/host/%.o,args channel clock die klog path proc qmp)

build: $(out)/libexec/workload

$(out)/libexec/workload: $(workload_obj) $(workload_shared_obj)
	$(say) LD $(@:$(out)/%=%)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs jansson)

$(workload_obj): $(out)/obj/%.o: $(srcdir)/%.c $(srcdir)/workload/workload.mk
	$(say) CC $*.o
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(cflags) $(shell pkg-config --cflags jansson) -c -o $@ $<

-include $(workload_obj:.o=.d)

# libvirt's description of a guest needs libxml2 only.
domain_xml_obj := $(out)/obj/workload/libvirt/domain-xml.o

$(domain_xml_obj): $(out)/obj/%.o: $(srcdir)/%.c $(srcdir)/workload/workload.mk
	$(say) CC $*.o
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(cflags) $(shell pkg-config --cflags jansson libxml-2.0) -c -o $@ $<

-include $(domain_xml_obj:.o=.d)

# Unit tests of its pure parts (test.mk has the rule).
workload_unit := $(patsubst %,$(out)/tests/unit/test_%,detector domain_xml ending job_figures)
$(workload_unit): $(filter-out %/main.o %/qemu-x86.o %/guest.o %/watched.o,$(workload_obj))
$(out)/tests/unit/test_domain_xml: $(domain_xml_obj)

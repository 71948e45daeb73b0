# SPDX-License-Identifier: GPL-2.0-only
# What works in a Linux guest.

agent_obj := $(patsubst $(srcdir)/%.c,$(out)/obj/%.o,$(wildcard $(srcdir)/guest-agent/*.c))
agent_libs := jansson

build: $(out)/libexec/guest-agent

$(out)/libexec/guest-agent: $(agent_obj)
	$(say) LD $(@:$(out)/%=%)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs $(agent_libs)) -lpthread

$(agent_obj): $(out)/obj/%.o: $(srcdir)/%.c $(srcdir)/guest-agent/agent.mk
	$(say) CC $*.o
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(cflags) $(shell pkg-config --cflags $(agent_libs)) -c -o $@ $<

-include $(agent_obj:.o=.d)

# SPDX-License-Identifier: GPL-2.0-only
# The spte reader: libspte.a, and the tool that `sptest spte` starts.

spte_libs := libbpf libelf zlib jansson
spte_src := $(wildcard $(srcdir)/spte/*.c)
spte_obj := $(spte_src:$(srcdir)/%.c=$(out)/obj/%.o)
spte_tool_obj := $(patsubst $(srcdir)/%.c,$(out)/obj/%.o,$(wildcard $(srcdir)/spte/tool/*.c))
spte_cflags = $(shell pkg-config --cflags $(spte_libs))
spte_ldlibs = $(shell pkg-config --libs $(spte_libs))

build: $(out)/libexec/tools/sptest-spte

$(out)/libspte.a: $(spte_obj)
	$(say) AR $(@:$(out)/%=%)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(out)/libexec/tools/sptest-spte: $(spte_tool_obj) $(out)/libspte.a
	$(say) LD $(@:$(out)/%=%)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(spte_ldlibs)

$(spte_obj) $(spte_tool_obj): $(out)/obj/%.o: $(srcdir)/%.c $(srcdir)/spte/spte.mk
	$(say) CC $*.o
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(cflags) $(spte_cflags) -c -o $@ $<

# Its unit tests link against it as well (test.mk has the rule).
spte_unit := $(patsubst $(srcdir)/%.c,$(out)/%,$(wildcard $(srcdir)/tests/unit/test_spte*.c))
$(spte_unit): $(out)/libspte.a
$(spte_unit): runner_ldlibs += $(out)/libspte.a $(spte_ldlibs)

-include $(spte_obj:.o=.d) $(spte_tool_obj:.o=.d)

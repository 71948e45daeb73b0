# SPDX-License-Identifier: GPL-2.0-only
# Programs that measure, in the form of tests: sptest run --selftests build/libexec/bench.

bench_src := $(wildcard $(srcdir)/bench/*.c)
bench_obj := $(bench_src:$(srcdir)/%.c=$(out)/obj/%.o)
bench_bin := $(bench_src:$(srcdir)/bench/%.c=$(out)/libexec/bench/bench/%)
bench_lib := $(out)/obj/selftests/lib.a $(out)/obj/selftests/libspte.a

build: $(bench_bin)

$(bench_bin): $(out)/libexec/bench/bench/%: $(out)/obj/bench/%.o $(bench_lib)
	$(say) LD $(@:$(out)/%=%)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lbpf -ljansson -pthread

$(out)/obj/selftests/libspte.a: selftests ;

$(bench_obj): $(out)/obj/%.o: $(srcdir)/%.c $(srcdir)/bench/bench.mk
	$(say) CC $*.o
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(cflags) -I$(srcdir)/selftests -c -o $@ $<

-include $(bench_obj:.o=.d)

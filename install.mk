# SPDX-License-Identifier: GPL-2.0-only
# Installing, cleaning, help. host/path.h has the layout that sptest expects.

PREFIX ?= /usr/local
root = $(DESTDIR)$(PREFIX)
man_page := $(out)/doc/sptest.1

$(man_page): $(srcdir)/docs/sptest.1.scd
	$(say) MAN $(@:$(out)/%=%)
	$(Q)mkdir -p $(@D)
	$(Q)scdoc <$< >$@.tmp
	$(Q)mv $@.tmp $@

#h target man|the man page, $(O)/doc/sptest.1|make man
.PHONY: man
man:
	$(Q)$(srcdir)/ci/setup docs
	$(Q)$(MAKE) $(man_page)

#h target install|install sptest, its selftests, man page, completion|make install PREFIX=/usr DESTDIR=/tmp/x
#h variable PREFIX|where to install, default /usr/local|make install PREFIX=$HOME/.local
#h variable DESTDIR|root of a staged installation|make install DESTDIR=/tmp/package
.PHONY: install
install:
	$(Q)$(srcdir)/ci/setup build docs
	$(Q)$(MAKE) build man
	$(Q)install -D -m 755 $(out)/sptest $(call quote,$(root)/bin/sptest)
	$(Q)install -D -m 755 $(out)/libexec/init $(call quote,$(root)/libexec/sptest/init)
	$(Q)install -D -m 755 $(out)/libexec/guest-agent $(call quote,$(root)/libexec/sptest/guest-agent)
	$(Q)install -D -m 755 $(out)/libexec/workload $(call quote,$(root)/libexec/sptest/workload)
	$(Q)! [ -e $(out)/libexec/workload-here ] || install -m 755 $(out)/libexec/workload-here $(call quote,$(root)/libexec/sptest/)
	$(Q)install -D -m 755 -t $(call quote,$(root)/libexec/sptest/tools) $(out)/libexec/tools/*
	$(Q)mkdir -p $(call quote,$(root)/libexec/sptest/selftests)
	$(Q)cp -R $(out)/libexec/selftests/. $(call quote,$(root)/libexec/sptest/selftests)
	$(Q)for name in flavours fragments kernels mutants patches xfail; do \
		mkdir -p $(call quote,$(root)/share/sptest) && \
		cp -R $(srcdir)/kernel-config/$$name $(call quote,$(root)/share/sptest/); done
	$(Q)install -D -m 644 -t $(call quote,$(root)/share/sptest/workloads) $(srcdir)/workloads/*
	$(Q)install -D -m 644 -t $(call quote,$(root)/share/sptest/deadlocks) $(srcdir)/deadlocks/*
	$(Q)install -D -m 644 -t $(call quote,$(root)/share/sptest/pressures) $(srcdir)/pressures/*
	$(Q)install -D -m 755 $(srcdir)/kernel-config/build $(call quote,$(root)/libexec/sptest/build-kernel)
	$(Q)install -D -m 755 $(srcdir)/upstream/build $(call quote,$(root)/libexec/sptest/build-upstream)
	$(Q)install -D -m 755 $(out)/libexec/upstream/upstream-test $(call quote,$(root)/libexec/sptest/upstream/upstream-test)
	$(Q)install -D -m 644 -t $(call quote,$(root)/share/sptest/upstream) $(srcdir)/upstream/*.list
	$(Q)install -D -m 644 $(srcdir)/host/splats $(call quote,$(root)/share/sptest/splats)
	$(Q)install -D -m 644 $(man_page) $(call quote,$(root)/share/man/man1/sptest.1)
	$(Q)install -D -m 644 $(srcdir)/docs/completion/sptest \
		$(call quote,$(root)/share/bash-completion/completions/sptest)

#h target build|sptest, init and selftests, nothing run|make build O=/tmp/sptest-build
#h target clean|remove the build folder; runs and the cache stay|make clean
.PHONY: clean
clean:
	$(Q)rm -rf $(addprefix $(out)/,obj tests doc share libexec sptest)
	$(Q)rmdir $(out) 2>/dev/null || true

#h target help|this list|make help
.PHONY: help
help:
	@printf '%s\n\nTargets\n' 'make check and make test do all their set-up. docs/ and `sptest help` say more.'
	@sed -n 's/^#h target //p' $(MAKEFILE_LIST) | sort | awk -F'|' '{ printf "  %-11s %-62s %s\n", $$1, $$2, $$3 }'
	@printf '\nVariables (command line or environment)\n'
	@sed -n 's/^#h variable //p' $(MAKEFILE_LIST) | sort | awk -F'|' '{ printf "  %-11s %-62s %s\n", $$1, $$2, $$3 }'

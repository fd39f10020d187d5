# SPDX-License-Identifier: GPL-2.0
# nat64: kernel module and tool.  "make help" lists the targets.

KERNEL ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KERNEL)/build
export PREFIX ?= /usr/local

all: module tool

module:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tool:
	$(MAKE) -C tools all

unit:
	$(MAKE) -C selftests/unit
	$(MAKE) -C selftests/fuzz replay

build-all: module tool unit

demo:
ifeq ($(HOST),1)
	selftests/demo/host
else
	selftests/vm/run selftests/demo/demo
endif

# KERNEL as given to make check, not the default above.
check:
	$(if $(filter command environment,$(origin KERNEL)),NAT64_KERNEL=$(KERNEL)) \
		selftests/check $(T)

check-matrix:
	selftests/matrix $(T)

check-debug:
	NAT64_KERNEL=debug selftests/check $(T)

check-package:
	selftests/package/check

fuzz:
	selftests/fuzz/fuzz $(F)

# On the debug kernel.
SOAK = 3600
soak:
	NAT64_KERNEL=debug NAT64_SOAK_SECONDS=$(SOAK) \
		NAT64_TEST_TIMEOUT=$$(($(SOAK) + 3600)) selftests/check soak

bench:
	selftests/bench/bench $(B)

install: all
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(DESTDIR) \
		INSTALL_MOD_DIR=extra modules_install
	depmod -b "$(DESTDIR)/" $(KERNEL)
	$(MAKE) -C tools install

# What runs is to end first, and what starts at boot not to be looked for.
uninstall:
	test -n "$(DESTDIR)" || ! command -v systemctl >/dev/null || \
		systemctl disable --now nat64-ipfix nat64-log nat64 2>/dev/null || :
	rm -f $(DESTDIR)/lib/modules/$(KERNEL)/extra/nat64.ko*
	$(MAKE) -C tools uninstall
	depmod -b "$(DESTDIR)/" $(KERNEL)

# In a copy, as dpkg-buildpackage leaves what it made beside the tree.
deb:
	rm -rf deb
	mkdir -p deb/nat64
	tar -c --exclude=./deb --exclude=./.git . | tar -C deb/nat64 -x --no-same-owner
	cd deb/nat64 && dpkg-buildpackage --no-sign
	rm -rf deb/nat64

clean:
	rm -rf deb
	$(MAKE) -C tools clean
	$(MAKE) -C selftests/unit clean
	$(MAKE) -C selftests/fuzz clean
	rm -f *.o *.ko *.mod *.mod.c .*.cmd .module-common.o \
	      Module.symvers modules.order build.log
	rm -f kmod/*.o kmod/.*.cmd

help:
	@echo 'make            module and tool for the running kernel'
	@echo 'make install    install them (DESTDIR, PREFIX)'
	@echo 'make uninstall  remove them'
	@echo 'make deb        Debian packages, in deb/'
	@echo 'make demo       a NAT64 router with real programs, in a virtual machine;'
	@echo '                HOST=1: in namespaces on this kernel'
	@echo 'make check      all tests, in a virtual machine; T=name: one of them;'
	@echo '                KERNEL=5.10, 6.1, 6.12 or 7: by that kernel of Debian'
	@echo 'make check-matrix'
	@echo '                the same by each of these kernels, one after another'
	@echo 'make check-debug'
	@echo '                the same by a kernel that tells of mistakes (KASAN, lockdep);'
	@echo '                check KERNEL=debug-uml: quicker, with one processor;'
	@echo '                check KERNEL=kcsan: one that tells of data races'
	@echo 'make check-package'
	@echo '                make packages, install, upgrade and purge them in a machine'
	@echo '                that systemd boots'
	@echo 'make fuzz       packets, messages, words and lines by chance, hours;'
	@echo '                F=translate, F=words, F=lines, F=guest: one of these'
	@echo 'make soak       all at once under traffic, for an hour; SOAK=N: seconds'
	@echo 'make bench      measure, beside plain forwarding, Jool and others, an hour;'
	@echo '                B="name...": these sections only, B=quick: a short look,'
	@echo '                B=check: instructions of a packet against stored bounds'
	@echo 'make clean      remove what was built'

.PHONY: all module tool unit build-all demo check check-matrix check-debug \
	check-package fuzz soak bench install uninstall deb clean help

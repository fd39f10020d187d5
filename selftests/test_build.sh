#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Module and tool build without a warning, at W=1 and with sparse (C=2).
. "$(dirname "$0")/lib.sh"
log=$TOP/build.log
if grep -q "sparse is not available or not up to date" "$log" &&
   command -v sparse >/dev/null; then
	skip "the module was checked by sparse" \
		"this kernel wants a newer one than $(sparse --version)"
else
	try "the module was checked by sparse" \
		grep -q 'CHECK .*kmod/session.c' "$log"
fi
try "module, tool and unit tests were built" test -f "$TOP/nat64.ko" -a \
	-x "$TOP/tools/nat64ctl" -a -x "$HERE/unit/unit" -a -x "$HERE/unit/table"
same "without a warning" "" "$(grep -E '(warning|error): ' "$log")"
missing=$(cd "$TOP" && grep -rIL 'SPDX-License-Identifier' Kbuild Makefile \
	README.md .gitignore kmod tools selftests Documentation .ci \
	--exclude='*.o' --exclude='.*.cmd' --exclude=nat64ctl --exclude=nat64-ipfix \
	--exclude=unit --exclude=table --exclude=replay --exclude=corpus.txt \
	--exclude-dir=__pycache__ --exclude-dir=empty)
version=$(sed -n 's/.*define NAT64_VERSION "\(.*\)"/\1/p' "$TOP/kmod/nat64.h")
try "DKMS has the module's version" grep -qxF "PACKAGE_VERSION=\"$version\"" \
	"$TOP/dkms.conf"
try "and so have the packages" grep -q "^nat64 ($version)" "$TOP/debian/changelog"
same "every file has a licence tag" "" "$missing"
tap_done

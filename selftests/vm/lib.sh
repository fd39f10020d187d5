# SPDX-License-Identifier: GPL-2.0
# Shared by the scripts that build and boot the guest.
#
# NAT64_CACHE	where images and builds are kept (default /var/cache/nat64)
# NAT64_IMAGE	a ready root directory to use instead of building an image
# NAT64_ACCEL	kvm, tcg or icount, instead of trying which one works

set -eu

VM=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TREE=$(cd "$VM/../.." && pwd)
CACHE=${NAT64_CACHE:-/var/cache/nat64}
SUITE=bookworm
# Root by plain su may lack these.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() { echo "# $*" >&2; }
die() { echo "error: $*" >&2; exit 1; }

# Mounting, chroot and virtiofsd want root.
as_root() {
	[ "$(id -u)" = 0 ] && return
	command -v sudo >/dev/null || die "run this as root"
	exec sudo --preserve-env=NAT64_CACHE,NAT64_IMAGE,NAT64_ACCEL,NAT64_MEMORY,NAT64_TIMEOUT,NAT64_APPEND,http_proxy,https_proxy \
		"$0" "$@"
}

# A machine that has just booted may be updating itself.
apt_update() {
	for _ in 1 2 3 4 5 6; do
		apt-get -qq update >&2 && return
		sleep 10
	done
	die "apt-get update failed"
}

# need_packages PACKAGE...: install what is missing.  None of them listens.
need_packages() {
	local p missing=
	for p; do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null |
			grep -q 'ok installed' || missing+=" $p"
	done
	[ -z "$missing" ] && return
	command -v apt-get >/dev/null ||
		die "this wants Debian: install$missing yourself"
	say "installing$missing"
	apt_update
	DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
		-o DPkg::Lock::Timeout=600 \
		--no-install-recommends install $missing >/dev/null ||
		die "cannot install$missing"
}

# The image's kernel.  Arguments: IMAGE.
kernel_version() { ls "$1/lib/modules" | sort -V | tail -1; }

# copy_tree DIRECTORY: the sources without what was built from them.
copy_tree() {
	mkdir -p "$1"
	tar -C "$TREE" -c --exclude=./.git --exclude='*.o' --exclude='*.ko' \
		--exclude=./tools/nat64ctl --exclude=./selftests/unit/unit . |
		tar -C "$1" -x --no-same-owner
}

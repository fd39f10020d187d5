# SPDX-License-Identifier: GPL-2.0
# Shared by the scripts that build and boot the guest.
#
# NAT64_CACHE	where images and builds are kept (default /var/cache/nat64)
# NAT64_IMAGE	a ready root directory to use instead of building an image
# NAT64_KERNEL	5.10, 6.1 (default), 6.12 or 7: of Debian bullseye, bookworm, trixie, sid;
#		debug: one that tells of mistakes, made from the sources of bookworm's;
#		debug-uml: as User Mode Linux, quick, but with one processor, and so
#		without what only several can show; kcsan: one that tells of data races
# NAT64_NEIGHBOURS a directory of programs of today's Debian, which the guest sees in
#		/neighbours
# NAT64_ACCEL	kvm, tcg or icount, instead of trying which one works

set -eu

VM=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TREE=$(cd "$VM/../.." && pwd)
CACHE=${NAT64_CACHE:-/var/cache/nat64}
# Root by plain su may lack these.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
# The words of the make that runs this are not for those that it runs.
unset MAKEFLAGS MAKEOVERRIDES MFLAGS

say() { echo "# $*" >&2; }
die() { echo "error: $*" >&2; exit 1; }

case ${NAT64_KERNEL:-6.1} in
5.10)	SUITE=bullseye;;
6.1)	SUITE=bookworm;;
6.12)	SUITE=trixie;;
7|7.*)	SUITE=sid;;
debug|debug-uml|kcsan)
	SUITE=bookworm
	# Shadow memory, and time: such a kernel is several times as slow.
	export NAT64_MEMORY=${NAT64_MEMORY:-6144} NAT64_TIMEOUT=${NAT64_TIMEOUT:-28800} \
		NAT64_TEST_TIMEOUT=${NAT64_TEST_TIMEOUT:-7200};;
*)	die "no kernel $NAT64_KERNEL here, but 5.10, 6.1, 6.12, 7, debug, debug-uml and kcsan";;
esac

# Mounting, chroot and virtiofsd want root.
as_root() {
	[ "$(id -u)" = 0 ] && return
	command -v sudo >/dev/null || die "run this as root"
	exec sudo --preserve-env="NAT64_CACHE,$(compgen -e |
		grep -E '^NAT64_|^https?_proxy$' | paste -sd,)" "$0" "$@"
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

need_emulator() { need_packages qemu-system-x86 qemu-system-common cpio; }

# forget_old: remove the images and kernels of which none was used for a day, by
# the marks that each use renews.
forget_old() {
	local mark
	find "$CACHE" -maxdepth 1 -mmin +1440 \
		\( -name 'image*.done' -o -name 'kernel-*.done' \) |
	while read -r mark; do
		rm -rf --one-file-system "${mark%.done}" "$mark"
	done
}

# command_file DIRECTORY COMMAND...: what a guest is to run, in its environment
command_file() {
	local name dir=$1
	shift
	for name in $(compgen -e | grep -E '^NAT64_(FUZZ|SOAK|TEST)_'); do
		printf 'export %s=%q\n' "$name" "${!name}"
	done >"$dir/command"
	printf '%q ' "$@" >>"$dir/command"
}

# The image's kernel.  Arguments: IMAGE.
kernel_version() { ls "$1/lib/modules" | sort -V | tail -1; }

# One for each checkout and kernel.
build_place() {
	echo "$CACHE/build-${NAT64_KERNEL:-6.1}-$(echo "$TREE" | sha256sum | cut -c1-12)"
}

# copy_tree DIRECTORY: the sources without what was built from them.
copy_tree() {
	mkdir -p "$1"
	tar -C "$TREE" -c --exclude=./.git --exclude='*.o' --exclude='*.ko' \
		--exclude=./tools/nat64ctl --exclude=./tools/nat64ctl.8 \
		--exclude=./tools/nat64-ipfix --exclude=./selftests/unit/unit \
		--exclude=./selftests/fuzz/replay \
		--exclude=./selftests/fuzz/translate \
		--exclude=./selftests/fuzz/words --exclude=./selftests/fuzz/words.dict \
		--exclude=./selftests/fuzz/empty . |
		tar -C "$1" -x --no-same-owner
}

# in_image IMAGE DIRECTORY COMMAND...: with the tree in /mnt, DIRECTORY in /srv
in_image() {
	unshare --mount --propagation private bash -eu -c '
		mount --bind "$2" "$1/mnt"
		mount --bind "$3" "$1/srv"
		exec chroot "$1" env PYTHONDONTWRITEBYTECODE=1 "${@:4}"
	' - "$1" "$TREE" "${@:2}"
}

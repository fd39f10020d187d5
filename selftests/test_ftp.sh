#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# RFC 6384: FTP from IPv6 clients (curl, lftp) to an IPv4 server (vsftpd) that
# knows none of the commands for IPv6.
. "$(dirname "$0")/lib.sh"
topo_up
nat64_up
dir=$(mktemp -d)
chmod 755 $dir
S=ftp://[64:ff9b::10.254.1.235]

mkdir -p $dir/root/up $dir/empty /run/vsftpd/empty
chown ftp $dir/root/up
head -c 300000 /dev/urandom >$dir/root/file
for i in $(seq 12); do
	head -c $((i * 1000)) /dev/urandom >$dir/root/small$i
done
chmod -R a+rX $dir/root

# server [OPTION...]: start it anew, with a fresh log of the commands it sees
server() {
	if [ -n "${server_pid:-}" ]; then
		kill $server_pid
		wait $server_pid
	fi
	rm -f $dir/log
	printf '%s\n' listen=YES background=NO anonymous_enable=YES \
		no_anon_password=YES anon_root=$dir/root write_enable=YES \
		anon_upload_enable=YES anon_umask=022 connect_from_port_20=YES \
		log_ftp_protocol=YES xferlog_enable=YES \
		vsftpd_log_file=$dir/log seccomp_sandbox=NO "$@" >$dir/conf
	ip netns exec $S4 vsftpd $dir/conf >$dir/out 2>&1 &
	server_pid=$!
	wait_for 10 s4 bash -c '</dev/tcp/10.254.1.235/21'
}

get() { rm -f $dir/got; c6 curl -sS -m 40 -o $dir/got "$@" && cmp $dir/got $dir/root/file; }
put() {
	rm -f $dir/root/up/new
	c6 curl -sS -m 40 -T $dir/root/file "$@" $S/up/new &&
		wait_for 5 cmp $dir/root/file $dir/root/up/new
}
# seen COMMAND: did the server see it?
seen() { grep -q "FTP command.*\"$1" $dir/log; }
unseen() { ! seen "$1"; }
lftp_get() {
	rm -rf $dir/mirror
	c6 timeout 60 lftp -c "set net:max-retries 1; set net:timeout 20;
		set ftp:ssl-allow off; set net:reconnect-interval-base 1; $1;
		open -u anonymous,x $S; mirror -P1 -i '^small' / $dir/mirror" &&
		for i in $(seq 12); do
			cmp $dir/root/small$i $dir/mirror/small$i || return
		done
}
fails() { ! "$@"; }

server cmds_denied=EPSV,EPRT
same "off by default" off "$(ctl show ftp | sed 's/.* //')"
try "without help an old server cannot be used: passive" fails get $S/file
try "without help an old server cannot be used: active" \
	fails get -P - $S/file

ctl set ftp on
server cmds_denied=EPSV,EPRT
try "6384 EPSV becomes PASV: curl downloads" get $S/file
try "6384 the server sees PASV" seen PASV
try "6384 and no EPSV" unseen EPSV
try "6384 curl uploads" put
try "6384 EPRT becomes PORT: curl downloads" get -P - $S/file
try "6384 the server sees PORT" seen "PORT 198,51,100,"
try "6384 and no EPRT" unseen EPRT
try "6384 curl uploads" put -P -
try "6384 one connection, many transfers: lftp passive" lftp_get \
	"set ftp:passive-mode on"
try "6384 one connection, many transfers: lftp active" lftp_get \
	"set ftp:passive-mode off"

# The server's data port shows by the address filter that lets it in.
for pool in "filtering address-dependent" "mapping address-port-dependent"; do
	ctl pool flush
	ctl pool add 198.51.100.0/24 $pool
	try "6384 EPRT, pool of $pool" get -P - $S/file
	try "6384 EPSV, pool of $pool" get $S/file
done
ctl pool flush
ctl pool add 198.51.100.0/24

# Lost segments are sent again, and must be changed again in the same way.
for end in c6 s4; do
	$end nft 'add table inet loss; add chain inet loss lossy {
		type filter hook input priority 0; };
		add rule inet loss lossy meta l4proto tcp numgen inc mod 20 == 7 counter drop'
done
try "6384 with loss: lftp passive" lftp_get "set ftp:passive-mode on"
try "6384 with loss: lftp active" lftp_get "set ftp:passive-mode off"
for end in c6 s4; do
	try "6384 with loss: $end has lost some" eval \
		"$end nft list table inet loss | grep -q 'packets [1-9]'"
	$end nft delete table inet loss
done

# RFC 6384 section 3: after AUTH nothing is looked at.
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ftp \
	-keyout $dir/pem -out $dir/cert 2>/dev/null
cat $dir/cert >>$dir/pem
server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$dir/pem \
	require_ssl_reuse=NO ssl_ciphers=HIGH
try "6384 3 encrypted: curl downloads" get -k --ssl-reqd $S/file
try "6384 3 the server sees EPSV itself" seen EPSV
try "6384 4 EPSV ALL: the server is to know EPSV" \
	get --quote "EPSV ALL" $S/file

# What the connections needed is gone with them.
kill $server_pid
ctl session flush
same "nothing is left" 0 "$(ctl session list | wc -l)"
rm -rf $dir
tap_done

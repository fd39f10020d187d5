/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The generic netlink family "nat64": the one contract between the module
 * and userspace.
 *
 * Every command acts on the network namespace of the socket.  Commands that
 * write, and dumps that reveal clients, need CAP_NET_ADMIN in the user
 * namespace that owns that network namespace.  A refused command changes
 * nothing and explains itself in the extended acknowledgement, whose text may
 * end with spaces.
 *
 * Versions are told apart by the presence of attributes, never by a number:
 * a missing optional attribute means the documented default, an unknown one
 * is refused.
 *
 * Addresses and ports are in network byte order, everything else in host
 * byte order.
 */
#ifndef _UAPI_NAT64_H
#define _UAPI_NAT64_H

#define NAT64_GENL_NAME		"nat64"
#define NAT64_GENL_VERSION	1

/*
 * Multicast groups, of &enum nat64_event_group; to join one needs CAP_NET_ADMIN, as
 * above.
 */
#define NAT64_GENL_GROUP_SESSION	"session"
#define NAT64_GENL_GROUP_BINDING	"binding"
#define NAT64_GENL_GROUP_REFUSAL	"refusal"
#define NAT64_GENL_GROUP_CONFIG		"config"
#define NAT64_GENL_GROUP_BLOCK		"block"

/**
 * enum nat64_cmd - commands of the family
 * @NAT64_CMD_UNSPEC: not a command
 * @NAT64_CMD_PREFIX_ADD: add a prefix (NAT64_PREFIX_*)
 * @NAT64_CMD_PREFIX_DEL: remove a prefix and its sessions
 * @NAT64_CMD_PREFIX_GET: dump the prefixes
 * @NAT64_CMD_PREFIX_FLUSH: remove all prefixes
 * @NAT64_CMD_POOL_ADD: add a pool of IPv4 addresses (NAT64_POOL_*)
 * @NAT64_CMD_POOL_DEL: remove a pool and the sessions that use it
 * @NAT64_CMD_POOL_GET: dump the pools
 * @NAT64_CMD_POOL_FLUSH: remove all pools
 * @NAT64_CMD_EIP_ADD: bind an EIP to a target (NAT64_EIP_*)
 * @NAT64_CMD_EIP_DEL: remove an EIP and its sessions
 * @NAT64_CMD_EIP_GET: dump the EIPs
 * @NAT64_CMD_EIP_FLUSH: remove all EIPs
 * @NAT64_CMD_BINDING_ADD: add a static binding (NAT64_BINDING_*)
 * @NAT64_CMD_BINDING_DEL: remove a static binding and its sessions
 * @NAT64_CMD_BINDING_GET: dump the binding table, or the entries that have all
 *	NAT64_BINDING_* of the request
 * @NAT64_CMD_BINDING_FLUSH: remove all static bindings
 * @NAT64_CMD_SESSION_GET: dump the session table, or the entries that have all
 *	NAT64_SESSION_* of the request
 * @NAT64_CMD_SESSION_FLUSH: end all sessions, or those that have all
 *	NAT64_SESSION_* of the request, and the dynamic bindings that are left without
 * @NAT64_CMD_CONFIG_SET: change options and timers (NAT64_CONFIG_*)
 * @NAT64_CMD_CONFIG_GET: read options and timers
 * @NAT64_CMD_STATS_GET: read the counters (NAT64_STATS_*)
 * @NAT64_CMD_STATUS_GET: read a summary (NAT64_STATUS_*)
 * @NAT64_CMD_INTERFACE_SET: tell one interface otherwise (NAT64_INTERFACE_*)
 * @NAT64_CMD_INTERFACE_GET: dump the interfaces
 * @NAT64_CMD_DEFAULTS_GET: read the defaults of options and timers
 * @NAT64_CMD_TRANSACTION_BEGIN: begin a configuration that is to be, of nothing but
 *	the defaults.  The socket's commands to add and to set go into it until
 *	it is committed, aborted, or the socket is closed; others are refused.
 *	A namespace has one transaction at a time.  Of any commands one may come
 *	in a buffer (sendmsg(2)); behind it, in a transaction and in 8 KiB,
 *	NAT64_CMD_EIP_ADD of one address and NAT64_CMD_BINDING_ADD
 * @NAT64_CMD_TRANSACTION_COMMIT: put it in the place of the one in use, whole and at
 *	once, or refuse (NAT64_TRANSACTION_*).  Sessions that could be made by
 *	the new one stay.  The transaction ends, unless it is refused
 * @NAT64_CMD_TRANSACTION_ABORT: forget it
 * @NAT64_CMD_EXPLAIN: tell what would become of a packet (NAT64_EXPLAIN_*); no
 *	session is made, nothing is counted
 * @NAT64_CMD_EVENT: from the kernel, to a multicast group: what has happened
 *	(NAT64_EVENT_*).  As a request: dump the last numbers, of each CPU and
 *	group; who asks when it has joined misses no gap
 * @NAT64_CMD_BLOCK_GET: dump the blocks of ports that clients have, or those that
 *	have all NAT64_BLOCK_* of the request
 * @NAT64_CMD_CLIENT_GET: dump the clients that have sessions, or those that have all
 *	NAT64_CLIENT_* of the request
 */
enum nat64_cmd {
	NAT64_CMD_UNSPEC,
	NAT64_CMD_PREFIX_ADD,
	NAT64_CMD_PREFIX_DEL,
	NAT64_CMD_PREFIX_GET,
	NAT64_CMD_PREFIX_FLUSH,
	NAT64_CMD_POOL_ADD,
	NAT64_CMD_POOL_DEL,
	NAT64_CMD_POOL_GET,
	NAT64_CMD_POOL_FLUSH,
	NAT64_CMD_EIP_ADD,
	NAT64_CMD_EIP_DEL,
	NAT64_CMD_EIP_GET,
	NAT64_CMD_EIP_FLUSH,
	NAT64_CMD_BINDING_ADD,
	NAT64_CMD_BINDING_DEL,
	NAT64_CMD_BINDING_GET,
	NAT64_CMD_BINDING_FLUSH,
	NAT64_CMD_SESSION_GET,
	NAT64_CMD_SESSION_FLUSH,
	NAT64_CMD_CONFIG_SET,
	NAT64_CMD_CONFIG_GET,
	NAT64_CMD_STATS_GET,
	NAT64_CMD_STATUS_GET,
	NAT64_CMD_INTERFACE_SET,
	NAT64_CMD_INTERFACE_GET,
	NAT64_CMD_DEFAULTS_GET,
	NAT64_CMD_TRANSACTION_BEGIN,
	NAT64_CMD_TRANSACTION_COMMIT,
	NAT64_CMD_TRANSACTION_ABORT,
	NAT64_CMD_EXPLAIN,
	NAT64_CMD_EVENT,
	NAT64_CMD_BLOCK_GET,
	NAT64_CMD_CLIENT_GET,
	__NAT64_CMD_MAX
};

#define NAT64_CMD_MAX (__NAT64_CMD_MAX - 1)

/**
 * enum nat64_prefix_mode - which IPv4 destinations a prefix serves
 * @NAT64_PREFIX_OPEN: any IPv4 destination
 * @NAT64_PREFIX_EIP: bound EIPs only, the rest is refused with ICMPv6
 * @NAT64_PREFIX_CLAT: none; it is the prefix of a NAT64 elsewhere, to which the
 *	CLATs here lead (RFC 6877), and other packets to it pass
 */
enum nat64_prefix_mode {
	NAT64_PREFIX_OPEN,
	NAT64_PREFIX_EIP,
	NAT64_PREFIX_CLAT,
};

/**
 * enum nat64_prefix_attr - a prefix, RFC 6052
 * @NAT64_PREFIX_UNSPEC: not an attribute
 * @NAT64_PREFIX_ADDR: 16 bytes, the prefix, bits beyond the length zero
 * @NAT64_PREFIX_LEN: u8, one of 32, 40, 48, 56, 64, 96
 * @NAT64_PREFIX_MODE: u8, &enum nat64_prefix_mode, default open
 * @NAT64_PREFIX_PRIVATE: u8, 1 if non-global IPv4 addresses (RFC 6890) may be
 *	embedded, not only those of EIPs; default 0 (RFC 6052 section 3.1)
 */
enum nat64_prefix_attr {
	NAT64_PREFIX_UNSPEC,
	NAT64_PREFIX_ADDR,
	NAT64_PREFIX_LEN,
	NAT64_PREFIX_MODE,
	NAT64_PREFIX_PRIVATE,
	__NAT64_PREFIX_MAX
};

#define NAT64_PREFIX_MAX (__NAT64_PREFIX_MAX - 1)

/**
 * enum nat64_mapping - what a pool gives one port to, RFC 4787 section 4.1
 * @NAT64_MAPPING_ENDPOINT_INDEPENDENT: a port of an IPv6 host
 * @NAT64_MAPPING_ADDRESS_PORT_DEPENDENT: a session; sessions to different
 *	remote ends may share a port, so that one address holds many more
 */
enum nat64_mapping {
	NAT64_MAPPING_ENDPOINT_INDEPENDENT,
	NAT64_MAPPING_ADDRESS_PORT_DEPENDENT,
};

/**
 * enum nat64_filtering - which IPv4 hosts a binding lets in, RFC 4787 section 5
 * @NAT64_FILTERING_ENDPOINT_INDEPENDENT: any
 * @NAT64_FILTERING_ADDRESS_DEPENDENT: those that it has a session with
 */
enum nat64_filtering {
	NAT64_FILTERING_ENDPOINT_INDEPENDENT,
	NAT64_FILTERING_ADDRESS_DEPENDENT,
};

/**
 * enum nat64_pool_attr - a pool of IPv4 transport addresses
 * @NAT64_POOL_UNSPEC: not an attribute
 * @NAT64_POOL_ADDR: 4 bytes, the first address, bits beyond the length zero
 * @NAT64_POOL_LEN: u8, 16 to 32
 * @NAT64_POOL_PORT_MIN: u16, host byte order, first port or ICMP id, default 1
 * @NAT64_POOL_PORT_MAX: u16, host byte order, last one, default 65535
 * @NAT64_POOL_USED_TCP: u32, read only, TCP ports in use; of address- and
 *	port-dependent mapping, sessions
 * @NAT64_POOL_USED_UDP: u32, read only, UDP ports in use, as above
 * @NAT64_POOL_USED_ICMP: u32, read only, ICMP ids in use, as above
 * @NAT64_POOL_MAPPING: u8, &enum nat64_mapping, default endpoint-independent
 * @NAT64_POOL_FILTERING: u8, &enum nat64_filtering, default
 *	endpoint-independent; static bindings are never filtered, and
 *	address- and port-dependent mapping lets in nobody but the remote end
 * @NAT64_POOL_PARITY: u8, 1 if an even port becomes an even one and an odd port
 *	an odd one (RFC 4787 REQ-4), default 0 (RFC 7857 section 7)
 * @NAT64_POOL_PORT_CLASS: u8, 1 if ports below 1024 become such ports where
 *	they can, and others never do (RFC 6146 section 3.5.1.1), default 1
 * @NAT64_POOL_BLOCK_SIZE: u16, a client, see NAT64_CONFIG_CLIENT_PREFIX_LEN, gets
 *	its ports and ICMP ids by so many at a time, which begin at a multiple of
 *	this and not below 1024: a power of two, 64 to 16384; without it one by
 *	one.  Not with address- and port-dependent mapping
 * @NAT64_POOL_BLOCKS_MAX: u8, most blocks of a client, 1 to 64, default 8
 * @NAT64_POOL_BLOCKS: u32, read only, how many blocks the pool has
 * @NAT64_POOL_BLOCKS_USED: u32, read only, how many of them clients have
 */
enum nat64_pool_attr {
	NAT64_POOL_UNSPEC,
	NAT64_POOL_ADDR,
	NAT64_POOL_LEN,
	NAT64_POOL_PORT_MIN,
	NAT64_POOL_PORT_MAX,
	NAT64_POOL_USED_TCP,
	NAT64_POOL_USED_UDP,
	NAT64_POOL_USED_ICMP,
	NAT64_POOL_MAPPING,
	NAT64_POOL_FILTERING,
	NAT64_POOL_PARITY,
	NAT64_POOL_PORT_CLASS,
	NAT64_POOL_BLOCK_SIZE,
	NAT64_POOL_BLOCKS_MAX,
	NAT64_POOL_BLOCKS,
	NAT64_POOL_BLOCKS_USED,
	__NAT64_POOL_MAX
};

#define NAT64_POOL_MAX (__NAT64_POOL_MAX - 1)

/**
 * enum nat64_block_attr - ports of a pool address that a client has
 * @NAT64_BLOCK_UNSPEC: not an attribute
 * @NAT64_BLOCK_CLIENT: 16 bytes, the client's prefix; of a request, one that the
 *	client's is to be in, or to have in it
 * @NAT64_BLOCK_CLIENT_LEN: u8, its length; of a request, default 128
 * @NAT64_BLOCK_ADDR4: 4 bytes, the pool address
 * @NAT64_BLOCK_PORT_MIN: u16, host byte order, the first port or ICMP id; not of a
 *	request
 * @NAT64_BLOCK_PORT_MAX: u16, host byte order, the last one; not of a request
 * @NAT64_BLOCK_USED: u32, read only, how many are in use, of all protocols
 * @NAT64_BLOCK_PORT: be16, of a request: a port that it is to have
 * @NAT64_BLOCK_ADDR4_LEN: u8, of a request: how many bits of NAT64_BLOCK_ADDR4 it is
 *	to have, default 32
 * @NAT64_BLOCK_SINCE: u64, read only, when the client got it, nanoseconds since 1970
 * @NAT64_BLOCK_PAD: for alignment
 */
enum nat64_block_attr {
	NAT64_BLOCK_UNSPEC,
	NAT64_BLOCK_CLIENT,
	NAT64_BLOCK_CLIENT_LEN,
	NAT64_BLOCK_ADDR4,
	NAT64_BLOCK_PORT_MIN,
	NAT64_BLOCK_PORT_MAX,
	NAT64_BLOCK_USED,
	NAT64_BLOCK_PORT,
	NAT64_BLOCK_ADDR4_LEN,
	NAT64_BLOCK_SINCE,
	NAT64_BLOCK_PAD,
	__NAT64_BLOCK_MAX
};

#define NAT64_BLOCK_MAX (__NAT64_BLOCK_MAX - 1)

/**
 * enum nat64_client_attr - the IPv6 hosts of a prefix, and what they hold together
 * @NAT64_CLIENT_UNSPEC: not an attribute
 * @NAT64_CLIENT_PREFIX: 16 bytes, its addresses; of a request, a prefix that they are
 *	to be in, or to have in it
 * @NAT64_CLIENT_LEN: u8, the length of that; of a request, default 128
 * @NAT64_CLIENT_SESSIONS: u32, how many sessions it has opened; of a request, the
 *	least that it is to have, with those of NAT64_CLIENT_SESSIONS4
 * @NAT64_CLIENT_SESSIONS4: u32, read only, how many IPv4 hosts have opened to it
 * @NAT64_CLIENT_PORTS: u32, read only, how many ports of the pools it has
 * @NAT64_CLIENT_OPENED: u32, read only, how many sessions it has opened in this
 *	second, if NAT64_CONFIG_CLIENT_SESSION_RATE is set
 */
enum nat64_client_attr {
	NAT64_CLIENT_UNSPEC,
	NAT64_CLIENT_PREFIX,
	NAT64_CLIENT_LEN,
	NAT64_CLIENT_SESSIONS,
	NAT64_CLIENT_SESSIONS4,
	NAT64_CLIENT_PORTS,
	NAT64_CLIENT_OPENED,
	__NAT64_CLIENT_MAX
};

#define NAT64_CLIENT_MAX (__NAT64_CLIENT_MAX - 1)

/**
 * enum nat64_eip_attr - public IPv4 addresses bound to servers
 * @NAT64_EIP_UNSPEC: not an attribute
 * @NAT64_EIP_ADDR: 4 bytes, the EIP, or the first of a prefix
 * @NAT64_EIP_TARGET4: 4 bytes, the IPv4 server that IPv6 clients reach by the
 *	EIP; the EIP itself if neither target is given
 * @NAT64_EIP_TARGET6: 16 bytes, the IPv6 host that has this EIP in IPv4,
 *	one to one both ways (RFC 7757)
 * @NAT64_EIP_LEN: u8, length of the prefix, 8 to 32, default 32
 * @NAT64_EIP_TARGET6_LEN: u8, length of the prefix of NAT64_EIP_TARGET6, with
 *	no fewer bits behind it than behind the EIP's (RFC 7757 section 3.2),
 *	default 128
 * @NAT64_EIP_CLAT: flag, with NAT64_EIP_TARGET6: the IPv4 address is of a host
 *	on this side, this one perhaps, whose packets to any IPv4 address go
 *	on in IPv6, from NAT64_EIP_TARGET6 to the first prefix (RFC 6877)
 */
enum nat64_eip_attr {
	NAT64_EIP_UNSPEC,
	NAT64_EIP_ADDR,
	NAT64_EIP_TARGET4,
	NAT64_EIP_TARGET6,
	NAT64_EIP_LEN,
	NAT64_EIP_TARGET6_LEN,
	NAT64_EIP_CLAT,
	__NAT64_EIP_MAX
};

#define NAT64_EIP_MAX (__NAT64_EIP_MAX - 1)

/**
 * enum nat64_binding_attr - an entry of the binding table, RFC 6146 section 3.1
 * @NAT64_BINDING_UNSPEC: not an attribute
 * @NAT64_BINDING_PROTO: u8, IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 * @NAT64_BINDING_ADDR6: 16 bytes, the IPv6 host
 * @NAT64_BINDING_PORT6: be16, its port or ICMP id
 * @NAT64_BINDING_ADDR4: 4 bytes, the IPv4 address that stands for it
 * @NAT64_BINDING_PORT4: be16, the port or ICMP id there
 * @NAT64_BINDING_STATIC: flag, the entry was configured
 * @NAT64_BINDING_SESSIONS: u32, read only, sessions of this binding
 * @NAT64_BINDING_ADDR6_LEN: u8, of a request: how many bits of
 *	NAT64_BINDING_ADDR6 an entry is to have, default 128
 * @NAT64_BINDING_ADDR4_LEN: u8, of a request: the same of NAT64_BINDING_ADDR4, default 32
 */
enum nat64_binding_attr {
	NAT64_BINDING_UNSPEC,
	NAT64_BINDING_PROTO,
	NAT64_BINDING_ADDR6,
	NAT64_BINDING_PORT6,
	NAT64_BINDING_ADDR4,
	NAT64_BINDING_PORT4,
	NAT64_BINDING_STATIC,
	NAT64_BINDING_SESSIONS,
	NAT64_BINDING_ADDR6_LEN,
	NAT64_BINDING_ADDR4_LEN,
	__NAT64_BINDING_MAX
};

#define NAT64_BINDING_MAX (__NAT64_BINDING_MAX - 1)

/**
 * enum nat64_tcp_state - state of a TCP session, RFC 6146 section 3.5.2
 * @NAT64_TCP_CLOSED: no session
 * @NAT64_TCP_V4_INIT: SYN seen from IPv4
 * @NAT64_TCP_V6_INIT: SYN seen from IPv6
 * @NAT64_TCP_ESTABLISHED: SYN seen from both sides
 * @NAT64_TCP_V4_FIN: FIN seen from IPv4
 * @NAT64_TCP_V6_FIN: FIN seen from IPv6
 * @NAT64_TCP_V4_V6_FIN: FIN seen from both sides
 * @NAT64_TCP_TRANS: RST seen, or idle for long
 */
enum nat64_tcp_state {
	NAT64_TCP_CLOSED,
	NAT64_TCP_V4_INIT,
	NAT64_TCP_V6_INIT,
	NAT64_TCP_ESTABLISHED,
	NAT64_TCP_V4_FIN,
	NAT64_TCP_V6_FIN,
	NAT64_TCP_V4_V6_FIN,
	NAT64_TCP_TRANS,
	__NAT64_TCP_MAX
};

/**
 * enum nat64_session_attr - an entry of the session table
 * @NAT64_SESSION_UNSPEC: not an attribute
 * @NAT64_SESSION_PROTO: u8, as in a binding
 * @NAT64_SESSION_LOCAL6: 16 bytes, the IPv6 host
 * @NAT64_SESSION_LPORT6: be16, its port or ICMP id
 * @NAT64_SESSION_REMOTE6: 16 bytes, the IPv4 host as the IPv6 host sees it
 * @NAT64_SESSION_LOCAL4: 4 bytes, the IPv6 host as the IPv4 host sees it
 * @NAT64_SESSION_LPORT4: be16, the port or ICMP id there
 * @NAT64_SESSION_REMOTE4: 4 bytes, the IPv4 host
 * @NAT64_SESSION_RPORT: be16, its port, the same in both families; 0 for ICMP
 * @NAT64_SESSION_STATE: u8, &enum nat64_tcp_state, TCP only
 * @NAT64_SESSION_EXPIRES: u32, milliseconds left; not of a request
 * @NAT64_SESSION_LOCAL6_LEN: u8, of a request: how many bits of
 *	NAT64_SESSION_LOCAL6 an entry is to have, default 128
 * @NAT64_SESSION_REMOTE6_LEN: u8, of a request: the same of NAT64_SESSION_REMOTE6
 * @NAT64_SESSION_LOCAL4_LEN: u8, of a request: the same of NAT64_SESSION_LOCAL4, default 32
 * @NAT64_SESSION_REMOTE4_LEN: u8, of a request: the same of NAT64_SESSION_REMOTE4
 * @NAT64_SESSION_IS_FROM4: flag, read only, the IPv4 host has opened it
 * @NAT64_SESSION_IS_ASSURED: flag, read only, both ends have been seen to go on
 *	with it, so that no other takes its place
 * @NAT64_SESSION_IS_STATIC: flag, read only, its binding is static
 * @NAT64_SESSION_IS_ALONE: flag, read only, it has no binding, by address- and
 *	port-dependent mapping
 */
enum nat64_session_attr {
	NAT64_SESSION_UNSPEC,
	NAT64_SESSION_PROTO,
	NAT64_SESSION_LOCAL6,
	NAT64_SESSION_LPORT6,
	NAT64_SESSION_REMOTE6,
	NAT64_SESSION_LOCAL4,
	NAT64_SESSION_LPORT4,
	NAT64_SESSION_REMOTE4,
	NAT64_SESSION_RPORT,
	NAT64_SESSION_STATE,
	NAT64_SESSION_EXPIRES,
	NAT64_SESSION_LOCAL6_LEN,
	NAT64_SESSION_REMOTE6_LEN,
	NAT64_SESSION_LOCAL4_LEN,
	NAT64_SESSION_REMOTE4_LEN,
	NAT64_SESSION_IS_FROM4,
	NAT64_SESSION_IS_ASSURED,
	NAT64_SESSION_IS_STATIC,
	NAT64_SESSION_IS_ALONE,
	__NAT64_SESSION_MAX
};

#define NAT64_SESSION_MAX (__NAT64_SESSION_MAX - 1)

/**
 * enum nat64_config_attr - options and timers, all u32; timers in seconds
 * @NAT64_CONFIG_UNSPEC: not an attribute
 * @NAT64_CONFIG_UDP_TIMEOUT: UDP session, least 120 (RFC 4787), default 300
 * @NAT64_CONFIG_TCP_EST_TIMEOUT: established TCP session, least 120, default
 *	7440 (RFC 5382)
 * @NAT64_CONFIG_TCP_TRANS_TIMEOUT: transitory TCP session, least 10, default
 *	240 (RFC 5382)
 * @NAT64_CONFIG_ICMP_TIMEOUT: ICMP query session, least 10, default 60
 *	(RFC 5508)
 * @NAT64_CONFIG_SESSION_MAX: most sessions in the namespace, default by memory
 * @NAT64_CONFIG_LOWEST_IPV6_MTU: largest IPv6 packet made from an IPv4 packet
 *	without DF, RFC 7915 section 4.1, bytes, default 1280
 * @NAT64_CONFIG_UDP_ZERO_CHECKSUM: 1 to compute the checksum of an IPv4 UDP
 *	packet that has none, 0 to drop it, RFC 7915 section 4.5, default 1
 * @NAT64_CONFIG_NO_BINDING_ICMP: 1 to answer an IPv4 packet that has no
 *	binding with ICMP 3/1, and one that is filtered with 3/13, 0 to drop
 *	it silently, RFC 6146 section 3.5.1, default 0
 * @NAT64_CONFIG_SYN_MAX: most TCP SYNs from IPv4 without a binding that are
 *	kept for 6 seconds, should the IPv6 host open the same connection, and
 *	then answered, RFC 6146 section 3.5.2.2; 0 to 65536, default 1024
 * @NAT64_CONFIG_TCLASS: traffic class of packets translated to IPv6, 0 to 255,
 *	or NAT64_CONFIG_COPY for the IPv4 TOS, RFC 7915 section 4.1, the
 *	default; its last two bits, ECN, are copied always
 * @NAT64_CONFIG_TOS: TOS of packets translated to IPv4, 0 to 255, or
 *	NAT64_CONFIG_COPY for the traffic class, RFC 7915 section 5.1, the
 *	default; its last two bits, ECN, are copied always
 * @NAT64_CONFIG_ICMP_SOURCE: first address (network byte order) of a prefix;
 *	sources of ICMPv6 errors that have no IPv4 address get one of it each,
 *	RFC 6791 section 4.1; default 0.0.0.0: the address of the interface
 * @NAT64_CONFIG_ICMP_SOURCE_LEN: length of that prefix, 8 to 32, default 32
 * @NAT64_CONFIG_ICMP_EXTENSION: 1 to tell the IPv6 source of such an error in
 *	an extension, RFC 6791 section 4.2 and RFC 5837, default 0
 * @NAT64_CONFIG_FTP: 1 to translate the FTP commands and replies that carry
 *	addresses on TCP port 21, RFC 6384, default 0
 * @NAT64_CONFIG_FASTPATH: 1 if packets of established sessions are taken at
 *	the interface, past the route tables and the rules of netfilter that let
 *	the first packet of their direction pass, within the same second, 0 if
 *	not, default 0; may be told otherwise for one interface,
 *	NAT64_CMD_INTERFACE_SET
 * @NAT64_CONFIG_ICMP_RATE: most ICMP answers to packets of one client (its IPv6
 *	prefix, an IPv4 address) a second, but for those of path MTU discovery; 0
 *	to 65535, 0 for no limit but the kernel's own, default 50
 * @NAT64_CONFIG_EARLY_DROP: 1 if, when a limit is reached or no port is free, a
 *	session ends to make room whose two ends have not both been seen to go
 *	on with it, as those of a flood of forged sources; of sixteen that are
 *	looked at.  0 to refuse the new one, RFC 6888 REQ-11, default 1
 * @NAT64_CONFIG_REVERSE_PATH: 1 if packets that no session has are dropped
 *	unless they came by the interface that the route to their source leads
 *	to, RFC 3704 section 2.2; default 0
 * @NAT64_CONFIG_CLIENT_PREFIX_LEN: which IPv6 hosts are one client, those of
 *	one prefix of so many bits, 32 to 128, default 64
 * @NAT64_CONFIG_CLIENT_SESSION_MAX: most sessions that a client opens, and as many
 *	that IPv4 hosts open to it, RFC 6888 REQ-5, 0 for no limit, default a
 *	quarter of the default of session-max
 * @NAT64_CONFIG_CLIENT_PORT_MAX: most ports of the pools that a client has, but of
 *	pools with address-port-dependent mapping, RFC 6888 REQ-4, 0 for no
 *	limit, the default
 * @NAT64_CONFIG_CLIENT_SESSION_RATE: most sessions that a client opens a
 *	second, those that others open to it apart; 0 to 65535, 0 for no limit,
 *	the default
 * @NAT64_CONFIG_BLOCK_TIMEOUT: for how long a client keeps a block of ports of which
 *	none is in use, unless they are short, 0 to a week, default 120
 */
enum nat64_config_attr {
	NAT64_CONFIG_UNSPEC,
	NAT64_CONFIG_UDP_TIMEOUT,
	NAT64_CONFIG_TCP_EST_TIMEOUT,
	NAT64_CONFIG_TCP_TRANS_TIMEOUT,
	NAT64_CONFIG_ICMP_TIMEOUT,
	NAT64_CONFIG_SESSION_MAX,
	NAT64_CONFIG_LOWEST_IPV6_MTU,
	NAT64_CONFIG_UDP_ZERO_CHECKSUM,
	NAT64_CONFIG_NO_BINDING_ICMP,
	NAT64_CONFIG_SYN_MAX,
	NAT64_CONFIG_TCLASS,
	NAT64_CONFIG_TOS,
	NAT64_CONFIG_ICMP_SOURCE,
	NAT64_CONFIG_ICMP_SOURCE_LEN,
	NAT64_CONFIG_ICMP_EXTENSION,
	NAT64_CONFIG_FTP,
	NAT64_CONFIG_FASTPATH,
	NAT64_CONFIG_ICMP_RATE,
	NAT64_CONFIG_EARLY_DROP,
	NAT64_CONFIG_REVERSE_PATH,
	NAT64_CONFIG_CLIENT_PREFIX_LEN,
	NAT64_CONFIG_CLIENT_SESSION_MAX,
	NAT64_CONFIG_CLIENT_PORT_MAX,
	NAT64_CONFIG_CLIENT_SESSION_RATE,
	NAT64_CONFIG_BLOCK_TIMEOUT,
	__NAT64_CONFIG_MAX
};

#define NAT64_CONFIG_COPY	256

#define NAT64_CONFIG_MAX (__NAT64_CONFIG_MAX - 1)

/**
 * enum nat64_transaction_attr - how a transaction is committed
 * @NAT64_TRANSACTION_UNSPEC: not an attribute
 * @NAT64_TRANSACTION_CHECK: flag, only tell whether it could be; it goes on
 */
enum nat64_transaction_attr {
	NAT64_TRANSACTION_UNSPEC,
	NAT64_TRANSACTION_CHECK,
	__NAT64_TRANSACTION_MAX
};

#define NAT64_TRANSACTION_MAX (__NAT64_TRANSACTION_MAX - 1)

/**
 * enum nat64_interface_attr - an interface and its fast path
 * @NAT64_INTERFACE_UNSPEC: not an attribute
 * @NAT64_INTERFACE_IFINDEX: u32, read only, the interface; not if it is not there
 * @NAT64_INTERFACE_NAME: string, its name; what is said holds for whichever has it,
 *	now or later
 * @NAT64_INTERFACE_WISH: u8, 1 if packets that come in by it may take the fast
 *	path, 0 if not; without it NAT64_CONFIG_FASTPATH holds
 * @NAT64_INTERFACE_FASTPATH: u8, read only, 1 if they may
 */
enum nat64_interface_attr {
	NAT64_INTERFACE_UNSPEC,
	NAT64_INTERFACE_IFINDEX,
	NAT64_INTERFACE_NAME,
	NAT64_INTERFACE_WISH,
	NAT64_INTERFACE_FASTPATH,
	__NAT64_INTERFACE_MAX
};

#define NAT64_INTERFACE_MAX (__NAT64_INTERFACE_MAX - 1)

/**
 * enum nat64_stats_attr - counters since the namespace began
 * @NAT64_STATS_UNSPEC: not an attribute
 * @NAT64_STATS_COUNTER: nest, one counter, repeated
 * @NAT64_STATS_NAME: string, in a counter: its name
 * @NAT64_STATS_VALUE: u64, in a counter: its value
 * @NAT64_STATS_DROP: flag, in a counter: it counts packets not translated,
 *	for the reason that the name tells
 * @NAT64_STATS_PAD: padding
 */
enum nat64_stats_attr {
	NAT64_STATS_UNSPEC,
	NAT64_STATS_COUNTER,
	NAT64_STATS_NAME,
	NAT64_STATS_VALUE,
	NAT64_STATS_DROP,
	NAT64_STATS_PAD,
	__NAT64_STATS_MAX
};

#define NAT64_STATS_MAX (__NAT64_STATS_MAX - 1)

/**
 * enum nat64_status_attr - a summary of the namespace
 * @NAT64_STATUS_UNSPEC: not an attribute
 * @NAT64_STATUS_VERSION: string, version of the module
 * @NAT64_STATUS_ACTIVE: u8, 1 if the hooks are in place (there is a prefix)
 * @NAT64_STATUS_PREFIXES: u32, how many prefixes
 * @NAT64_STATUS_POOLS: u32, how many pools
 * @NAT64_STATUS_EIPS: u32, how many EIPs
 * @NAT64_STATUS_BINDINGS: u32, entries of the binding table
 * @NAT64_STATUS_SESSIONS: u32, entries of the session table
 */
enum nat64_status_attr {
	NAT64_STATUS_UNSPEC,
	NAT64_STATUS_VERSION,
	NAT64_STATUS_ACTIVE,
	NAT64_STATUS_PREFIXES,
	NAT64_STATUS_POOLS,
	NAT64_STATUS_EIPS,
	NAT64_STATUS_BINDINGS,
	NAT64_STATUS_SESSIONS,
	__NAT64_STATUS_MAX
};

#define NAT64_STATUS_MAX (__NAT64_STATUS_MAX - 1)

/**
 * enum nat64_event_group - kinds of events
 * @NAT64_EVENTS_SESSION: sessions made and ended
 * @NAT64_EVENTS_BINDING: bindings made and ended
 * @NAT64_EVENTS_REFUSAL: limits that are reached
 * @NAT64_EVENTS_CONFIG: commands
 * @NAT64_EVENTS_BLOCK: blocks of ports that clients get and give back
 */
enum nat64_event_group {
	NAT64_EVENTS_SESSION,
	NAT64_EVENTS_BINDING,
	NAT64_EVENTS_REFUSAL,
	NAT64_EVENTS_CONFIG,
	NAT64_EVENTS_BLOCK,
	__NAT64_EVENTS_MAX
};

/**
 * enum nat64_event - what has happened
 * @NAT64_EVENT_CREATED: a session, a binding or a block has been made
 * @NAT64_EVENT_ENDED: it has ended
 * @NAT64_EVENT_REFUSED: a limit has kept a packet from opening a session; told of
 *	once a second for each reason
 * @NAT64_EVENT_CONFIG: a command has changed the configuration, or ended sessions
 */
enum nat64_event {
	NAT64_EVENT_CREATED,
	NAT64_EVENT_ENDED,
	NAT64_EVENT_REFUSED,
	NAT64_EVENT_CONFIG,
};

/**
 * enum nat64_event_attr - an event; those of different CPUs may come in another order,
 *	but for those of blocks
 * @NAT64_EVENT_UNSPEC: not an attribute
 * @NAT64_EVENT_TYPE: u8, &enum nat64_event
 * @NAT64_EVENT_TIME: u64, when it happened, nanoseconds since 1970
 * @NAT64_EVENT_CPU: u32, where it was counted
 * @NAT64_EVENT_GROUP: u8, &enum nat64_event_group
 * @NAT64_EVENT_NUMBER: u64, counts what happened there, of this group, while anybody
 *	listened; who misses a number has lost an event
 * @NAT64_EVENT_SESSION: nest, NAT64_SESSION_* of the session, or of the one that
 *	would have been
 * @NAT64_EVENT_BINDING: nest, NAT64_BINDING_*
 * @NAT64_EVENT_REASON: string, the counter of what was refused
 * @NAT64_EVENT_COMMAND: u8, &enum nat64_cmd
 * @NAT64_EVENT_REQUEST: nest, the attributes of that command
 * @NAT64_EVENT_PAD: padding
 * @NAT64_EVENT_BLOCK: nest, NAT64_BLOCK_*
 */
enum nat64_event_attr {
	NAT64_EVENT_UNSPEC,
	NAT64_EVENT_TYPE,
	NAT64_EVENT_TIME,
	NAT64_EVENT_CPU,
	NAT64_EVENT_GROUP,
	NAT64_EVENT_NUMBER,
	NAT64_EVENT_SESSION,
	NAT64_EVENT_BINDING,
	NAT64_EVENT_REASON,
	NAT64_EVENT_COMMAND,
	NAT64_EVENT_REQUEST,
	NAT64_EVENT_PAD,
	NAT64_EVENT_BLOCK,
	__NAT64_EVENT_MAX
};

#define NAT64_EVENT_MAX (__NAT64_EVENT_MAX - 1)

/**
 * enum nat64_explain_verdict - what would become of a packet
 * @NAT64_EXPLAIN_PASSES: it is not ours and goes on as it came
 * @NAT64_EXPLAIN_TRANSLATED: it is translated and sent
 * @NAT64_EXPLAIN_DROPPED: it is dropped
 */
enum nat64_explain_verdict {
	NAT64_EXPLAIN_PASSES,
	NAT64_EXPLAIN_TRANSLATED,
	NAT64_EXPLAIN_DROPPED,
};

/**
 * enum nat64_explain_attr - a packet, and what would become of it
 * @NAT64_EXPLAIN_UNSPEC: not an attribute
 * @NAT64_EXPLAIN_SRC6: 16 bytes, its source, if it is one of IPv6; in the answer
 *	these are of the packet that would be sent, where a new port is one that
 *	would do
 * @NAT64_EXPLAIN_DST6: 16 bytes, its destination
 * @NAT64_EXPLAIN_SRC4: 4 bytes, its source, if it is one of IPv4
 * @NAT64_EXPLAIN_DST4: 4 bytes, its destination
 * @NAT64_EXPLAIN_PROTO: u8, as in a binding, default IPPROTO_ICMP, an echo request
 * @NAT64_EXPLAIN_SPORT: be16, its source port, or ICMP id, default 0
 * @NAT64_EXPLAIN_DPORT: be16, its destination port, default 0
 * @NAT64_EXPLAIN_IIF: u32, the interface where it comes in, default that to which
 *	the way back to its source leads; loopback if this host sends it
 * @NAT64_EXPLAIN_LEN: u32, its length in bytes, 68 to 65535, default 100
 * @NAT64_EXPLAIN_HOPS: u8, its hop limit or TTL, default 64
 * @NAT64_EXPLAIN_DF: flag, of IPv4, it must not be fragmented
 * @NAT64_EXPLAIN_ACK: flag, of TCP, it belongs to a connection; else it is the SYN
 *	that begins one
 * @NAT64_EXPLAIN_MARK: u32, the firewall's mark, default 0
 * @NAT64_EXPLAIN_VERDICT: u8, of the answer, &enum nat64_explain_verdict
 * @NAT64_EXPLAIN_REASON: string, of the answer, the counter if it is dropped; or why
 *	it passes, although it could have been ours
 * @NAT64_EXPLAIN_PREFIX: nest, of the answer, NAT64_PREFIX_* of the prefix of the
 *	IPv4 host
 * @NAT64_EXPLAIN_POOL: nest, of the answer, NAT64_POOL_* of the pool that stands for
 *	the IPv6 host; this and the following two are of the second half of the way
 *	of one that turns around
 * @NAT64_EXPLAIN_EIP: nest, of the answer, NAT64_EIP_* of the EIP that it is sent to
 * @NAT64_EXPLAIN_BINDING: nest, of the answer, NAT64_BINDING_*, if there is one
 * @NAT64_EXPLAIN_SESSION: nest, of the answer, NAT64_SESSION_*, if there is one
 * @NAT64_EXPLAIN_HAIRPIN: flag, of the answer, it turns around, from IPv6 to IPv6
 * @NAT64_EXPLAIN_OIF: u32, of the answer, the interface where it would be sent
 * @NAT64_EXPLAIN_GATEWAY4: 4 bytes, of the answer, the router that it is sent to
 * @NAT64_EXPLAIN_GATEWAY6: 16 bytes, of the answer, the same
 * @NAT64_EXPLAIN_MTU: u32, of the answer, that of the route; if the packet is dropped
 *	as too big, what its sender would be told
 */
enum nat64_explain_attr {
	NAT64_EXPLAIN_UNSPEC,
	NAT64_EXPLAIN_SRC6,
	NAT64_EXPLAIN_DST6,
	NAT64_EXPLAIN_SRC4,
	NAT64_EXPLAIN_DST4,
	NAT64_EXPLAIN_PROTO,
	NAT64_EXPLAIN_SPORT,
	NAT64_EXPLAIN_DPORT,
	NAT64_EXPLAIN_IIF,
	NAT64_EXPLAIN_LEN,
	NAT64_EXPLAIN_HOPS,
	NAT64_EXPLAIN_DF,
	NAT64_EXPLAIN_ACK,
	NAT64_EXPLAIN_MARK,
	NAT64_EXPLAIN_VERDICT,
	NAT64_EXPLAIN_REASON,
	NAT64_EXPLAIN_PREFIX,
	NAT64_EXPLAIN_POOL,
	NAT64_EXPLAIN_EIP,
	NAT64_EXPLAIN_BINDING,
	NAT64_EXPLAIN_SESSION,
	NAT64_EXPLAIN_HAIRPIN,
	NAT64_EXPLAIN_OIF,
	NAT64_EXPLAIN_GATEWAY4,
	NAT64_EXPLAIN_GATEWAY6,
	NAT64_EXPLAIN_MTU,
	__NAT64_EXPLAIN_MAX
};

#define NAT64_EXPLAIN_MAX (__NAT64_EXPLAIN_MAX - 1)

#endif /* _UAPI_NAT64_H */

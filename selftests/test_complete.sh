#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What nat64ctl offers to the completion of shells, live objects too, and its manual
# page, which is made of its help.
. "$(dirname "$0")/lib.sh"
topo_up
ctl prefix add 64:ff9b::/96
ctl prefix add 2001:db8:64::/48 mode eip
ctl pool add 198.51.100.0/28
ctl eip add 203.0.113.16/28 to 2001:db8:7::/124
ctl eip add 203.0.113.11 to 10.0.0.5
ctl binding add tcp 203.0.113.1 80 to 2001:db8::5 8080
ctl binding add tcp 203.0.113.1 443 to 2001:db8::5
ctl binding add udp 203.0.113.2 53 to 2001:db8::5

# offers WANT WORD...: in any order; a shell shows what comes twice once
offers() {
	local want=$1
	shift
	same "${*@Q}: $want" "$(tr ' ' '\n' <<<"$want" | sort)" \
		"$(ctl complete "$@" | sort -u)"
}

offers "prefix pool" p
offers "" nothing
offers "monitor" mon
offers "list show add del delete flush help" pool ""
offers "198.51.100.0/28" pool del ""
offers "64:ff9b::/96 2001:db8:64::/48" prefix del ""
offers "64:ff9b::/96" prefix del 64:
offers "203.0.113.16/28 203.0.113.11" eip del ""
offers "" eip del 203.0.113.11 ""
offers "tcp udp" binding del ""
offers "203.0.113.1" binding del tcp ""
offers "80 443" binding del tcp 203.0.113.1 ""
offers "53" binding del udp 203.0.113.2 ""
offers "tcp udp icmp" binding add ""
offers "to" binding add tcp 203.0.113.1 80 ""
offers "" pool add ""
offers "ports mapping filtering parity port-class block-size blocks-max" pool add 198.51.100.32/28 ""
offers "ports parity port-class" pool add 198.51.100.32/28 mapping \
	endpoint-independent p
offers "endpoint-independent address-port-dependent" pool add 198.51.100.32/28 mapping ""
offers "on off" pool add 198.51.100.32/28 ports 1-2 parity ""
offers "" pool add 198.51.100.32/28 ports ""
offers "local6 local4 lport6 lport4" session list proto tcp l
offers "established" session show state e
offers "local6 local4 lport6 lport4" session flush proto tcp l
offers "static" binding list type ""
offers "client addr4 port" block list ""
offers "client sessions" client list ""
offers "delay" top ""
offers "local6 local4 lport6 lport4" session li l
offers "client addr4 port" block show ""
offers "%file" apply ""
offers "%file" import jool x
offers "jool help" import ""
offers "pool" help po
offers "--json --pretty --netns --batch --version --help" -
offers "--netns" -j --n
offers "$R" -jn "$R"
offers "$R" --netns "$R"
offers "ftp fastpath" set f
offers "ftp fastpath" show f
offers "on off" set udp-timeout 300 ftp ""
offers "copy" set tos ""
offers "eth4 eth6" interface set e
offers "fastpath" interface set eth6 ""
offers "on off default" interface set eth6 fastpath ""
offers "show all --prometheus" stats ""
offers "text" stats --prometheus ""
offers "session binding block refusal config existing buffer" monitor ""
offers "tcp udp icmp" whois 203.0.113.1 80 ""
offers "at" whois 203.0.113.1 80 tcp ""
offers "eth4 eth6" get from 2001:db8::1 tcp iif e
offers "tcp to" get from 2001:db8::1 t

# Words that the help does not know would be none.
unknown=
for noun in prefix pool eip binding session interface stats monitor whois get; do
	help=$(nat64ctl $noun help)
	for verb in "" add list set; do
		for word in $(nat64ctl complete $noun ${verb:+$verb} x "" 2>/dev/null); do
			[[ $word == *[0-9.:]* || $word == lo || $help == *"$word"* ]] ||
				unknown+=" $noun $word"
		done
	done
done
same "all words are in the help" "" "$unknown"

page=$("$TOP/tools/manual" "$TOP/tools/nat64ctl")
for noun in $(nat64ctl complete ""); do
	[ $noun != complete ] || continue
	if grep -qE "^\.SS (.*, )?$noun(,|$)" <<<"$page" &&
	   [[ $page == *"nat64ctl $noun"* ]]; then
		ok "the manual page has $noun"
	else
		not_ok "the manual page has $noun"
	fi
done
same "and nothing is left to be filled in" "" "$(grep '@' <<<"$page")"
tap_done

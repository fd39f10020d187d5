#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""RFC 6384 segment by segment: sequence numbers, SACK, segments that are sent
again, and what a client may not ask for."""
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.packet import Raw

import ktap
from ktap import case, ok, same
from lab import CLIENT6, HOST4, Lab

lab = Lab()
HOST6 = "64:ff9b::c000:221"
CLIENT, SERVER = 1000, 500000		# initial sequence numbers


class Control:
    """A control connection, both ends in the test's hands."""
    port = 7000

    def __init__(self, port=None):
        if port is None:
            Control.port += 1
        self.port = port or Control.port
        self.local4 = None
        syn = self.client(b"", CLIENT, 0, "S")
        self.local4, self.lport4 = syn.src, syn.sport
        self.server(b"", SERVER, CLIENT + 1, "SA")
        self.client(b"", CLIENT + 1, SERVER + 1, "A")

    def client(self, text, seq, ack, flags="PA", **kw):
        lab.w6.send(IPv6(src=CLIENT6, dst=HOST6) / TCP(
            sport=self.port, dport=21, seq=seq, ack=ack, flags=flags, **kw) /
            Raw(text))
        return self.sound(lab.w4.recv(2))

    def server(self, text, seq, ack, flags="PA", **kw):
        lab.w4.send(IP(src=HOST4, dst=self.local4) / TCP(
            sport=21, dport=self.lport4, seq=seq, ack=ack, flags=flags, **kw) /
            Raw(text))
        return self.sound(lab.w6.recv(2))

    @staticmethod
    def sound(got):
        """Is every checksum right?  Then the packet."""
        if got:
            good = got.__class__(bytes(got))
            del good[TCP].chksum
            if bytes(good.__class__(bytes(good))) != bytes(got):
                ok("checksum", False, repr(got))
        return got


def text(got):
    return got and bytes(got[TCP].payload)


def numbers(got):
    return got and (got[TCP].seq, got[TCP].ack)


def extended(port):
    return b"229 Entering Extended Passive Mode (|||%d|)\r\n" % port


def passive():
    c = Control()
    s1, c1 = SERVER + 1, CLIENT + 1
    got = c.client(b"EPSV 2\r\n", c1, s1)
    same("6384 EPSV 2 becomes PASV", b"PASV\r\n", text(got))
    same("its numbers stay", (c1, s1), numbers(got))
    # The server has 6 octets, the client sent 8.
    got = c.server(b"", s1, c1 + 6, "A")
    same("an acknowledgement is shifted back", (s1, c1 + 8), numbers(got))
    reply = b"227 Entering Passive Mode (192,0,2,33,195,149).\r\n"
    got = c.server(reply, s1, c1 + 6)
    same("6384 227 becomes 229", extended(50069), text(got))
    same("and is shifted not yet", (s1, c1 + 8), numbers(got))
    got = c.server(reply, s1, c1 + 6)
    same("6384 sent again it is changed again", extended(50069), text(got))
    n = len(extended(50069))
    got = c.client(b"", c1 + 8, s1 + n, "A")
    same("6384 both numbers are shifted", (c1 + 6, s1 + len(reply)),
         numbers(got))
    got = c.client(b"RETR x\r\n", c1 + 8, s1 + n)
    same("other lines are left alone", b"RETR x\r\n", text(got))
    got = c.server(b"150 here\r\n", s1 + len(reply), c1 + 6 + 8, options=[
        ("NOP", None), ("NOP", None), ("SAck", (c1 + 20, c1 + 26))])
    same("numbers of both directions", (s1 + n, c1 + 8 + 8), numbers(got))
    same("2018 SACK is shifted as well", (c1 + 22, c1 + 28),
         dict(got[TCP].options)["SAck"])
    got = c.server(b"x", s1 + len(reply) + 10, c1 + 14, options=[
        ("NOP", None), ("SAck", (c1 + 20, c1 + 26)), ("NOP", None)])
    same("2018 SACK at an odd place", (c1 + 22, c1 + 28),
         dict(got[TCP].options)["SAck"])


def same_length():
    """A 229 may be as long as its 227."""
    c = Control()
    c.client(b"EPSV\r\n", CLIENT + 1, SERVER + 1)
    reply = b"227 Entering Passive Mode (10,0,0,10,195,149).\r\n"
    for what in "first", "again":
        got = c.server(reply, SERVER + 1, CLIENT + 7)
        same(f"a 227 of the same length, {what}", (extended(50069),
                                                   len(reply)),
             (text(got), len(text(got) or b"")))


def many_replies():
    """One reply for one command, however often it is said."""
    line = b"227 0,0,0,0,0,1\n"
    c = Control()
    c.client(b"EPSV\r\n", CLIENT + 1, SERVER + 1)
    for what in "first", "again":
        got = c.server(line * 13, SERVER + 1, CLIENT + 7)
        same(f"one of thirteen 227 becomes 229, {what}",
             extended(1) + line * 12, text(got))


def foreign():
    c = Control()
    c.client(b"EPSV\r\n", CLIENT + 1, SERVER + 1)
    got = c.server(b"227 go there (9,9,9,9,1,1)\r\n", SERVER + 1, CLIENT + 7)
    ok("6384 a 227 to another host is refused with 425",
       text(got) and text(got).startswith(b"425 "), got)
    got = c.server(b"227 unasked (192,0,2,33,1,1)\r\n", SERVER + 100,
                   CLIENT + 7)
    ok("an unasked 227 is left alone", text(got) and
       text(got).startswith(b"227 "), got)


def ports():
    def eprt(addr, port):
        c = Control()
        line = b"EPRT |2|%s|%d|\r\n" % (addr.encode(), port)
        return c, line, text(c.client(line, CLIENT + 1, SERVER + 1))

    c, line, got = eprt(CLIENT6, 5282)
    ok("6384 EPRT becomes PORT, of the pool", got and
       got.startswith(b"PORT 198,51,100,"), got)
    parts = got[5:].strip().split(b",")
    addr = b".".join(parts[:4]).decode()
    port = int(parts[4]) << 8 | int(parts[5])
    lab.w4.send(IP(src=HOST4, dst=addr) / TCP(sport=20, dport=port,
                                              flags="S"))
    data = lab.w6.recv(2)
    ok("the server's data connection reaches the client", data and
       (data.dst, data.dport) == (CLIENT6, 5282), data)
    got = c.client(line, CLIENT + 1, SERVER + 1)
    same("sent again it says the same", got and text(got),
         b"PORT %s\r\n" % b",".join(parts))
    got = c.client(b"NOOP\r\n", CLIENT + 1 + len(line), SERVER + 1)
    same("and counts once", CLIENT + 1 + len(text(got) and b"PORT %s\r\n" %
                                             b",".join(parts)),
         numbers(got)[0])
    for what, addr, port in (("another host", "2001:db8:6::9", 5282),
                             ("a port below 1024 (RFC 2577)", CLIENT6, 22)):
        before = len(lab.json("session list"))
        _, line, got = eprt(addr, port)
        same(f"6384 EPRT for {what} is left alone", line, got)
        same("and opens nothing", before + 1, len(lab.json("session list")))


def anew():
    """The same ports again: nothing of the old connection is left."""
    c = Control()
    c.client(b"EPSV ALL\r\n", CLIENT + 1, SERVER + 1)
    c.client(b"EPSV 2\r\n", CLIENT + 11, SERVER + 1)
    c.client(b"AUTH TLS\r\n", CLIENT + 19, SERVER + 1)
    c.server(b"234 go\r\n", SERVER + 1, CLIENT + 29)
    got = c.client(b"EPSV\r\n", CLIENT + 29, SERVER + 9)
    same("6384 3 encrypted: nothing is changed", b"EPSV\r\n", text(got))
    c.client(b"", CLIENT + 35, SERVER + 9, "FA")
    c.server(b"", SERVER + 9, CLIENT + 36, "FA")
    c = Control(c.port)
    got = c.client(b"EPSV 2\r\n", CLIENT + 1, SERVER + 1)
    same("a new connection of the same ports begins anew",
         (b"PASV\r\n", (CLIENT + 1, SERVER + 1)), (text(got), numbers(got)))
    lab.ctl("set ftp off")
    got = c.client(b"EPSV 2\r\n", CLIENT + 9, SERVER + 1)
    same("turned off, nothing more is changed, but numbers are",
         (b"EPSV 2\r\n", CLIENT + 7), (text(got), numbers(got)[0]))
    lab.ctl("set ftp on")


def damaged():
    c = Control()
    c.client(b"EPSV\r\n", CLIENT + 1, SERVER + 1)
    before = lab.stats()
    c.server(b"227 x (192,0,2,33,1,1)\r\n", SERVER + 1, CLIENT + 7,
             chksum=0x1234)
    same("a damaged segment is not made a right one", 1,
         lab.counted("bad_checksum", before))
    got = c.server(b"227 x (192,0,2,33,1,1)\r\n", SERVER + 1, CLIENT + 7)
    same("and changes nothing for the one after it", extended(257), text(got))


for noun in "prefix add 64:ff9b::/96 private on", \
        "pool add 198.51.100.0/28", "set ftp on":
    lab.ctl(noun)
for test in passive, same_length, many_replies, foreign, ports, anew, damaged:
    case(test)
ktap.done()

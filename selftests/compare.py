# SPDX-License-Identifier: GPL-2.0
"""What a router did with a packet, in words, and how two of them differ."""
from dissect import Dissection

FRAGMENT = " fragment"


class Outcome:
    """All that came out for one packet: (6 or 4, bytes) of each."""

    def __init__(self, outs, packet, router):
        self.outs = outs
        source = Dissection(packet.pieces[0]).fields.get("src")
        self.parts = []			# of each: how it left, kind, fields
        for there, raw in outs:
            d = Dissection(raw, packet.ident)
            f = d.fields
            if there != packet.side:
                how = "sends"
            elif f["src"] in router.own:
                how = "answers"
            elif f["src"] == source:
                how = "passes on"
            else:
                how = "sends back"
            self._normalise(how, f, router)
            self.parts.append((how, d.kind, f))

    @staticmethod
    def _normalise(how, f, router):
        """A router's own packets, and how many routers it is."""
        if how == "answers":
            # The daemon sees a packet one router later than the kernel.
            if f["src"] in router.daemon and "in ttl" in f:
                f["in ttl"] += 1
            f.update(ttl="own", tos="own", label="own")
        elif how != "passes on":
            f["ttl"] += router.hops - 1
        if f["src"] in router.own:
            f["src"] = "router"

    def hex(self):
        return ", ".join(raw.hex() for _, raw in self.outs) or "nothing"

    def free(self, names):
        """Forget fields that are for the translator to choose."""
        for _, _, f in self.parts:
            for name in names & f.keys():
                f[name] = "any"

    def words(self):
        """In a few words; fragments with where they begin and end."""
        out = []
        for how, kind, f in self.parts:
            text = f"{how} {kind}" if how != "passes on" else "passes it on"
            if how != "passes on" and kind.endswith(FRAGMENT):
                if not out or not out[-1].startswith(text):
                    out.append(text + "s")
                more = f["frag"].endswith("+")
                begin = int(f["frag"].rstrip("+"))
                end = begin + f["bytes"]
                out[-1] += f" {begin}-{end}" + ("+" if more else "")
            else:
                out.append(text)
        return ", ".join(out) or "drops it"


def short(a, b):
    """Without a checksum of the bytes, if their number tells enough."""
    cut = [v.split(" crc ")[0] if isinstance(v, str) else v for v in (a, b)]
    return (a, b) if cut[0] == cut[1] else cut


def fields_that_differ(a, b):
    """The same packets but for some fields: those of a, those of b."""
    texts = [], []
    many = len(a.parts) > 1
    for i, ((_, _, x), (_, _, y)) in enumerate(zip(a.parts, b.parts)):
        pre = f"({i + 1}) " if many else ""
        for name in list(x) + [n for n in y if n not in x]:
            if x.get(name) != y.get(name):
                for text, value in zip(texts, short(x.get(name),
                                                    y.get(name))):
                    if value is not None:
                        text.append(f"{pre}{name} {value}")
    return tuple(", ".join(t) or "-" for t in texts)


def differ(a, b):
    """None, or what a does and what b does instead."""
    if [p[:2] for p in a.parts] == [p[:2] for p in b.parts] and \
            a.words() == b.words():
        texts = fields_that_differ(a, b)
        return None if texts == ("-", "-") else texts
    return a.words(), b.words()

# SPDX-License-Identifier: GPL-2.0
"""KTAP output for the Python tests."""
import sys
import traceback

count = 0
failed = 0


def ok(what, good=True, detail=""):
    """One KTAP line; detail is shown if it is bad."""
    global count, failed
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} {what}", flush=True)
    if not good:
        failed += 1
        for line in str(detail).splitlines():
            print(f"#   {line[:600]}", flush=True)
    return good


def skip(what, why):
    """What this machine lacks the means for."""
    global count
    count += 1
    print(f"ok {count} {what} # SKIP {why}", flush=True)


def same(what, want, got):
    """ok if equal; bytes are shown in hex."""
    def show(x):
        return x.hex(" ", -2) if isinstance(x, bytes) else repr(x)
    return ok(what, want == got, f"want {show(want)}\ngot  {show(got)}")


def case(function, *args):
    """Run a test; what it raises is a failure, not the end."""
    try:
        function(*args)
    except Exception:
        ok(f"{function.__name__}{args}", False, traceback.format_exc())


def done():
    print(f"1..{count}")
    sys.exit(1 if failed else 0)

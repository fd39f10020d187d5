#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""conversations.py ADDRESS COUNT FILE: TCP connections that go on while FILE exists.

COUNT of them to port 7 of ADDRESS, which echoes, are opened; each says something
every second and must hear it.  Prints "open", then at the end how many never
broke, how many connections were opened meanwhile, one a second, how many of these
were answered, and in how many milliseconds half of them were.
"""
import asyncio
import math
import os
import sys

PATIENCE = 60


async def say(reader, writer, n):
    line = f"{n}\n".encode()
    writer.write(line)
    return await asyncio.wait_for(reader.readline(), PATIENCE) == line


async def go_on(addr, opened, end):
    reader, writer = await asyncio.open_connection(addr, 7)
    n, good = 0, await say(reader, writer, 0)
    opened.append(good)
    while good and not end.is_set():
        await asyncio.sleep(1)
        n += 1
        good = await say(reader, writer, n)
    writer.close()
    return good


async def newcomer(addr):
    """Seconds until it was answered, infinite if it never was."""
    async def visit():
        reader, writer = await asyncio.open_connection(addr, 7)
        good = await say(reader, writer, 1)
        writer.close()
        return good

    clock = asyncio.get_running_loop().time
    start = clock()
    try:
        good = await asyncio.wait_for(visit(), PATIENCE)
    except (OSError, asyncio.TimeoutError):
        good = False
    return clock() - start if good else math.inf


async def main():
    addr, count, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    opened, end = [], asyncio.Event()
    streams = [asyncio.create_task(go_on(addr, opened, end))
               for _ in range(count)]
    while len(opened) < count:
        await asyncio.sleep(0.1)
    print("open", flush=True)
    new = []
    while os.path.exists(path):
        new.append(asyncio.create_task(newcomer(addr)))
        await asyncio.sleep(1)
    end.set()
    results = await asyncio.gather(*streams, return_exceptions=True)
    came = sorted(await asyncio.gather(*new))
    half = came[len(came) // 2]
    print(sum(r is True for r in results), len(came),
          sum(t < math.inf for t in came),
          int(min(half, PATIENCE) * 1000))


asyncio.run(main())

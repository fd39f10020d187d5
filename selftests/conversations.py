#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""conversations.py ADDRESS COUNT SECONDS: TCP connections that go on.

COUNT of them to port 7 of ADDRESS, which echoes, are opened; each says something
every second and must hear it.  Prints "open", then at the end how many never
broke, and how many of the connections that were opened meanwhile, one a second,
were answered.
"""
import asyncio
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
    async def visit():
        reader, writer = await asyncio.open_connection(addr, 7)
        good = await say(reader, writer, 1)
        writer.close()
        return good

    try:
        return await asyncio.wait_for(visit(), 10)
    except (OSError, asyncio.TimeoutError):
        return False


async def main():
    addr, count, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    opened, end = [], asyncio.Event()
    streams = [asyncio.create_task(go_on(addr, opened, end))
               for _ in range(count)]
    while len(opened) < count:
        await asyncio.sleep(0.1)
    print("open", flush=True)
    new = []
    for _ in range(seconds):
        new.append(asyncio.create_task(newcomer(addr)))
        await asyncio.sleep(1)
    end.set()
    results = await asyncio.gather(*streams, return_exceptions=True)
    came = await asyncio.gather(*new)
    print(sum(r is True for r in results), sum(came), len(came))


asyncio.run(main())

#!/usr/bin/env python3
import asyncio

async def part(number):
    await asyncio.sleep(0.001)
    return f"part {number}"

async def main():
    parts = await asyncio.gather(*(part(n) for n in range(3)))
    print("Content-Type: text/plain\n")
    print("\n".join(parts))

asyncio.run(main())

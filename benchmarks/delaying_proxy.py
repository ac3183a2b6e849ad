"""A TCP proxy that makes a server distant: each octet arrives some time after it was sent, in both directions.

    python -m benchmarks.delaying_proxy PORT TARGET_PORT SECONDS

Both ports are of 127.0.0.1. In a process of its own, so that it takes no time from what is measured.
"""

import asyncio
import sys
from contextlib import suppress

PIECE_BYTES = 2**16


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_seconds: float) -> None:
    """Carry octets until one side ends; those behind do not wait for those before to arrive."""
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            arrives_at, piece = await under_way.get()
            await asyncio.sleep(max(0.0, arrives_at - loop.time()))
            if not piece:
                break
            writer.write(piece)
            await writer.drain()
        writer.close()

    delivering = asyncio.create_task(deliver())
    with suppress(OSError):
        while piece := await reader.read(PIECE_BYTES):
            under_way.put_nowait((loop.time() + delay_seconds, piece))
    under_way.put_nowait((loop.time() + delay_seconds, b""))
    with suppress(OSError):
        await delivering


async def serve(port: int, target_port: int, delay_seconds: float) -> None:
    """Until the process ends."""

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_target = await asyncio.open_connection("127.0.0.1", target_port)
        await asyncio.gather(
            carry(reader, to_target[1], delay_seconds),
            carry(to_target[0], writer, delay_seconds),
        )

    server = await asyncio.start_server(connect, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))

"""A client written in an hour: one task per peer, aiohttp, the last ten observations.

    python_client.py FILE INTERVAL TIMEOUT     base URLs, one per line; times in seconds
"""

import asyncio
import sys
import time
from collections import deque
from pathlib import Path

import aiohttp

NUMBERS = (
    "peer_quality", "stability_margin", "hopf_distance", "spectral_radius", "gamma", "g_star",
)  # fmt: skip


def is_valid(summary):
    metrics = summary["metrics"]
    return (
        isinstance(summary["node_id"], str)
        and isinstance(summary["ts"], (int, float))
        and all(isinstance(metrics[name], (int, float)) for name in NUMBERS)
        and all(0 <= value <= 1 for value in metrics["g_components"].values())
    )


async def follow(session, url, phase, interval):
    window = deque(maxlen=10)
    quality = 0.0
    due = time.monotonic() + phase
    while True:
        await asyncio.sleep(due - time.monotonic())
        started = time.monotonic()
        try:
            async with session.get(url + "/federation/sync/summary") as response:
                is_good = response.status == 200 and is_valid(await response.json())
        except (aiohttp.ClientError, asyncio.TimeoutError, KeyError, TypeError, ValueError):
            is_good = False
        ended = time.monotonic()
        window.append((ended, ended - started, is_good))
        slowest = max(seconds for _, seconds, _ in window)
        share = sum(is_good for *_, is_good in window) / len(window)
        quality = 0.5 * share + 0.3 * max(0, 1 - slowest / 2) + 0.2 * is_good
        due = max(due + interval, ended)


async def main():
    file, interval, timeout = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    urls = Path(file).read_text().split()
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=3600),
        timeout=aiohttp.ClientTimeout(total=timeout),
    ) as session:
        await asyncio.gather(
            *(
                follow(session, url, interval * place / len(urls), interval)
                for place, url in enumerate(urls)
            )
        )


if __name__ == "__main__":
    asyncio.run(main())

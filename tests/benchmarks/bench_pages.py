"""What a page costs: `python -m tests.benchmarks.bench_pages`, on the database of the settings (seed data).

Prints, for one address of every page and every kind of comparison, the median milliseconds of a fresh answer,
of a kept one and of a 304, their ratio, and the size of the answer. One process, no network, no template instrumentation.
"""

from __future__ import annotations

import os
import statistics
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
django.setup()

from django.core.cache import caches  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.test import RequestFactory  # noqa: E402

from tests.public_addresses import ADDRESSES, ONE_EACH  # noqa: E402

RUNS = 9


def timed(handler: WSGIHandler, address: str, *, fresh: bool, held: str = "") -> tuple[float, int, str]:
    """Median milliseconds, bytes and ETag of an answer."""
    times, size, tag = [], 0, ""
    for _ in range(RUNS):
        if fresh:
            caches["pages"].clear()
        headers = {"SERVER_NAME": "localhost"} | ({"HTTP_IF_NONE_MATCH": held} if held else {})
        environ = RequestFactory(**headers).get(address).environ
        began = time.perf_counter()
        response = handler.get_response(handler.request_class(environ))
        times.append(1000 * (time.perf_counter() - began))
        size, tag = len(response.content), response.get("ETag", "")
    return statistics.median(times), size, tag


def main() -> None:
    handler = WSGIHandler()
    print(f"{'address':<80}{'fresh ms':>10}{'kept ms':>9}{'304 ms':>8}{'ratio':>7}{'KB':>7}")
    for address in dict.fromkeys((*ONE_EACH, *ADDRESSES["compare"])):
        fresh, size, tag = timed(handler, address, fresh=True)
        kept, _, _ = timed(handler, address, fresh=False)
        unchanged, _, _ = timed(handler, address, fresh=False, held=tag)
        print(f"{address:<80}{fresh:>10.1f}{kept:>9.2f}{unchanged:>8.2f}{fresh / kept:>7.0f}{size / 1024:>7.0f}")


if __name__ == "__main__":
    main()

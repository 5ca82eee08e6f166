"""Opening pages in the browser of these tests."""

import sys
import traceback

from django.db import connection
from playwright.sync_api import Page, TimeoutError


def go(page: Page, address: str) -> None:
    """Opens an address. Where it hangs, the failure says what every thread and database connection was doing."""
    try:
        page.goto(address)
    except TimeoutError as hung:
        hung.add_note(_doings())
        raise


def _doings() -> str:
    said = []
    for number, frame in sys._current_frames().items():
        said += [f"thread {number}", "".join(traceback.format_stack(frame)[-6:])]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid, state, wait_event_type, wait_event, now() - state_change, query"
                " FROM pg_stat_activity WHERE datname = current_database()"
            )
            said += [str(row) for row in cursor.fetchall()]
    return "\n".join(said)

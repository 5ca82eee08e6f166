"""People on their way through the site, in the browser of these tests: their windows, their hands, what went wrong.

`JOURNEY_SHOTS=<folder>` keeps a picture of every step: `<journey>-<step>-<what>.png`, the main forms on a phone as well.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, expect

from tests.browser.navigation import go
from tests.factories import UserFactory
from tracker.models import Act, Revision, User

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# Told of by every page: that a pointer was used, which a journey with the keyboard alone does not.
WATCH_POINTER = """
for (const name of ["pointerdown", "mousedown", "touchstart"])
  window.addEventListener(name, (event) => { if (event.isTrusted) window.pointerUsed(name); }, true);
"""
# Whether the focused element can be seen where it is, at least in part (WCAG 2.4.11).
CAN_BE_SEEN = """() => {
  const element = document.activeElement;
  const found = (box) => {
    const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
    const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
    if (right - left < 2 || bottom - top < 2) return false;
    return [0.1, 0.5, 0.9].some((x) => [0.1, 0.5, 0.9].some((y) => {
      const there = document.elementFromPoint(left + (right - left) * x, top + (bottom - top) * y);
      return there && (element.contains(there) || there.contains(element));
    }));
  };
  return element === document.body || Array.from(element.getClientRects()).some(found);
}"""


def researcher(name: str, role: str = "researcher", **values: object) -> User:
    """Somebody with a role."""
    user = UserFactory(display_name=name, **values)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


def newest() -> tuple[Act, list[Revision]]:
    """The newest act, and its revisions in their order."""
    act = Act.objects.order_by("-pk")[0]
    return act, list(act.revisions.order_by("number"))


class Person:
    """Somebody in front of a browser of their own; logged in where `user` is given."""

    def __init__(
        self, browser: Browser, site: str, journey: str, user: User | None = None, *, javascript: bool = True,
    ) -> None:  # fmt: skip
        self.site, self.journey, self.user = site, journey, user
        # Without motion a page stands still as soon as it is there.
        self.context: BrowserContext = browser.new_context(
            viewport=DESK, java_script_enabled=javascript, reduced_motion="reduce"
        )
        self.wrong: list[str] = []
        self.loads: list[str] = []
        self.pointed: list[str] = []
        self._intended: set[int] = set()
        self.context.expose_binding("pointerUsed", lambda source, name: self.pointed.append(name))
        self.context.add_init_script(WATCH_POINTER)
        if user is not None:
            client = Client()
            client.force_login(user)
            cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}
            self.context.add_cookies([cookie])
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.on("console", self._console)
        self.page.on("response", self._response)
        self.page.on("requestfailed", self._failed)
        self.page.on("load", lambda: self.loads.append(self.page.url))

    def _console(self, message: ConsoleMessage) -> None:
        # What could not be loaded is counted by its answer.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.wrong.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._intended:
            self.wrong.append(f"{response.status}: {response.request.method} {response.url}")

    def _failed(self, request: Request) -> None:
        # What was under way when somebody went on is nobody's fault.
        if request.failure != "net::ERR_ABORTED":
            self.wrong.append(f"{request.failure}: {request.method} {request.url}")

    @contextmanager
    def refused(self, *statuses: int) -> Iterator[None]:
        """Inside, answers of these statuses are what the journey is about."""
        self._intended |= set(statuses)
        yield
        self._intended -= set(statuses)

    def go(self, address: str) -> None:
        go(self.page, self.site + address)

    def shot(self, what: str, *, phone: bool = False) -> None:
        """A picture of the whole page, where pictures are wanted; `phone`: also narrow, light and dark."""
        folder = os.environ.get("JOURNEY_SHOTS")
        if not folder:
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        number = len({one.name[:6] for one in Path(folder).glob(f"{self.journey}-??-*")}) + 1
        stem = Path(folder) / f"{self.journey}-{number:02}-{what}"
        self.page.screenshot(path=f"{stem}.png", full_page=True)
        self.page.screenshot(path=f"{stem}-window.png")
        if phone:
            self.page.set_viewport_size(PHONE)
            self.page.screenshot(path=f"{stem}-phone-light.png", full_page=True)
            self.page.emulate_media(color_scheme="dark")
            self.page.screenshot(path=f"{stem}-phone-dark.png", full_page=True)
            self.page.set_viewport_size(DESK)
            self.page.screenshot(path=f"{stem}-dark.png")
            self.page.emulate_media(color_scheme="light")

    def press(self, name: str) -> None:
        """Presses a button of the page's main part, and waits for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str, *, exact: bool = True) -> None:
        """Follows the first link of this name in the main part."""
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("link", name=name, exact=exact).first.click()

    def choose(self, field: str, words: str) -> None:
        """Takes the first suggestion of a searchable list; without JavaScript the choice of those words."""
        typed = self.page.locator(f"input#id_{field}")
        if typed.count():
            typed.fill(words)
            typed.press("Enter")
        else:
            self.page.locator(f"select#id_{field}").select_option(label=words)

    def say_why(self, note: str, cause: str = "correction") -> None:
        self.page.locator("#id_cause").select_option(cause)
        self.page.locator("#id_note").fill(note)

    def save(self) -> str:
        """Saves a form that has nothing wrong; the sentence that says so."""
        with self.page.expect_navigation():
            self.page.locator("#save").click()
        wrong = self.page.locator("#wrongs li, .field-wrong .errorlist").all_inner_texts()
        assert not wrong, wrong
        done = self.page.locator(".notice-done")
        expect(done).to_contain_text("Saved as r")
        return done.inner_text()

    def leave(self) -> None:
        self.context.close()


class Hands:
    """A keyboard and nothing else. Where Tab leads must be seen: what is hidden under something is noted."""

    def __init__(self, person: Person) -> None:
        self._page = person.page
        self._keyboard = person.page.keyboard
        self.pressed = 0
        self.hidden: list[str] = []

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self._keyboard.press(key)
            self.pressed += 1

    def type(self, text: str) -> None:
        """Types; in a list this goes to the option that begins so."""
        self._keyboard.type(text)
        self.pressed += len(text)

    def replace(self, text: str) -> None:
        """Types over what stands in the field."""
        self.press("Control+a")
        self.type(text)

    def to(self, selector: str, *, back: bool = False, most: int = 250) -> None:
        """Tab by Tab to what matches."""
        for _ in range(most):
            if self._page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
            self.press("Shift+Tab" if back else "Tab")
            if not self._page.evaluate(CAN_BE_SEEN):
                self.hidden.append(self._page.evaluate("document.activeElement.outerHTML.slice(0, 160)"))
        pytest.fail(f"{selector} is not reached by Tab on {self._page.url}")

    def enter(self) -> None:
        """Presses Enter where that leads to another page, and waits for it."""
        with self._page.expect_navigation():
            self.press("Enter")

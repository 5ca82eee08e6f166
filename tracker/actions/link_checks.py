"""Whether the addresses of sources still answer. Off unless it is switched on; never from a request of a reader.

One request at a time; to one host no sooner than `settings.LINK_PAUSE` seconds after the last, or than its robots.txt
asks for; only to public addresses of the Internet, looked at after the name was resolved and for every redirection.
"""

from __future__ import annotations

import datetime
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from protego import Protego

from tracker.actions.jobs import JobFailed, Running
from tracker.models import LinkCheck, Source
from tracker.models.link_check import MOVED

AGENT = "TechnologyLeadershipTracker-LinkCheck"
PER_STEP, PER_REQUEST = 15, 40  # seconds: for one answer of the network, and for a whole request
REDIRECTIONS = 5
CONTENT, ROBOTS = 4096, 500_000  # bytes that are read of an answer, and of a robots.txt
LONGEST_PAUSE = 120  # seconds, whatever a robots.txt asks for
LONGEST = datetime.timedelta(minutes=90)  # of one job; what is left has its turn the next day
AGAIN = datetime.timedelta(days=7)
AGAIN_FAILED = datetime.timedelta(hours=20)
PORTS = {"http": 80, "https": 443}
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Of these one cannot tell whether a person with a browser would see the page.
CLOSED_TO_PROGRAMS = {
    401: "It asks for a login (401).",
    402: "It asks for payment (402).",
    403: "It refuses programs, or everybody (403).",
    407: "A proxy asks for a login (407).",
    429: "It has had too many requests (429).",
    451: "It may not be shown here, for legal reasons (451).",
}

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Reach = Callable[[IpAddress], bool]


@dataclass(frozen=True)
class Outcome:
    state: LinkCheck.State
    said: str
    status: int | None = None
    final_address: str = ""


def is_on() -> bool:
    return bool(settings.CHECK_LINKS)


def is_public(address: IpAddress) -> bool:
    """Whether an address is everybody's: no machine of the own network, of this host, or behind a tunnel to one."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in ipaddress.IPv6Network("64:ff9b::/96"):  # translated to IPv4 by the network
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address.sixtofour is not None or address.teredo is not None or address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def due(now: datetime.datetime) -> list[Source]:
    """The sources whose address is to be asked for: never yet, changed since, or long ago; the oldest first."""
    last = {one.source: one for one in LinkCheck.objects.all()}
    found = []
    for source in Source.objects.filter(retired__isnull=True).exclude(url="").order_by("pk"):
        one = last.get(source.pk)
        again = AGAIN_FAILED if one is not None and one.state == LinkCheck.State.FAILS else AGAIN
        if one is None or one.address != source.url or one.at <= now - again:
            found.append((one.at.timestamp() if one is not None else 0, source))
    return [source for _, source in sorted(found, key=lambda pair: pair[0])]


def check(running: Running, *, may_reach: Reach = is_public, pause: float | None = None) -> None:
    """Asks for the addresses that are due and keeps what came of each at once: a repeated job goes on where the last
    attempt was. `may_reach` and `pause` (seconds) are for tests: nothing that asks for jobs can set them."""
    if not is_on():
        raise JobFailed("The check of links is switched off: see TRACKER_CHECK_LINKS in docs/settings.md.")
    # What is no source any more, or has no address, is no finding.
    held = Source.objects.filter(retired__isnull=True).exclude(url="")
    LinkCheck.objects.exclude(source__in=held.values("pk")).delete()
    sources = due(timezone.now())
    begun, done, failing = time.monotonic(), 0, 0
    asking = _Asking(may_reach, settings.LINK_PAUSE if pause is None else pause)
    queue = ((source.pk, source.url) for source in sources)
    for pk, address, outcome in asking.outcomes(queue, running.stop_if_asked):
        _keep(pk, address, outcome)
        done += 1
        failing += outcome.state == LinkCheck.State.FAILS
        running.progress(done, len(sources), "Asking")
        if time.monotonic() - begun > LONGEST.total_seconds():
            running.log(f"{len(sources) - done} addresses are left for the next time.")
            break
    with running.finishing(asked=done, failing=failing, address="/workbench/links/"):
        pass


def _keep(pk: int, address: str, outcome: Outcome) -> None:
    now = timezone.now()
    said = {
        "address": address, "state": outcome.state, "status": outcome.status, "said": outcome.said[:300],
        "final_address": outcome.final_address[:2000], "at": now,
    }  # fmt: skip
    row, made = LinkCheck.objects.get_or_create(source=pk, defaults={**said, "failures": 0})
    if outcome.state != LinkCheck.State.FAILS:
        LinkCheck.objects.filter(pk=row.pk).update(**said, failures=0, failing_since=None)
        return
    again = not made and row.state == LinkCheck.State.FAILS and row.address == address
    since = row.failing_since if again and row.failing_since else now
    failures = F("failures") + 1 if again else 1
    LinkCheck.objects.filter(pk=row.pk).update(**said, failures=failures, failing_since=since)


class _Refused(Exception):
    """An address that is not asked for, or gave no answer. The text is for people."""


@dataclass(frozen=True)
class _Answer:
    status: int
    leads_to: str
    content: bytes


# Each step of finding out about one address is one request: it says to which host, and goes on when that has its turn.
Steps = Generator[str, None, Outcome]


class _Asking:
    def __init__(self, may_reach: Reach, pause: float) -> None:
        self._may_reach = may_reach
        self._pause = pause
        self._pauses: dict[str, float] = {}
        self._free_at: dict[str, float] = defaultdict(float)
        # By origin; in words where it cannot be asked.
        self._robots: dict[str, Protego | str | None] = {}
        contact = f" (+{settings.PUBLIC_URL})" if settings.PUBLIC_URL else ""
        self._headers = {
            "User-Agent": f"{AGENT}/1.0{contact}", "Accept": "*/*", "Accept-Encoding": "identity",
            "Connection": "close",
        }  # fmt: skip
        self._tls = ssl.create_default_context()

    def outcomes(
        self, addresses: Iterable[tuple[int, str]], meanwhile: Callable[[], None]
    ) -> Generator[tuple[int, str, Outcome], None, None]:
        """What comes of each address; host by host in turn, so that a pause for one is time for another. `meanwhile` is
        called while nothing is to be done."""
        waiting: dict[str, deque[tuple[int, str]]] = defaultdict(deque)
        for pk, address in addresses:
            waiting[_host(address)].append((pk, address))
        # One address of a host at a time: (number of the source, its address, its steps, the host of its next step).
        under_way: list[tuple[int, str, Steps, str]] = []

        def begin(host: str) -> Generator[tuple[int, str, Outcome], None, None]:
            while waiting[host]:
                pk, address = waiting[host].popleft()
                steps = self._steps(address)
                try:
                    under_way.append((pk, address, steps, next(steps)))
                except StopIteration as end:
                    yield pk, address, end.value
                else:
                    return

        for host in list(waiting):
            yield from begin(host)
        while under_way:
            meanwhile()
            under_way.sort(key=lambda one: self._free_at[one[3]])
            pk, address, steps, host = under_way[0]
            if (rest := self._free_at[host] - time.monotonic()) > 0:
                time.sleep(min(rest, 0.5))
                continue
            del under_way[0]
            try:
                under_way.append((pk, address, steps, next(steps)))
            except StopIteration as end:
                yield pk, address, end.value
                yield from begin(_host(address))

    def _steps(self, address: str) -> Steps:
        """Finds out about one address."""
        now, permanently, status = address, True, None
        try:
            for _ in range(REDIRECTIONS + 1):
                where = _parts(now)
                if forbidden := (yield from self._forbidden(where, now)):
                    return Outcome(LinkCheck.State.UNKNOWN, forbidden, status)
                yield _host(now)
                answer = self._ask("HEAD", where)
                if answer.status >= 400 and answer.status != 429:
                    # Many answer HEAD wrongly.
                    yield _host(now)
                    answer = self._ask("GET", where, most=CONTENT)
                status = answer.status
                if status not in REDIRECTS or not answer.leads_to:
                    return _outcome(status, now if now != address else "", permanently=permanently)
                permanently = permanently and status in (301, 308)
                now = urljoin(now, answer.leads_to)
        except _Refused as why:
            return Outcome(LinkCheck.State.FAILS, str(why), status, now if now != address else "")
        return Outcome(LinkCheck.State.FAILS, f"It leads on and on: {REDIRECTIONS} times.", status)

    def _forbidden(self, where: SplitResult, address: str) -> Generator[str, None, str]:
        """Why the host's robots.txt forbids to ask; "" = it allows it. Raises _Refused where there is no such host.

        Where it cannot be read for a fault of the host, nothing is allowed.
        """
        origin = f"{where.scheme}://{where.netloc}"
        if origin not in self._robots:
            try:
                self._robots[origin] = robots = yield from self._read_robots(origin)
            except _Refused as why:
                self._robots[origin] = str(why)
                raise
            asked = robots.crawl_delay(AGENT) if robots is not None else None
            if asked:
                host = _host(origin)
                self._pauses[host] = max(self._pause, min(float(asked), LONGEST_PAUSE))
                # From the request for robots.txt on.
                self._free_at[host] = time.monotonic() + self._pauses[host]
        found = self._robots[origin]
        if isinstance(found, str):
            raise _Refused(found)
        if found is None:
            return "Its robots.txt cannot be read, so nothing is asked of it."
        return "" if found.can_fetch(address, AGENT) else "Its robots.txt asks programs to stay away."

    def _read_robots(self, origin: str) -> Generator[str, None, Protego | None]:
        address = f"{origin}/robots.txt"
        for _ in range(REDIRECTIONS + 1):
            where = _parts(address)
            yield _host(address)
            answer = self._ask("GET", where, most=ROBOTS)
            if answer.status in REDIRECTS and answer.leads_to:
                address = urljoin(address, answer.leads_to)
                continue
            if answer.status >= 500 or answer.status == 429:
                return None
            text = answer.content.decode("utf-8", "replace") if answer.status < 300 else ""
            return Protego.parse(text)
        return Protego.parse("")

    def _ask(self, method: str, where: SplitResult, *, most: int = 0) -> _Answer:
        """One request, to an address that may be reached. Raises _Refused."""
        host = where.hostname or ""
        port = where.port or PORTS[where.scheme]
        try:
            address = self._resolve(host, port)
            connection = _Pinned(host, port, address, self._tls if where.scheme == "https" else None)
            with closing(connection), _NoLonger(PER_REQUEST, connection):
                path = quote(where.path or "/", safe="/%:=&~+!$,;'@()*[]") + (
                    f"?{quote(where.query, safe='/%:=&?~+!$,;@()*[]')}" if where.query else ""
                )
                ranged = {"Range": f"bytes=0-{most - 1}"} if method == "GET" and most == CONTENT else {}
                connection.request(method, path, headers={**self._headers, **ranged})
                answer = connection.getresponse()
                content = answer.read(most) if most else b""
                return _Answer(answer.status, answer.headers.get("Location", ""), content)
        except TimeoutError:
            raise _Refused("It does not answer in time.") from None
        except ssl.SSLCertVerificationError as why:
            raise _Refused(f"Its certificate does not hold: {why.verify_message}.") from None
        except (ssl.SSLError, OSError, http.client.HTTPException, ValueError) as why:
            raise _Refused(f"It gives no proper answer ({type(why).__name__}).") from None
        finally:
            self._free_at[host] = time.monotonic() + self._pauses.get(host, self._pause)

    def _resolve(self, host: str, port: int) -> str:
        """An address of the host. Raises _Refused where it has none, or any that may not be reached."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise _Refused("There is no host of this name.") from None
        addresses = [str(one[4][0]).partition("%")[0] for one in found]
        if not all(self._may_reach(ipaddress.ip_address(address)) for address in addresses):
            raise _Refused("It leads into a network that is not public.")
        return addresses[0]


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was looked at: the name is not resolved a second time, to another one."""

    def __init__(self, host: str, port: int, address: str, tls: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=PER_STEP)
        self._address = address
        self._context = tls
        # The port stands in the header Host unless it is the scheme's own.
        self.default_port = PORTS["https" if tls else "http"]

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), PER_STEP)
        if self._context is not None:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)


class _NoLonger:
    """Ends a request that trickles, with TimeoutError: the socket's own time begins anew with each byte."""

    def __init__(self, seconds: float, connection: http.client.HTTPConnection) -> None:
        self._connection = connection
        self._ended = False
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def _end(self) -> None:
        self._ended = True
        with suppress(OSError, AttributeError):
            self._connection.sock.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._ended:
            # Headers that break off would count as whole.
            raise TimeoutError


def _host(address: str) -> str:
    """What has one rate; "" for what is no address."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _parts(address: str) -> SplitResult:
    """Raises _Refused for what is no address of the web."""
    try:
        where = urlsplit(address)
        good = where.scheme in PORTS and bool(where.hostname) and (where.port is None or where.port > 0)
    except ValueError:
        good = False
    if not good or where.username is not None:
        raise _Refused("It leads to what is no address of the web.")
    return where


def _outcome(status: int, final: str, *, permanently: bool) -> Outcome:
    if status < 300 or status == 304:
        said = "It answers." if not final else MOVED if permanently else "It leads elsewhere."
        return Outcome(LinkCheck.State.GOOD, said, status, final)
    if status in CLOSED_TO_PROGRAMS:
        return Outcome(LinkCheck.State.UNKNOWN, CLOSED_TO_PROGRAMS[status], status, final)
    said = {404: "There is no such page (404).", 410: "The page is gone (410)."}.get(
        status, f"The server fails ({status})." if status >= 500 else f"The server refuses ({status})."
    )
    return Outcome(LinkCheck.State.FAILS, said, status, final)

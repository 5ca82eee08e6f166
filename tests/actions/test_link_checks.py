"""The check of links, against a real server on this machine."""

import contextlib
import ipaddress
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import pytest
from django.utils import timezone

from tests.factories import SourceFactory
from tests.history.acting import change, create
from tracker.actions import link_checks
from tracker.actions.job_kinds import KINDS
from tracker.actions.jobs import Cancelled, JobFailed, JobKind, Running, enqueue, run
from tracker.models import Job, LinkCheck, Source

pytestmark = pytest.mark.django_db
LOOPBACK = ipaddress.ip_address("127.0.0.1")


class Server(ThreadingHTTPServer):
    """Answers as `pages` says: path -> (status, headers, body); notes (time, method, path, agent) of each request."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple] = {"/robots.txt": (404, {}, b"")}
        self.asked: list[tuple[float, str, str, str]] = []
        self.hosts: list[str] = []
        super().__init__(("127.0.0.1", 0), Handler)

    def at(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.server_port}{path}"

    def paths(self) -> list[str]:
        return [f"{method} {path}" for _, method, path, _ in self.asked]


class Handler(BaseHTTPRequestHandler):
    def answer(self) -> None:
        self.server.asked.append((time.monotonic(), self.command, self.path, self.headers["User-Agent"]))
        self.server.hosts.append(self.headers["Host"].partition(":")[0])
        status, headers, body, *only = self.server.pages.get(self.path, (404, {}, b""))
        if only and self.command not in only:
            status, headers, body = 405, {}, b""
        if body == "trickle":
            self.wfile.write(b"HTTP/1.0 200 OK\r\n")
            with contextlib.suppress(OSError):
                for _ in range(100):
                    time.sleep(0.05)
                    self.wfile.write(b"X-More: more\r\n")
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_GET = do_HEAD = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server():
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _on(settings):
    settings.CHECK_LINKS = True
    settings.PUBLIC_URL = "https://tracker.example.org"


def loopback(address) -> bool:
    return address == LOOPBACK


def check(pause: float = 0, may_reach=loopback) -> Job:
    def work(running: Running) -> None:
        link_checks.check(running, may_reach=may_reach, pause=pause)

    job = enqueue(kind="links", title="Links", by=None)
    assert run(pk=job.pk, kinds={"links": JobKind("links", work)})
    job.refresh_from_db()
    return job


def source(address: str, **values) -> Source:
    return create(SourceFactory.build(url=address, **values))


def found(one: Source) -> LinkCheck:
    return LinkCheck.objects.get(source=one.pk)


def test_what_answers_and_what_does_not(server):
    server.pages |= {
        "/good": (200, {}, b""),
        "/old": (301, {"Location": "/good"}, b""),
        "/elsewhere": (302, {"Location": "good"}, b""),
        "/gone": (410, {}, b""),
        "/closed": (403, {}, b""),
        "/busy": (429, {}, b""),
        "/broken": (500, {}, b""),
        "/round": (301, {"Location": "/round"}, b""),
        "/no-head": (200, {}, b"x" * 100_000, "GET"),
    }
    sources = {
        path: source(server.at(path))
        for path in ("/good", "/old", "/elsewhere", "/missing", "/gone", "/closed", "/busy", "/broken", "/round",
                     "/no-head")
    }  # fmt: skip

    job = check()

    told = {path: found(one) for path, one in sources.items()}
    assert {path: (one.state, one.status) for path, one in told.items()} == {
        "/good": ("good", 200), "/old": ("good", 200), "/elsewhere": ("good", 200), "/missing": ("fails", 404),
        "/gone": ("fails", 410), "/closed": ("unknown", 403), "/busy": ("unknown", 429), "/broken": ("fails", 500),
        "/round": ("fails", 301), "/no-head": ("good", 200),
    }  # fmt: skip
    assert told["/old"].said == "It has moved for good."
    assert told["/old"].final_address == server.at("/good")
    assert told["/elsewhere"].said == "It leads elsewhere."
    assert told["/missing"].failures == 1
    assert (job.state, job.result) == ("done", {"asked": 10, "failing": 4, "address": "/workbench/links/"})
    assert {agent for *_, agent in server.asked} == {f"{link_checks.AGENT}/1.0 (+https://tracker.example.org)"}
    # Of one origin robots.txt is read once.
    assert server.paths().count("GET /robots.txt") == 1


@pytest.mark.parametrize(
    ("robots", "asked"),
    [
        ((200, {}, b"User-agent: *\nDisallow: /*.pdf$\n"), False),
        ((200, {}, f"User-agent: {link_checks.AGENT}\nDisallow: /\n".encode()), False),
        ((200, {}, b"User-agent: *\nDisallow: /private/\n"), True),
        ((404, {}, b""), True),
        ((503, {}, b""), False),
        ((302, {"Location": "/other.txt"}, b""), False),
    ],
)
def test_robots_txt_is_respected(server, robots, asked):
    server.pages |= {
        "/robots.txt": robots,
        "/report.pdf": (200, {}, b""),
        "/other.txt": (200, {}, b"User-agent: *\nDisallow: /report"),
    }
    one = source(server.at("/report.pdf"))

    check()

    assert ("HEAD /report.pdf" in server.paths()) is asked
    assert found(one).state == ("good" if asked else "unknown")
    assert asked or "robots.txt" in found(one).said


def test_where_a_redirection_leads_robots_txt_is_respected_too(server):
    server.pages |= {
        "/robots.txt": (200, {}, b"User-agent: *\nDisallow: /closed"),
        "/open": (302, {"Location": "/closed"}, b""),
        "/closed": (200, {}, b""),
    }
    one = source(server.at("/open"))

    check()

    assert server.paths() == ["GET /robots.txt", "HEAD /open"]
    assert found(one).state == "unknown"


def test_one_host_has_its_pause_between_requests_and_another_its_turn_meanwhile(server):
    server.pages |= {f"/{number}": (200, {}, b"") for number in range(4)}
    for number in range(4):
        source(server.at(f"/{number}", "127.0.0.1" if number % 2 else "localhost"))

    check(pause=0.3)

    # For each of two hosts: robots.txt and two pages; neither waits until the other is done.
    assert sorted(server.hosts) == ["127.0.0.1"] * 3 + ["localhost"] * 3
    assert set(server.hosts[:2]) == set(server.hosts[2:4]) == {"127.0.0.1", "localhost"}
    for host in ("127.0.0.1", "localhost"):
        times = [one[0] for one, of in zip(server.asked, server.hosts, strict=True) if of == host]
        assert min(later - sooner for sooner, later in pairwise(times)) >= 0.29


def test_a_longer_pause_that_robots_txt_asks_for_is_kept(server):
    server.pages |= {"/robots.txt": (200, {}, b"User-agent: *\nCrawl-delay: 0.4\n"), "/": (200, {}, b"")}
    source(server.at("/"))

    check(pause=0)

    assert server.asked[1][0] - server.asked[0][0] >= 0.39


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",  # noqa: S104
     "240.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "fec0::1",
     "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1"],
)  # fmt: skip
def test_address_that_is_not_public_is_not_reached(address):
    assert not link_checks.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_public_address_is_reached(address):
    assert link_checks.is_public(ipaddress.ip_address(address))


def test_own_network_is_never_asked(server):
    server.pages["/secret"] = (200, {}, b"")
    named = [source(server.at("/secret", host)) for host in ("127.0.0.1", "localhost")]
    for address in ("http://[::1]/", "http://169.254.169.254/latest/meta-data/", "http://2130706433/", "http://0/"):
        named.append(source(address))

    check(may_reach=link_checks.is_public)

    assert server.asked == []
    assert {found(one).said for one in named} == {"It leads into a network that is not public."}


def test_redirection_into_the_own_network_is_not_followed(server):
    server.pages |= {"/": (302, {"Location": f"http://127.0.0.2:{server.server_port}/secret"}, b"")}
    one = source(server.at("/"))

    check()

    assert server.paths() == ["GET /robots.txt", "HEAD /"]
    assert (found(one).state, found(one).said) == ("fails", "It leads into a network that is not public.")


def test_name_is_not_resolved_a_second_time(server, monkeypatch):
    """A name that answers otherwise the second time leads nowhere else: what was looked at is what is asked."""
    answers = iter(["127.0.0.1", "127.0.0.1"])

    def resolve(host, port, *rest, **more):
        if host == "rebinding.example.org":
            return [(2, 1, 6, "", (next(answers), port))]
        return original(host, port, *rest, **more)

    original = link_checks.socket.getaddrinfo
    monkeypatch.setattr(link_checks.socket, "getaddrinfo", resolve)
    server.pages["/"] = (200, {}, b"")
    one = source(server.at("/", "rebinding.example.org"))

    check()

    # Once for robots.txt, once for the page: a third look would have failed the test.
    assert found(one).state == "good"
    assert next(answers, None) is None


@pytest.mark.parametrize("address", ["ftp://example.org/", "http://user:word@127.0.0.1/", "http://127.0.0.1:99999/"])
def test_what_is_no_address_of_the_web_is_not_asked(server, address):
    one = source("https://example.org/")
    change(one, url=address)

    check()

    assert (found(one).state, found(one).said) == ("fails", "It leads to what is no address of the web.")


def test_answer_that_trickles_is_given_up(server, monkeypatch):
    monkeypatch.setattr(link_checks, "PER_REQUEST", 0.3)
    server.pages["/slow"] = (200, {}, "trickle")
    one = source(server.at("/slow"))
    begun = time.monotonic()

    check()

    assert found(one).state == "fails"
    assert time.monotonic() - begun < 4


def test_only_what_is_due_is_asked_again_and_failures_are_counted(server):
    server.pages["/good"] = (200, {}, b"")
    good, bad = source(server.at("/good")), source(server.at("/bad"))
    check()
    first = found(bad)
    server.asked.clear()
    check()
    assert server.asked == []

    LinkCheck.objects.update(at=timezone.now() - link_checks.AGAIN_FAILED)
    check()
    assert server.paths() == ["GET /robots.txt", "HEAD /bad", "GET /bad"]
    assert (found(bad).failures, found(bad).failing_since) == (2, first.failing_since)

    server.pages["/bad"] = (200, {}, b"")
    LinkCheck.objects.update(at=timezone.now() - link_checks.AGAIN)
    check()
    assert (found(bad).state, found(bad).failures, found(bad).failing_since) == ("good", 0, None)

    server.asked.clear()
    change(good, url=server.at("/moved"))
    check()
    assert "HEAD /moved" in server.paths()
    assert (found(good).failures, found(good).address) == (1, server.at("/moved"))


def test_what_is_no_source_any_more_is_forgotten(server):
    one = source(server.at("/bad"))
    check()
    change(one, url="")

    check()

    assert not LinkCheck.objects.exists()


def test_stopping_stops_before_the_next_request(server):
    server.pages |= {f"/{number}": (200, {}, b"") for number in range(5)}
    for number in range(5):
        source(server.at(f"/{number}"))
    job = enqueue(kind="links", title="Links", by=None)
    Job.objects.filter(pk=job.pk).update(state="running", token="t")
    job.refresh_from_db()

    class AskedToStop(Running):
        def stop_if_asked(self):
            if len(server.asked) == 2:
                raise Cancelled

    with pytest.raises(Cancelled):
        link_checks.check(AskedToStop(job), may_reach=loopback, pause=0.2)

    assert len(server.asked) == 2


def test_repeated_job_goes_on_where_the_last_attempt_was(server, monkeypatch):
    server.pages |= {f"/{number}": (200, {}, b"") for number in range(3)}
    for number in range(3):
        source(server.at(f"/{number}"))
    keep = link_checks._keep

    def killed(pk, address, outcome):
        keep(pk, address, outcome)
        if LinkCheck.objects.count() == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(link_checks, "_keep", killed)
    with pytest.raises(KeyboardInterrupt):
        check()
    monkeypatch.setattr(link_checks, "_keep", keep)
    server.asked.clear()

    check()

    assert len([path for path in server.paths() if path.startswith("HEAD")]) == 1
    assert LinkCheck.objects.filter(state="good").count() == 3


def test_nothing_is_asked_while_it_is_switched_off(server, settings):
    settings.CHECK_LINKS = False
    one = source(server.at("/"))

    job = enqueue(kind="links", title="Links", by=None)
    run(pk=job.pk, kinds=KINDS)
    job.refresh_from_db()

    assert job.state == "failed"
    assert "TRACKER_CHECK_LINKS" in job.error
    assert server.asked == []
    assert not LinkCheck.objects.filter(source=one.pk).exists()
    with pytest.raises(JobFailed):
        link_checks.check(Running(job))

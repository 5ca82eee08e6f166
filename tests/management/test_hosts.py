"""A deployment of several processes and hosts: what one does the other shows, what one takes in the other works on."""

import contextlib
import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

import html5lib
import pytest
from django.conf import settings
from django.db import connection
from redis import Redis

from tests.own_database import ROOT, own_database, run, served

pytestmark = pytest.mark.django_db

PASSWORD = "correct-horse-battery"
SETUP = f"""
import django
django.setup()
from django.contrib.auth.models import Group
from tracker.history.recording import recorded
from tracker.models import Act, Source, User
user = User.objects.create_user("ada", password="{PASSWORD}", display_name="Ada")
user.groups.add(Group.objects.get(name="editor"))
with recorded(by=None, by_name="Set-up", cause=Act.Cause.EDITION, note="Records", origin="test"):
    source = Source(slug="one", title="Before", kind="primary", reuse="fact")
    source.save()
print(source.pk)
"""
# A browser in a process of its own: the network of the tests' process is off beyond the loopback.
BROWSER = """
import sys
from tests.management.test_hosts import Browser
exec(sys.stdin.read())
"""


class Browser:
    """Somebody at one of several web processes."""

    def __init__(self, address: str) -> None:
        from tests.views.test_many_editors import Person

        self.person = Person(address)
        self.address = address

    def log_in(self) -> "Browser":
        fields = dict(self.person.form("/login/")) | {"login": "ada", "password": PASSWORD}
        status, page = self.person.ask("/login/", fields.items())
        assert status == 302, page
        return self

    def got(self, path: str, data: bytes | None = None, **headers: str) -> tuple[Message, bytes]:
        request = urllib.request.Request(self.address + path, data, {"Referer": self.address + path, **headers})  # noqa: S310
        try:
            with self.person.opener.open(request, timeout=60) as answer:
                return answer.headers, answer.read()
        except urllib.error.HTTPError as answer:
            if answer.code >= 400:
                raise AssertionError(answer.read().decode()) from None
            return answer.headers, answer.read()

    def sent(self, path: str, action: str, **changes: str) -> str:
        """Sends a form of a page as it stands but for `changes`; returns where that leads."""
        _, page = self.got(path)
        tree = html5lib.parse(page, namespaceHTMLElements=False)
        form = next(one for one in tree.iter("form") if (one.get("action") or path).endswith(action)
                    and one.get("method") == "post")  # fmt: skip
        found = {}
        for one in form.iter():
            if one.tag not in ("input", "select", "textarea"):
                continue
            value = one.get("value", "")
            if one.tag == "select":
                options = list(one.iter("option"))
                value = next((o.get("value", "") for o in options if o.get("selected") is not None),
                             options[0].get("value", "") if options else "")  # fmt: skip
            elif one.tag == "textarea":
                value = (one.text or "").removeprefix("\n")
            elif one.get("type") in ("checkbox", "radio") and one.get("checked") is None:
                continue
            if one.get("name") and one.get("type") != "file":
                found[one.get("name")] = value
        target = form.get("action") or path
        status, answer = self.person.ask(target, (found | changes).items())
        assert status in (302, 303), (status, answer[:3000])
        return target

    def uploaded(self, path: str, name: str, content: bytes, **fields: str) -> str:
        """Sends a file as a browser does; returns the address that it is led to."""
        token = dict(self.person.form(path))["csrfmiddlewaretoken"]
        edge = b"----edge-of-parts"
        parts = [
            b'Content-Disposition: form-data; name="%s"\r\n\r\n%s' % (key.encode(), value.encode())
            for key, value in {"csrfmiddlewaretoken": token, **fields}.items()
        ]
        parts.append(b'Content-Disposition: form-data; name="file"; filename="%s"\r\nContent-Type: text/csv\r\n\r\n%s'
                     % (name.encode(), content))  # fmt: skip
        body = b"".join(b"--%s\r\n%s\r\n" % (edge, part) for part in parts) + b"--%s--\r\n" % edge
        headers, _ = self.got(path, body, **{"Content-Type": f"multipart/form-data; boundary={edge.decode()}"})
        return headers["Location"]


def browse(code: str, environment: dict[str, str]) -> str:
    """Runs `code` in a process that may connect to other hosts; returns what it said."""
    done = subprocess.run(
        [sys.executable, "-c", BROWSER], input=code, env=environment, cwd=ROOT, text=True, capture_output=True,
        timeout=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_save_at_one_process_is_seen_at_the_other_with_the_next_request(tmp_path, django_db_blocker):
    with own_database(tmp_path, django_db_blocker) as environment, ExitStack() as stack:
        # As on every host: which version is read under which address.
        environment |= {"PUBLIC_URL": "http://tracker.example.org", "TRACKER_BUILD": "tested"}
        pk = int(run(environment, "-c", SETUP))
        one, other = (
            Browser(stack.enter_context(served(environment, tmp_path / f"{name}.log", threads=2)))
            for name in ("one", "other")
        )
        page = "/sources/"
        before, content = other.got(page)
        assert b"Before" in content
        # Both hold the page in their memory by now.
        assert one.got(page)[0]["ETag"] == before["ETag"] == other.got(page)[0]["ETag"]
        one.log_in()
        for turn in range(5):
            name = f"After {turn}"
            typed = {"main-title": name, "cause": "correction", "note": "Renamed"}
            one.sent(f"/records/source/{pk}/edit/", "/edit/", **typed)
            after, content = other.got(page, **{"If-None-Match": before["ETag"]})
            assert name.encode() in content, "what was kept in memory was given again"
            assert after["ETag"] != before["ETag"]
            # Whoever has the new one is told so by both.
            assert other.got(page, **{"If-None-Match": after["ETag"]})[1] == b""
            before = after


# Hosts


@dataclass
class Host:
    """A machine of its own as far as its network, its name and its disk go; or this one, under another port."""

    name: str
    address: str
    environment: dict[str, str]
    prefix: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://{self.address}:{self.port}"

    @contextmanager
    def runs(self, log: Path, *command: str):
        """A process of this host, ended with all it has started."""
        with log.open("w") as into:
            process = subprocess.Popen(
                [*self.prefix, *command], env=self.environment, cwd=ROOT, stdout=into, stderr=subprocess.STDOUT
            )
            try:
                yield process
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    @contextmanager
    def serves(self, log: Path):
        command = [
            str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--host", self.address, "--port",
            str(self.port), "--workers", "1", "--blocking-threads", "2", "--no-ws", "tracker.wsgi:application",
        ]  # fmt: skip
        with self.runs(log, *command) as process:
            code = f"""
import time, urllib.request
for _ in range(300):
    try:
        print(urllib.request.urlopen("{self.url}/readyz", timeout=5).read().decode())
        break
    except OSError:
        time.sleep(0.1)
"""
            assert browse(code, self.environment).startswith("ready\n"), log.read_text()
            yield process

    @contextmanager
    def works(self, log: Path):
        with self.runs(log, sys.executable, "manage.py", "work", "--processes", "1", "--beat") as process:
            yield process


# Carries connections to this host on to its loopback: (address, port, port there)...
RELAY = """
import asyncio, sys

async def copied(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()

async def main():
    for address, port, to in zip(*[iter(sys.argv[1:])] * 3):
        async def met(reader, writer, to=int(to)):
            there = await asyncio.open_connection("127.0.0.1", to)
            await asyncio.gather(copied(reader, there[1]), copied(there[0], writer))
        await asyncio.start_server(met, address, int(port))
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def two_hosts(environment: dict[str, str], folder: Path):
    """Two hosts with the same PostgreSQL and Redis: network namespaces where they can be made, else two ports."""
    database, redis = urlsplit(environment["DATABASE_URL"]), urlsplit(environment["REDIS_URL"])
    with ExitStack() as stack:
        hosts, relayed = [], []
        for number, name in enumerate(("one", "other")):
            disk = folder / name
            disk.mkdir()
            own = environment | {"TRACKER_VAR_DIR": str(disk / "var")}
            space = f"tr{os.getpid() % 100_000}-{number}"
            net = f"10.{200 + os.getpid() % 50}.{os.getpid() // 50 % 200 + number}"
            try:
                ip("netns", "add", space)
            except (OSError, subprocess.CalledProcessError):
                hosts.append(Host(name, "127.0.0.1", own, port=free_port()))
                continue
            stack.callback(ip, "netns", "del", space)
            ip("link", "add", space, "type", "veth", "peer", "name", "eth0", "netns", space)
            ip("addr", "add", f"{net}.1/30", "dev", space)
            ip("link", "set", space, "up")
            ip("-n", space, "addr", "add", f"{net}.2/30", "dev", "eth0")
            ip("-n", space, "link", "set", "eth0", "up")
            ip("-n", space, "link", "set", "lo", "up")
            for server in (database, redis):
                relayed += [f"{net}.1", str(server.port), str(server.port)]
            own |= {
                "DATABASE_URL": database._replace(netloc=at(database, f"{net}.1")).geturl(),
                "REDIS_URL": redis._replace(netloc=at(redis, f"{net}.1")).geturl(),
                "ALLOWED_HOSTS": f"{net}.2",
            }
            prefix = [
                "ip",
                "netns",
                "exec",
                space,
                "unshare",
                "--uts",
                "sh",
                "-c",
                'hostname "$0" && exec "$@"',
                name,
            ]
            hosts.append(Host(name, f"{net}.2", own, prefix, port=8000))
        if relayed:
            relay = subprocess.Popen([sys.executable, "-c", RELAY, *relayed], stdout=subprocess.PIPE, text=True)
            stack.callback(relay.stdout.close)
            stack.callback(relay.wait)
            stack.callback(relay.terminate)
            assert relay.stdout.readline() == "ready\n"
        yield hosts


def at(server, address: str) -> str:
    before, _, _ = server.netloc.rpartition("@")
    return f"{before}@{address}:{server.port}" if before else f"{address}:{server.port}"


# Waits until a job has ended; says its state, its worker, its kind.
AWAIT = """
import json, sys, time
import django
django.setup()
from tracker.models import Job
for _ in range(600):
    job = Job.objects.exclude(kind="backup").order_by("-pk").filter(by__username="ada").first()
    if job and not job.open:
        break
    time.sleep(0.1)
print(json.dumps([job.pk, job.state, job.worker, job.kind, job.error, job.parameters]))
"""


def was_done_by(worker: str, process: subprocess.Popen) -> bool:
    """Whether the process that did a job (“host:pid”) descends from `process`."""
    pid = int(worker.rpartition(":")[2])
    while pid > 1:
        if pid == process.pid:
            return True
        status = Path(f"/proc/{pid}/status").read_text()
        pid = int(next(line for line in status.splitlines() if line.startswith("PPid:")).split()[1])
    return False


@pytest.fixture
def deployment(tmp_path, django_db_blocker):
    if connection.vendor != "postgresql" or not settings.REDIS_URL:
        pytest.skip("needs a PostgreSQL and a Redis")
    number = 8 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    redis = urlsplit(settings.REDIS_URL)._replace(path=f"/{number}").geturl()
    with own_database(tmp_path, django_db_blocker) as environment, Redis.from_url(redis) as server:
        server.flushdb()
        environment |= {"REDIS_URL": redis, "SECRET_KEY": "the same on every host" * 3, "TRACKER_BUILD": "tested"}
        run(environment, "-c", SETUP)
        with two_hosts(environment, tmp_path) as hosts:
            yield environment, hosts
        server.flushdb()


def test_two_hosts_share_files_jobs_and_what_jobs_make(deployment, tmp_path):
    environment, (one, other) = deployment
    with one.serves(tmp_path / "one.web"), other.serves(tmp_path / "other.web"):
        # A file that came in at the one is checked at the other, where its only worker is.
        with other.works(tmp_path / "other.work") as worker:
            browse(f"""
from tests.management.test_hosts import table
here = Browser("{one.url}").log_in()
template = here.got("/workbench/imports/templates/country.csv")[1]
page = here.uploaded("/workbench/imports/", "countries.csv", table(template), kind="country")
here.sent(page, "/columns/", do="check")
""", environment)  # fmt: skip
            pk, state, done_by, kind, error, _ = json.loads(run(environment, "-c", AWAIT))
            assert (kind, state) == ("import-check", "done"), error + (tmp_path / "other.work").read_text()
            assert was_done_by(done_by, worker)
            if other.prefix:
                assert done_by.startswith("other:")
        # What is asked for at the other is made at the one, and both give it out.
        with one.works(tmp_path / "one.work") as worker:
            browse(f"""
there = Browser("{other.url}").log_in()
there.sent("/workbench/exports/", "/exports/")
""", environment)  # fmt: skip
            export, state, done_by, kind, error, _ = json.loads(run(environment, "-c", AWAIT))
            assert export != pk
            assert state == "done", error + (tmp_path / "one.work").read_text()
            assert was_done_by(done_by, worker)
        said = browse(f"""
files = [Browser(url).log_in().got("/workbench/jobs/{export}/file/")[1] for url in ("{one.url}", "{other.url}")]
print(files[0] == files[1], len(files[0]) > 200, files[0][:2])
""", environment)  # fmt: skip
        assert said == "True True b'PK'\n"
    # Nobody needed the disk of another.
    assert not (Path(one.environment["TRACKER_VAR_DIR"]) / "broker").exists()


def table(template: bytes) -> bytes:
    """A file with one country under the columns of the template."""
    (header, *_) = csv.reader(io.StringIO(template.decode("utf-8-sig")))
    row = [{"code": "BB", "name": "Bravo"}.get(name.lower(), "") for name in header]
    into = io.StringIO()
    with contextlib.closing(into):
        csv.writer(into).writerows([header, row])
        return into.getvalue().encode()

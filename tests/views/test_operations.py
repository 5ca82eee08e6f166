"""What machines ask: is it ready, how is it; and what each request leaves in the log."""

import datetime
import json
import logging
import re

import pytest
import structlog
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.urls import path
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from tests.factories import UserFactory
from tracker import urls
from tracker.actions.jobs import JobKind, enqueue, run
from tracker.log_lines import without_personal_data

pytestmark = pytest.mark.django_db

PUBLIC = {"REMOTE_ADDR": "203.0.113.7"}


# Ready


def test_ready_says_so_cheaply_and_nobody_keeps_it(client, settings, django_assert_max_num_queries):
    settings.REDIS_URL = ""
    with django_assert_max_num_queries(3):
        response = client.get("/readyz")

    assert response.status_code == 200
    assert response.text == "ready\nworkers: none has worked yet, 0 jobs wait\n"
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


def test_ready_tells_when_a_worker_last_gave_a_sign_of_life(client, settings):
    settings.REDIS_URL = ""
    enqueue(kind="nothing", title="Nothing", by=None)
    job = enqueue(kind="nothing", title="Nothing", by=None)
    run(pk=job.pk, kinds={"nothing": JobKind("nothing", lambda running: None)})

    assert re.fullmatch(r"ready\nworkers: last sign of life \d s ago, 1 jobs wait\n", client.get("/readyz").text)


def test_database_that_lacks_a_migration_is_not_ready(client, settings):
    settings.REDIS_URL = ""
    MigrationRecorder(connection).migration_qs.filter(app="tracker", name="0013_background_work").delete()

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.text == "migrations: 1 not applied, the last is tracker.0013_background_work\n"


def test_database_that_is_away_is_not_ready_and_its_address_is_not_told(client, settings):
    settings.REDIS_URL = ""

    def away(*_):
        from django.db import OperationalError

        raise OperationalError("connection to server at db.example.org failed for user tracker")

    with connection.execute_wrapper(away):
        response = client.get("/readyz")

    assert response.status_code == 503
    assert response.text == "database: not reachable (OperationalError)\n"


def test_broker_that_is_away_is_not_ready_and_its_password_is_not_told(client, settings):
    settings.REDIS_URL = "redis://:s3cret@127.0.0.1:1/0"

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.text.startswith("broker: not reachable (ConnectionError)\n")
    assert "s3cret" not in response.text


# Metrics


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families), "a name that stands twice"
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


def test_metrics_count_answers_by_view_and_class_and_read_jobs_from_the_database(client):
    before = samples(client.get("/metrics").text)
    enqueue(kind="backup", title="Backup", by=None)
    client.get("/healthz")
    client.get("/nowhere/at/all/")

    after = samples(client.get("/metrics").text)

    def more(name: str, **labels: str) -> float:
        key = (name, tuple(sorted(labels.items())))
        return after[key] - before.get(key, 0)

    assert more("tracker_requests_total", view="alive", status="2xx") == 1
    assert more("tracker_requests_total", view="none", status="4xx") == 1
    assert more("tracker_request_seconds_count", view="alive") == 1
    assert after["tracker_jobs", (("kind", "backup"), ("state", "waiting"))] == 1
    assert 0 <= after["tracker_oldest_waiting_job_seconds", ()] < 60
    assert after["tracker_revision", ()] == 0
    assert after["tracker_past_files", ()] == 0
    assert after["process_resident_memory_bytes", ()] > 10**6


@pytest.mark.parametrize(
    ("asked_with", "status"),
    [
        ({}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        (PUBLIC, 403),
        # Behind a proxy on the same machine everybody comes from there.
        ({"HTTP_X_FORWARDED_FOR": "203.0.113.7"}, 403),
        ({"HTTP_X_REAL_IP": "127.0.0.1"}, 403),
        ({**PUBLIC, "HTTP_AUTHORIZATION": "Bearer let me in"}, 200),
        ({**PUBLIC, "HTTP_X_FORWARDED_FOR": "203.0.113.7", "HTTP_AUTHORIZATION": "Bearer let me in"}, 200),
        ({**PUBLIC, "HTTP_AUTHORIZATION": "Bearer let me in."}, 403),
        ({**PUBLIC, "HTTP_AUTHORIZATION": "Bearer "}, 403),
        ({**PUBLIC, "HTTP_AUTHORIZATION": "Bearer é"}, 403),
        ({"REMOTE_ADDR": ""}, 403),
    ],
)
def test_metrics_are_for_the_machine_itself_and_who_has_the_token(client, settings, asked_with, status):
    settings.METRICS_TOKEN = "let me in"

    assert client.get("/metrics", **asked_with).status_code == status


def test_no_token_lets_nobody_in(client, settings):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", **PUBLIC, HTTP_AUTHORIZATION="Bearer ").status_code == 403


# Lines of the log


class Lines(logging.Handler):
    """Every line as production writes it."""

    def __init__(self, settings) -> None:
        super().__init__()
        chain = settings.LOGGING["formatters"]["line"]["foreign_pre_chain"]
        self.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=chain,
                processors=[
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
                ],
            )
        )
        self.said: list[dict] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(json.loads(self.format(record)))

    def of(self, logger: str) -> list[dict]:
        return [line for line in self.said if line["logger"] == logger]


@pytest.fixture
def lines(settings):
    handler, root = Lines(settings), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


def test_request_has_a_line_with_its_name_and_no_query(client, lines):
    response = client.get("/technologies/?sort=name&q=private", headers={"X-Request-ID": "proxy-0123456789"})

    (line,) = lines.of("tracker.access")
    assert response["X-Request-ID"] == line["request_id"] == "proxy-0123456789"
    assert {name: line[name] for name in ("event", "level", "method", "path", "view", "status", "bytes")} == {
        "event": "request", "level": "info", "method": "GET", "path": "/technologies/", "view": "technologies",
        "status": response.status_code, "bytes": len(response.content),
    }  # fmt: skip
    assert line["ms"] > 0
    assert "private" not in json.dumps(lines.said)
    assert "user" not in line


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "a name with spaces", 'quoted"name"', "line\nbreak-123"])
def test_name_that_no_proxy_gives_is_replaced(client, given):
    name = client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"]

    assert re.fullmatch("[0-9a-f]{32}", name)


def test_who_is_logged_in_stands_in_the_line_by_number_only(lines):
    user = UserFactory(email="ada@example.org")
    client = Client()
    client.force_login(user)
    client.get("/workbench/")

    (line,) = lines.of("tracker.access")
    assert line["user"] == user.pk
    assert user.get_username() not in json.dumps(line)
    # The next request of this thread is somebody else's.
    Client().get("/healthz")
    Client().get("/robots.txt")
    assert "user" not in lines.of("tracker.access")[-1]


def test_probes_leave_no_line(client, lines):
    for address in ("/healthz", "/readyz", "/metrics"):
        client.get(address)

    assert lines.of("tracker.access") == []


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/invitation/let-me-in/", "/accounts/password/reset/1a/let-me-in/", "/report/let-me-in/",
        "/accounts/digest/off/let-me-in/",
    ],
)  # fmt: skip
def test_address_that_is_a_secret_is_not_written_down(client, lines, address):
    client.get(address)

    assert "let-me-in" not in json.dumps(lines.said)
    assert lines.of("tracker.access")[0]["path"].endswith(">/")


def test_exception_is_logged_once_with_the_name_of_its_request_and_without_personal_data(client, lines, settings):
    def breaks(request):
        raise ValueError("ada@example.org knows postgres://tracker:s3cret@db/tracker")

    class Broken:
        urlpatterns = [path("breaks/let-me-in/", breaks, name="breaks")]
        handler404 = urls.handler404

    settings.ROOT_URLCONF = Broken
    client.raise_request_exception = False
    response = client.get("/breaks/let-me-in/")

    assert response.status_code == 500
    (traced,) = [line for line in lines.said if "exception" in line]
    assert traced["event"] == "Internal Server Error"
    assert traced["request_id"] == response["X-Request-ID"]
    assert "ValueError: [address] knows postgres://tracker:[left out]@db/tracker" in traced["exception"]
    assert "s3cret" not in json.dumps(lines.said)
    assert [line["status"] for line in lines.of("tracker.access")] == [500]


def test_row_that_the_database_refuses_is_not_quoted():
    text = 'duplicate key\nDETAIL:  Key (email)=(ada) already exists.\nCONTEXT: row "ada"\nend'

    assert without_personal_data(None, "", {"event": text})["event"] == (
        "duplicate key\nDETAIL: [left out]\nCONTEXT: [left out]\nend"
    )


def test_statement_that_the_database_stumbles_over_is_not_quoted():
    text = (
        'Traceback\n  File "a.py", line 1: LINE 2: stays\npsycopg.errors.DataError: invalid input\n'
        "LINE 1: INSERT INTO account VALUES ('Ada', 'secret')\n                                    ^\nHINT:  none\n"
        "QUERY:  SELECT 'secret'\nend"
    )

    assert without_personal_data(None, "", {"exception": text})["exception"] == (
        'Traceback\n  File "a.py", line 1: LINE 2: stays\npsycopg.errors.DataError: invalid input\n'
        "LINE 1: [left out]\nHINT:  none\nQUERY: [left out]\nend"
    )


def test_lines_of_a_job_say_which_and_its_failure_once(lines):
    def fails(running):
        logging.getLogger("tracker.somewhere").warning("at work")
        raise ValueError("by chance")

    job = enqueue(kind="fails", title="Fails", by=None)
    run(pk=job.pk, kinds={"fails": JobKind("fails", fails)})
    logging.getLogger("tracker.somewhere").warning("afterwards")

    *during, after = lines.said
    assert [line["event"] for line in during if line["event"].startswith("job ")][::2] == ["job begins", "job over"]
    assert {(line["job"], line["job_kind"], line["attempt"]) for line in during} == {(job.pk, "fails", 1)}
    assert len([line for line in during if "exception" in line]) == 1
    assert "job" not in after


# What the hosts of a deployment share


@pytest.fixture
def shared(settings):
    """The cache of drawn figures as several hosts have it."""
    if not settings.REDIS_URL:
        pytest.skip("needs a Redis")
    from tracker.views.shared_cache import SharedCache

    cache = SharedCache(settings.REDIS_URL, {"KEY_PREFIX": "test-shared"})
    yield cache
    cache.clear()


def test_clearing_the_shared_cache_leaves_what_others_put_there(shared, settings):
    from redis import Redis

    with Redis.from_url(settings.REDIS_URL) as beside:
        beside.set("a message to a worker", "7", ex=60)
        shared.set("figure", b"<svg/>")
        assert shared.get("figure") == b"<svg/>"
        shared.clear()
        assert shared.get("figure") is None
        assert beside.get("a message to a worker") == b"7"


def test_shared_cache_that_is_away_is_an_empty_one(lines):
    from tracker.views.shared_cache import SharedCache

    away = SharedCache("redis://:s3cret@127.0.0.1:1/0", {"OPTIONS": {"socket_connect_timeout": 1}})
    away.set("figure", b"<svg/>")

    assert away.get("figure", b"none") == b"none"
    assert [line["event"] for line in lines.said] == [
        "the shared cache cannot be written: ConnectionError", "the shared cache cannot be read: ConnectionError",
    ]  # fmt: skip


def test_past_files_of_this_host_are_counted(client, settings):
    settings.PAST_DIR.mkdir()
    (settings.PAST_DIR / "one.sqlite3").write_bytes(b"12345")
    after = samples(client.get("/metrics").text)

    assert (after["tracker_past_files", ()], after["tracker_past_files_bytes", ()]) == (1, 5)


def test_age_of_a_job_that_may_not_begin_yet_is_not_counted(client):
    job = enqueue(kind="backup", title="Backup", by=None)
    job.made_at = timezone.now() - datetime.timedelta(hours=2)
    job.not_before = timezone.now() + datetime.timedelta(hours=1)
    job.save()
    assert samples(client.get("/metrics").text)["tracker_oldest_waiting_job_seconds", ()] == 0

    job.not_before = None
    job.save()
    assert 7200 <= samples(client.get("/metrics").text)["tracker_oldest_waiting_job_seconds", ()] < 7300

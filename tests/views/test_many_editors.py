"""Eight researchers at the same twenty records through a real server: nothing of anybody's is lost."""

import http.cookiejar
import json
import os
import random
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import html5lib

from tests.own_database import own_database, run, served

THREADS, RECORDS = 8, 20
# A minute where the suite decides what lands; elsewhere long enough to see the principle.
SECONDS = 30 if os.environ.get("CI") == "true" else 10
PASSWORD = "correct-horse-battery"

SETUP = f"""
import django
django.setup()
from django.contrib.auth.models import Group
from tracker.history.recording import recorded
from tracker.models import Act, Category, User
for n in range({THREADS}):
    user = User.objects.create_user(f"editor-{{n}}", password="{PASSWORD}", display_name=f"Editor {{n}}")
    user.groups.add(Group.objects.get_or_create(name="researcher")[0])
with recorded(by=None, by_name="Set-up", cause=Act.Cause.EDITION, note="Records", origin="test") as recording:
    from tracker.models import Country
    recording.bulk_create([Country(code=f"A{{chr(65 + n)}}", name=f"Country {{n}}") for n in range({RECORDS})])
"""
REPORT = """
import json
import django
django.setup()
from tracker.history.verification import verify
from tracker.models import Country, Revision
print(json.dumps({
    "findings": verify().findings,
    "notes": list(Country.objects.order_by("pk").values_list("note", flat=True)),
    "pks": list(Country.objects.order_by("pk").values_list("pk", flat=True)),
    "updates": Revision.objects.filter(kind="country", action="update").count(),
}))
"""


class Person:
    """A browser without a window: cookies, forms, and no redirect followed."""

    def __init__(self, address):
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None

        self.address = address
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar, Stay)

    def ask(self, path, fields=None):
        data = None if fields is None else urllib.parse.urlencode(list(fields)).encode()
        request = urllib.request.Request(self.address + path, data, {"Referer": self.address + path})  # noqa: S310
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()

    def form(self, path):
        """What the page's form would send as it stands."""
        status, page = self.ask(path)
        assert status == 200, (path, status, page[:2000])
        tree = html5lib.parse(page, namespaceHTMLElements=False)
        form = next(
            one for one in tree.iter("form") if one.get("method") == "post" and "logout" not in str(one.get("action"))
        )
        fields = []
        for field in form.iter():
            name = field.get("name")
            if not name or field.tag not in ("input", "textarea", "select"):
                continue
            if field.tag == "textarea":
                fields.append((name, (field.text or "").removeprefix("\n")))
            elif field.tag == "select":
                chosen = [one.get("value", "") for one in field.iter("option") if one.get("selected") is not None]
                fields += [(name, value) for value in chosen]
            elif field.get("type") not in ("checkbox", "radio") or field.get("checked") is not None:
                fields.append((name, field.get("value", "")))
        return fields

    def log_in(self, name):
        fields = dict(self.form("/login/")) | {"login": name, "password": PASSWORD}
        status, page = self.ask("/login/", fields.items())
        assert status == 302, page


def test_eight_people_at_twenty_records_lose_nothing(tmp_path, db, django_db_blocker):
    log = tmp_path / "server.log"
    saved: list[list[tuple[int, str]]] = [[] for _ in range(THREADS)]
    conflicts, broken = [0] * THREADS, []
    with own_database(tmp_path, django_db_blocker) as environment:
        run(environment, "-c", SETUP)
        pks = json.loads(run(environment, "-c", REPORT))["pks"]
        with served(environment, log, threads=THREADS) as address:
            until = None
            ready = threading.Barrier(THREADS)

            def edit(number):
                nonlocal until
                try:
                    person, chance = Person(address), random.Random(number)
                    person.log_in(f"editor-{number}")
                    ready.wait(120)
                    until = until or time.monotonic() + SECONDS
                    turn = 0
                    while time.monotonic() < until:
                        turn += 1
                        pk, word = chance.choice(pks), f"{number}.{turn}"
                        path = f"/records/country/{pk}/edit/"
                        while True:
                            fields = dict(person.form(path))
                            fields["main-note"] = f"{fields['main-note']} {word}".strip()
                            fields |= {"cause": "correction", "note": f"Word {word}"}
                            status, page = person.ask(path, fields.items())
                            if status == 302:
                                saved[number].append((pk, word))
                                break
                            assert status == 409, (status, page[:3000])
                            conflicts[number] += 1
                except Exception as error:  # noqa: BLE001  (a thread's failure is the test's)
                    broken.append(f"{number}: {error!r}")
                    ready.abort()

            threads = [threading.Thread(target=edit, args=(number,)) for number in range(THREADS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        found = json.loads(run(environment, "-c", REPORT))

    assert broken == []
    said = log.read_text()
    assert "locked" not in said
    assert not re.search(r"Internal Server Error|Traceback", said), said[-3000:]
    notes = dict(zip(found["pks"], found["notes"], strict=True))
    written = [pair for one in saved for pair in one]
    lost = [(pk, word) for pk, word in written if word not in notes[pk].split()]
    assert lost == []
    assert found["updates"] == len(written)
    assert found["findings"] == []
    # They were in each other's way: otherwise nothing was shown.
    assert sum(conflicts) > 0
    assert len(written) > 5 * THREADS
    print(f"{len(written)} saves in {SECONDS} s, {sum(conflicts)} conflicts, nothing lost")

"""A form that is sent several times at the same moment, through a real server."""

import json
import threading

from tests.own_database import own_database, run, served
from tests.views.test_many_editors import PASSWORD, Person

AT_ONCE = 6
SETUP = f"""
import django
django.setup()
from django.contrib.auth.models import Group
from tracker.models import User
user = User.objects.create_user("editor", password="{PASSWORD}", display_name="Editor")
user.groups.add(Group.objects.get_or_create(name="researcher")[0])
"""
REPORT = """
import json
import django
django.setup()
from tracker.models import Act, Source
print(json.dumps([list(Source.objects.values_list("slug", flat=True)), Act.objects.count()]))
"""


def test_a_form_sent_six_times_at_once_is_saved_once(tmp_path, db, django_db_blocker):
    answers = []
    with own_database(tmp_path, django_db_blocker) as environment:
        run(environment, "-c", SETUP)
        with served(environment, tmp_path / "server.log", threads=AT_ONCE) as address:
            person, ready = Person(address), threading.Barrier(AT_ONCE)
            person.log_in("editor")
            fields = dict(person.form("/records/source/new/"))
            fields |= {"main-title": "A report", "main-publisher": "An institute", "main-kind": "primary"}
            fields |= {"main-reuse": "fact", "main-date": "2026", "cause": "correction", "note": "It is new."}

            def send():
                ready.wait(60)
                answers.append(person.ask("/records/source/new/", fields.items()))

            threads = [threading.Thread(target=send) for _ in range(AT_ONCE)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        slugs, acts = json.loads(run(environment, "-c", REPORT))

    assert [status for status, _ in answers] == [302] * AT_ONCE, [page[:1500] for _, page in answers]
    assert slugs == ["an-institute-a-report-2026"]
    assert acts == 1

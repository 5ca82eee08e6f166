"""Imports through their pages: the whole path, what stops it, who may what, how much is asked of the database."""

import csv
import io
import re

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver
from django.utils import timezone

from tests.factories import UserFactory
from tracker.actions import jobs
from tracker.actions.imports import approve, withdraw
from tracker.actions.job_kinds import KINDS as JOB_KINDS
from tracker.actions.records import Draft, save
from tracker.actions.reverts import revert_act
from tracker.forms import imports as forms
from tracker.history.kinds import KINDS, by_topic
from tracker.history.recording import recorded
from tracker.history.sheets import columns, filled
from tracker.ingest.sheet_file import Workbook
from tracker.models import (
    Act,
    BulkImport,
    Citation,
    Country,
    Edition,
    FileChunk,
    Job,
    Score,
    Series,
    Source,
    StagedRow,
    StoredFile,
    Technology,
    Window,
)
from tracker.pages import imports as pages
from tracker.views.imports import NO_LONGER_KEPT

# The pages; what an import does is tried by tests/actions/test_imports.py.
pytestmark = pytest.mark.seed

HEADER = "Country,Year,Articles,Kind"
GOOD = f"{HEADER}\nCN,2003,10,country\nUS,2003,20,country\nWorld,2003,99,aggregate\n"
SETTINGS = {
    "from-technology": "=", "text-technology": "machine-learning",
    "from-country": "{Country}",
    "from-window": "=", "text-window": "counts-2023/{Year}/{Year}",
    "from-publications": "{Articles}",
    "from-basis": "=", "text-basis": "stated",
    "from-sources": "=", "text-sources": "count-table",
    "without-0-column": "Kind", "without-0-how": "is", "without-0-value": "aggregate",
}  # fmt: skip


def person(role, name):
    user = UserFactory(display_name=name)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


@pytest.fixture
def ada(client):
    user = person("researcher", "Ada Lovelace")
    client.force_login(user)
    return user


@pytest.fixture
def grace():
    return person("editor", "Grace Hopper")


@pytest.fixture
def edition(ada):
    """A series of counts with two single years, as the forms make them."""
    made = save(
        by=ada, cause=Act.Cause.EDITION, note="A new series.",
        drafts=[
            Draft("source", Source, {"slug": "count-table", "title": "A table of counts", "publisher": "An office",
                                     "date": "2023", "kind": "primary", "reuse": "fact"}),
            Draft("series", Series, {"slug": "counts", "name": "Counts", "publisher": "An office",
                                     "level": "technology", "indicator": "Articles", "unit": "articles"}),
        ],
    ).records  # fmt: skip
    cited = {"source": made["source"]}
    edition = save(
        by=ada, cause=Act.Cause.EDITION, note="Its first edition.",
        drafts=[
            Draft("cited", Citation, cited, of=made["series"]),
            Draft("edition", Edition, {"slug": "counts-2023", "name": "Counts 2023", "series": made["series"],
                                       "released": "2023"}),
            Draft("of-edition", Citation, cited, of="edition"),
        ],
    ).records["edition"]  # fmt: skip
    years = [
        Draft(f"window-{year}", Window, {"edition": edition, "first_year": year, "last_year": year, "kind": "single year"})
        for year in (2003, 2004)
    ]  # fmt: skip
    of_years = [Draft(f"of-{one.ref}", Citation, cited, of=one.ref) for one in years]
    save(by=ada, cause=Act.Cause.EDITION, note="Its years.", drafts=[*years, *of_years])
    return edition


def send(client, text, kind="score", name="counts.csv"):
    """Uploads a file; gives the import."""
    content = text if isinstance(text, bytes) else text.encode()
    response = client.post("/workbench/imports/", {"kind": kind, "file": SimpleUploadedFile(name, content)})
    assert response.status_code == 303, words(response)
    return BulkImport.objects.get(pk=int(re.search(r"/(\d+)/", response["Location"])[1]))


def words(response):
    """What a page says, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def work():
    """What a worker would do: every job that waits."""
    for pk in list(Job.objects.filter(state=Job.State.WAITING).values_list("pk", flat=True)):
        jobs.run(pk=pk, kinds=JOB_KINDS)


def checked(client, text=GOOD, **settings):
    """An import whose rows are checked."""
    one = send(client, text)
    response = client.post(f"{one.get_absolute_url()}columns/", {**SETTINGS, **settings})
    assert response.status_code == 303, words(response)
    work()
    one.refresh_from_db()
    return one


def submitted(client, text=GOOD, **why):
    one = checked(client, text)
    response = client.post(f"{one.get_absolute_url()}submit/", {"cause": "edition", "note": "The new table.", **why})
    assert response.status_code == 303, words(response)
    one.refresh_from_db()
    return one


def test_a_researcher_imports_and_an_editor_approves(client, ada, grace, edition):
    one = send(client, GOOD)
    page = one.get_absolute_url()
    shown = words(client.get(page))
    assert "CSV in UTF-8, cells separated by commas" in shown
    assert "World 2003 99 aggregate" in shown
    # What a name tells is matched; what is needed is not guessed.
    assert one.columns == {"country": "{Country}", "publications": "{Articles}"}

    response = client.post(f"{page}columns/", SETTINGS)
    assert response["Location"] == page
    assert "Its rows are being checked" in words(client.get(page))
    work()

    shown = words(client.get(page))
    assert "3 rows checked. Nothing has been written yet." in shown
    assert re.search(r"2 New 1 Left out", shown)
    assert "China" in shown
    assert "Counts 2023, 2003" in shown
    assert not Score.objects.filter(window__edition=edition).exists()

    client.post(f"{page}submit/", {"cause": "edition", "note": "The new table."})
    assert "You have sent it: it waits for an editor." in words(client.get(page))

    client.force_login(grace)
    assert "1 waits for an editor" in words(client.get("/workbench/imports/"))
    assert "waits for your decision" in words(client.get("/workbench/"))
    shown = client.get(page)
    assert "Approve: write 2 records" in words(shown)
    seen = re.search(r'name="seen" value="([^"]+)"', shown.content.decode())[1]
    client.post(f"{page}decide/", {"do": "approve", "seen": seen})
    assert "it is being written" in words(client.get(page))
    work()

    one.refresh_from_db()
    shown = client.get(page).content.decode()
    assert f'href="/history/acts/{one.act_id}/revert/"' in shown
    assert 'href="/editions/counts-2023/"' in shown
    assert "approved by Grace Hopper: 2 new" in words(client.get(page))
    scores = Score.objects.filter(window__edition=edition).order_by("publications")
    assert [(score.country.code, score.publications) for score in scores] == [("CN", 10), ("US", 20)]
    assert (one.act.by, one.act.note, one.act.revisions.filter(kind="score").count()) == (ada, "The new table.", 2)
    client.force_login(ada)
    assert "written yours · scores · 2 new, 1 left out" in words(client.get("/workbench/"))


def test_an_editor_writes_at_once(client, grace, edition):
    client.force_login(grace)
    one = checked(client)

    client.post(f"{one.get_absolute_url()}submit/", {"cause": "edition", "note": "A table.", "do": "write"})
    work()

    one.refresh_from_db()
    assert (one.state, one.by, one.decided_by) == (BulkImport.State.APPLIED, grace, grace)
    assert Score.objects.filter(window__edition=edition).count() == 2


def test_a_researcher_cannot_write_at_once(client, ada, edition):
    one = checked(client)

    response = client.post(
        f"{one.get_absolute_url()}submit/", {"cause": "edition", "note": "A table.", "do": "write"}
    )

    one.refresh_from_db()
    assert (response.status_code, one.state) == (403, BulkImport.State.CHECKED)


def test_what_changes_is_shown_field_by_field_and_what_does_not_is_counted(client, ada, grace, edition):
    submitted(client)
    approve(one=BulkImport.objects.get(), by=grace)
    work()

    one = checked(client, f"{HEADER}\nCN,2003,1234567,country\nUS,2003,20,country\n")

    shown = client.get(f"{one.get_absolute_url()}?what=update")
    assert re.search(r"1 Changed 1 Unchanged", words(shown))
    assert "China in Machine learning (Counts 2023, 2003) Publications 10 1 234 567" in words(shown)
    score = Score.objects.get(window__edition=edition, country__code="CN")
    assert f'href="/records/score/{score.pk}/history/"' in shown.content.decode()
    same = words(client.get(f"{one.get_absolute_url()}?what=same"))
    assert "United States in Machine learning (Counts 2023, 2003)" in same


def test_mistakes_are_listed_and_can_be_taken_home(client, ada, edition):
    one = checked(
        client, f"{HEADER}\nCN,2003,many,country\nXX,2003,20,country\nUS,1999,5,country\nDE,2003,7,country\n"
    )
    page = one.get_absolute_url()

    shown = words(client.get(page))
    assert "3 With errors" in shown
    assert re.search(r" 2 (?:\S+ · )*.{0,60}Articles many ", shown)
    assert re.search(r" 3 .{0,60}Country XX There is no country “XX”", shown)
    taken = client.get(f"{page}errors/")
    assert taken["Content-Disposition"] == 'attachment; filename="counts, what is wrong.csv"'
    rows = list(csv.reader(io.StringIO(b"".join(taken.streaming_content).decode("utf-8-sig"))))
    assert rows[0] == ["Country", "Year", "Articles", "Kind", "What is wrong"]
    assert [bool(row[4]) for row in rows[1:]] == [True, True, True, False]

    # Nothing is written unless somebody says that the good rows are enough.
    refused = client.post(f"{page}submit/", {"cause": "edition", "note": "The new table."})
    assert refused.status_code == 422
    assert "3 rows have errors" in words(refused)
    assert "The new table." in words(refused)
    client.post(f"{page}submit/", {"cause": "edition", "note": "The new table.", "good_only": "1"})
    one.refresh_from_db()
    assert (one.state, one.good_only) == (BulkImport.State.WAITING, True)


def test_where_every_row_is_wrong_there_is_nothing_to_submit(client, ada, edition):
    one = checked(client, f"{HEADER}\nXX,2003,20,country\n")

    shown = words(client.get(one.get_absolute_url()))
    assert "No row would change anything: put the errors right in your file" in shown
    response = client.post(
        f"{one.get_absolute_url()}submit/", {"cause": "edition", "note": "A table.", "good_only": "1"}
    )
    assert response.status_code == 422
    assert "There is nothing to write" in words(response)


def test_a_rejected_import_says_why_and_can_be_corrected(client, ada, grace, edition):
    one = submitted(client)
    page = one.get_absolute_url()
    client.force_login(grace)
    empty = client.post(f"{page}decide/", {"do": "reject", "reason": " "})
    assert empty.status_code == 422
    assert "Say why it is rejected" in words(empty)
    client.post(f"{page}decide/", {"do": "reject", "reason": "These are whole counts: say so in the note."})

    client.force_login(ada)
    assert "Grace Hopper: These are whole counts" in words(client.get("/workbench/"))
    assert "Grace Hopper rejected it" in words(client.get(page))
    again = client.post(f"{page}again/")
    assert again["Location"] == f"{page}#columns"
    client.post(f"{page}columns/", SETTINGS)
    work()
    client.post(f"{page}submit/", {"cause": "edition", "note": "Whole counts."})

    one.refresh_from_db()
    assert (one.state, one.note) == (BulkImport.State.WAITING, "Whole counts.")


def test_clicks_that_come_too_late_are_told_so(client, ada, grace, edition):
    one = submitted(client)
    page = one.get_absolute_url()
    seen = one.checked_at.isoformat()

    def told(door, **data):
        response = client.post(f"{page}{door}/", data)
        assert (response.status_code, response["Location"]) == (303, page)
        return words(client.get(page))

    assert "cannot be submitted" in told("submit", cause="edition", note="Twice.")
    assert "its file and columns cannot be changed" in told("columns", **SETTINGS)
    withdraw(one=one, by=ada)
    client.force_login(grace)
    assert "there is nothing to decide" in told("decide", do="approve", seen=seen)
    assert "there is nothing to decide" in told("decide", do="reject", reason="No.")
    client.force_login(ada)
    assert "cannot be done now" in told("withdraw")
    client.post(f"{page}again/")
    assert "cannot be done now" in told("again")


def test_what_is_approved_is_what_was_seen(client, ada, grace, edition):
    one = submitted(client)
    page, seen = one.get_absolute_url(), one.checked_at.isoformat()
    client.post(f"{page}withdraw/")
    client.post(f"{page}again/")
    client.post(f"{page}columns/", {**SETTINGS, "from-country": "", "from-bloc": "=", "text-bloc": "eu"})
    work()
    client.post(f"{page}submit/", {"cause": "edition", "note": "Another.", "good_only": "1"})

    client.force_login(grace)
    client.post(f"{page}decide/", {"do": "approve", "seen": seen})

    assert "checked anew since you looked" in words(client.get(page))
    assert not Job.objects.filter(kind="import-write").exists()


def test_what_cannot_be_written_any_more_says_why_and_is_checked_anew(client, ada, grace, edition):
    submitted(client)
    approve(one=BulkImport.objects.get(), by=grace)
    work()
    one = submitted(client, f"{HEADER}\nCN,2003,11,country\n")
    approve(one=BulkImport.objects.get(pk=one.pk), by=grace)
    score = Score.objects.get(window__edition=edition, country__code="CN")
    with recorded(score, by=grace, cause=Act.Cause.CORRECTION, note="Counted again.", origin="web"):
        score.publications = 12
        score.save()
    work()

    shown = words(client.get(one.get_absolute_url()))
    assert "It could not be written. Records were changed by somebody else since the check" in shown
    assert client.post(f"{one.get_absolute_url()}check/").status_code == 303
    work()
    assert "Publications 12 11" in words(client.get(one.get_absolute_url()))


def test_a_check_that_was_stopped_can_be_asked_for_again(client, ada, edition):
    one = send(client, GOOD)
    client.post(f"{one.get_absolute_url()}columns/", SETTINGS)
    jobs.cancel(job=Job.objects.get(), by=ada)

    assert "Check of counts.csv was stopped. Nothing was written." in words(client.get(one.get_absolute_url()))
    client.post(f"{one.get_absolute_url()}columns/", SETTINGS)
    work()
    assert "3 rows checked." in words(client.get(one.get_absolute_url()))


def test_colleagues_look_and_only_the_owner_changes(client, ada, edition):
    one = send(client, GOOD)
    client.force_login(person("researcher", "Mary Jackson"))

    shown = client.get(one.get_absolute_url())
    assert "Ada Lovelace is setting this import up: only they can change it." in words(shown)
    assert "Check the rows" not in words(shown)
    for door in ("file", "columns", "check", "submit", "withdraw", "again"):
        response = client.post(f"{one.get_absolute_url()}{door}/", SETTINGS)
        assert (response.status_code, response["Location"]) == (303, one.get_absolute_url())
        assert "This import is Ada Lovelace’s: only they can change it." in words(client.get(response["Location"]))
    before = BulkImport.objects.values().get()
    assert (before["state"], before["columns"]) == (one.state, one.columns)
    assert client.post(f"{one.get_absolute_url()}decide/", {"do": "approve"}).status_code == 403


# Setting up


def test_what_is_missing_is_said_and_what_was_chosen_stays(client, ada, edition):
    one = send(client, GOOD)
    chosen = {**SETTINGS, "from-technology": "", "text-window": "counts-2023/{year}/{Year}", "text-basis": ""}

    response = client.post(f"{one.get_absolute_url()}columns/", chosen)

    assert response.status_code == 422
    shown = words(response)
    assert "The file has no column “year”." in shown
    assert "Write what stands in this column" in shown
    page = response.content.decode()
    assert 'value="counts-2023/{year}/{Year}"' in page
    assert 'value="count-table"' in page
    one.refresh_from_db()
    assert (one.state, "window" in one.columns) == (BulkImport.State.DRAFT, False)

    # The same words with the braces put right: what the record needs and nothing fills is asked for.
    response = client.post(f"{one.get_absolute_url()}columns/", {**SETTINGS, "from-technology": ""})
    assert response.status_code == 422
    assert "Technology: A new record must have it" in words(response)


def test_how_a_file_is_read_can_be_said_otherwise(client, ada, edition):
    text = "Counts of an office\n\nCountry;Year;Articles;Kind\nCN;2003;10;country\n"
    one = send(client, text.encode("utf-16"), kind="")
    page = one.get_absolute_url()
    assert "not said yet" in words(client.get(page))
    assert one.reading["header"] == 3

    asked = client.post(f"{page}file/", {"separator": ";", "encoding": "utf-16-le", "decimal": ".", "header": "3"})
    assert asked.status_code == 422
    assert "Choose what the rows of the file are." in words(asked)

    read = {"kind": "score", "separator": ",", "encoding": "utf-16-le", "decimal": ",", "header": "3"}
    shown = client.post(f"{page}file/", read)
    assert "Country;Year;Articles;Kind" in words(shown)
    assert "decimals after a comma" in words(shown)
    shown = client.post(f"{page}file/", {**read, "separator": ";"})
    fields = dict(re.findall(r'<input type="hidden" name="(kind|reading)" value="([^"]*)"', shown.content.decode()))
    assert fields["kind"] == "score"

    # How it is read is kept with the columns.
    sent = {**SETTINGS, "kind": "score", "reading": fields["reading"].replace("&quot;", '"')}
    assert client.post(f"{page}columns/", sent).status_code == 303
    work()
    one.refresh_from_db()
    assert (one.kind, one.reading["decimal"], one.created) == ("score", ",", 1)


def test_a_workbook_is_imported_as_text_is(client, ada, edition):
    into = io.BytesIO()
    with Workbook(into) as book:
        book.sheet("About", ("Text",), [("Counts",)])
        book.sheet("Data", ("Country", "Year", "Articles", "Kind"), [("CN", "2003", "10", "country")])
    one = send(client, into.getvalue(), name="counts.xlsx")
    page = one.get_absolute_url()
    assert "XLSX, sheet “About”" in words(client.get(page))

    read = {"kind": "score", "sheet": "Data", "decimal": ".", "header": "1"}
    shown = client.post(f"{page}file/", read).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(kind|reading)" value="([^"]*)"', shown))
    client.post(f"{page}columns/", {**SETTINGS, "reading": fields["reading"].replace("&quot;", '"')})
    work()

    one.refresh_from_db()
    assert (one.reading["sheet"], one.created) == ("Data", 1)


def test_a_pasted_table_is_a_file(client, ada, edition):
    pasted = "Country\tYear\tArticles\tKind\r\nCN\t2003\t10\tcountry\r\n"

    response = client.post("/workbench/imports/", {"kind": "score", "pasted": pasted})

    one = BulkImport.objects.get()
    assert response["Location"] == one.get_absolute_url()
    assert (one.file.name, one.reading["separator"]) == ("pasted.csv", "\t")
    original = client.get(f"{one.get_absolute_url()}original/")
    assert b"".join(original.streaming_content).decode() == pasted


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose a file, or paste a table below."),
        ({"file": ("a.csv", b"a\n1"), "pasted": "a\n1"}, "which of the two is meant?"),
        ({"file": ("a.xls", b"\xd0\xcf\x11\xe0")}, "the old format of Excel"),
        ({"file": ("a.pdf", b"%PDF")}, "neither CSV nor XLSX"),
        ({"file": ("a.csv", b"")}, "“a.csv” is empty."),
        ({"file": ("a.xlsx", b"PK\x03\x04 broken")}, "The file is a damaged workbook"),
        ({"pasted": "Name,Name\n1,2\n"}, "give each its own name"),
        ({"pasted": "a\0b\n1"}, "Null characters are not allowed"),
        ({"pasted": "x" * (forms.MOST_PASTED + 1)}, "more than 5 MB of text"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_in_words(client, ada, sent, said):
    if "file" in sent:
        sent = {**sent, "file": SimpleUploadedFile(*sent["file"])}

    response = client.post("/workbench/imports/", {"kind": "score", **sent})

    assert response.status_code == 422
    assert said in words(response)
    # What was chosen stays; nothing of what was sent is kept.
    assert '<option value="score" selected>' in response.content.decode()
    assert not StoredFile.objects.exists()
    assert not BulkImport.objects.exists()


def book_of(*sheets):
    into = io.BytesIO()
    with Workbook(into) as book:
        for name, rows in sheets:
            book.sheet(name, rows[0] if rows else (), rows[1:])
    return into.getvalue()


COLUMNS = ("Country", "Year", "Articles", "Kind")
# Names that no kind of record has.
NAMES = "Land,Jahr,Artikel,Art"


@pytest.mark.parametrize(
    ("name", "content", "why", "said", "reading"),
    [
        ("a.csv", f"{HEADER}\nКитайская Народная Республика,2003,10,country\n".encode("windows-1251"),
         "an encoding that cannot be told for certain", {"encoding": "windows-1251"}, ("encoding", "windows-1251")),
        ("a.csv", f"{HEADER}\n中华人民共和国科学技术部,2003,10,country\n".encode("gb18030"),
         "an encoding that cannot be told for certain", {"encoding": "gb18030"}, ("encoding", "gb18030")),
        ("a.xlsx", book_of(("About", ()), ("Data", (COLUMNS, ("CN", "2003", "10", "country")))),
         "The sheet “About” is empty. Choose another one: Data.", {"sheet": "Data"}, ("sheet", "Data")),
        ("a.csv", f"Counts,Counts,2003,2003\n{NAMES}\nCN,2003,10,country\n".encode(),
         "give each its own name", {"header": "2"}, ("header", 2)),
    ],
    ids=["windows-1251", "gb18030", "empty first sheet", "header in line 2"],
)  # fmt: skip
def test_what_cannot_be_read_as_it_is_found_is_read_as_one_says(client, ada, name, content, why, said, reading):
    refused = client.post("/workbench/imports/", {"kind": "score", "file": SimpleUploadedFile(name, content)})

    shown = refused.content.decode()
    assert refused.status_code == 422
    assert why in words(refused)
    assert f"“{name}” is kept for an hour" in words(refused)
    assert re.search(r"<details[^>]* open><summary>Read it otherwise", shown)
    (field,) = said
    assert f'name="{field}"' in shown
    if field == "sheet":
        assert re.findall(r'<option value="(About|Data)"', shown) == ["About", "Data"]
    # The file is not sent again.
    taken = client.post("/workbench/imports/", {"kind": "score", "kept": token(refused), **said})
    assert taken.status_code == 303, words(taken)
    one = BulkImport.objects.get()
    assert one.reading[reading[0]] == reading[1]
    assert tuple(one.look["header"]) in (COLUMNS, tuple(NAMES.split(",")))
    assert (one.file.expires, StoredFile.objects.count()) == (None, 1)
    assert b"".join(client.get(f"{one.get_absolute_url()}original/").streaming_content) == content


def token(response):
    return re.search(r'<input type="hidden" name="kept" value="([^"]+)"', response.content.decode())[1]


def refused_upload(client):
    """The answer to a file whose header cannot be used."""
    return client.post("/workbench/imports/", {"file": SimpleUploadedFile("twice.csv", b"A,A\nB,C\n1,2\n")})


def test_said_wrongly_once_more_it_is_asked_again_and_kept_once(client, ada):
    first = refused_upload(client)

    again = client.post("/workbench/imports/", {"kept": token(first), "header": "9"})
    assert again.status_code == 422
    assert "Line 9: There is no header line here." in words(again)
    assert 'name="header" value="9"' in again.content.decode()
    assert StoredFile.objects.count() == 1

    assert client.post("/workbench/imports/", {"kept": token(again), "header": "2"}).status_code == 303


def test_a_file_that_is_sent_counts_more_than_the_one_that_is_kept(client, ada):
    first = refused_upload(client)

    one = client.post(
        "/workbench/imports/", {"kept": token(first), "file": SimpleUploadedFile("new.csv", b"D,E\n1,2\n")}
    )

    assert one.status_code == 303
    assert BulkImport.objects.get().file.name == "new.csv"


def test_what_is_kept_is_its_owners_and_not_for_long(client, ada):
    kept = token(refused_upload(client))
    client.force_login(person("researcher", "Mary Somerville"))
    assert "Choose a file" in words(client.post("/workbench/imports/", {"kept": kept, "header": "2"}))

    client.force_login(ada)
    assert "Choose a file" in words(client.post("/workbench/imports/", {"kept": f"{kept}x", "header": "2"}))
    StoredFile.objects.update(expires=timezone.now())
    assert "Choose a file" in words(client.post("/workbench/imports/", {"kept": kept, "header": "2"}))
    assert not BulkImport.objects.exists()


def test_a_pasted_table_can_be_read_otherwise_too(client, ada):
    pasted = "Counts;Counts\nCountry;Year\nCN;2003\n"
    refused = client.post("/workbench/imports/", {"pasted": pasted})
    assert (refused.status_code, StoredFile.objects.count()) == (422, 0)
    assert "Counts;Counts" in words(refused)

    client.post("/workbench/imports/", {"pasted": pasted, "header": "2", "encoding": "gb18030"})

    one = BulkImport.objects.get()
    assert (one.look["header"], one.reading["encoding"]) == (["Country", "Year"], "utf-8")


def test_characters_that_no_database_takes_are_errors_of_their_rows(client, ada, edition):
    rows = (COLUMNS, ("CN", "2003", "1\x000", "country"), ("US", "2003", "20", "country"))
    one = send(client, book_of(("Data", rows)), name="null.xlsx")
    page = one.get_absolute_url()
    assert "cell C2 holds a character that is none" in words(client.get(page))

    client.post(f"{page}columns/", SETTINGS)
    work()

    one.refresh_from_db()
    assert (one.created, one.wrong) == (1, 1)
    header = client.post(
        "/workbench/imports/",
        {"file": SimpleUploadedFile("null.xlsx", book_of(("Data", (("Na\0me", "Year"), ("a", "1")))))},
    )
    assert header.status_code == 422
    assert "holds a character that is none" in words(header)


@pytest.mark.parametrize(
    "sent", ["[" * 100_000, "[]", "no JSON", '{"format": "csv", "decimal": []}', "{}", "1" * 9999]
)
def test_how_a_file_is_read_that_arrives_damaged_is_said(client, ada, edition, sent):
    one = send(client, GOOD)

    response = client.post(f"{one.get_absolute_url()}columns/", {**SETTINGS, "reading": sent})

    assert response.status_code == 422
    assert "did not arrive as it was shown" in words(response)
    assert 'value="machine-learning"' in response.content.decode()


def test_all_that_is_written_of_a_citation_is_shown_before(client, ada, edition):
    said = {"page": "7", "passage": "China: 10", "reliability": "A", "credibility": "2"}
    cited = {f"text-source_{name}": words for name, words in said.items()} | {
        f"from-source_{name}": "=" for name in said
    }
    one = checked(client, **cited)

    shown = words(client.get(f"{one.get_absolute_url()}?what=create"))

    assert "A table of counts (An office, 2023), p. 7, “China: 10”, reliability A, credibility 2" in shown


def test_a_file_beyond_the_limit_is_refused(client, ada, monkeypatch):
    monkeypatch.setattr(forms, "MAX_BYTES", 1000)
    response = client.post("/workbench/imports/", {"file": SimpleUploadedFile("a.csv", b"a\n" * 600)})

    assert response.status_code == 422
    assert "“a.csv” has 1 kB; at most 100 MB can be taken." in words(response)


def test_a_table_too_long_to_be_pasted_is_answered_in_words(client, ada, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    response = client.post("/workbench/imports/", {"kind": "score", "pasted": "x" * 2000})

    assert response.status_code == 413
    assert "At most 5 MB of text can be pasted." in words(response)


def test_a_file_that_is_not_kept_any_more_is_said(client, ada, edition):
    one = checked(client, f"{HEADER}\nXX,2003,20,country\n")
    FileChunk.objects.all().delete()

    for door in ("original", "errors"):
        response = client.get(f"{one.get_absolute_url()}{door}/")
        assert (response.status_code, response["Location"]) == (303, one.get_absolute_url())
        assert NO_LONGER_KEPT in words(client.get(one.get_absolute_url()))


# How much is asked, and what nobody finds


def test_pages_ask_few_queries(client, ada, grace, edition, django_assert_max_num_queries):
    for _ in range(3):
        submitted(client)
    one = BulkImport.objects.first()
    for user in (ada, grace):
        client.force_login(user)
        with django_assert_max_num_queries(8):
            assert client.get("/workbench/imports/?whose=all").status_code == 200
        with django_assert_max_num_queries(12):
            assert client.get(f"{one.get_absolute_url()}?what=create").status_code == 200
    approve(one=one, by=grace)
    work()
    with django_assert_max_num_queries(12):
        assert client.get(one.get_absolute_url()).status_code == 200


def test_long_results_are_paged(client, ada, edition):
    countries = list(Country.objects.order_by("code").values_list("code", flat=True)[:120])
    one = checked(client, f"{HEADER}\n" + "".join(f"{code},2003,{n},country\n" for n, code in enumerate(countries)))

    assert "Rows 1–50 of 120 · page 1 of 3" in words(client.get(one.get_absolute_url()))
    last = words(client.get(f"{one.get_absolute_url()}?what=create&page=3"))
    assert "Rows 101–120 of 120" in last
    for query in ("what=nonsense", "what=create&page=4", "page=0", "page=x"):
        assert client.get(f"{one.get_absolute_url()}?{query}").status_code == 404


@pytest.mark.parametrize("address", ["/workbench/imports/?page=2", "/workbench/imports/?whose=her", "/workbench/imports/?page=x",
                                     "/workbench/imports/999/"])  # fmt: skip
def test_what_is_not_there_is_said(client, ada, address):
    assert client.get(address).status_code == 404


def test_every_kind_of_record_can_be_chosen_once():
    named = [kind.name for _, kinds in by_topic() for kind in kinds if kind.about]

    assert sorted(named) == sorted(KINDS)
    assert len(named) == len(set(named))


def test_every_column_of_every_kind_has_its_place_on_the_screen(client, ada):
    for name in KINDS:
        one = send(client, "id\n1\n", kind=name)
        shown = client.get(one.get_absolute_url()).content.decode()
        for column in columns(name):
            assert shown.count(f'name="from-{column.name}"') == 1, (name, column.name)


def test_each_door_is_closed_to_answers_kept_by_others(client, ada, grace, edition):
    one = checked(client)
    client.force_login(grace)
    doors = [
        pattern
        for pattern in get_resolver().url_patterns
        if str(pattern.pattern).startswith("workbench/imports/<int:pk>/")
    ]
    assert len(doors) > 8
    for pattern in doors:
        address = "/" + str(pattern.pattern).replace("<int:pk>", str(one.pk))
        response = client.get(address)
        if response.streaming:
            list(response)
        assert "no-store" in response["Cache-Control"], address


def test_states_are_said_in_words():
    kind = KINDS["score"]
    state = {
        "id": 5, "country": {"id": 0, "key": "CN"}, "share": "65.500000", "share_decimals": 1, "share_bound": "about",
        "rank_from": 1, "note": "", "publications": 12345,
    }  # fmt: skip
    names = pages.Names.__new__(pages.Names)
    names._kind, names._labels = kind, {}
    names._fields = {field.name: field for field in kind.model._meta.concrete_fields}
    names._decimals = {number.value: number.decimals for number in kind.numbers}

    said = {column: names.words(column, state) for column in state}

    assert (said["country"], said["share"], said["share_bound"]) == ("CN", "65.5", "about")
    assert (said["rank_from"], said["note"], said["publications"]) == ("1", "", "12\u202f345")


def test_an_example_is_what_the_check_makes_of_the_row(client, ada, edition):
    one = send(client, GOOD)
    client.post(f"{one.get_absolute_url()}columns/", {**SETTINGS, "do": "keep"})

    shown = words(client.get(one.get_absolute_url()))

    assert "First row: counts-2023/2003/2003" in shown
    assert filled(SETTINGS["text-window"], {"Year": "2003"}) == "counts-2023/2003/2003"
    assert "Every column of the file is used." not in shown
    assert "Not used of the file: Kind" in shown


def test_rows_of_a_kind_with_names_show_them(client, ada, edition):
    one = send(client, "Name,Level,Definition\nA new thing,field,What it is.\n", kind="technology")
    client.post(
        f"{one.get_absolute_url()}columns/",
        {"from-name": "{Name}", "from-level": "{Level}", "from-definition": "{Definition}", "from-sources": "=",
         "text-sources": "count-table"},
    )  # fmt: skip
    work()

    shown = words(client.get(one.get_absolute_url()))

    assert re.search(r"1 New", shown), shown
    assert "A new thing" in shown
    assert "A table of counts" in shown
    assert StagedRow.objects.get().name == "a-new-thing"
    assert not Technology.objects.filter(slug="a-new-thing").exists()


# What became of it, and words


def reverted(act, by):
    return revert_act(act=act, by=by, note="Too early.")


def test_an_import_that_was_reverted_says_so_and_offers_it_no_more(client, ada, grace, edition):
    one = submitted(client)
    approve(one=one, by=grace)
    work()
    one.refresh_from_db()
    page, door = one.get_absolute_url(), f"/history/acts/{one.act_id}/revert/"
    assert door in client.get(page).content.decode()

    back = reverted(one.act, grace)

    shown = client.get(page)
    assert "Reverted by Grace Hopper on" in words(shown)
    assert f'<a href="/history/acts/{back.pk}/">act {back.pk}</a>' in shown.content.decode()
    assert door not in shown.content.decode()
    assert "It stands on" not in words(shown)
    assert "written, then reverted by Grace Hopper" in words(client.get("/workbench/imports/"))
    assert "written, then reverted" in words(client.get("/workbench/"))

    # Taken back itself, it counts no more; and once more, it does.
    again = reverted(back, grace)
    assert "written by Grace Hopper" in words(client.get("/workbench/imports/"))
    assert door in client.get(page).content.decode()
    reverted(again, grace)
    assert "Reverted by Grace Hopper" in words(client.get(page))


def test_a_part_that_was_reverted_is_not_the_whole(client, ada, grace, edition):
    one = submitted(client)
    approve(one=one, by=grace)
    work()
    one.refresh_from_db()
    revision = one.act.revisions.filter(kind="citation").order_by("number").last()
    score = one.act.revisions.filter(kind="score").order_by("number").last()
    assert revision.number > score.number
    with recorded(by=grace, cause="correction", note=f"Reverts r{score.number}: one row", origin="web") as recording:
        recording.bulk_delete([Citation.objects.get(pk=revision.record)])

    assert "Reverted by" not in words(client.get(one.get_absolute_url()))


def test_pages_of_a_reverted_import_ask_few_queries(client, ada, grace, edition, django_assert_max_num_queries):
    one = submitted(client)
    approve(one=one, by=grace)
    work()
    one.refresh_from_db()
    reverted(one.act, grace)
    client.get("/workbench/")
    with django_assert_max_num_queries(8):
        assert "reverted" in words(client.get("/workbench/imports/?whose=all"))
    with django_assert_max_num_queries(12):
        client.get(one.get_absolute_url())


def test_an_import_withdrawn_amid_its_check_was_not_checked(client, ada, edition):
    one = send(client, GOOD)
    client.post(f"{one.get_absolute_url()}columns/", SETTINGS)
    client.post(f"{one.get_absolute_url()}withdraw/")

    shown = words(client.get(one.get_absolute_url()))

    assert "You have withdrawn it" in shown
    assert "Columns (done)" in shown
    assert "Check (done)" not in shown
    later = checked(client)
    client.post(f"{later.get_absolute_url()}withdraw/")
    assert "Check (done)" in words(client.get(later.get_absolute_url()))


def test_a_file_without_rows_says_so(client, ada, edition):
    one = send(client, f"{HEADER}\n")
    assert "It has no rows below the names of its columns" in words(client.get(one.get_absolute_url()))
    client.post(f"{one.get_absolute_url()}columns/", SETTINGS)
    work()

    shown = words(client.get(one.get_absolute_url()))

    assert "The file has no rows below the names of its columns." in shown
    assert "0 New" not in shown
    assert "There is no such row" not in shown


def test_one_is_no_plural(client, ada, edition):
    one = send(client, f"{HEADER}\nXX,2003,10,country\n")
    assert "Its first row, as it is read" in words(client.get(one.get_absolute_url()))
    client.post(f"{one.get_absolute_url()}columns/", SETTINGS)
    work()
    refused = client.post(f"{one.get_absolute_url()}submit/", {"cause": "edition", "note": "The new table."})
    assert "1 row has errors" in words(refused)


def test_a_cell_that_is_too_long_is_named_with_its_column(client, ada):
    sent = SimpleUploadedFile("long.csv", f"{HEADER}\nCN,2003,{'x' * 32_768},country\n".encode())

    shown = words(client.post("/workbench/imports/", {"kind": "score", "file": sent}))

    assert re.search(r"Line 2, column Articles: “x{80}…” has more than 32,767 characters\.", shown)


GROUPED = "What,,Where and when,\nTechnology,Articles,Country,Year\nquantum-computing,10,CN,2003\n"


def test_names_below_headings_of_groups_are_found_by_the_kind(client, ada, edition):
    one = send(client, GROUPED)
    assert (one.reading["header"], one.look["header"]) == (2, ["Technology", "Articles", "Country", "Year"])
    assert set(one.columns) == {"technology", "publications", "country"}
    assert "looks like the names" not in words(client.get(one.get_absolute_url()))

    # Said otherwise, it is read so; the page says what it looks like.
    response = client.post(
        f"{one.get_absolute_url()}file/",
        {"kind": "score", "encoding": "utf-8", "separator": ",", "decimal": ".", "header": "1"},
    )
    assert "Line 2 looks like the names of the columns." in words(response)

"""Editing records through the web: as a browser does it, form by form."""

import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client

from tests.factories import UserFactory
from tests.forms.sending import sent
from tracker.actions.records import numbers_of
from tracker.history.kinds import KINDS, label_of
from tracker.models import (
    Act,
    Alias,
    BlocMembership,
    Case,
    Citation,
    Claim,
    Country,
    Engagement,
    FormerAddress,
    Organisation,
    Participation,
    Presence,
    Revision,
    Score,
    Source,
    Status,
    Technology,
    User,
)

pytestmark = pytest.mark.seed

WHY = {"cause": "correction", "note": "The report prints it so."}


def person(role: str = "researcher", name: str = "Anna Li"):
    user = UserFactory(display_name=name)
    if role:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


def logged_in(role: str = "researcher", name: str = "Anna Li") -> Client:
    client = Client()
    client.force_login(person(role, name))
    return client


@pytest.fixture
def anna(db):
    return logged_in()


def edit_address(record) -> str:
    return f"/records/{record.record_kind()}/{record.pk}/edit/"


def fields(client: Client, address: str) -> dict:
    page = client.get(address)
    assert page.status_code == 200, page.content[:300]
    return sent(page.content) | {name: [value] for name, value in WHY.items()}


def said(answer) -> str:
    return answer.content.decode()


def errors(answer) -> list[str]:
    return [f"{wrong.where}: {wrong.message}" for wrong in answer.context["form"].wrongs()]


def stated_score() -> Score:
    return Score.objects.filter(share__isnull=False, basis="stated", country__isnull=False).order_by("pk").first()


# One record


def test_a_share_is_corrected_with_its_source_in_one_act(anna):
    score = stated_score()
    source = Source.objects.exclude(pk__in=Citation.objects.filter(kind="score", record=score.pk).values("source"))[0]
    data = fields(anna, f"{edit_address(score)}?field=share&back=/technologies/")
    number = int(data["citation-total"][0])
    data |= {
        "main-share": "48,30",
        "citation-total": str(number + 1),
        f"citation-{number}-here": "1",
        f"citation-{number}-source": source.pk,
        f"citation-{number}-field": "share",
        f"citation-{number}-passage": "The share is 48.30 per cent.",
        f"citation-{number}-reliability": "B",
        f"citation-{number}-credibility": "2",
    }

    answer = anna.post(edit_address(score), data)

    assert answer.status_code == 302, errors(answer)
    assert answer["Location"] == "/technologies/"
    score.refresh_from_db()
    assert (score.share, score.share_decimals) == (Decimal("48.30"), 2)
    act = Act.objects.order_by("-pk")[0]
    assert (act.cause, act.note, act.by_name) == ("correction", "The report prints it so.", "Anna Li")
    assert sorted(act.revisions.values_list("kind", "action")) == [("citation", "create"), ("score", "update")]
    cited = Citation.objects.get(kind="score", record=score.pk, source=source)
    assert (cited.field, cited.reliability, cited.credibility, cited.record_key) == ("share", "B", "2", score.key())
    number = act.revisions.order_by("-number")[0].number
    assert f"Saved as r{number}: " in said(anna.get(answer["Location"]))


def test_a_new_source_is_made_in_the_row_that_cites_it(anna):
    score = stated_score()
    data = fields(anna, edit_address(score))
    row = f"citation-{data['citation-total'][0]}"
    data |= {
        "citation-total": str(int(data["citation-total"][0]) + 1), f"{row}-here": "1", f"{row}-source": "",
        f"{row}-new-title": "What the institute found", f"{row}-new-publisher": "An institute",
        f"{row}-new-date": "2026-05", f"{row}-new-kind": "primary", f"{row}-new-reuse": "fact",
        f"{row}-new-url": "https://example.org/report",
    }  # fmt: skip

    answer = anna.post(edit_address(score), data)

    assert answer.status_code == 302, errors(answer)
    source = Source.objects.get(title="What the institute found")
    assert source.slug == "an-institute-what-the-institute-found-2026-05"
    assert Citation.objects.filter(kind="score", record=score.pk, source=source).exists()
    assert Act.objects.order_by("-pk")[0].revisions.count() == 2


@pytest.mark.parametrize(
    ("kind", "column", "typed", "message"),
    [
        ("score", "share", "1,200", "separators of thousands"),
        ("score", "share", "about 16", "is not a number"),
        ("score", "share", "16.1234567", "more than 6 decimals"),
        ("score", "share", "116", "between 0 and 100"),
        ("score", "rank_from", "1st", "whole number"),
        ("score", "rank_to", "70000", "less than or equal to 32767"),
        ("score", "technology", "999999", "no longer there"),
        ("score", "technology", "", "This field is required"),
        ("engagement", "start", "June 2019", "is not a date: write 2019, 2019-06 or 2019-06-05"),
        ("engagement", "start", "2019-02-30", "is not a day of the calendar"),
        ("engagement", "title", "x" * 201, "at most 200 characters"),
        ("engagement", "slug", "a name", "valid “slug”"),
        ("engagement", "currency", "usd", "A value has a currency"),
        ("source", "url", "not an address", "Enter a valid URL"),
    ],
)
def test_wrong_input_says_what_to_do_and_keeps_what_was_typed(anna, kind, column, typed, message):
    record = stated_score() if kind == "score" else KINDS[kind].model.objects.first()
    before = Revision.objects.count()
    data = fields(anna, edit_address(record)) | {f"main-{column}": typed}

    answer = anna.post(edit_address(record), data)

    assert answer.status_code == 422
    assert any(message in one for one in errors(answer)), errors(answer)
    kept = sent(answer.content)
    if typed != "999999":
        assert kept[f"main-{column}"] == [typed]
    assert (kept["note"], kept["cause"]) == ([WHY["note"]], [WHY["cause"]])
    assert (
        f'href="#id_main-{KINDS[kind].column_of(column)}"' in said(answer)
        or "between" in message
        or "currency" in message
    )
    assert Revision.objects.count() == before


def test_every_change_says_cause_and_why(anna):
    score = stated_score()
    data = fields(anna, edit_address(score)) | {"main-share": "1.5", "note": " ", "cause": ""}

    answer = anna.post(edit_address(score), data)

    assert errors(answer) == ["Cause: Choose why it changes.", "Why: Say why: every change has a note."]
    assert sent(answer.content)["main-share"] == ["1.5"]


def test_a_form_sent_twice_is_saved_once(anna):
    source = Source.objects.first()
    data = fields(anna, "/records/case/new/?back=/cooperation/") | {
        "main-title": "A case",
        "main-summary": "What it is.",
    }
    data |= {"citation-total": "1", "citation-0-here": "1", "citation-0-source": source.pk}

    first, second = anna.post("/records/case/new/", data), anna.post("/records/case/new/", data)

    assert (first.status_code, second.status_code) == (302, 302)
    assert Case.objects.filter(title="A case").count() == 1
    assert "saved already" in said(anna.get("/records/"))


def test_a_form_sent_twice_at_once_is_saved_once(anna):
    # Two sessions of one person: neither knows what the other has sent.
    twin = Client()
    twin.force_login(User.objects.get(display_name="Anna Li"))
    data = fields(anna, "/records/case/new/?back=/cooperation/") | {"main-title": "A case", "main-summary": "It is."}

    refused = anna.post("/records/case/new/", data)
    assert refused.status_code == 422  # no source: its word is not used up
    data |= {"citation-total": "1", "citation-0-here": "1", "citation-0-source": Source.objects.first().pk}
    first, second = anna.post("/records/case/new/", data), twin.post("/records/case/new/", data)

    assert first["Location"] == second["Location"] == "/cases/a-case/"
    assert Case.objects.filter(title="A case").count() == 1
    assert "saved already" in said(twin.get("/records/"))


def falling_over(execute, sql, params, many, context):
    if sql.startswith("INSERT INTO") and "tracker_act" in sql:
        raise RuntimeError("The server fell over.")
    return execute(sql, params, many, context)


def test_the_word_of_a_form_is_kept_with_its_act_or_not_at_all(anna):
    key = "sent-form:{}:{}".format(User.objects.get(display_name="Anna Li").pk, "0123456789abcdef")
    alias = Alias.objects.first()
    data = fields(anna, edit_address(alias)) | {"main-note": "Typed.", "token": "0123456789abcdef"}
    with connection.execute_wrapper(falling_over), pytest.raises(RuntimeError):
        anna.post(edit_address(alias), data)
    assert cache.get(key) is None

    assert anna.post(edit_address(alias), data).status_code == 302
    assert cache.get(key) is not None


def test_a_record_that_states_something_needs_a_source(anna):
    data = fields(anna, "/records/case/new/") | {"main-title": "A case", "main-summary": "What it is about."}

    answer = anna.post("/records/case/new/", data)

    assert answer.status_code == 422
    assert any("Name a source" in one for one in errors(answer))


def test_a_taken_name_is_refused_at_its_field(anna):
    first, second = Technology.objects.filter(level="technology")[:2]
    data = fields(anna, edit_address(first)) | {"main-name": second.name}

    answer = anna.post(edit_address(first), data)

    assert answer.status_code == 422
    assert "main-name" in {link.partition("id_")[2] for link in (w.address for w in answer.context["form"].wrongs())}
    assert sent(answer.content)["main-name"] == [second.name]


def test_a_renamed_slug_leads_to_the_new_address(anna):
    technology = Technology.objects.filter(level="technology").first()
    old = technology.slug
    anna.post(edit_address(technology), fields(anna, edit_address(technology)) | {"main-slug": "another-slug"})

    assert FormerAddress.objects.get(kind="technology", slug=old).record == technology.pk


def test_retired_records_are_not_offered_unless_chosen(anna):
    score = stated_score()
    other = Technology.objects.exclude(pk=score.technology_id).first()
    for technology in (score.technology, other):
        answer = anna.post(
            f"/records/technology/{technology.pk}/retire/",
            {**WHY, "was": "used", "back": technology.get_absolute_url()},
        )
        assert answer.status_code == 302
    page = said(anna.get(edit_address(score)))

    choices = page.partition('<select name="main-technology"')[2].partition("</select>")[0]
    assert f'<option selected value="{score.technology_id}"' in choices
    assert f'value="{other.pk}"' not in choices


# Parts


def add(data: dict, part: str, **columns) -> str:
    number = int(data[f"{part}-total"][0] if isinstance(data[f"{part}-total"], list) else data[f"{part}-total"])
    data[f"{part}-total"] = str(number + 1)
    data[f"{part}-{number}-here"] = "1"
    for name, value in columns.items():
        data[f"{part}-{number}-{name}"] = value
    return f"{part}-{number}"


def ref_of(data: dict, record) -> str:
    """The name of a record's row in the form of what it belongs to."""
    rows = re.compile(rf"({record.record_kind()}-[0-9]+)-pk")
    return next(found[1] for name in data if (found := rows.fullmatch(name)) and data[name] == [str(record.pk)])


def cite(data: dict, ref: str, source: Source) -> None:
    data[f"{ref}-citation-total"] = "1"
    data |= {f"{ref}-citation-0-here": "1", f"{ref}-citation-0-source": source.pk}


def test_an_engagement_is_made_with_parties_and_a_disputed_claim(anna):
    channel, source = Engagement.objects.first().channel, Source.objects.first()
    chinese, russian = Organisation.objects.all()[:2]
    data = fields(anna, f"/records/engagement/new/?channel={channel.slug}")
    assert data["main-channel"] == [str(channel.pk)]
    assert data["main-code"][0].startswith("CR")
    data |= {"main-title": "A joint laboratory", "main-description": "What it is.", "main-start": "2026-03"}
    add(data, "citation", source=source.pk)
    add(data, "participation", side="chinese", organisation=chinese.pk)
    add(data, "participation", side="russian", organisation=russian.pk, role="host")
    cite(data, add(data, "status", state="signed", as_of="2026-03-01"), source)
    claim = add(
        data, "claim", speaker="A minister", stance="disputes", statement="It is not so.", evidence_shown="none"
    )
    cite(data, claim, source)

    answer = anna.post("/records/engagement/new/", data)

    assert answer.status_code == 302, errors(answer)
    made = Engagement.objects.get(slug="a-joint-laboratory")
    assert answer["Location"] == "/engagements/a-joint-laboratory/"
    parties = Participation.objects.filter(engagement=made).order_by("pk")
    assert [(p.side, p.position, p.role) for p in parties] == [("chinese", 1, ""), ("russian", 1, "host")]
    disputed = Claim.objects.get(kind="engagement", record=made.pk)
    assert (disputed.stance, disputed.record_key, disputed.position) == ("disputes", made.slug, 1)
    assert Citation.objects.filter(kind="claim", record=disputed.pk).count() == 1
    assert Act.objects.order_by("-pk")[0].revisions.filter(action="create").count() == 8
    assert "A joint laboratory" in said(anna.get(answer["Location"]))


def test_a_status_moves_on_and_a_party_goes(anna):
    engagement = Engagement.objects.filter(parties__isnull=False, statuses__isnull=False).first()
    party = engagement.parties.first()
    data = fields(anna, edit_address(engagement))
    ref = next(
        name
        for name, value in data.items()
        if name.endswith("-pk") and name.startswith("participation") and value == [str(party.pk)]
    )
    data[ref.replace("-pk", "-remove")] = "1"
    cite(data, add(data, "status", state="completed", as_of="2026-11"), Source.objects.first())

    answer = anna.post(edit_address(engagement), data)

    assert answer.status_code == 302, errors(answer)
    assert not Participation.objects.filter(pk=party.pk).exists()
    assert Status.objects.get(engagement=engagement, state="completed", as_of="2026-11")
    assert ("participation", "delete") in set(Act.objects.order_by("-pk")[0].revisions.values_list("kind", "action"))


def test_a_wrong_row_is_named_and_kept(anna):
    engagement = Engagement.objects.first()
    data = fields(anna, edit_address(engagement))
    ref = add(data, "status", state="signed", as_of="yesterday", note="Seen.")

    answer = anna.post(edit_address(engagement), data)

    assert any("How far it has come" in one and "is not a date" in one for one in errors(answer))
    kept = sent(answer.content)
    assert (kept[f"{ref}-as_of"], kept[f"{ref}-note"]) == (["yesterday"], ["Seen."])


def test_without_javascript_a_row_is_added_and_everything_stays(anna):
    engagement = Engagement.objects.first()
    data = fields(anna, edit_address(engagement)) | {"main-title": "Half typed", "note": ""}

    page = anna.post(edit_address(engagement), {**data, "add": "claim"})
    kept = sent(page.content)

    assert page.status_code == 200
    assert kept["main-title"] == ["Half typed"]
    assert kept["claim-0-here"] == ["1"] if data["claim-total"] == ["0"] else True
    assert f"claim-{data['claim-total'][0]}-speaker" in kept
    assert "errorlist" not in said(page)
    # A source of that row, too.
    row = f"claim-{data['claim-total'][0]}"
    page = anna.post(edit_address(engagement), {**kept, "add": f"{row}-citation"})
    assert f"{row}-citation-0-source" in sent(page.content)


def test_a_row_of_another_record_is_refused(anna):
    first, second = Engagement.objects.filter(parties__isnull=False).distinct()[:2]
    theirs, before = second.parties.first(), Revision.objects.count()
    data = fields(anna, edit_address(first))
    ref = ref_of(data, first.parties.first())
    data |= {f"{ref}-pk": theirs.pk, f"{ref}-based_on": numbers_of(theirs.record_kind(), [theirs.pk])[theirs.pk]}

    answer = anna.post(edit_address(first), data)

    assert answer.status_code == 422
    assert any("is not of this record" in one for one in errors(answer))
    theirs.refresh_from_db()
    assert theirs.engagement_id == second.pk
    # Neither does it go where it is taken out of this form.
    assert anna.post(edit_address(first), {**data, f"{ref}-remove": "1"}).status_code == 302
    assert Participation.objects.filter(pk=theirs.pk).exists()
    assert Revision.objects.count() == before


def test_the_record_itself_is_not_removed_by_its_form(anna):
    alias = Alias.objects.first()
    data = fields(anna, edit_address(alias)) | {"main-remove": "1", "main-note": "Kept."}

    assert anna.post(edit_address(alias), data).status_code == 302
    alias.refresh_from_db()
    assert alias.note == "Kept."


@pytest.mark.parametrize("column", ["slug", "nonsense", "share\0", "x" * 40])
def test_a_source_speaks_of_real_columns(anna, column):
    score = stated_score()
    data = fields(anna, edit_address(score))
    ref = add(data, "citation", source=Source.objects.first().pk, field=column)

    answer = anna.post(edit_address(score), data)

    assert answer.status_code == 422
    assert any("whole record or of one of its columns" in one for one in errors(answer))
    assert f'href="#id_{ref}-field"' in said(answer)


@pytest.mark.parametrize("digits", [19, 5000])
def test_numbers_of_many_digits_are_no_numbers(anna, digits):
    score, long = stated_score(), "9" * digits
    data = fields(anna, edit_address(score)) | {"main-technology": long, "main-based_on": long}

    assert anna.post(edit_address(score), data).status_code == 422
    assert anna.get(f"/records/score/new/?technology={long}").status_code == 200
    shown = [f"score-{long}-{long}", "score", ""]
    assert anna.post(f"/records/score/{score.pk}/delete/", {**WHY, "expected": shown}).status_code == 409
    assert anna.get(f"/records/organisation/{Organisation.objects.first().pk}/merge/?with={long}").status_code == 200
    assert anna.get(f"/records/score/{long}/edit/").status_code == 404


def test_members_of_a_bloc_are_edited_in_its_form(anna):
    stay = BlocMembership.objects.filter(bloc__slug="eu").first()
    data = fields(anna, edit_address(stay.bloc))
    ref = next(
        name
        for name, value in data.items()
        if name.endswith("-pk")
        and name.startswith("blocmembership-")
        and "citation" not in name
        and value == [str(stay.pk)]
    )
    data[ref.replace("-pk", "-until")] = "2026-01-31"

    answer = anna.post(edit_address(stay.bloc), data)

    assert answer.status_code == 302, errors(answer)
    stay.refresh_from_db()
    assert stay.until == "2026-01-31"
    assert list(Act.objects.order_by("-pk")[0].revisions.values_list("kind", "record")) == [
        ("blocmembership", stay.pk)
    ]


def test_records_without_a_page_are_made_too(anna):
    technology = Technology.objects.filter(level="technology").first()
    data = fields(anna, f"/records/alias/new/?technology={technology.slug}") | {"main-name": "Another name of it"}

    answer = anna.post("/records/alias/new/", data)

    assert answer.status_code == 302, errors(answer)
    assert Alias.objects.get(name="Another name of it").technology == technology


# Two people


def test_what_does_not_collide_is_merged_and_what_does_is_asked(anna):
    score = stated_score()
    boris = logged_in(name="Boris Weber")
    mine = fields(anna, edit_address(score)) | {"main-share": "10.5", "main-note": "Mine."}
    theirs = fields(boris, edit_address(score)) | {"main-share": "11.25", "main-h_index": "7"}
    assert boris.post(edit_address(score), theirs).status_code == 302

    answer = anna.post(edit_address(score), mine)

    assert answer.status_code == 409
    page = said(answer)
    assert "Boris Weber" in page
    assert WHY["note"] in page
    assert 'name="main-share" value="11.25"' in page
    assert 'name="main-share" value="10.5"' in page
    form = sent(answer.content, "")
    assert "main-share" not in form  # nothing is chosen beforehand
    assert form["main-h_index"] == ["7"]
    score.refresh_from_db()
    assert (score.share, score.note != "Mine.") == (Decimal("11.25"), True)

    # Without an answer nothing is saved.
    again = anna.post(edit_address(score), form)
    assert again.status_code == 409
    assert "Choose one of the two" in said(again)

    done = anna.post(edit_address(score), {**sent(again.content, ""), "main-share": "10.5"})
    assert done.status_code == 302
    score.refresh_from_db()
    assert (score.share, score.share_decimals, score.h_index, score.note) == (Decimal("10.5"), 1, 7, "Mine.")


def test_a_number_that_both_changed_is_asked_about_though_only_its_digits_were(anna):
    score = stated_score()
    boris = logged_in(name="Boris Weber")
    anna.post(edit_address(score), fields(anna, edit_address(score)) | {"main-share": "37", "main-share_bound": ""})
    mine = fields(anna, edit_address(score)) | {"main-share": "37.0"}
    boris.post(edit_address(score), fields(boris, edit_address(score)) | {"main-share": "37.1"})

    answer = anna.post(edit_address(score), mine)

    assert answer.status_code == 409
    share = next(one for one in answer.context["asked"][0].columns if one.name == "main-share")
    assert (share.question, share.base, share.raw_theirs, share.raw_mine) == (True, "37", "37.1", "37.0")
    assert "main-share" not in sent(answer.content, "")


def test_what_says_one_thing_is_asked_about_together(anna):
    score = stated_score()
    boris = logged_in(name="Boris Weber")
    anna.post(edit_address(score), fields(anna, edit_address(score)) | {"main-share": "37", "main-share_bound": ""})
    mine = fields(anna, edit_address(score)) | {"main-share": "40"}
    boris.post(edit_address(score), fields(boris, edit_address(score)) | {"main-share_bound": "about"})

    answer = anna.post(edit_address(score), mine)

    asked = {one.name for one in answer.context["asked"][0].columns if one.question}
    assert asked == {"main-share", "main-share_bound"}


@pytest.mark.parametrize("number", [None, "", "of old", "9" * 30, "1"])
def test_who_does_not_say_what_they_read_overwrites_nothing(anna, number):
    score = stated_score()
    data = fields(anna, edit_address(score)) | {
        "main-share": "12.5", "main-publications": "12", "main-based_on": number,
    }  # fmt: skip
    if number is None:
        del data["main-based_on"]

    answer = anna.post(edit_address(score), data)

    assert answer.status_code == 409
    asked = {one.name: (one.question, one.raw_mine) for one in answer.context["asked"][0].columns}
    assert asked == {"main-share": (True, "12.5"), "main-publications": (True, "12")}
    answers = {"main-share": "12.5", "main-publications": ""}
    done = anna.post(edit_address(score), {**sent(answer.content, ""), **answers})
    assert done.status_code == 302
    score.refresh_from_db()
    assert (score.share, score.publications) == (Decimal("12.5"), None)


def test_a_second_conflict_is_shown_like_the_first(anna):
    score = stated_score()
    boris = logged_in(name="Boris Weber")
    mine = fields(anna, edit_address(score)) | {"main-share": "10.5"}
    boris.post(edit_address(score), fields(boris, edit_address(score)) | {"main-share": "11.25"})
    first = anna.post(edit_address(score), mine)
    boris.post(edit_address(score), fields(boris, edit_address(score)) | {"main-share": "12"})

    second = anna.post(edit_address(score), {**sent(first.content, ""), "main-share": "10.5"})

    assert second.status_code == 409
    assert 'name="main-share" value="12"' in said(second)
    done = anna.post(edit_address(score), {**sent(second.content, ""), "main-share": "12"})
    assert done.status_code == 302
    score.refresh_from_db()
    assert score.share == 12


def test_what_only_the_other_changed_is_left_alone(anna):
    engagement = Engagement.objects.filter(statuses__isnull=False).first()
    status = engagement.statuses.first()
    boris = logged_in(name="Boris Weber")
    mine = fields(anna, edit_address(engagement)) | {"main-title": "A better title"}
    boris.post(edit_address(status), fields(boris, edit_address(status)) | {"main-note": "Seen again."})

    answer = anna.post(edit_address(engagement), mine)

    assert answer.status_code == 302, said(answer)[:2000]
    engagement.refresh_from_db()
    status.refresh_from_db()
    assert (engagement.title, status.note) == ("A better title", "Seen again.")


def test_a_part_that_one_removes_and_the_other_changes_is_asked_about(anna):
    engagement = Engagement.objects.filter(parties__isnull=False).first()
    party = engagement.parties.first()
    boris = logged_in(name="Boris Weber")
    mine = fields(anna, edit_address(engagement))
    mine[f"{ref_of(mine, party)}-remove"] = "1"
    boris.post(edit_address(party), fields(boris, edit_address(party)) | {"main-role": "host of the site"})

    answer = anna.post(edit_address(engagement), mine)

    assert answer.status_code == 409
    assert "You remove it; they changed it" in said(answer)
    assert "host of the site" in said(answer)
    form = sent(answer.content, "")
    kept = anna.post(edit_address(engagement), {**form, f"{ref_of(form, party)}-remove": ""})
    assert kept.status_code == 302
    party.refresh_from_db()
    assert party.role == "host of the site"


def test_a_part_that_one_changes_and_the_other_deletes_is_said_to_be_gone(anna):
    engagement = Engagement.objects.filter(parties__isnull=False).first()
    party = engagement.parties.first()
    boris = logged_in(name="Boris Weber")
    mine = fields(anna, edit_address(engagement)) | {"main-title": "A better title"}
    mine[f"{ref_of(mine, party)}-role"] = "host"
    boris.post(f"/records/participation/{party.pk}/delete/", {**WHY, "expected": expected(boris, party)})

    answer = anna.post(edit_address(engagement), mine)

    assert answer.status_code == 409
    assert "It was deleted meanwhile" in said(answer)
    done = anna.post(edit_address(engagement), sent(answer.content, ""))
    assert done.status_code == 302, said(done)[:1500]
    engagement.refresh_from_db()
    assert engagement.title == "A better title"
    assert not Participation.objects.filter(pk=party.pk).exists()


def test_a_conflict_about_what_pointed_to_something_deleted_is_shown(anna):
    party = Participation.objects.filter(organisation__isnull=False).first()
    organisation = party.organisation
    other = Organisation.objects.exclude(pk=organisation.pk).first()
    boris = logged_in(name="Boris Weber")
    mine = fields(anna, edit_address(party.engagement))
    mine[f"{ref_of(mine, party)}-organisation"] = other.pk
    gone = boris.post(
        f"/records/organisation/{organisation.pk}/delete/", {**WHY, "expected": expected(boris, organisation)}
    )
    assert gone.status_code == 302

    answer = anna.post(edit_address(party.engagement), mine)

    assert answer.status_code == 409, errors(answer)
    (asked,) = answer.context["asked"]
    assert asked.heading == f"Party: {party.key()}"
    assert asked.typed == (("Organisation", str(other)),)


def test_a_source_for_a_part_that_is_gone_is_not_lost_in_silence(anna):
    party = Participation.objects.first()
    boris = logged_in(name="Boris Weber")
    mine = fields(anna, edit_address(party.engagement))
    source = Source.objects.first()
    add(mine, f"{ref_of(mine, party)}-citation", source=source.pk, passage="They were there.")
    boris.post(f"/records/participation/{party.pk}/delete/", {**WHY, "expected": expected(boris, party)})

    answer = anna.post(edit_address(party.engagement), mine)

    assert answer.status_code == 409
    assert "It was deleted meanwhile" in said(answer)
    assert "They were there." in said(answer)
    assert ("Source", label_of(source)) in answer.context["asked"][0].typed
    assert anna.post(edit_address(party.engagement), sent(answer.content, "")).status_code == 302
    assert not Citation.objects.filter(passage="They were there.").exists()


def test_a_source_for_a_record_that_is_gone_is_shown(anna):
    alias = Alias.objects.first()
    data = fields(anna, f"/records/citation/new/?of=alias-{alias.pk}")
    data |= {"main-source": Source.objects.first().pk, "main-passage": "It is called so."}
    anna.post(f"/records/alias/{alias.pk}/delete/", {**WHY, "expected": expected(anna, alias)})

    answer = anna.post("/records/citation/new/", data)

    assert answer.status_code == 400
    assert "It is called so." in said(answer)


def test_a_record_deleted_meanwhile_is_said_to_be(anna):
    alias = Alias.objects.first()
    mine = fields(anna, edit_address(alias)) | {"main-note": "Typed for long."}
    boris = logged_in(name="Boris Weber")
    boris.post(f"/records/alias/{alias.pk}/delete/", {**WHY, "expected": expected(boris, alias)})

    answer = anna.post(edit_address(alias), mine)

    assert answer.status_code == 410
    page = said(answer)
    assert "Boris Weber" in page
    assert "Typed for long." in page
    number = Revision.objects.get(kind="alias", record=alias.pk, action="delete").number
    assert f"/history/revisions/{number}/revert/" in page


def test_others_who_edit_now_are_shown_and_fade(anna):
    score = stated_score()
    boris = logged_in(name="Boris Weber")
    boris.get(edit_address(score))
    assert not Presence.objects.exists()  # reading writes nothing
    boris.post(f"/records/score/{score.pk}/presence/")

    assert "Boris Weber has this open since" in said(anna.get(edit_address(score)))
    address = f"/records/score/{score.pk}/presence/"
    assert [one["name"] for one in anna.post(address).json()["others"]] == ["Boris Weber"]
    Presence.objects.update(seen="2026-01-01T00:00Z")
    assert anna.post(address).json() == {"others": []}
    boris.post(address, {"leave": "1"})
    assert not Presence.objects.filter(user__display_name="Boris Weber").exists()


def locked(execute, sql, params, many, context):
    """A database whose one writer is busy, to whatever concerns presence."""
    if "tracker_presence" in sql and not sql.startswith("SELECT"):
        raise OperationalError("database is locked")
    return execute(sql, params, many, context)


def test_presence_never_stands_in_the_way(anna):
    score = stated_score()
    data = fields(anna, edit_address(score)) | {"main-h_index": "7"}
    address = f"/records/score/{score.pk}/presence/"
    with connection.execute_wrapper(locked):
        assert anna.get(edit_address(score)).status_code == 200
        assert anna.post(address).json() == {"others": []}
        assert anna.post(address, {"leave": "1"}).status_code == 200
        assert anna.post(edit_address(score), data).status_code == 302
    score.refresh_from_db()
    assert score.h_index == 7


# Deleting, retiring, merging


def expected(client: Client, record) -> list[str]:
    page = client.get(f"/records/{record.record_kind()}/{record.pk}/delete/")
    return sent(page.content, "").get("expected", [])


def test_what_depends_on_a_record_is_listed_before_it_is_deleted(anna):
    engagement = Engagement.objects.filter(parties__isnull=False).first()
    address = f"/records/engagement/{engagement.pk}/delete/"
    page = said(anna.get(address))
    assert f"{engagement.parties.count()} part" in page
    shown = expected(anna, engagement)
    assert shown

    fewer = anna.post(address, {**WHY, "expected": shown[1:]})
    assert fewer.status_code == 409
    assert "has changed since you looked" in said(fewer)
    assert anna.post(address, {"expected": shown, "cause": "correction", "note": ""}).status_code == 422
    assert Engagement.objects.filter(pk=engagement.pk).exists()

    done = anna.post(address, {**WHY, "expected": shown})
    assert done.status_code == 302
    assert done["Location"] == "/records/engagement/"
    assert not Engagement.objects.filter(pk=engagement.pk).exists()
    assert "Deleted with r" in said(anna.get(done["Location"]))


def test_what_was_edited_since_it_was_listed_is_not_deleted(anna):
    engagement = Engagement.objects.filter(parties__isnull=False).first()
    boris = logged_in(name="Boris Weber")
    address = f"/records/engagement/{engagement.pk}/delete/"
    for edited, column in ((engagement.parties.first(), "role"), (engagement, "note")):
        shown = expected(anna, engagement)
        boris.post(edit_address(edited), fields(boris, edit_address(edited)) | {f"main-{column}": "Worth a word."})

        answer = anna.post(address, {**WHY, "expected": shown})

        assert answer.status_code == 409
        assert "has changed since you looked" in said(answer)
        assert Engagement.objects.filter(pk=engagement.pk).exists()
        assert sent(answer.content, "")["expected"] != shown
    assert anna.post(address, WHY).status_code == 409


def test_retiring_and_taking_into_use_again(anna):
    source = Source.objects.first()
    address = f"/records/source/{source.pk}/retire/"

    assert anna.post(address, {**WHY, "was": "used"}).status_code == 302
    source.refresh_from_db()
    assert source.retired
    assert anna.post(address, {**WHY, "was": "used"}).status_code == 409
    assert "Take into use again" in said(anna.get(address))
    anna.post(address, {**WHY, "was": "retired"})
    source.refresh_from_db()
    assert source.retired is None


def test_two_organisations_become_one(anna):
    keep, gone = Organisation.objects.filter(participations__isnull=False).distinct()[:2]
    moved = gone.participations.count()
    address = f"/records/organisation/{gone.pk}/merge/"
    page = said(anna.get(f"{address}?with={keep.pk}"))
    assert keep.name in page
    assert anna.post(address, {**WHY, "with": keep.pk}).status_code == 409
    before = keep.participations.count()

    answer = anna.post(address, {**WHY, "with": keep.pk, "keep": keep.pk})

    assert answer.status_code == 302
    assert answer["Location"] == keep.get_absolute_url()
    assert keep.participations.count() == before + moved
    assert keep.aliases.filter(name=gone.name).exists()
    redirected = anna.get(f"/organisations/{gone.slug}/")
    assert redirected.status_code == 301
    assert redirected["Location"].startswith(keep.get_absolute_url())


# Who may


ADDRESSES = (
    "/records/", "/records/score/", "/records/score/new/", "/records/score/{pk}/edit/", "/records/score/{pk}/delete/",
    "/records/behind/?page=/technologies/",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_researchers_come_in(client, address):
    address = address.format(pk=stated_score().pk)

    assert client.get(address).status_code == 302
    assert client.get(address)["Location"].startswith("/login/")
    assert logged_in(role="").get(address).status_code == 403
    answer = logged_in().get(address)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_a_form_without_a_token_is_refused_and_its_input_kept(anna):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person(name="Eva Roth"))
    score = stated_score()

    answer = strict.post(edit_address(score), {"main-share": "12.5", **WHY})

    assert answer.status_code == 401
    assert 'name="main-share" value="12.5"' in said(answer)
    assert Revision.objects.filter(kind="score", record=score.pk).count() == 1


def test_input_is_not_lost_when_the_login_has_ended(client):
    anna = person()
    client.force_login(anna)
    score = stated_score()
    data = fields(client, edit_address(score)) | {"main-share": "12.50"}
    client.logout()

    kept = client.post(edit_address(score), data)
    assert kept.status_code == 401
    assert "no-store" in kept["Cache-Control"]
    score.refresh_from_db()
    assert score.share != Decimal("12.50")
    refill = f"/records/refill/?to={edit_address(score)}"
    hidden = sent(kept.content, "")
    assert client.post(refill, hidden).status_code == 401  # still not logged in: still kept

    client.force_login(anna)
    form = client.post(refill, hidden)
    assert form.status_code == 200
    again = sent(form.content)
    assert again["main-share"] == ["12.50"]
    assert again["note"] == [WHY["note"]]
    assert client.post(edit_address(score), again).status_code == 302
    score.refresh_from_db()
    assert (score.share, score.share_decimals) == (Decimal("12.50"), 2)


def test_addresses_that_lead_elsewhere_are_not_followed(anna):
    score = stated_score()
    for back in ("https://example.org/", "//example.org/", "/\\example.org"):
        data = fields(anna, edit_address(score)) | {"back": back, "main-h_index": str(len(back))}
        answer = anna.post(edit_address(score), data)
        assert answer["Location"] == score.technology.get_absolute_url()


# Where editing begins


def test_readers_see_nothing_of_editing(client, anna):
    address = "/technologies/quantum-computing/"

    for reader in (client, logged_in(role="")):
        page = said(reader.get(address))
        # Where a value's history stands is for everybody; nothing else of /records/ is.
        assert set(re.findall(r'"/records/\w+/\d+/(\w*)', page)) == {"history"}
        assert page.count("/records/") == page.count('/history/">History</a>') - page.count('href="/history/"')
        assert "editing." not in page
    page = said(anna.get(address))
    assert "/records/score/" in page
    assert "Records behind this page" in page


def test_a_value_leads_to_its_record_and_back(anna):
    score = Score.objects.filter(technology__slug="quantum-computing", window__edition__featured=True).first()
    page = said(anna.get("/technologies/quantum-computing/"))
    technology = score.technology

    assert f'id="value-score-{score.pk}"' in page
    assert f"/records/score/{score.pk}/edit/?field=" in page
    assert f"back=%2Ftechnologies%2Fquantum-computing%2F%23value-score-{score.pk}" in page
    assert f"/records/technology/{technology.pk}/edit/" in page
    assert f"/records/score/new/?technology={technology.pk}&amp;edition=" in page


def test_empty_cells_of_the_matrix_lead_to_a_new_score(anna):
    page = said(anna.get("/matrix/"))
    start = page.index("/records/score/new/?technology=")
    address = page[start : page.index('"', start)].replace("&amp;", "&")

    data = fields(anna, address)

    assert data["main-technology"] != [""]
    assert data["main-country"] != [""]
    assert data["main-window"] != [""]
    assert data["back"][0].startswith("/matrix/#cell-")


def test_the_records_behind_a_page_are_listed(anna):
    page = said(anna.get("/records/behind/?page=/technologies/quantum-computing/"))

    for kind in ("score", "edition", "citation", "technology"):
        assert f"/records/{kind}/" in page
    assert anna.get("/records/behind/?page=/records/").status_code == 404
    assert anna.get("/records/behind/?page=https://example.org/").status_code == 404
    assert anna.get("/records/behind/?page=/nowhere/").status_code == 404


def test_lists_reach_every_record(anna):
    china = Country.objects.get(code="CN")
    page = said(anna.get("/records/score/?q=quantum-computing+CN"))
    assert (
        page.count("/edit/?back=")
        == Score.objects.filter(technology__slug="quantum-computing", country=china).count()
    )
    for kind in KINDS:
        assert anna.get(f"/records/{kind}/").status_code == 200
        assert anna.get(f"/records/{kind}/?q=zzzz&page=99").status_code == 200
    assert anna.get("/records/nothing/").status_code == 404


@pytest.mark.parametrize(("kind", "most"), [("score", 19), ("engagement", 34), ("bloc", 17), ("source", 11)])
def test_forms_ask_few_queries(anna, kind, most, django_assert_max_num_queries):
    record = KINDS[kind].model.objects.first()
    with django_assert_max_num_queries(most):
        anna.get(edit_address(record))

"""Organisations: what they take part in, with whom, and in which sentence."""

from dataclasses import replace

import pytest

from tests.analysis.cooperation import engagement, organisation, party, status, subject
from tracker.analysis.engagements import OrganisationRef
from tracker.analysis.organisations import (
    Body,
    engagement_rows,
    language_of,
    organisation_facets,
    organisation_row,
    organisation_sentence,
    organisations_sentence,
    partner_rows,
    sides_said,
    subject_rows,
    topics_of,
)
from tracker.analysis.read_model import Place

TODAY = "2026-11-22"
RUSSIA = Place("RU", "Russia", "/countries/ru/")


def as_party(side: str, body: OrganisationRef, **said: str):
    return replace(
        party(side, "x"), organisation=body, named_as=said.get("named_as", body.name), role=said.get("role", "")
    )


def test_engagement_counts_once_however_many_parts_are_taken_in_it():
    body = Body(organisation("A fund", country=RUSSIA), "fund", None)

    row = organisation_row(body, [(1, "russian"), (1, "other"), (2, "russian")])

    assert (row.engagements.content, row.sides) == (2, "Russian, other")
    assert row.engagements.address == "/engagements/?organisation=a-fund"


def test_organisation_that_takes_part_in_nothing_leads_to_its_own_page():
    row = organisation_row(Body(organisation("A fund"), "fund", None), [])

    assert (row.engagements.content, row.engagements.address, row.sides) == (0, "/organisations/a-fund/", "")


def test_it_is_found_by_every_name():
    body = Body(
        organisation("Roscosmos", original_name="Роскосмос", aliases=("Federal Space Agency",)), "company", None
    )

    assert all(word in body.names for word in ("roscosmos", "роскосмос", "federal space agency"))


def test_sides_stand_in_their_order():
    assert sides_said(["other", "russian", "chinese"]) == "Chinese, Russian, other"


def test_choices_count_organisations_not_parts():
    bank = Body(organisation("A bank", country=RUSSIA), "company", None)
    fund = Body(organisation("A fund"), "company", None)

    found = organisation_facets((bank, fund), {bank.ref.pk: {(1, "russian"), (2, "russian"), (2, "other")}})

    assert [(facet.value, facet.count) for facet in found["side"]] == [("russian", 1), ("other", 1)]
    assert {(facet.value, facet.count) for facet in found["country"]} == {("ru", 1), ("none", 1)}
    assert organisations_sentence((bank, fund), {bank.ref.pk: {(1, "russian")}}) == (
        "2 organisations, of which 1 is named in an engagement of our collection: 1 on the Russian side."
    )


def test_every_part_it_takes_is_a_line_the_newest_engagement_first():
    body = organisation("A fund")
    rows = (
        engagement("Old", start="2012", parties=(as_party("russian", body, named_as="RDIF", role="founder"),)),
        engagement("New", parties=(as_party("russian", body), as_party("other", body), party("chinese", "A bank"))),
        engagement("Undated", start="", statuses=(status("active", "2013"),), parties=(as_party("russian", body),)),
    )

    lines = engagement_rows(body, rows, TODAY)

    assert [(line.engagement.text, line.side) for line in lines] == [
        ("New", "Russian"), ("New", "other"), ("Old", "Russian"), ("Undated", "Russian"),
    ]  # fmt: skip
    assert (lines[2].named_as, lines[2].role) == ("RDIF", "founder")
    assert lines[0].named_as == ""  # as on the page
    assert lines[3].clock == "not confirmed since 2013"
    assert all(line.state.cited for line in lines)


def test_partners_are_all_others_of_its_engagements_with_how_often():
    body, bank = organisation("A fund"), organisation("A bank")
    rows = (
        engagement("One", parties=(as_party("russian", body), as_party("chinese", bank), party("chinese", "Z"))),
        engagement("Two", parties=(as_party("russian", body), as_party("chinese", bank), as_party("other", bank))),
        engagement("Three", parties=(as_party("russian", body), party("chinese"))),
    )

    found = partner_rows(body, rows, "/here/")

    assert [(row.partner.text, row.together.content, row.side) for row in found] == [
        ("A bank", 2, "Chinese, other"), ("Z", 1, "Chinese"),
    ]  # fmt: skip
    assert found[0].engagements == "One; Two"


def test_technologies_and_other_topics_of_its_engagements():
    rows = (
        engagement(subjects=(subject("Sensors"), subject(topic="films"))),
        engagement(subjects=(subject("Sensors"), subject("Clocks"))),
    )

    found = subject_rows(organisation("A fund"), rows)

    assert [(row.technology.text, row.engagements.content) for row in found] == [("Sensors", 2), ("Clocks", 1)]
    assert found[0].engagements.address == "/engagements/?organisation=a-fund&technology=sensors"
    assert topics_of(rows) == ("films",)


def test_sentence_says_what_it_is_and_how_much_it_takes_part_in():
    body = Body(organisation("A fund", country=RUSSIA), "institute", None)
    rows = (engagement(parties=(as_party("russian", body.ref), party("chinese", "A bank"))),)

    assert organisation_sentence(body, rows, partner_rows(body.ref, rows, "/")) == (
        "An institute in Russia that takes part in one engagement of our collection; named together with one other "
        "organisation."
    )
    assert organisation_sentence(body, (), ()).endswith("No engagement of our collection names it.")


def test_sentence_says_of_a_contested_engagement_that_the_organisation_is_named_in_it():
    body = Body(organisation("A fund"), "university", None)
    plain, contested = (engagement(parties=(as_party("russian", body.ref),), contested=one) for one in (False, True))

    assert organisation_sentence(body, [contested], ()) == (
        "A university that is named in one engagement of our collection, which is contested."
    )
    assert organisation_sentence(body, [plain, plain, contested], ()) == (
        "A university that takes part in two engagements of our collection and is named in one that is contested."
    )


def test_contested_engagement_is_marked_in_every_table_that_names_it():
    body = organisation("A fund")
    parties = (as_party("russian", body), party("chinese", "A bank"))
    rows = (engagement("One", parties=parties, contested=True), engagement("Two", parties=parties))

    assert {line.engagement.text: line.contested for line in engagement_rows(body, rows, TODAY)} == {
        "One (contested)": "contested", "Two": "",
    }  # fmt: skip
    assert [row.engagements for row in partner_rows(body, rows[:1], "/")] == ["One (contested)"]


@pytest.mark.parametrize(
    ("name", "original", "language"),
    [
        ("Huawei", "zh", ""), ("华为", "zh", "zh"), ("华为", "", "zh"), ("Роскосмос", "ru", "ru"),
        ("Ростех", "zh", "ru"), ("Национальная академия наук", "be", "be"),
    ],
)  # fmt: skip
def test_script_of_a_name_lets_its_language_be_guessed(name, original, language):
    assert language_of(name, original) == language

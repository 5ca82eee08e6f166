"""Cooperation on the pages of other matters: technologies, countries, coverage."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.analysis.cooperation import FUNDS, RESEARCH, cited, engagement, organisation, party, status, subject
from tracker.analysis.cooperation_beside import (
    NOTHING_HERE,
    confirmed,
    cooperation_coverage,
    coverage_sentence,
    guest_cooperation,
    of_side,
    recent_rows,
    side_channels,
    side_cooperation,
    taking_part,
    technology_cooperation,
    touching,
    touching_sentence,
)
from tracker.analysis.cooperation_join import TechnologyStanding
from tracker.analysis.engagements import NOT_A_MEASURE, Party
from tracker.analysis.leadership import ScoreRow, standing
from tracker.analysis.read_model import EditionRef, Place, Ranks

TODAY = "2026-11-22"
CHINA, RUSSIA, KAZAKHSTAN = Place("CN", "China"), Place("RU", "Russia"), Place("KZ", "Kazakhstan")
EDITION = EditionRef(
    "e", "March 2023", "s", "S", "%", "2023-03-01", "2018–2022", "published", "technology", True, 44, "/e/"
)


def score(place, share):
    decimals = Decimal(share) if share else None
    return ScoreRow("radar", place, Ranks(1, 5), decimals, "", None, None, "stated", "", cited=(cited(),))


def standings(*scores):
    return TechnologyStanding(EDITION, standing(scores, None), scores)


# ---- A technology ----


def test_sentence_counts_states_and_what_is_old():
    rows = (
        engagement(start="2016", statuses=(status("completed", "2017"),)),
        engagement(start="2021-05", statuses=(status("active", "2021-05"),)),
        engagement(start="2025-09-02", statuses=(status("active", "2025-09"),)),
    )

    assert touching_sentence("Nuclear energy", rows, TODAY) == (
        "3 engagements recorded by us touch nuclear energy, dated 2016 to 2025: 2 active, 1 completed as last seen; 1 not "
        "confirmed for more than 24 months."
    )


def test_sentence_of_one_engagement_of_which_little_is_known():
    assert touching_sentence("Radar", (engagement(start="", statuses=()),), TODAY) == (
        "1 engagement recorded by us touches radar."
    )


def test_none_recorded_is_said_to_be_no_evidence_of_none():
    here = technology_cooperation("Radar", "radar", (), standings(), TODAY)

    assert here.sentence == NOTHING_HERE
    assert here.listing is None
    assert here.engagements.content == 0


def test_engagements_of_a_technology_are_newest_first_without_what_is_withheld():
    of = (subject("Radar"),)
    old, new = engagement("Old", start="2016", subjects=of), engagement("New", start="2021", subjects=of)
    undated = engagement("Undated", start="", subjects=of)
    withheld = engagement("Withheld", start="2024", subjects=of, withheld=True)
    # Its link to the technology was withheld when it was read.
    unlinked = engagement("Unlinked", start="2023")

    assert touching([old, undated, new, withheld, unlinked], "radar") == (new, old, undated)


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ((score(CHINA, "40.1"), score(RUSSIA, "2.5")), "42.6"),
        ((score(CHINA, "40.1"),), "at least 40.1"),
        ((score(CHINA, "40.1"), score(RUSSIA, None)), "at least 40.1"),
        ((score(RUSSIA, "2.5"),), "at least 2.5"),
        ((), "unknown"),
    ],
)
def test_shares_of_the_two_are_added_as_far_as_known(scores, said):
    here = technology_cooperation("Radar", "radar", (engagement(),), standings(*scores), TODAY)

    assert here.combined.text == said
    assert here.combined.cited or not here.combined.known


def test_technology_leads_to_its_engagements_and_says_what_counting_is_not():
    here = technology_cooperation("Radar", "radar", (engagement(), engagement()), standings(), TODAY)

    assert here.engagements.content == 2
    assert here.engagements.address == here.listing.address == "/engagements/?technology=radar"
    assert here.caveat == NOT_A_MEASURE


# ---- A country ----


def sided(title="A fund", *, start="2019", china="Alpha", russia="Beta", **said):
    parties = (party("chinese", china), party("russian", russia))
    return engagement(title, start=start, parties=parties, **said)


def test_side_counts_engagements_that_name_an_organisation_of_it():
    named, unnamed = sided(), sided(china="")

    assert of_side([named, unnamed, sided(withheld=True)], "chinese") == (named,)
    assert of_side([named, unnamed], "russian") == (named, unnamed)


def test_channels_of_a_side_lead_to_the_list_so_narrowed():
    rows = [sided(start="2019"), sided(start="2021-03"), sided(channel=RESEARCH)]

    funds, research = side_channels(rows, "chinese")

    assert (funds.channel, funds.engagements.content, funds.latest) == (FUNDS.link, 2, "2021-03")
    assert funds.engagements.address == "/engagements/?channel=joint-investment-funds&side=chinese"
    assert funds.states == "2 announced"
    assert research.origin == "ours"


def test_side_says_how_many_name_one_of_its_organisations():
    rows = [sided(), sided(china="")]
    page = side_cooperation(CHINA, "chinese", of_side(rows, "chinese"), rows)

    assert page.sentence == (
        "1 of the 2 engagements of China and Russia recorded by us names an organisation on the Chinese side; of the "
        "others the sources seen name none."
    )
    assert [link.address for link in page.links] == [
        "/engagements/?side=chinese", "/organisations/?country=cn", "/cooperation/",
    ]  # fmt: skip


def test_side_of_an_empty_collection_offers_no_list():
    page = side_cooperation(RUSSIA, "russian", (), ())

    assert page.sentence == "No engagement stands in our collection yet."
    assert page.links == ()


def test_newest_three_have_their_clock():
    rows = [sided(str(year), start=str(year)) for year in (2016, 2017, 2018, 2019)]

    recent = recent_rows(rows, TODAY)

    assert [row.engagement.text for row in recent] == ["2019", "2018", "2017"]
    assert recent[0].clock == "not confirmed since 5 June 2019"


def test_another_country_lists_its_own_organisations():
    guest = Party("other", organisation("Gamma", country=KAZAKHSTAN), "", "", "Gamma")
    rows = [replace(sided(), parties=(*sided().parties, guest)) for _ in range(2)]

    bodies = taking_part(KAZAKHSTAN, rows)
    page = guest_cooperation(KAZAKHSTAN, bodies)

    assert [(row.organisation.text, row.side, row.engagements.content) for row in bodies] == [("Gamma", "other", 2)]
    assert page.sentence.startswith("1 organisation of Kazakhstan is named in engagements of China and Russia")


def test_country_whose_organisations_take_no_part_says_nothing():
    assert guest_cooperation(KAZAKHSTAN, taking_part(KAZAKHSTAN, [sided()])) is None


# ---- Coverage ----


def test_coverage_counts_by_channel_and_in_all():
    rows = [
        sided(start="2019-06-05", cited=(cited("one"), cited("two"))),
        sided(start="2019-06", china="", recheck="Which day?", contested=True),
        sided(channel=RESEARCH, cited=(), statuses=(status("completed", "2019"),)),
        sided(withheld=True),
    ]

    funds, research, every = cooperation_coverage(rows, TODAY)

    assert [row.engagements.content for row in (funds, research, every)] == [2, 1, 3]
    assert (funds.sourced, research.sourced, every.sourced_percent) == (2, 0, Decimal("66.6"))
    assert (funds.by_two, funds.named, funds.dated) == (1, 1, 1)
    assert (every.unconfirmed.content, research.unconfirmed.content) == (2, 0)
    assert funds.unconfirmed.address == "/engagements/?unconfirmed=yes&channel=joint-investment-funds"
    assert (funds.recheck.content, funds.contested.content) == (1, 1)
    assert every.engagements.address == "/engagements/"


def test_what_a_source_was_only_seen_through_is_no_second_publication():
    wire = cited("wire")
    copied = replace(cited("original"), seen_through=wire.source)

    row = cooperation_coverage([sided(cited=(copied, wire))], TODAY)[-1]

    assert (row.sourced, row.by_two) == (1, 0)


def test_source_that_may_not_be_shown_is_no_second_publication():
    row = cooperation_coverage([sided(cited=(cited("wire"), cited("secret", withheld=True)))], TODAY)[-1]

    assert (row.sourced, row.by_two) == (1, 0)


def test_numbers_lead_to_exactly_their_rows_or_nowhere():
    (row, _) = cooperation_coverage([sided(value_from=Decimal(9), value_to=Decimal(9), currency="USD")], TODAY)

    assert row.with_value == 1
    assert (row.contested.content, row.contested.address) == (0, "")
    assert row.unconfirmed_percent.address == row.unconfirmed.address


def test_coverage_in_a_sentence():
    rows = [sided(cited=(cited("one"), cited("two"))), sided(statuses=(status("cancelled", "2019"),))]

    assert coverage_sentence(rows, TODAY) == (
        "2 engagements of China and Russia are recorded; all of them lead to a source, 1 to two or more; the state of 1 "
        "was not confirmed for more than 24 months."
    )
    assert coverage_sentence(rows[:1], TODAY).startswith(
        "1 engagement of China and Russia is recorded; it leads to a"
    )
    assert coverage_sentence([], TODAY) == ""


def test_confirmed_are_those_that_are_ended_or_were_seen_lately():
    rows = [
        sided(statuses=(status("completed", "2019"),)), sided(statuses=(status("active", "2025"),)),
        sided(statuses=(status("active", "2019"),)), sided(withheld=True),
    ]  # fmt: skip

    part = confirmed(rows, TODAY)

    assert (part.known, part.total) == (2, 3)

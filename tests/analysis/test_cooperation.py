"""Counts of cooperation by channel, category and year, and the join with who leads."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.analysis.cooperation import (
    FUNDS,
    RESEARCH,
    cited,
    engagement,
    organisation,
    party,
    source,
    status,
    subject,
)
from tracker.analysis.cooperation import (
    NO_TECHNOLOGY,
    category_groups,
    channel_by_category,
    channel_sentence,
    channel_summaries,
    coverage_sentences,
    findings,
    heat,
    listing,
    marks_rows,
    money_rows,
    none_this_year,
    opening,
    organisations_in,
    states_said,
    steps_in_words,
    touching,
    valued_rows,
    year_by_channel,
)
from tracker.analysis.cooperation_join import (
    TechnologyRef,
    TechnologyStanding,
    against_leaders,
    best_rank,
    category_joins,
    combined_share,
    field_join,
    field_sentence,
    touched_rows,
    untouched,
)
from tracker.analysis.leadership import ScoreRow, standing
from tracker.analysis.read_model import EditionRef, Link, Place, Ranks

TODAY = "2026-11-22"
CHINA, RUSSIA, AMERICA = Place("CN", "China"), Place("RU", "Russia"), Place("US", "United States")
QUANTUM, SPACE = ("quantum", "Quantum"), ("space", "Space")


def edition(slug="march", name="March 2023"):
    return EditionRef(
        slug, name, "s", "S", "%", "2023-03", "2018–2022", "published", "technology", True, 44, f"/e/{slug}/"
    )


def technology(pk, name, category="quantum"):
    slug = name.lower().replace(" ", "-")
    return TechnologyRef(
        pk, slug, Link(name, f"/technologies/{slug}/"), Link(category.title(), f"/c/{category}"), category
    )


def score(place, rank=None, share=None, *, withheld=False):
    ranks = Ranks(rank, rank) if rank else None
    number = None if share is None or withheld else Decimal(share)
    return ScoreRow("t", place, ranks, number, "", None, None, "stated", "", (cited(),), withheld)


def told(*scores, where=None):
    return TechnologyStanding(where or edition(), standing(scores, None), tuple(scores))


def touching_rows():
    """Two funds and a project: one fund touches two categories, the other none."""
    return (
        engagement("Both", subjects=(subject("Sensors"), subject("Rockets", category="space"))),
        engagement("Neither", start="2020", subjects=(subject(topic="films"),)),
        engagement("Project", channel=RESEARCH, start="2021-06", subjects=(subject("Rockets", category="space"),)),
    )


def numbers(row):
    return {name: value.content for name, value in vars(row).items() if hasattr(value, "content")}


def test_matrix_counts_an_engagement_in_each_category_it_touches_and_once_in_all():
    rows = touching_rows()

    row_type, lines = channel_by_category((RESEARCH, FUNDS), category_groups((QUANTUM, SPACE), rows), rows)

    assert [line.channel.text for line in lines] == [FUNDS.name, RESEARCH.name]
    assert numbers(lines[0]) == {"quantum": 1, "space": 1, "no_tracked_technology": 1, "engagements": 2}
    assert numbers(lines[1]) == {"quantum": 0, "space": 1, "no_tracked_technology": 0, "engagements": 1}
    assert lines[0].space.address == listing(channel=FUNDS.slug, category="space")
    assert lines[0].no_tracked_technology.address == listing(channel=FUNDS.slug, category=NO_TECHNOLOGY)
    assert row_type is channel_by_category((FUNDS,), category_groups((QUANTUM, SPACE), rows), rows)[0]


def test_category_that_nothing_touches_has_no_column():
    rows = (engagement(subjects=(subject("Sensors"),)),)

    assert [group.key for group in category_groups((SPACE, QUANTUM), rows)] == ["quantum", NO_TECHNOLOGY]


def test_years_are_counted_by_the_start_the_newest_first():
    _, lines = year_by_channel((FUNDS, RESEARCH), (*touching_rows(), engagement(start="")))

    assert [(line.year.text, line.engagements.content) for line in lines] == [("2021", 1), ("2020", 1), ("2019", 1)]
    assert sum(numbers(lines[0])[name] for name in ("joint_investment_funds", "joint_research")) == 1


def test_withheld_engagement_is_in_no_count():
    rows = tuple(replace(row, withheld=True) for row in touching_rows())

    assert opening(rows, TODAY) == "No engagement between China and Russia stands in our collection yet."
    assert findings(rows, TODAY) == ()
    assert [row.engagements.content for row in channel_summaries((FUNDS,), rows, TODAY)] == [0]
    assert year_by_channel((FUNDS,), rows)[1] == ()
    assert marks_rows(rows) == organisations_in(rows) == valued_rows(rows) == ()


def test_channel_tells_first_and_last_start_states_and_what_is_not_confirmed():
    rows = (
        engagement(start="2012", statuses=(status("announced", "2012"), status("active", "2013"))),
        engagement(start="2021-07-04", statuses=(status("completed", "2021-07"),)),
        engagement(start="", statuses=(status("active", "2026-01"),)),
    )

    (row,) = channel_summaries((FUNDS,), rows, TODAY)

    assert (row.first, row.latest) == ("2012", "2021-07-04")
    assert (row.active.content, row.completed.content, row.unconfirmed.content) == (2, 1, 1)
    assert row.active.address == listing(channel=FUNDS.slug, status="active")
    assert row.announced is None  # nothing stands there now
    assert row.signed is None


def test_count_of_none_leads_nowhere():
    (row,) = channel_summaries((RESEARCH,), (engagement(),), TODAY)
    _, (year,) = year_by_channel((FUNDS, RESEARCH), (engagement(),))

    assert (row.engagements.content, row.engagements.address, row.announced.address) == (0, "", "")
    assert (year.joint_research.content, year.joint_research.address) == (0, "")
    assert year.joint_investment_funds.address == listing(channel=FUNDS.slug, year="2019")


def test_opening_says_how_many_from_when_to_when_and_how_many_are_old():
    rows = (
        engagement(start="2012", statuses=(status("active", "2013"),)),
        engagement(start="2021-07-04", channel=RESEARCH, statuses=(status("completed", "2021-07"),)),
        engagement(start="2020", statuses=(status("active", "2026-01"),)),
    )

    assert opening(rows, TODAY) == (
        "3 engagements between China and Russia dated between 2012 and 4 July 2021 stand in our collection, in two "
        "channels, the largest number in joint investment funds (2). 1 of the 2 that are neither completed nor cancelled "
        "was not confirmed for more than 24 months."
    )
    assert channel_sentence(rows[1:2], TODAY) == (
        "1 engagement dated 4 July 2021 stands in our collection of this channel: 1 completed as last seen."
    )


def test_opening_of_one_engagement_is_in_the_singular():
    assert opening((engagement(),), TODAY) == (
        "1 engagement between China and Russia dated 5 June 2019 stands in our collection, in one channel: joint "
        "investment funds. It is neither completed nor cancelled, and was not confirmed for more than 24 months."
    )


def test_findings_count_states_old_ones_contested_ones_and_what_touches_a_technology():
    rows = (
        engagement(contested=True, statuses=(status("active", "2013"),), subjects=(subject("Sensors"),)),
        engagement(statuses=(status("completed", "2021-07"),)),
    )

    assert findings(rows, TODAY) == (
        "As last seen: 1 reported active, 1 completed; 1 contested.",
        "The one that is neither completed nor cancelled was not confirmed for more than 24 months, since 2013.",
        "1 touches a tracked technology, by our reading; 1 touches none.",
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((engagement(),), "None touches a tracked technology, by our reading."),
        ((engagement(subjects=(subject("Sensors"),)),) * 2, "2 touch a tracked technology, by our reading."),
    ],
)
def test_sentence_on_technologies_leaves_out_what_is_not_there(rows, said):
    assert touching(rows) == said


def test_year_without_an_engagement_is_said_to_be_one():
    assert none_this_year((engagement(start="2025-11"),), TODAY) == (
        "No engagement of 2026 was found by us; the newest is of November 2025."
    )
    assert none_this_year((engagement(start="2026"),), TODAY) == ""


def test_states_are_said_in_their_own_order():
    rows = [engagement(statuses=(status(state, "2020"),)) for state in ("completed", "active", "announced", "active")]

    assert states_said(rows) == "1 announced, 2 active, 1 completed"


@pytest.mark.parametrize(
    ("number", "step"), [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (8, 4), (15, 4), (16, 5), (90, 5)]
)
def test_tint_grows_by_doubling(number, step):
    assert heat(number) == step


def test_steps_of_the_tint_in_words_cover_every_count_once():
    assert [words for _, words in steps_in_words()] == ["16 and more", "8 to 15", "4 to 7", "2 to 3", "1"]


def test_second_publication_is_none_that_another_was_seen_through():
    seen = replace(cited("agency"), seen_through=source("portal"))
    rows = (engagement(cited=(seen, cited("portal"))), engagement(cited=(cited("one"), cited("other"))))

    kinds, second, *_ = coverage_sentences(rows, lambda row: row.main_citation.source.key)

    assert kinds == "What the engagements' main sources are: agency 1, one 1."
    assert second.startswith("1 of 2 cites a second publication.")


def test_organisations_are_counted_by_side_once_an_engagement():
    body = organisation("A fund")
    mine = replace(party("russian", "x"), organisation=body)
    rows = (engagement(parties=(mine, mine, party("chinese", "A bank"))), engagement(parties=(mine,)))

    found = organisations_in(rows, channel="funds")

    assert [(row.organisation.text, row.side, row.engagements.content) for row in found] == [
        ("A bank", "Chinese", 1), ("A fund", "Russian", 2),
    ]  # fmt: skip
    assert found[1].engagements.address == listing(organisation="a-fund", side="russian", channel="funds")


def test_value_that_counts_in_no_sum_says_why():
    worth = {"value_from": Decimal(100), "value_to": Decimal(100), "currency": "USD"}
    rows = (
        engagement("Late", start="2020", **worth, value_note="Of the fund."),
        engagement("Early", start="2019", **worth, counts_in_totals=False, totals_note="The same fund."),
        engagement("Nothing known"),
    )

    assert [(row.engagement.text, row.in_sums, row.remark) for row in valued_rows(rows)] == [
        ("Late", "yes", "Of the fund."), ("Early", "no", "The same fund."),
    ]  # fmt: skip


def test_sum_says_what_part_of_it_is_contested_or_only_possibly_true():
    def worth(number, **said):
        return engagement(value_from=Decimal(number), value_to=Decimal(number), currency="USD", **said)

    possible = (cited(credibility="3"),)
    rows = (worth(100), worth(200, contested=True), worth(40, cited=possible), worth(2, cited=possible, start="2020"))

    first, second = money_rows(rows)

    assert (first.amount_from, first.engagements) == (Decimal(340), 3)
    assert first.doubt == (
        "of this 200 USD from one contested record; of this 40 USD from one record marked at most possibly true"
    )
    assert second.doubt == "of this 2 USD from one record marked at most possibly true"
    assert money_rows((worth(100),))[0].doubt == ""
    assert {row.contested for row in valued_rows(rows)} == {True, False}
    assert valued_rows(rows)[0].marks == "usually reliable source, possibly true"


# ---- The join ----


def test_combined_share_is_the_sum_and_a_bound_where_one_is_unknown():
    both = combined_share(score(CHINA, 1, "28.2"), score(RUSSIA, 36, "0.265"))
    one = combined_share(score(CHINA, 1, "37"), None)

    assert (both.text, both.basis, bool(both.cited)) == ("28.5", "derived", True)
    assert one.text == "at least 37"
    assert "no share is known" in one.note
    assert not combined_share(score(CHINA, 1), None).known
    assert not combined_share(None, None).known
    assert not combined_share(score(CHINA, 1, "37", withheld=True), None).known


def test_technologies_keep_their_categories_and_come_by_engagements_within():
    technologies = (technology(1, "Sensors"), technology(2, "Clocks"), technology(3, "Rockets", "space"))
    standings = {1: told(score(CHINA, 1, "37")), 2: told(), 3: told(score(AMERICA, 1))}

    rows = touched_rows(technologies, standings, (*touching_rows(), engagement(subjects=(subject("Clocks"),) * 2)))

    assert [(row.technology.text, row.number, row.leader.text) for row in rows] == [
        ("Clocks", 1, "unknown"), ("Sensors", 1, "China"), ("Rockets", 2, "United States"),
    ]  # fmt: skip
    assert rows[1].combined.text == "at least 37"
    assert not rows[1].russia_share.known
    assert rows[2].states == "2 announced"
    assert rows[2].engagements.address == listing(technology="rockets")


def test_technology_that_nothing_touches_leads_to_no_engagements():
    (row,) = touched_rows((technology(1, "Sensors"),), {1: told()}, ())

    assert (row.number, row.engagements.address, row.technology.address) == (0, "", "/technologies/sensors/")


def test_category_counts_leaders_of_the_edition_alone_as_bounds_while_one_is_unknown():
    technologies = (technology(1, "Sensors"), technology(2, "Clocks"), technology(3, "Radar"))
    standings = {
        1: told(score(CHINA, 1)),
        2: told(),
        3: told(score(AMERICA, 1), where=edition("other", "August 2024")),
    }

    (row,) = category_joins(technologies, standings, touching_rows(), edition())

    assert (row.engagements.content, row.technologies, row.touched) == (1, 2, 1)
    assert row.china_leads.text == "at least 1"
    assert not row.others_lead.known  # rather than "at least 0"
    assert row.china_leads.cited


def test_best_rank_is_the_best_one_known_and_none_that_is_withheld():
    standings = (
        told(score(RUSSIA, 7)), told(score(RUSSIA, 3)), told(score(RUSSIA, 1, withheld=True)),
        told(score(CHINA, 1), score(AMERICA, 2)),
    )  # fmt: skip

    assert best_rank("RU", standings[:2]).content == Ranks(3, 3)
    assert best_rank("US", standings).content == Ranks(2, 2)
    assert not best_rank("RU", standings[2:3]).known
    assert not best_rank("IN", standings).known


def test_sentences_set_engagements_against_leaders():
    technologies = (technology(1, "Sensors"), technology(3, "Rockets", "space"))
    standings = {1: told(score(CHINA, 1)), 3: told(score(AMERICA, 1))}
    rows = touching_rows()
    touched = touched_rows(technologies, standings, rows)

    said = against_leaders(category_joins(technologies, standings, rows, edition()), touched, edition())

    assert said[:3] == (
        "The category touched most is space (2 engagements); of its technologies in the March 2023 edition (1) China leads none.",
        "Of the 2 technologies touched, China leads 1 and the United States 1, each in the edition shown in its row.",
        "The technology touched most is rockets (2 engagements), which the United States leads in the March 2023 "
        "edition.",
    )
    assert "neither a share nor a rank of Russia" in said[3]
    assert against_leaders((), (), edition()) == ()


def test_what_china_leads_and_nothing_touches_is_counted():
    technologies = (technology(1, "Sensors"), technology(2, "Clocks"))
    standings = {1: told(score(CHINA, 1)), 2: told(score(CHINA, 1))}

    assert untouched(touched_rows(technologies, standings, touching_rows()), edition()) == (
        "Of the 2 technologies that China leads in the March 2023 edition, 1 is touched by no engagement."
    )


def test_fields_tell_where_both_stand():
    physics = field_join(
        Link("Physics", "/"),
        ["Clocks"],
        (score(AMERICA, 1, "30"), score(CHINA, 2, "18.9"), score(RUSSIA, 16, "1.20")),
    )
    chemistry = field_join(
        Link("Chemistry", "/"), ["Fuels", "Air"], (score(CHINA, 1, "37.8"), score(RUSSIA, 38, "0.217"))
    )
    unknown = field_join(Link("Mathematics", "/"), [], (score(CHINA, 1, "2"),))

    assert (physics.leader.text, physics.combined.text) == ("United States", "20.1")
    assert chemistry.technologies == "Air; Fuels"
    assert field_sentence((physics, chemistry, unknown), "2016–2020") == (
        "In the 2 wider research fields of which both ranks are known, China is first in 1; Russia ranks from 16th "
        "(physics) to 38th (chemistry), in 2016–2020."
    )
    assert field_sentence((unknown,), "2016–2020") == ""

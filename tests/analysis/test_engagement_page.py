"""The list of engagements and one engagement whole: filters, choices with counts, sentences, marks."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.analysis.cooperation import FUNDS, RESEARCH, cited, engagement, party, source, status, subject
from tracker.analysis.cooperation_join import TechnologyStanding
from tracker.analysis.engagement_page import (
    Chosen,
    collection_sentence,
    end_label,
    end_remark,
    engagement_sentence,
    engagement_table,
    facets,
    fitting,
    flags_of,
    marks_of,
    shown,
    source_marks,
    subject_row,
    sure_sentence,
    totals_words,
)
from tracker.analysis.leadership import ScoreRow, standing
from tracker.analysis.ordering import UnknownSortKey
from tracker.analysis.read_model import EditionRef, Link, Place, Ranks

TODAY = "2026-11-22"
MARCH = EditionRef(
    "march", "March 2023", "s", "S", "%", "2023-03", "2018–2022", "published", "technology", True, 44, "/e/"
)


def numbers(found):
    return [row.pk for row in found]


OLD = engagement(
    "Moon station",
    channel=RESEARCH,
    start="2021-03-09",
    statuses=(status("active", "2021-06"),),
    parties=(party("chinese"), party("russian", "Roscosmos")),
    subjects=(subject("Space launch systems", category="space"), subject(topic="lunar geology")),
    contested=True,
)
NEW = engagement(
    "Venture fund",
    start="2019",
    description="A fund for start-ups.",
    statuses=(status("completed", "2020"),),
    parties=(party("chinese", "Tsinghua"), party("other", "Roscosmos")),
    cited=(cited("a", reliability="A", credibility="1"),),
    recheck="Check the year.",
)
HIDDEN = engagement("Secret", start="2012", withheld=True, parties=(party("chinese", "Hidden Works"),))
ROWS = (OLD, NEW, HIDDEN)


@pytest.mark.parametrize(
    ("chosen", "fit"),
    [
        (Chosen(), [NEW, OLD]),
        (Chosen(channel="joint-research"), [OLD]),
        (Chosen(status="completed"), [NEW]),
        (Chosen(year="2019"), [NEW]),
        (Chosen(technology="space-launch-systems"), [OLD]),
        (Chosen(category="space"), [OLD]),
        (Chosen(category="none"), [NEW]),
        (Chosen(organisation=("roscosmos",)), [NEW, OLD]),
        (Chosen(organisation=("roscosmos",), side="russian"), [OLD]),
        (Chosen(organisation=("roscosmos",), side="chinese"), []),
        (Chosen(organisation=("roscosmos", "tsinghua")), [NEW]),
        (Chosen(side="chinese"), [NEW]),  # the other's Chinese party is not named
        (Chosen(reliability="A"), [NEW]),
        (Chosen(credibility="2"), [OLD]),
        (Chosen(contested="yes"), [OLD]),
        (Chosen(contested="no"), [NEW]),
        (Chosen(recheck="yes"), [NEW]),
        (Chosen(unconfirmed="yes"), [OLD]),
        (Chosen(unconfirmed="no"), [NEW]),
        (Chosen(q="start-ups"), [NEW]),
        (Chosen(q="LUNAR moon"), [OLD]),
        (Chosen(q="moon fund"), []),
        (Chosen(q="secret"), []),
        (Chosen(year="2012"), []),
        (Chosen(year="2021", contested="yes", q=OLD.code), [OLD]),
    ],
)
def test_filters_leave_what_fits_every_one_of_them(chosen, fit):
    assert numbers(fitting(ROWS, chosen, TODAY)) == numbers(fit)


@pytest.mark.parametrize("words", ["Роскосмос", "state corporation for space", "RKA", "Gagarin"])
def test_free_text_finds_a_party_by_each_of_its_names(words):
    body = replace(party("russian", "Roscosmos").organisation, original_name="Роскосмос", aliases=("RKA",))
    named = replace(
        party("russian", "Roscosmos"), organisation=body, named_as="State Corporation for Space (Gagarin)"
    )

    assert fitting([engagement(parties=(named,))], Chosen(q=words), TODAY)


def test_oldest_unconfirmed_comes_first():
    rows = [engagement(statuses=(status("active", as_of),)) for as_of in ("2021", "2018-05", "2019")]

    found = fitting(rows, Chosen(unconfirmed="yes"), TODAY)

    assert [row.status.as_of for row in found] == ["2018-05", "2019", "2021"]


def test_every_choice_offered_leaves_as_many_as_it_says():
    offered = facets(ROWS, TODAY)

    for name, choices in offered.items():
        for choice in choices:
            value = (choice.value,) if name == "organisation" else choice.value
            found = fitting(ROWS, Chosen(**{name: value}), TODAY)
            assert len(found) == choice.count, (name, choice)
    assert [choice.value for choice in offered["organisation"]] == ["roscosmos", "tsinghua"]
    assert [choice.label for choice in offered["channel"]] == ["Joint investment funds", "Joint research (ours)"]
    assert [choice.value for choice in offered["year"]] == ["2021", "2019"]


def test_withheld_engagement_is_in_no_table():
    table = engagement_table(ROWS, TODAY, caption="All")

    assert [row.code for row in table.rows] == [OLD.code, NEW.code]


def test_line_says_who_is_not_named_and_what_is_no_tracked_technology():
    line = shown(OLD, TODAY)

    assert line.chinese == (Link("chinese side not named", ""),)
    assert [link.address for link in line.technologies] == ["/technologies/space-launch-systems/", ""]
    assert (line.state.text, line.clock) == ("active", "not confirmed since June 2021")
    assert line.marks.text == "usually reliable source, probably true"
    assert line.flags == ("contested",)
    assert flags_of(NEW) == ("check before quoting",)


def test_withheld_amount_is_in_no_column_of_the_line():
    row = engagement(
        value_from=Decimal(5),
        value_to=Decimal(5),
        currency="USD",
        cited=(cited("a", field="value_from", withheld=True),),
    )

    line = shown(row, TODAY)

    assert line.value.withheld
    assert (line.value_from, line.value_to, line.currency) == (None, None, "")
    assert totals_words(row) == ""


def test_collection_is_said_in_one_sentence():
    assert collection_sentence((OLD, NEW), TODAY) == (
        "2 engagements between China and Russia in our collection, dated 2019 to 2021: 1 active and 1 completed; "
        "1 of them not confirmed for 24 months."
    )
    assert collection_sentence((), TODAY) == "No engagement is in our collection yet."


def test_list_that_is_narrowed_says_how_many_fit():
    assert collection_sentence((NEW,), TODAY, 94) == "1 of the 94 engagements in our collection fits: 1 completed."
    assert collection_sentence((), TODAY, 94) == "None of the 94 engagements in our collection fits these choices."


def test_engagement_is_said_in_one_sentence():
    assert engagement_sentence(OLD, TODAY) == (
        "Named in it: Roscosmos. Chinese side not named. Dated 9 March 2021; reported active; not confirmed since "
        "June 2021, but contested."
    )
    assert engagement_sentence(replace(NEW, start=""), TODAY) == (
        "Tsinghua and Roscosmos. Completed as of 2020. Check it before you quote it."
    )


def test_many_parties_are_counted_in_the_sentence():
    row = engagement(
        parties=(*(party("chinese", f"C{n}") for n in range(3)), *(party("russian", f"R{n}") for n in range(2)))
    )

    assert engagement_sentence(row, TODAY).startswith("5 parties named: 3 Chinese and 2 Russian. ")


def test_what_contests_it_is_said_at_once_after_its_state():
    row = replace(OLD, contested_note="Papers describe it; the firm denies it.", statuses=(status("active", "2026"),))

    assert engagement_sentence(row, TODAY).endswith(
        "reported active as of 2026, but contested. Papers describe it; the firm denies it."
    )


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("The day announced for the signing.", "Dated 20 October 2019 (the day announced for the signing); "),
        ("The day of the report.", "Dated 20 October 2019 (the day of the report); "),
        ("The day is from a page that was not opened.", "Dated 20 October 2019; "),
        ("", "Dated 20 October 2019; "),
    ],
)
def test_note_that_says_what_the_date_is_of_is_in_the_sentence(note, said):
    assert said in engagement_sentence(engagement(start="2019-10-20", start_note=note), TODAY)


def test_parties_that_are_not_named_stand_apart():
    body = replace(party("russian"), unnamed="Russian side, no body of its own named", role="represented by JINR")
    row = engagement(parties=(party("chinese", "Tsinghua"), party("other", "JINR"), body))

    assert engagement_sentence(row, TODAY).startswith(
        "Tsinghua and JINR. Russian side, no body of its own named (represented by JINR). Dated "
    )


@pytest.mark.parametrize(
    ("state", "end", "label"),
    [("completed", "2023", "Ended"), ("active", "2030", "To end"), ("stalled", "2023", "End recorded")],
)
def test_end_is_called_so_where_the_state_says_so(state, end, label):
    row = engagement(end=end, statuses=(replace(status(state, "2023"), note="Russia had withdrawn."),))

    assert end_label(row, TODAY) == label
    assert end_remark(row, TODAY) == (
        "The last state seen is “stalled”, not “completed”: an end of the whole was not seen. Russia had withdrawn."
        if state == "stalled"
        else ""
    )


def test_table_sorts_marks_by_reliability_and_states_by_their_order():
    made = [("C", "1", "completed"), ("A", "2", "announced"), ("B", "1", "active"), ("A", "1", "stalled")]
    rows = [
        engagement(cited=(cited("a", reliability=letter, credibility=digit),), statuses=(status(state, "2020"),))
        for letter, digit, state in made
    ]

    marks = engagement_table(rows, TODAY, caption="All", sort="marks").rows
    states = engagement_table(rows, TODAY, caption="All", sort="-state").rows

    assert [row.reliability + row.credibility for row in marks] == ["A1", "A2", "B1", "C1"]
    assert [row.state.text for row in states] == ["completed", "stalled", "active", "announced"]


@pytest.mark.parametrize("key", ["value", "value_from", "flags", "counts_in_totals"])
def test_table_is_not_sorted_by_what_has_no_order(key):
    with pytest.raises(UnknownSortKey):
        engagement_table(ROWS, TODAY, caption="All", sort=key)


def test_marks_cite_the_main_source_alone():
    row = engagement(cited=(cited("a"), cited("b", reliability="", credibility="")))

    assert [citation.source.key for citation in marks_of(row).cited] == ["a"]


def test_caption_says_what_confirmed_means_where_it_is_printed():
    said = "(“confirmed by other sources”: a second source was seen)"

    assert said in engagement_table([NEW], TODAY, caption="All").caption
    assert said not in engagement_table([OLD], TODAY, caption="All").caption


def test_sources_of_states_and_claims_are_counted_and_withheld_ones_are_not():
    row = engagement(
        cited=(cited("a"), cited("b", withheld=True)),
        statuses=(replace(status("active", "2020"), cited=(cited("a"), cited("c"))),),
    )

    assert sure_sentence(row).startswith("2 sources speak of it")


def test_two_sources_are_not_said_to_be_independent():
    one, two = (
        engagement(cited=(cited("a"),), statuses=()),
        engagement(cited=(cited("a"), cited("b"), cited("b", field="start")), statuses=()),
    )

    assert sure_sentence(one) == "One source speaks of it that we have seen."
    assert sure_sentence(two).startswith("2 sources speak of it")
    assert "not verified twice" in sure_sentence(two)


def test_every_source_is_listed_with_what_it_speaks_of_and_its_marks_in_words():
    bare = replace(cited("a"), reliability="", credibility="")
    through = replace(cited("b", field="start"), seen_through=source("mirror"), stated_value="2018")
    life = (
        replace(status("announced", "2019-06-05"), cited=(bare,)),
        replace(status("active", "2020"), cited=(replace(bare, source=source("c"), passage="Work began."),)),
    )
    row = engagement(cited=(cited("a"), through), statuses=life)

    lines = [(line.source.text, line.speaks_of, line.marks, line.says) for line in source_marks(row)]

    assert lines == [
        (
            "Report of a",
            "the engagement; announced, 5 June 2019",
            "usually reliable source (B), probably true (2)",
            "",
        ),
        ("Report of b", "start", "usually reliable source (B), probably true (2)", "Prints 2018."),
        ("Report of c", "active, 2020", "not rated", "Work began."),
    ]
    assert source_marks(row)[1].seen_through == Link("Mirror", "/sources/mirror/")


def score(code, rank, share):
    return ScoreRow(
        "t", Place(code, code), Ranks(rank, rank), share and Decimal(share), "", None, None, "stated", "", (cited(),)
    )


@pytest.mark.parametrize(
    ("scores", "combined"),
    [
        ([score("CN", 1, "40.5"), score("RU", 9, "2.1")], "42.6"),
        ([score("CN", 1, "40.5")], "at least 40.5"),
        ([score("CN", 1, "40.5"), score("RU", 9, None)], "at least 40.5"),
        ([score("US", 1, "50")], "unknown"),
    ],
)
def test_technology_says_who_leads_and_what_the_two_have_together(scores, combined):
    row = subject_row(subject("Radar"), TechnologyStanding(MARCH, standing(scores, None), tuple(scores)))

    assert row.combined.text == combined
    assert row.leader.text == scores[0].place.name
    assert row.basis == "our reading"


def test_topic_has_no_leader_and_says_that_it_is_not_tracked():
    row = subject_row(subject(topic="chemistry"), None)

    assert (row.subject, row.leader, row.combined) == (Link("chemistry", ""), None, None)
    assert row.basis == "not one of the tracked technologies"


def test_value_says_whether_sums_take_it_in():
    worth = {"value_from": Decimal(10**9), "value_to": Decimal(10**9), "currency": "USD"}

    assert totals_words(engagement(**worth)) == "It counts in our sums of money."
    assert totals_words(engagement(**worth, counts_in_totals=False, totals_note="The same fund as CR045.")) == (
        "It does not count in our sums of money. The same fund as CR045."
    )
    assert totals_words(engagement(channel=FUNDS)) == ""

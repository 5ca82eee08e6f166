"""The network: who is tied to whom, which organisations are drawn, and in an order that lessens crossings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.cooperation import engagement, party
from tracker.analysis.cooperation_network import (
    HEADING_STEPS,
    MOST_NODES,
    NODE_STEPS,
    NetworkTie,
    crossings,
    network,
    network_ref,
    network_steps,
    ordered_columns,
    tie_rows,
)
from tracker.analysis.engagements import SIDES


def met(chinese="", russian="", other="", **said):
    """An engagement of the organisations named, separated by ';'; '?' is a party without a name."""
    parties = [
        party(side, "" if name == "?" else name)
        for side, names in zip(SIDES, (chinese, russian, other), strict=True)
        for name in filter(None, names.split(";"))
    ]
    return engagement(parties=tuple(parties), **said)


def ties_of(model):
    return {(tie.one, tie.other): tie.engagements for tie in model.ties}


def test_tie_joins_organisations_on_different_sides_of_one_engagement():
    model = network([met("Tsinghua;MOST", "Bauman", "JINR")])

    assert ties_of(model) == {
        ("bauman", "jinr"): 1, ("most", "bauman"): 1, ("most", "jinr"): 1, ("tsinghua", "bauman"): 1,
        ("tsinghua", "jinr"): 1,
    }  # fmt: skip


def test_tie_counts_the_engagements_shared():
    model = network([met("CNSA", "Roscosmos"), met("CNSA", "Roscosmos"), met("CNSA", "RDIF")])

    assert ties_of(model) == {("cnsa", "rdif"): 1, ("cnsa", "roscosmos"): 2}
    assert {node.name: node.engagements for node in model.nodes} == {"CNSA": 3, "Roscosmos": 2, "RDIF": 1}
    assert model.title == "CNSA and Roscosmos are named together most often in our collection, in 2 engagements"


def test_organisation_named_twice_in_an_engagement_takes_part_in_it_once():
    model = network([met("Tus", "RCIF", "RCIF")])

    assert ties_of(model) == {("tus", "rcif"): 1}
    assert {node.name: (node.side, node.engagements) for node in model.nodes}["RCIF"] == ("russian", 1)


def test_organisation_stands_on_the_side_on_which_it_takes_part_most_often():
    rows = [met("Tus", other="RCIF"), met("CIC", other="RCIF"), met("Tus", "RCIF")]

    assert [node.name for node in network(rows).of_side("other")] == ["RCIF"]


def test_organisations_of_one_column_are_tied_where_one_takes_part_on_another_side():
    rows = [met("Tus", "RDIF"), met("CIC", "Roscosmos"), met("CIC", "Roscosmos"), met("Tus", "CIC")]

    assert ties_of(network(rows))["cic", "tus"] == 1


def test_unnamed_party_is_no_organisation_and_is_said():
    model = network([met("?", "Sberbank"), met("?;Tsinghua", "Sberbank")])

    assert [node.name for node in model.nodes] == ["Tsinghua", "Sberbank"]
    assert model.unnamed == 2
    assert "2 parties not named as organisations are left out" in model.alt


def test_withheld_engagement_ties_nobody():
    model = network([met("Tsinghua", "Sberbank"), met("Secret", "Sberbank", withheld=True)])

    assert (model.total, {node.name: node.engagements for node in model.nodes}["Sberbank"]) == (2, 1)
    assert "Secret" not in model.alt
    assert len(tie_rows([met("Secret", "Sberbank", withheld=True)])) == 0


def test_at_most_forty_are_drawn_of_equals_those_named_with_most_others_then_by_name():
    rows = [met(f"Institute {number:02}", "Roscosmos") for number in range(60)]
    rows += [met("Zhuhai", "Rostec"), met("Zhuhai", "Rosatom"), met("Zenith", "Rostec;Rosatom")]

    model = network(rows)

    assert len(model.nodes) == MOST_NODES
    drawn = {node.name for node in model.nodes}
    # Four organisations have more than one; all others have one: first the one with two partners, then names decide.
    assert drawn == {"Roscosmos", "Zhuhai", "Rostec", "Rosatom", "Zenith", *(f"Institute {n:02}" for n in range(35))}
    assert (model.total, model.left_out, model.least, model.cut) == (65, 25, 1, True)
    assert model.by_side == {"chinese": 62, "russian": 3, "other": 0}
    assert "Drawn are 40, those with most engagements, then most partners" in model.alt


def test_of_equals_all_are_drawn_or_none_where_that_fills_half_of_the_room():
    rows = [met(f"Institute {number:02}", "Roscosmos") for number in range(25) for _ in "ab"]
    rows += [met(f"Company {number:02}", "Rostec") for number in range(25)]

    model = network(rows)

    # Rostec has more engagements than any institute; the companies, one each, are too many to be drawn.
    assert {node.name for node in model.nodes} == {"Roscosmos", "Rostec", *(f"Institute {n:02}" for n in range(25))}
    assert (model.least, model.cut, model.left_out) == (2, False, 25)
    assert "Drawn are 27, those with 2 engagements or more" in model.alt


def test_tie_of_contested_engagements_only_is_marked():
    rows = [
        met("Autel", "Aero-HIT", contested=True),
        met("CNSA", "Roscosmos", contested=True),
        met("CNSA", "Roscosmos"),
    ]

    model = network(rows)

    assert {(tie.one, tie.other): tie.contested for tie in model.ties} == {
        ("autel", "aero-hit"): True,
        ("cnsa", "roscosmos"): False,
    }
    assert "1 of the 2 lines, dashed, rests on contested engagements only" in model.alt
    assert [(row.organisation.text, row.contested) for row in tie_rows(rows)] == [
        ("CNSA", ""),
        ("Autel", "contested"),
    ]


def test_node_whose_partners_are_not_drawn_stands_apart():
    rows = [met(f"Institute {number:02}", "Roscosmos") for number in range(60)]
    rows += [met("Huawei", "MTS"), met("Huawei", "Vokord")]

    model = network(rows)

    assert [[node.name for node in column] for column in model.apart] == [["Huawei"], []]
    assert "Huawei" not in {node.name for column in model.columns for node in column}


def test_without_any_tie_the_columns_hold_all():
    model = network([met("Tsinghua;Peking University", "?")])

    assert [len(column) for column in model.columns] == [2, 0]
    assert not any(model.apart)
    assert model.title == "2 organisations in our collection, no two on different sides"


def test_others_stand_below_in_two_columns_opposite_to_their_partners():
    model = network([met("Tsinghua;MOST", other="JINR"), met("", "RDIF", other="RCIF"), met("Tus", "RDIF")])

    assert [[node.name for node in column] for column in model.below] == [["RCIF"], ["JINR"]]


def test_nothing_recorded_is_said():
    model = network([], about="Radar")

    assert (model.nodes, model.ties, network_steps(model)) == ((), (), 0)
    assert model.title == "Radar: no organisation is named in our collection"


def test_height_counts_the_lines_and_the_headings():
    model = network([met("Tsinghua;MOST", "Bauman", "JINR")])

    assert network_steps(model) == 2 * NODE_STEPS + NODE_STEPS + HEADING_STEPS
    ref = network_ref(model, "channel=x", "ties")
    assert (ref.name, ref.size, ref.title, ref.alt) == (
        "cooperation-network",
        network_steps(model),
        model.title,
        model.alt,
    )


def test_table_lists_every_tie_those_of_most_engagements_first():
    rows = [
        met("CNSA", "Roscosmos", title="Moon", start="2021"), met("CNSA", "Roscosmos", title="Map", start="2019"),
        met("Alibaba", "MegaFon", "JINR", title="Shop"),
    ]  # fmt: skip

    table = tie_rows(rows)

    assert [(row.organisation.text, row.partner.text, row.engagements.content) for row in table] == [
        ("CNSA", "Roscosmos", 2), ("Alibaba", "JINR", 1), ("Alibaba", "MegaFon", 1), ("MegaFon", "JINR", 1),
    ]  # fmt: skip
    assert [(row.side, row.partner_side) for row in table][:2] == [
        ("Chinese side", "Russian side"),
        ("Chinese side", "other party"),
    ]
    assert [link.text for link in table[0].which] == ["Map", "Moon"]
    assert table[0].engagements.address == "/organisations/cnsa/"
    assert tie_rows(rows, lambda one, other: f"/{one}/{other}/")[0].engagements.address == "/cnsa/roscosmos/"


def test_table_and_figure_agree_where_all_are_drawn():
    rows = [met("CNSA;CAS", "Roscosmos"), met("CAS", "RAS", "JINR"), met("CNSA", "Roscosmos")]

    drawn = sorted(ties_of(network(rows)).values())

    assert drawn == sorted(len(row.which) for row in tie_rows(rows))


def test_order_takes_away_the_crossings_that_need_not_be():
    ties = [NetworkTie("a", "z", 1), NetworkTie("b", "y", 1), NetworkTie("c", "x", 3)]

    columns = ordered_columns([["a", "b", "c"], ["x", "y", "z"], []], ties)

    assert crossings([["a", "b", "c"], ["x", "y", "z"], []], ties) == 3
    assert crossings(columns, ties) == 0


def test_untied_ones_come_last():
    columns = ordered_columns([["a", "b"], ["y", "z"], []], [NetworkTie("b", "z", 1)])

    assert columns == [["b", "a"], ["z", "y"], []]


NAMES = [f"{letter}{number}" for letter in "cro" for number in range(8)]
ENGAGEMENTS = st.lists(st.sets(st.sampled_from(NAMES), min_size=1, max_size=5), max_size=25)


def rows_of(named):
    return [met(*(";".join(sorted(name for name in names if name[0] == side)) for side in "cro")) for names in named]


@given(ENGAGEMENTS)
def test_order_never_has_more_crossings_than_that_by_number_of_engagements(named):
    model = network(rows_of(named))
    columns = [[node.slug for node in model.of_side(side)] for side in SIDES]
    tied = [[slug for slug in column if slug in model.tied] for column in columns]
    by_number = [
        sorted(
            (node for node in model.of_side(side) if node.slug in model.tied), key=lambda n: (-n.engagements, n.name)
        )
        for side in SIDES
    ]

    assert crossings(tied, model.ties) <= crossings(
        [[node.slug for node in column] for column in by_number], model.ties
    )


@given(ENGAGEMENTS, st.randoms())
def test_order_of_the_rows_given_changes_nothing(named, random):
    rows = rows_of(named)

    assert network(random.sample(rows, len(rows))) == network(rows)


@given(ENGAGEMENTS)
def test_every_organisation_is_drawn_or_counted_as_not_drawn(named):
    model = network(rows_of(named))

    assert len(model.nodes) + model.left_out == len({name for names in named for name in names})
    assert sum(model.by_side.values()) == model.total
    placed = [node for columns in (model.columns, model.below, model.apart) for column in columns for node in column]
    assert sorted(placed, key=lambda node: node.slug) == sorted(model.nodes, key=lambda node: node.slug)


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        ([met("CNSA", "Roscosmos")], "Moon: 2 organisations are named in 1 engagement of our collection"),
        (
            [met("CNSA", "Roscosmos"), met("CAS", "RAS")],
            "Moon: 4 organisations are named in 2 engagements of our collection",
        ),
    ],
)
def test_title_names_no_pair_where_none_stands_out(rows, title):
    assert network(rows, about="Moon").title == title

"""Which organisations may be named: the one rule, for every page, figure and count.

An organisation is named whole if an open source speaks of it; or, where no source of its own speaks of it, if
something that is shown names it: an engagement, a case, a listing, a claim, an organisation that is a part of it. One
whose own sources are all withheld is named where an open engagement names it, with its name, its engagements and the
lists that open sources say it stands on, and nothing else. Any other does not exist for readers.

A page that reads everything decides in one query and its one reading of citations:

    mentions = read_mentions()
    cited = reader.citations({**others, **mentions.to_cite})
    naming = mentions.naming(cited)

A page of a few organisations asks `naming_of`, which reads more only where their own sources do not decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F

from tracker.analysis.engagements import OrganisationRef
from tracker.analysis.organisations import Parts
from tracker.analysis.read_model import Cited
from tracker.models import CaseParty, Claim, Listing, Organisation, Participation
from tracker.pages.rows import CitedBy, RecordReader, all_withheld
from tracker.pages.union import union_rows

ORGANISATION, ENGAGEMENT, PARTICIPATION = "organisation", "engagement", "participation"
LISTING = "listing"


def of_whole(cited: tuple[Cited, ...]) -> tuple[Cited, ...]:
    """The citations that speak of a record as a whole."""
    return tuple(citation for citation in cited if not citation.field)


def sealed(cited: CitedBy, kind: str, pk: int) -> bool:
    """Whether sources speak of a record, and all of them are withheld."""
    own = cited.get((kind, pk), ())
    return all_withheld(of_whole(own) or own)


def name_only(ref: OrganisationRef) -> OrganisationRef:
    """Of an organisation whose own sources are all withheld: its name."""
    return replace(ref, kind="", country=None, original_name="", original_language="", aliases=())


@dataclass(frozen=True)
class Naming:
    """Organisations by primary key: those shown `whole`, and those of which only the name is.

    `parts`: the shown engagements and sides of each, whether it is named or not.
    """

    whole: frozenset[int]
    name_only: frozenset[int]
    parts: Parts

    def __contains__(self, pk: object) -> bool:
        return pk in self.whole or pk in self.name_only


@dataclass(frozen=True)
class Mention:
    """A record that names an organisation, and what it belongs to; an organisation names what it is a part of."""

    kind: str
    pk: int
    about_kind: str
    about: int
    organisation: int | None
    side: str


@dataclass(frozen=True)
class Mentions:
    """Every mention of every organisation; each organisation is there itself, with its parent or None."""

    rows: tuple[Mention, ...]

    @property
    def to_cite(self) -> dict[str, list[int]]:
        """The records whose citations `naming` needs, by kind."""
        found: dict[str, dict[int, None]] = defaultdict(dict)
        for row in self.rows:
            found[row.kind][row.pk] = None
            found[row.about_kind][row.about] = None
        return {kind: list(pks) for kind, pks in found.items()}

    def naming(self, cited: CitedBy) -> Naming:
        every = {row.pk: row.organisation for row in self.rows if row.kind == ORGANISATION}
        closed = {pk for pk in every if sealed(cited, ORGANISATION, pk)}
        silent = {pk for pk in every if not cited.get((ORGANISATION, pk))}
        shown = [row for row in self.rows if row.kind != ORGANISATION and not _hidden(row, cited)]
        parts: Parts = defaultdict(set)
        for row in shown:
            if row.kind == PARTICIPATION and row.organisation is not None:
                parts[row.organisation].add((row.about, row.side))
        whole = set(every) - closed - silent
        # What is named by something newly named is named too.
        while more := (silent - whole) & _named(shown, every, whole):
            whole |= more
        return Naming(frozenset(whole), frozenset(closed & set(parts)), parts)


def _hidden(row: Mention, cited: CitedBy) -> bool:
    if row.kind == PARTICIPATION:
        # A party without citations of its own has those of its engagement.
        general = of_whole(cited.get((ENGAGEMENT, row.about), ()))
        return sealed(cited, ENGAGEMENT, row.about) or all_withheld(cited.get((PARTICIPATION, row.pk), general))
    named = tuple(one for one in cited.get((row.kind, row.pk), ()) if one.field == "organisation")
    return sealed(cited, row.kind, row.pk) or sealed(cited, row.about_kind, row.about) or all_withheld(named)


def _named(shown: Iterable[Mention], every: dict[int, int | None], whole: Collection[int]) -> set[int | None]:
    """What records that are shown name, and organisations that are shown whole."""
    found = {
        row.organisation
        for row in shown
        if row.about_kind != ORGANISATION or row.about in whole or row.about == row.organisation
    }
    return found | {every[pk] for pk in whole}


def read_mentions() -> Mentions:
    """Every mention: one query."""
    rows = union_rows(
        (Organisation.objects.all(), _columns(ORGANISATION, ORGANISATION, "pk", "parent_id")),
        (
            Participation.objects.all(),
            _columns(PARTICIPATION, ENGAGEMENT, "engagement_id", "organisation_id") | {"side": F("side")},
        ),
        (CaseParty.objects.all(), _columns("caseparty", "case", "case_id", "organisation_id")),
        (Listing.objects.all(), _columns(LISTING, "control", "control_id", "organisation_id")),
        (Claim.objects.all(), _columns("claim", F("kind"), "record", "organisation_id")),
        (Claim.objects.filter(kind=ORGANISATION), _columns("claim", F("kind"), "record", "record")),
    )
    return Mentions(
        tuple(
            Mention(row["kind"], row["pk"], row["about_kind"], row["about_pk"], row["body_pk"], row["side"])
            for row in rows
        )
    )


def _columns(kind: str, about_kind: str | F, about: str, organisation: str) -> dict[str, Any]:
    """The columns of a `Mention` for records of one model."""
    return {
        "kind": kind, "pk": F("pk"), "about_kind": about_kind, "about_pk": F(about), "body_pk": F(organisation),
        "side": "",
    }  # fmt: skip


def naming_of(cited: CitedBy, pks: Collection[int], *, mentioned: Collection[int] = ()) -> Naming:
    """The naming of a few organisations, whose own citations are `cited`: no query, or two.

    Two where no open source speaks of one of them. `parts` are then known, else empty. `mentioned`: those that
    something which is shown names, so that the silence of their own sources needs no question.
    """
    unclear = [
        pk
        for pk in pks
        if sealed(cited, ORGANISATION, pk) or (not cited.get((ORGANISATION, pk)) and pk not in mentioned)
    ]
    if not unclear:
        return Naming(frozenset(pks), frozenset(), {})
    mentions = read_mentions()
    # Read apart: what is looked at to decide is not shown by the page.
    return mentions.naming(RecordReader(None).citations(mentions.to_cite))


def named_organisations() -> tuple[OrganisationRef, ...]:
    """Every organisation that may be named, by name only: three queries, for suggestions."""
    mentions = read_mentions()
    naming = mentions.naming(RecordReader(None).citations(mentions.to_cite))
    rows = Organisation.objects.order_by("name", "pk").values_list("pk", "slug", "name")
    return tuple(OrganisationRef(pk, slug, name, "", None, "", "") for pk, slug, name in rows if pk in naming)

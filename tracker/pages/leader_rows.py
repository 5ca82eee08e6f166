"""Reading who leads the technologies that engagements touch, in one edition or in another that covers each.

Three queries, and one for the technologies themselves; a page reads the citations with its others:

    leaders = Leaders(reader, edition, touched)
    cited = reader.citations(all_to_cite(others, leaders.to_cite))
    leaders.cite(cited)
    leaders.standings()                                   by the technology's primary key
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q

from tracker.analysis.cooperation_join import (
    CHINA,
    RUSSIA,
    FieldJoinRow,
    TechnologyRef,
    TechnologyStanding,
    field_join,
)
from tracker.analysis.leadership import AssessmentRow, standing
from tracker.analysis.read_model import Link
from tracker.models import Technology
from tracker.pages.profiles import newest_fields
from tracker.pages.rows import CitedBy, RecordReader, WindowRow, assessment_row, cited_scores


@dataclass(frozen=True)
class OwnTechnology:
    """A tracked technology in its own category, with the research fields it is narrower than."""

    ref: TechnologyRef
    fields: tuple[tuple[int, Link], ...]


def own_technologies(reader: RecordReader) -> tuple[OwnTechnology, ...]:
    """Every technology, category by category, with its wider fields: one query."""
    refs: dict[int, TechnologyRef] = {}
    fields: dict[int, list[tuple[int, Link]]] = defaultdict(list)
    rows = Technology.objects.filter(level=Technology.Level.TECHNOLOGY).order_by(
        "category__position", "category__name", "name", "pk", "wider_fields__pk"
    )
    for row in rows.values_list(
        "pk", "slug", "name", "category_id", "category__slug", "category__name",
        "wider_fields__pk", "wider_fields__field_id", "wider_fields__field__slug", "wider_fields__field__name",
    ):  # fmt: skip
        pk, slug, name, category_pk, category, category_name, wider, field_pk, field, field_name = row
        link = Link(category_name, f"/technologies/?category={category}")
        refs.setdefault(pk, TechnologyRef(pk, slug, Link(name, f"/technologies/{slug}/"), link, category))
        reader.show("category", [category_pk])
        if wider:
            fields[pk].append((field_pk, Link(field_name, f"/fields/{field}/")))
            reader.show("widerfield", [wider])
            reader.show("technology", [field_pk])
    reader.show("technology", refs)
    return tuple(OwnTechnology(ref, tuple(fields[pk])) for pk, ref in refs.items())


class Leaders:
    """Who leads technologies in one edition, or in the newest that covers one; and who leads research fields.

    Three queries, and the citations that `to_cite` names.
    """

    def __init__(
        self,
        reader: RecordReader,
        edition: str,
        touched: Collection[int],
        fields: Collection[int] = (),
        *,
        whole: bool = False,
    ) -> None:
        """`touched` and `fields`: primary keys of the technologies and research fields that are read.

        `whole`: all technologies of the edition too. Raises NotFound for the edition.
        """
        editions = reader.editions
        self._editions = editions
        self.edition = editions.choose(edition)
        self._windows: dict[str, WindowRow] = {
            ref.slug: window for ref in editions.of_technologies if (window := editions.window(ref))
        }
        self.newest = next(iter(reversed(newest_fields(editions))), None) if fields else None
        self._of_fields = editions.window(self.newest) if self.newest else None
        wanted = Q(technology__in=touched, edition__in=[editions.pk(ref) for ref in editions.of_technologies])
        if whole:
            wanted |= Q(edition=editions.pk(self.edition))
        if self.newest:
            wanted |= Q(edition=editions.pk(self.newest), technology__in=fields)
        self._entries = reader.entries(wanted)
        self._shown_in = self._candidates()
        of_window: dict[int, list[int]] = defaultdict(list)
        for pk, slugs in self._shown_in.items():
            for slug in slugs:
                of_window[self._windows[slug].pk].append(pk)
        scores = Q(pk__in=[])
        for window_pk, pks in of_window.items():
            scores |= Q(window=window_pk, technology__in=pks)
        if self._of_fields:
            of_the_two = Q(country__code__in=(CHINA, RUSSIA)) | Q(rank_to=1)
            scores |= Q(window=self._of_fields.pk, technology__in=fields) & of_the_two
        self._keyed = reader.scores(scores)
        # Of a technology that two editions have, both are read, though one may be asked for only one of them.
        self._assessments = reader.assessments(window__in=list(of_window), technology__in=list(self._shown_in))

    def _candidates(self) -> dict[int, tuple[str, ...]]:
        """The editions that each technology can be shown in: the chosen one alone, else all that cover it, newest first."""
        covering: dict[int, set[str]] = defaultdict(set)
        for entry in self._entries:
            if entry.edition in self._windows:
                covering[entry.technology_pk].add(entry.edition)
        newest_first = list(reversed(self._windows))
        own = self.edition.slug
        return {
            pk: (own,) if own in slugs else tuple(sorted(slugs, key=newest_first.index))
            for pk, slugs in covering.items()
        }

    @property
    def to_cite(self) -> dict[str, list[int]]:
        return {
            "score": [score.pk for score in self._keyed],
            "assessment": [row.pk for row, _, _ in self._assessments],
            "editiontechnology": [entry.pk for entry in self._entries],
        }

    def cite(self, cited: CitedBy) -> None:
        """Takes the citations that `to_cite` asked for; `standings` and `fields` need them."""
        self._scores = cited_scores(self._keyed, cited, self._entries, self._editions)
        self._said: dict[tuple[int, int], AssessmentRow] = {
            (row.window_id, row.technology_id): assessment_row(
                row, lead, second, cited.get(("assessment", row.pk), ())
            )
            for row, lead, second in self._assessments
        }

    def standings(self) -> dict[int, TechnologyStanding]:
        """Who leads each technology, by its primary key.

        In the chosen edition; where that does not cover it, in the newest that tells us the leader, else in the newest.
        """
        found = {}
        for pk, slugs in self._shown_in.items():
            told = [self._standing(pk, slug) for slug in slugs]
            found[pk] = next((one for one in told if one.now.leader.known), told[0])
        return found

    def _standing(self, technology: int, edition: str) -> TechnologyStanding:
        key = (self._windows[edition].pk, technology)
        own = tuple(self._scores.get(key, ()))
        return TechnologyStanding(self._editions.get(edition), standing(own, self._said.get(key)), own)

    def fields(self, technologies: Iterable[OwnTechnology], touched: Collection[int]) -> tuple[FieldJoinRow, ...]:
        """The research fields that technologies touched are narrower than, by name."""
        if self._of_fields is None:
            return ()
        names: dict[int, list[str]] = defaultdict(list)
        links: dict[int, Link] = {}
        for technology in technologies:
            for pk, link in technology.fields:
                if technology.ref.pk in touched:
                    links[pk] = link
                    names[pk].append(technology.ref.link.text)
        return tuple(
            field_join(link, names[pk], self._scores.get((self._of_fields.pk, pk), ()))
            for pk, link in sorted(links.items(), key=lambda pair: pair[1].text)
        )

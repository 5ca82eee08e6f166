"""The question of a comparison: the address's words -> sides, subject and editions; and the form to ask another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from tracker.analysis.compare_page import Chooser, Option, OptionGroup, PlaceOption
from tracker.analysis.comparison import columns_of
from tracker.analysis.finding import over_the_fields
from tracker.analysis.read_model import EditionRef, Place
from tracker.analysis.side import MOST, NamedPlace, Places, Side, SideRefused, checked
from tracker.analysis.technologies import category_slug, joined
from tracker.models import Bloc, BlocMembership, Country, Technology
from tracker.pages.not_found import NotFound
from tracker.pages.rows import Editions, EntryRow, RecordReader, bloc_place, country_place

ADDRESS = "/compare/"


class Refused(ValueError):
    """The question cannot be answered: why; `unknown` where something named in it does not exist."""

    def __init__(self, *reasons: str, unknown: bool = False) -> None:
        self.reasons, self.unknown = reasons, unknown
        super().__init__(" ".join(reasons))


@dataclass(frozen=True)
class Asked:
    """The query as it was put, word by word."""

    side: tuple[str, ...]
    edition: str = ""
    technology: str = ""
    category: str = ""
    field: str = ""
    from_: str = ""
    to: str = ""
    in_: str = ""
    swap: str = ""

    def scoped(self) -> Asked:
        """With the one list of the form (`in_`) taken apart into the address's own names."""
        if not self.in_:
            return self
        kind, _, slug = self.in_.partition("/")
        bare = replace(self, in_="", technology="", category="", field="")
        if slug and kind == "technology":
            return replace(bare, technology=slug)
        if slug and kind == "category":
            return replace(bare, category=slug)
        if slug and kind == "field":
            return replace(bare, field=slug)
        if kind in ("technologies", "fields") and not slug:
            # What is left of the address must say which of the two: an edition does.
            return replace(bare, in_=kind)
        raise Refused(f"“in”: there is no such choice as “{self.in_[:60]}”.")

    def turned(self) -> Asked:
        if not self.swap:
            return self
        return replace(self, side=(*self.side[1::-1], *self.side[2:]), swap="")

    @property
    def empty(self) -> bool:
        return not any((self.side, self.technology, self.category, self.field, self.from_, self.to, self.in_))

    def query(self) -> str:
        pairs = [("side", side) for side in self.side]
        pairs += [
            (name, value)
            for name, value in (
                ("category", self.category),
                ("technology", self.technology),
                ("field", self.field),
                ("edition", self.edition),
                ("from", self.from_),
                ("to", self.to),
            )
            if value
        ]
        return urlencode(pairs, safe=":,")


@dataclass(frozen=True)
class Subject:
    """A technology or field that can be asked for."""

    pk: int
    slug: str
    name: str
    level: str
    category: str
    category_name: str

    @property
    def address(self) -> str:
        return f"/{'fields' if self.level == 'field' else 'technologies'}/{self.slug}/"


@dataclass(frozen=True)
class Question:
    """What is compared, resolved. `editions`: the one, or the two of `from` and `to`, or all windows of a series
    for one technology or field (`over_time`)."""

    asked: Asked
    sides: tuple[Side, ...]
    level: str
    subject: Subject | None
    edition: EditionRef
    editions: tuple[EditionRef, ...]
    two: tuple[EditionRef, EditionRef] | None

    @property
    def address(self) -> str:
        return f"{ADDRESS}?{self.asked.query()}"

    @property
    def over_time(self) -> bool:
        return self.subject is not None and self.two is None

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """(column, name) of each side."""
        return tuple(zip(columns_of(self.sides), (side.name for side in self.sides), strict=True))

    @property
    def singles(self) -> frozenset[str]:
        """The columns of the sides that are one country."""
        return frozenset(
            column for column, side in zip(columns_of(self.sides), self.sides, strict=True) if side.single
        )


def read_places(reader: RecordReader) -> Places:
    """Every country, and every bloc with its members on the day of the page: two queries."""
    countries = []
    for code, name, other_names in Country.objects.order_by("name", "pk").values_list("code", "name", "other_names"):
        names = tuple(other for other in other_names.split("; ") if other)
        countries.append(NamedPlace(country_place(code, name), "", names, (code,)))
    blocs: dict[str, tuple[Place, str, list[str]]] = {}
    rows = Bloc.objects.order_by("name", "pk", "memberships__country__name").values_list(
        "slug", "name", "short_name", "memberships__since", "memberships__until", "memberships__country__code"
    )
    for slug, name, short, since, until, code in rows:
        _, _, members = blocs.setdefault(slug, (bloc_place(slug, name), short, []))
        if code and BlocMembership(since=since, until=until).covers(reader.day):
            members.append(code)
    reader.show_all("country", "bloc", "blocmembership")
    return Places(
        countries, (NamedPlace(place, short, (), tuple(members)) for place, short, members in blocs.values())
    )


def read_subjects(reader: RecordReader) -> tuple[Subject, ...]:
    found = Technology.objects.order_by("name", "pk").values_list(
        "pk", "slug", "name", "level", "category__slug", "category__name"
    )
    reader.show_all("technology")
    return tuple(Subject(*row) for row in found)


def resolved(asked: Asked, editions: Editions, places: Places, subjects: Sequence[Subject]) -> Question:
    """The question resolved, with `asked` in the address's own words. Raises Refused."""
    from_the_form = bool(asked.in_)
    asked = asked.turned().scoped()
    sides = _sides(asked, places)
    asked = replace(asked, side=tuple(side.key for side in sides))
    subject = _subject_of(asked, subjects)
    if asked.from_ or asked.to:
        return _two_editions(asked, sides, subject, editions)
    of_edition = next((ref.level for ref in editions.refs if ref.slug == asked.edition), "")
    if subject:
        level = subject.level
    elif asked.category or asked.in_ == "technologies":
        level = "technology"
    else:
        level = "field" if asked.in_ == "fields" else of_edition or "technology"
    if from_the_form and of_edition and of_edition != level:
        # The form's edition belongs to what was chosen before; the address of a reader means what it says.
        asked = replace(asked, edition="")
    chosen = chosen_edition(editions, asked.edition, level)
    if level == "field" and not subject:
        asked = replace(asked, edition=chosen.slug)  # only the edition says that fields are compared
    asked = replace(asked, in_="")
    of_series = tuple(ref for ref in editions.of_series(chosen.series) if ref.stage == "published")
    return Question(asked, sides, level, subject, chosen, of_series if subject else (chosen,), None)


def _sides(asked: Asked, places: Places) -> tuple[Side, ...]:
    reasons, unknown, sides = [], False, []
    for words in asked.side:
        try:
            sides.append(places.side(words))
        except SideRefused as refused:
            reasons.append(refused.reason)
            unknown = unknown or refused.unknown
    if reasons:
        raise Refused(*reasons, unknown=unknown)
    try:
        return checked(sides)
    except SideRefused as refused:
        raise Refused(refused.reason) from None


def _subject_of(asked: Asked, subjects: Sequence[Subject]) -> Subject | None:
    named = [name for name in ("technology", "category", "field") if getattr(asked, name)]
    if len(named) > 1:
        raise Refused(f"Only one of {joined([f'“{name}”' for name in named])} can be asked for at a time.")
    for level in ("technology", "field"):
        slug = getattr(asked, level)
        if slug:
            found = next((one for one in subjects if one.slug == slug and one.level == level), None)
            if found is None:
                what = "research field" if level == "field" else "technology"
                raise Refused(f"There is no {what} “{slug[:80]}”.", unknown=True)
            return found
    return None


def chosen_edition(editions: Editions, slug: str, level: str) -> EditionRef:
    try:
        return editions.choose(slug, level=level)
    except NotFound as missing:
        raise Refused(missing.reason, unknown=True) from None


def _two_editions(asked: Asked, sides: tuple[Side, ...], subject: Subject | None, editions: Editions) -> Question:
    """Two editions of one series. Raises Refused, in words, for anything else."""
    if not (asked.from_ and asked.to):
        raise Refused("A comparison across time needs two editions: from which, and to which.")
    refs = []
    for slug in (asked.from_, asked.to):
        ref = next((ref for ref in editions.refs if ref.slug == slug), None)
        if ref is None:
            raise Refused(f"There is no edition “{slug[:80]}”.", unknown=True)
        if ref.stage != "published":
            raise Refused(f"The edition {ref.name} is announced; none of its results have been seen.", unknown=True)
        refs.append(ref)
    then, now = refs
    if then.series != now.series:
        raise Refused(
            f"{then.name} and {now.name} belong to different series: “{then.series_name}” and “{now.series_name}”. They "
            "count different publications by different methods, so a difference between them would say nothing about "
            "the world. Choose two editions of one series."
        )
    if then == now:
        raise Refused(f"Both are the {now.name} edition: choose an earlier and a later one.")
    if then.released > now.released or (then.released == now.released and then.years > now.years and now.years):
        raise Refused(f"{then.name} is later than {now.name}: “from” is the earlier edition.")
    level = now.level
    if (subject is not None and subject.level != level) or (asked.category and level == "field"):
        wrong = subject.name if subject else f"The category “{asked.category}”"
        raise Refused(f"{wrong} is not covered by these editions: they rank {over_the_fields(now)}.")
    asked = replace(asked, edition="", in_="")
    return Question(asked, sides, level, subject, now, (then, now), (then, now))


def chooser(
    question: Question,
    editions: Editions,
    places: Places,
    subjects: Sequence[Subject],
    entries: Sequence[EntryRow],
) -> Chooser:
    named = [] if question.asked.empty else [words_of(side) for side in question.sides]
    return form(named, question.asked, question.level, question.edition.slug, editions, places, subjects, entries)


def words_of(side: Side) -> str:
    """A side as a reader would type it."""
    return ", ".join(place.name for place in side.members) if side.key.startswith("custom:") else side.name


def form(
    sides: Sequence[str],
    asked: Asked,
    level: str,
    edition: str,
    editions: Editions,
    places: Places,
    subjects: Sequence[Subject],
    entries: Sequence[EntryRow],
) -> Chooser:
    if asked.technology or not entries:
        # One technology's rows tell of one category: those of all technologies, as they are grouped now.
        categories = {one.category: one.category_name for one in subjects if one.category}
    else:
        categories = {category_slug(entry.category): entry.category.text for entry in entries if entry.category}
    scopes = [
        OptionGroup(
            "Everything", (Option("technologies", "all technologies"), Option("fields", "all research fields"))
        )
    ]
    if level == "technology" and categories:
        options = (Option(f"category/{slug}", name) for slug, name in sorted(categories.items(), key=lambda c: c[1]))
        scopes.append(OptionGroup("A category", tuple(options)))
    for kind, label in (("technology", "One technology"), ("field", "One research field")):
        options = (Option(f"{kind}/{one.slug}", one.name) for one in subjects if one.level == kind)
        scopes.append(OptionGroup(label, tuple(options)))
    scope = next((f"{k}/{getattr(asked, k)}" for k in ("category", "technology", "field") if getattr(asked, k)), "")
    known = {option.value for group in scopes for option in group.options}
    if scope and scope not in known:
        scopes.append(OptionGroup("As asked", (Option(scope, scope.partition("/")[2]),)))
    offered = editions.of_fields if level == "field" else editions.of_technologies
    groups: dict[str, list[Option]] = defaultdict(list)
    for ref in reversed(offered):
        groups[ref.series_name].append(
            Option(ref.slug, ref.years if level == "field" else f"{ref.name} ({ref.years})")
        )
    return Chooser(
        sides=tuple([*sides, *[""] * MOST][: max(MOST, len(sides))]),
        places=tuple(
            PlaceOption(
                named.short_name or named.place.name,
                tuple(dict.fromkeys(filter(None, (named.place.name, *named.names, named.place.code.lower())))),
            )
            for named in (*places.blocs, *places.countries)
        ),
        scope=scope or ("fields" if level == "field" else "technologies"),
        scopes=tuple(scopes),
        editions=tuple(OptionGroup(name, tuple(options)) for name, options in groups.items()),
        edition=edition,
        earlier=asked.from_,
        later=asked.to,
        open_time=bool(asked.from_ or asked.to),
    )

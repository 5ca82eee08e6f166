"""Two organisations that turn out to be one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import UniqueConstraint

from tracker.actions.records import WHOLE, Refused, dependents, leave_address, name_subject, remove
from tracker.history.belonging import belonging_to, speaking
from tracker.history.recording import Recording, recorded
from tracker.history.tracked import tracked_models
from tracker.models import (
    Act,
    Citation,
    Claim,
    FormerAddress,
    Listing,
    Organisation,
    OrganisationAlias,
    Participation,
    Record,
    Source,
    User,
)
from tracker.models.broken_rule import broken_rule
from tracker.models.organisation import MOST_LEVELS

# Of a record that goes because the organisation that stays has the same: what that one takes where it has none.
TAKEN_OVER = {
    "participation": ("role", "note", "named_as"), "caseparty": ("role",), "listing": ("until", "date_note", "note"),
}  # fmt: skip
# What two claims of one speaker, date and stance may differ in and be one all the same.
UNIMPORTANT = {"id", "record", "record_key", "position", "organisation"}
OPEN, BY_NAME, WITHHELD, SILENT = "open", "by name", "withheld", "silent"


@dataclass(frozen=True)
class Moving:
    """A record that will belong to the organisation that stays, or that goes because that one has the same.

    `twin` is what that one has; None for a spelling that is its very name.
    """

    record: Record
    field: str
    doubled: bool = False
    twin: Record | None = None


def what_moves(*, keep: Organisation, gone: Organisation) -> tuple[Moving, ...]:
    """What belongs to `gone` and will belong to `keep`, in the order of kinds."""
    found: list[Moving] = []
    for relation in Organisation._meta.related_objects:
        other = relation.related_model
        if isinstance(other, type) and issubclass(other, Record):
            for row in other._default_manager.using("default").filter(**{relation.field.name: gone}).order_by("pk"):
                if not (isinstance(row, Organisation) and row.pk == keep.pk):
                    found.append(_moving(row, relation.field.name, keep))
    models: Iterable[Any] = speaking().values()
    for model in models:
        for row in model._default_manager.using("default").filter(kind="organisation", record=gone.pk).order_by("pk"):
            found.append(_moving(row, "record", keep))
    return tuple(found)


def _moving(row: Record, field: str, keep: Organisation) -> Moving:
    if isinstance(row, OrganisationAlias) and row.name == keep.name:
        return Moving(row, field, doubled=True)
    twin = _twin(row, field, keep)
    return Moving(row, field, twin is not None, twin)


def _twin(row: Record, field: str, keep: Organisation) -> Record | None:
    """The same of `keep`: then there is nothing to move."""
    if isinstance(row, Participation):
        rows: Any = type(row)._default_manager.using("default")
        found = rows.filter(engagement=row.engagement_id, side=row.side, organisation=keep).first()
        # Where one is for readers and the other is not, both stay.
        return None if found is not None and _shown_unlike(row, found) else found
    return _alike(row, field, keep)


def _alike(row: Record, field: str, keep: Record) -> Record | None:
    """The record that would break a rule of uniqueness if `row` named `keep` in `field`."""
    rows: Any = type(row)._default_manager.using("default")
    for rule in type(row)._meta.constraints:
        if isinstance(rule, UniqueConstraint) and field in rule.fields and not rule.condition:
            same = {name: getattr(row, name) for name in rule.fields}
            if found := rows.filter(**same | {field: keep.pk}).exclude(pk=row.pk).first():
                return found
    return None


def _same_citation(row: Citation, subject: Record) -> Citation | None:
    same = {"kind": subject.record_kind(), "record": subject.pk, "field": row.field, "source": row.source_id}
    return Citation.objects.using("default").filter(**same).first()


def merge_organisations(
    *, keep: Organisation, gone: Organisation, by: User, cause: Act.Cause, note: str, origin: str = "web"
) -> Act:
    """Everything of `gone` becomes `keep`'s; its names lead to `keep`, its address redirects, and it is deleted.

    Raises Refused for an empty note, for two that are one, where it would publish what a source withholds, where
    both have a claim that says different things, or where a rule of the database forbids it.
    """
    if not note.strip():
        raise Refused({WHOLE: {"note": ["Say why: every change has a note."]}})
    if keep.pk == gone.pk:
        raise Refused({WHOLE: {"keep": ["Choose another organisation: this one is itself."]}})
    if len(gone.original_name) > _longest_alias():
        note = f"{note.strip()} (Its own name is longer than another spelling may be and was not taken over.)"
    merging = _Merging(keep, gone)
    try:
        with recorded(keep, gone, by=by, cause=cause, note=note, origin=origin) as recording, transaction.atomic():
            merging.run(recording)
    except IntegrityError as broken:
        rule = broken_rule(merging.writing, broken)
        raise Refused({WHOLE: {WHOLE: [rule.message]}}) from broken
    except Organisation.DoesNotExist:
        raise Refused({WHOLE: {WHOLE: ["One of the two has been deleted meanwhile."]}}) from None
    assert recording.act is not None
    return recording.act


def _longest_alias() -> int:
    return OrganisationAlias._meta.get_field("name").max_length or 0


class _Merging:
    """A merge inside its act. `writing`: the kind that was written last, whose rules an error speaks of."""

    def __init__(self, keep: Organisation, gone: Organisation) -> None:
        self.keep, self.gone = keep, gone
        self.writing: type[Record] = Organisation

    def run(self, recording: Recording) -> None:
        keep, gone = self.keep, self.gone
        keep.refresh_from_db()
        gone.refresh_from_db()
        _refuse_publishing(keep, gone)
        names = self._spellings()
        self._leave_no_loop()
        for moving in what_moves(keep=keep, gone=gone):
            self.writing = type(moving.record)
            self._move(recording, moving)
        self.writing = OrganisationAlias
        for name in names:
            if not OrganisationAlias.objects.filter(organisation=keep, name=name).exists():
                OrganisationAlias(
                    organisation=keep, name=name, note=f"Name of the record merged into it: {gone.slug}."
                ).save()
        self.writing = Organisation
        slug, pk = gone.slug, gone.pk
        gone.delete()
        gone.pk = pk
        self.writing = FormerAddress
        leave_address(keep, slug)

    def _spellings(self) -> list[str]:
        """The names of `gone` that lead to `keep` from now on; not one that is `keep`'s, that no column of an alias
        holds, or that only withheld sources give."""
        found = [self.gone.name]
        cited = _of_field(_citations(self.gone), "original_name")
        if not _all_withheld(cited) and len(self.gone.original_name) <= _longest_alias():
            found.append(self.gone.original_name)
        return [
            name for name in dict.fromkeys(found) if name and name not in (self.keep.name, self.keep.original_name)
        ]

    def _leave_no_loop(self) -> None:
        """What belongs to `gone` will belong to `keep`: where that lies below `gone`, it takes its place."""
        if self.gone.pk in _above(self.keep):
            above = self.gone.parent
            self.keep.parent = None if above is None or self.keep.pk in {above.pk, *_above(above)} else above
            self.keep.save(update_fields=["parent"])

    def _move(self, recording: Recording, moving: Moving) -> None:
        row: Any = moving.record
        if moving.doubled:
            self._drop(recording, moving)
        elif moving.field != "record":
            setattr(row, moving.field, self.keep)
            row.save(update_fields=[moving.field])
        elif isinstance(row, FormerAddress):
            row.record = self.keep.pk
            row.save()
        else:
            # One of `gone` about itself moves twice: this is the reference alone.
            name_subject(row, self.keep)
            row.save(update_fields=["kind", "record", "record_key"])

    def _drop(self, recording: Recording, moving: Moving) -> None:
        """What `keep` has, too: its own takes over what it lacks, and the sources."""
        row, twin = moving.record, moving.twin
        if twin is not None and not isinstance(row, Citation):
            if _shown_unlike(row, twin):
                raise Refused({WHOLE: {WHOLE: [f"Both have {_said(row)}, one of them withheld: delete one first."]}})
            if (
                isinstance(row, Listing)
                and isinstance(twin, Listing)
                and row.until
                and twin.until not in ("", row.until)
            ):
                raise Refused({WHOLE: {WHOLE: [f"Both have {_said(row)}, until other days: delete one first."]}})
            if isinstance(row, Claim) and _differ(row, twin):
                raise Refused({WHOLE: {WHOLE: [f"Both have {_said(row)}, and they differ: delete one first."]}})
            lacking = [
                name
                for name in TAKEN_OVER.get(row.record_kind(), ())
                if getattr(row, name) and not getattr(twin, name)
            ]
            if lacking:
                for name in lacking:
                    setattr(twin, name, getattr(row, name))
                twin.save(update_fields=lacking)
            for citation in Citation.objects.using("default").filter(kind=row.record_kind(), record=row.pk):
                if _same_citation(citation, twin) is None:
                    name_subject(citation, twin)
                    citation.save()
            for kind, column in belonging_to(row.record_kind()):
                if kind not in speaking():
                    for child in tracked_models()[kind]._default_manager.using("default").filter(**{column: row}):
                        if _alike(child, column, twin) is None:
                            setattr(child, column, twin)
                            child.save(update_fields=[column])
        remove(recording, row, dependents(row))


def _differ(one: Claim, other: Record) -> bool:
    names = {column.name for column in Claim._meta.concrete_fields} - UNIMPORTANT
    return any(getattr(one, name) != getattr(other, name) for name in names)


def _said(row: Record) -> str:
    if isinstance(row, Claim):
        return f"a claim of {row.speaker} of the same date ({row.get_stance_display()})"
    return f"the same {row._meta.verbose_name} ({row})"


def _above(organisation: Organisation) -> set[int]:
    """The organisations that it is a part of, up to the top."""
    found: set[int] = set()
    parent = organisation.parent_id
    while parent is not None and parent not in found and len(found) < MOST_LEVELS:
        found.add(parent)
        parent = Organisation.objects.using("default").filter(pk=parent).values_list("parent", flat=True).first()
    return found


# What readers may not see stays unseen: the rule of pages/organisation_rows.py, of two organisations


def _refuse_publishing(keep: Organisation, gone: Organisation) -> None:
    """Refuses where one of the two is for readers and the other is not, or in another way: what is said of both
    would be shown together. One that nobody speaks of can be merged with any."""
    ways = {way for one in (keep, gone) if (way := _shown(one)) != SILENT}
    name_withheld = {_all_withheld(_of_field(_citations(one), "name")) for one in (keep, gone)}
    if len(ways) > 1 or len(name_withheld) > 1:
        raise Refused({WHOLE: {WHOLE: ["Merging would publish a name that its source withholds."]}})
    if mixed := _fields_shown_unlike(keep, gone):
        raise Refused({WHOLE: {WHOLE: [f"Merging would publish what a source withholds: {', '.join(mixed)}."]}})


def _shown_unlike(one: Record, other: Record) -> bool:
    return _is_withheld(one) != _is_withheld(other) or bool(_fields_shown_unlike(one, other))


def _fields_shown_unlike(one: Record, other: Record) -> list[str]:
    """The columns of which both have sources, of one withheld ones only: in words."""
    first, second = _citations(one), _citations(other)
    both = {cited.field for cited in first if cited.field} & {cited.field for cited in second}
    unlike = [
        name for name in both if _all_withheld(_of_field(first, name)) != _all_withheld(_of_field(second, name))
    ]
    return sorted(name.replace("_", " ") for name in unlike)


def _of_field(cited: Iterable[Citation], name: str) -> list[Citation]:
    return [one for one in cited if one.field == name]


def _shown(organisation: Organisation) -> str:
    """How readers see it: whole, its name only, not at all; or that nothing speaks of it."""
    parties = [_party_is_withheld(party) for party in organisation.participations.using("default").all()]
    if _citations(organisation):
        if not _is_withheld(organisation):
            return OPEN
        return BY_NAME if False in parties else WITHHELD
    others: list[Record] = [
        *organisation.cases.using("default").select_related("case"),
        *organisation.listings.using("default").select_related("control"),
    ]
    claims = Claim.objects.using("default")
    others += [*claims.filter(organisation=organisation), *claims.filter(kind="organisation", record=organisation.pk)]
    hidden = [*parties, *(_is_withheld(row) or _subject_is_withheld(row) for row in others)]
    parts = [_is_withheld(part) for part in organisation.children.using("default").all() if _citations(part)]
    if False in hidden or False in parts:
        return OPEN
    return WITHHELD if hidden or parts else SILENT


def _party_is_withheld(party: Participation) -> bool:
    """A party without citations of its own has those of its engagement."""
    own = _citations(party)
    return _is_withheld(party.engagement) or (_all_withheld(own) if own else False)


def _subject_is_withheld(row: Record) -> bool:
    if row.names:
        return _is_withheld(getattr(row, row.belongs_to))
    if isinstance(row, Claim) and row.kind != "organisation":
        return _closed(_cited(row.kind, row.record))
    return False


def _is_withheld(record: Record) -> bool:
    return _closed(_citations(record))


def _closed(cited: list[Citation]) -> bool:
    return _all_withheld([one for one in cited if not one.field] or cited)


def _all_withheld(cited: Iterable[Citation]) -> bool:
    reuses = [one.source.reuse for one in cited]
    return bool(reuses) and all(reuse == Source.Reuse.NO for reuse in reuses)


def _citations(record: Record) -> list[Citation]:
    return _cited(record.record_kind(), record.pk)


def _cited(kind: str, pk: int) -> list[Citation]:
    return list(Citation.objects.using("default").filter(kind=kind, record=pk).select_related("source"))

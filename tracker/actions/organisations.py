"""Two organisations that turn out to be one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from tracker.actions.records import SPEAKING, WHOLE, Refused, leave_address, name_subject
from tracker.history.recording import recorded
from tracker.models import Act, CaseParty, Citation, FormerAddress, Organisation, OrganisationAlias, Record, User
from tracker.models.broken_rule import broken_rule


@dataclass(frozen=True)
class Moving:
    """A record that will belong to the organisation that stays, or that goes because that one has the same."""

    record: Record
    field: str
    doubled: bool = False


def what_moves(*, keep: Organisation, gone: Organisation) -> tuple[Moving, ...]:
    """What belongs to `gone` and will belong to `keep`, in the order of kinds."""
    found: list[Moving] = []
    for relation in Organisation._meta.related_objects:
        other = relation.related_model
        if isinstance(other, type) and issubclass(other, Record):
            for row in other._default_manager.using("default").filter(**{relation.field.name: gone}).order_by("pk"):
                found.append(Moving(row, relation.field.name, _has_same(row, relation.field.name, keep)))
    speaking: tuple[Any, ...] = (*SPEAKING, FormerAddress)
    for model in speaking:
        for row in model._default_manager.using("default").filter(kind="organisation", record=gone.pk).order_by("pk"):
            found.append(Moving(row, "record", _has_same(row, "record", keep)))
    return tuple(found)


def _has_same(row: Record, field: str, keep: Organisation) -> bool:
    """Whether `keep` has the same already: then there is nothing to move."""
    rows: Any = type(row)._default_manager.using("default")
    if isinstance(row, OrganisationAlias):
        return row.name == keep.name or rows.filter(organisation=keep, name=row.name).exists()
    if isinstance(row, Citation):
        same = {"kind": row.kind, "record": keep.pk, "field": row.field, "source": row.source_id}
        return rows.filter(**same).exists()
    if isinstance(row, CaseParty):
        return rows.filter(case=row.case_id, organisation=keep).exists()
    return False


def merge_organisations(
    *, keep: Organisation, gone: Organisation, by: User, cause: Act.Cause, note: str, origin: str = "web"
) -> Act:
    """Everything of `gone` becomes `keep`'s; its names lead to `keep`, its address redirects, and it is deleted.

    Raises Refused for an empty note, for two that are one, or where a rule of the database forbids it.
    """
    if not note.strip():
        raise Refused({WHOLE: {"note": ["Say why: every change has a note."]}})
    if keep.pk == gone.pk:
        raise Refused({WHOLE: {"keep": ["Choose another organisation: this one is itself."]}})
    try:
        with recorded(keep, gone, by=by, cause=cause, note=note, origin=origin) as recording, transaction.atomic():
            keep.refresh_from_db()
            gone.refresh_from_db()
            if keep.parent_id == gone.pk:
                keep.parent = gone.parent if gone.parent_id != keep.pk else None
                keep.save(update_fields=["parent"])
            for moving in what_moves(keep=keep, gone=gone):
                row = moving.record
                if moving.doubled:
                    row.delete()
                elif moving.field == "record":
                    if isinstance(row, FormerAddress):
                        row.record = keep.pk
                    else:
                        name_subject(row, keep)
                    row.save()
                elif not (isinstance(row, Organisation) and row.pk == keep.pk):
                    setattr(row, moving.field, keep)
                    row.save()
            known = {keep.name, *OrganisationAlias.objects.filter(organisation=keep).values_list("name", flat=True)}
            for name in dict.fromkeys((gone.name, gone.original_name)):
                if name and name not in known and name != keep.original_name:
                    OrganisationAlias(
                        organisation=keep, name=name, note=f"Name of the record merged into it: {gone.slug}."
                    ).save()
            slug, pk = gone.slug, gone.pk
            gone.delete()
            gone.pk = pk
            leave_address(keep, slug)
    except IntegrityError as broken:
        rule = broken_rule(Organisation, broken)
        raise Refused({WHOLE: {WHOLE: [rule.message]}}) from broken
    except Organisation.DoesNotExist:
        raise Refused({WHOLE: {WHOLE: ["One of the two has been deleted meanwhile."]}}) from None
    assert recording.act is not None
    return recording.act

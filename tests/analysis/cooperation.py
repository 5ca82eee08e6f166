"""Engagements for tests of analysis, each with what a test says of it."""

from __future__ import annotations

from itertools import count

from tracker.analysis.engagements import ChannelRow, EngagementRow, OrganisationRef, Party, StatusRow, Subject
from tracker.analysis.read_model import Cited, Link, SourceRef

FUNDS = ChannelRow(1, "joint-investment-funds", "Joint investment funds", "", "aspi-2019", 4)
RESEARCH = ChannelRow(2, "joint-research", "Joint research", "", "ours", 7)
_numbers = count(1)


def source(key="wire", *, withheld=False):
    return SourceRef(
        key, f"Report of {key}", key.title(), "2019-06-05", "secondary", f"/sources/{key}/", "", withheld
    )


def cited(key="wire", *, field="", reliability="B", credibility="2", withheld=False, preferred=False):
    return Cited(
        source(key, withheld=withheld),
        field=field,
        reliability=reliability,
        credibility=credibility,
        preferred=preferred,
    )


def status(state, as_of, position=0):
    return StatusRow(state, as_of, "", (cited(),), position)


def organisation(name, **said):
    known = {"kind": "company", "country": None, "original_name": "", "original_language": ""}
    return OrganisationRef(next(_numbers), name.lower().replace(" ", "-"), name, **{**known, **said})


def party(side, name="", **said):
    body = organisation(name) if name else None
    return Party(side, body, "" if body else f"{side} side not named", said.get("role", ""), name)


def subject(name="", *, topic="", category="quantum"):
    if topic:
        return Subject(None, "", None, "", topic, "derived")
    slug = name.lower().replace(" ", "-")
    group = Link(category.title(), f"/technologies/?category={category}")
    return Subject(Link(name, f"/technologies/{slug}/"), slug, group, category, "", "derived")


def engagement(title="A fund", *, channel=FUNDS, **said):
    number = next(_numbers)
    known = {"start": "2019-06-05", "statuses": (status("announced", "2019-06-05"),), "cited": (cited(),)}
    return EngagementRow(
        pk=number,
        slug=f"{title.lower().replace(' ', '-')}-{number}",
        code=f"CR{number:03}",
        title=title,
        channel=channel,
        **{**known, **said},
    )

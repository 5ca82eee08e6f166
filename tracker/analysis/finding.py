"""What a comparison says in words: who leads where, who is ahead, how firmly, and how much of it is known."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tracker.analysis.comparison import GAP, Compared, bands, races
from tracker.analysis.leadership import Firmness
from tracker.analysis.movement import Moved
from tracker.analysis.read_model import EditionRef
from tracker.analysis.scoreboard import Score, scores
from tracker.analysis.side import Side, capital, joined
from tracker.analysis.technologies import lower_first, the


def _or(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]


def subject(side: Side) -> tuple[str, str]:
    """The side as the subject of a sentence, and the verb: ('China', 'leads'), ('members of the Quad', 'lead'),
    ('China or Russia', 'leads')."""
    if side.single:
        return side.within, "leads"
    if side.made_up:
        names = [the(place.name) for place in side.members]
        return (_or(names) if len(names) < 5 else f"one of {side.within}"), "leads"
    return f"members of {side.within}", "lead"


def opening(cases: Sequence[Compared], sides: Sequence[Side], where: str, what: str) -> str:
    """The answer in sentences: who leads where, who is ahead of whom, and how much of it is known."""
    found, own = bands(cases), scores(cases, sides)
    unknown = sum(not one.now.leader.known for one in cases)
    least = "at least " if unknown else ""
    parts: list[str] = []
    said = ""
    for side, score in zip(sides, own, strict=True):
        who, verb = subject(side)
        # "China leads 37 and the United States 7": the verb once, while it stays the same.
        parts.append(
            f"{who} {'' if verb == said else f'{verb} '}{least if score.leads else ''}{score.leads or 'none'}"
        )
        said = verb
    text = capital(f"{joined(parts)} of {found.total} {what} {where}")
    others = sum(one.now.leader.known and not any(side.leads for side in one.sides) for one in cases)
    if others:
        text += f"; others lead {least}{others}"
    if unknown:
        text += f"; the leader of {unknown} is not known to us"
    text += ". "
    for number, side in enumerate(sides):
        firsts = sum(one.sides[number].as_one and one.sides[number].rank.rank == 1 for one in cases)
        if firsts:
            text += f"Counted as one place, {side.within} comes first in {firsts}. "
    if any(score.ahead != score.leads for score in own):
        text += f"{_ahead_of(cases, sides, own)} "
    known = f"The gap between {'them' if len(sides) == 2 else 'all of them'} is known to us for "
    known += "all" if found.gap == found.total else str(found.gap) if found.gap else "none"
    rest = []
    if found.rank:
        rest.append(f"for {found.rank} only a leader or a rank is")
    if found.unknown:
        rest.append(f"for {found.unknown} nothing is")
    return text + "; ".join((known, *rest)) + "."


def _ahead_of(cases: Sequence[Compared], sides: Sequence[Side], own: Sequence[Score]) -> str:
    """'Ahead of the other: India in 4, Russia in none; undecided in 40.'"""
    undecided = sum(one.ahead is None for one in cases)
    if undecided == len(cases):
        return "Which of them is ahead is known to us in none."
    partial = any(one.firmness == Firmness.MEMBERS_UNKNOWN for one in cases)
    text = f"Ahead of the other{'s' if len(sides) > 2 else ''}{', as far as known' if partial else ''}: "
    text += joined([f"{side.within} in {score.ahead or 'none'}" for side, score in zip(sides, own, strict=True)])
    return f"{text}; undecided in {undecided}." if undecided else f"{text}."


def findings(cases: Sequence[Compared], sides: Sequence[Side]) -> tuple[str, ...]:
    """Sentences on how firm it is: the firmness of the gaps, each side's widest lead, the closest race."""
    known = [one for one in cases if one.band == GAP]
    if not known:
        return ()
    said = []
    clear = sum(one.firmness == Firmness.CLEAR for one in known)
    close = sum(one.firmness == Firmness.TOO_CLOSE for one in known)
    partial = sum(one.firmness == Firmness.MEMBERS_UNKNOWN for one in known)
    how = (
        (clear, "clear at the published precision" if not partial else "clear, whatever unknown members add"),
        (close, "too close to call"),
        (partial, "open, because the share of a member of a bloc is not known to us"),
    )
    words = [(number, meaning) for number, meaning in how if number]
    if len(known) == 1:
        said.append(f"The one known gap is {words[0][1]}.")
    elif len(words) == 1:
        said.append(f"All {len(known)} known gaps are {words[0][1]}.")
    else:
        parts = "; ".join(f"{number} {'is' if number == 1 else 'are'} {meaning}" for number, meaning in words)
        said.append(f"Of the {len(known)} known gaps {parts}.")
    for number, side in enumerate(sides):
        leads = [one for one in known if one.ahead == number]
        if leads:
            widest = max(leads, key=lambda one: one.points or Decimal(0))
            said.append(f"Widest lead of {side.within}: {by_how_much(widest, sides)}.")
    closest, _ = races(known)
    if len(known) > 2:
        ahead = sides[closest[0].order[0]].within
        said.append(f"Closest race, {ahead} first: {by_how_much(closest[0], sides)}.")
    return tuple(said)


def by_how_much(one: Compared, sides: Sequence[Side]) -> str:
    """'electric batteries, 65.4 % to 11.9 % of the United States: 53.5 points'."""
    first, second = one.order[0], one.order[1]
    mine, theirs = one.sides[first].share, one.sides[second].share
    known = one.gap.bound == "as far as known"
    points = f"{one.gap.content if known else one.gap.text} points{' as far as known' if known else ''}"
    text = (
        f"{lower_first(one.case.label.text)}, {mine.text}\u202f% to {theirs.text}\u202f% of {sides[second].within}: "
    )
    text += points if one.points else "no difference"
    return f"{text}, too close to call" if one.firmness == Firmness.TOO_CLOSE and one.points else text


def over_the_fields(where: EditionRef) -> str:
    return "research fields" if where.level == "field" else "technologies"


def question_title(sides: Sequence[Side]) -> str:
    """'China v United States'."""
    return " v ".join(side.name for side in sides)


def why_not(one: Compared, sides: Sequence[Side]) -> str:
    """Why a case has no gap: which side's share is not known to us."""
    lacking = [side.within for side, known in zip(sides, one.sides, strict=True) if not known.share.known]
    return f"No share of {_or(lacking)} is known to us."


def now_sentence(now: Compared, sides: Sequence[Side], name: str, edition: EditionRef) -> str:
    """Who is ahead in one technology or field, by how much and how firmly, in the chosen edition."""
    when = edition.years if edition.level == "field" else f"the {edition.name} edition"
    what = lower_first(name)
    if now.ahead is None:
        if now.order:
            share = now.sides[now.order[0]].share.text
            return (
                f"In {what} {joined([side.within for side in sides])} are level in {when}, with {share}\u202f% each."
            )
        return f"Which of {joined([side.within for side in sides])} is ahead in {what} is not known to us for {when}."
    ahead = sides[now.ahead]
    verb = "is" if ahead.single or ahead.key == ahead.place.code else "are"
    text = f"{capital(ahead.within)} {verb} ahead in {what} in {when}"
    if not now.order:
        return f"{text}; the gap is not known to us."
    others = [f"{sides[n].within} {now.sides[n].share.text}\u202f%" for n in now.order[1:]]
    text += f": {now.sides[now.ahead].share.text}\u202f% to {joined(others)}, a gap of {now.gap.text} points"
    firm = {
        "too close to call": ", too close to call",
        "members unknown": ", as far as the members' shares are known",
    }
    return f"{text}{firm.get(str(now.firmness), '')}."


def comparison_alt(found: Sequence[Compared], sides: Sequence[Side], sentence: str) -> str:
    """The figure in words: each known gap with its shares; how many lines have only a leader or a rank."""
    said = []
    for one in found:
        if one.band == GAP:
            shares = ", ".join(
                f"{side.name} {known.share.text}\u202f%" for side, known in zip(sides, one.sides, strict=True)
            )
            said.append(f"{one.case.label.text}: {shares}, gap {one.gap.text} points")
    counts = bands(found)
    kind = "Bars to both sides of an axis" if len(sides) == 2 else "Dots on a scale"
    rest = f" {counts.rank} more have a mark only." if counts.rank else ""
    return f"{kind}. {sentence} {'; '.join(said)}{'.' if said else ''}{rest}"


def trajectory_alt(name: str, found: Sequence[Compared], sides: Sequence[Side], crossed: str) -> str:
    """The lines in words: each side's share in every window."""
    said = []
    for number, side in enumerate(sides):
        shares = [f"{one.case.label.text} {one.sides[number].share.text}" for one in found]
        said.append(f"{side.name}: {', '.join(shares)}")
    return f"Lines: {name}, share of top-1\u202f% cited articles, per cent. {'; '.join(said)}. {crossed}".strip()


def slope_alt(panels: Sequence[Moved], sides: Sequence[Side], names: tuple[str, str], sentence: str) -> str:
    """The slopes in words: each side's share in both editions."""
    said = []
    for one in panels:
        if one.then and one.now:
            pairs = zip(sides, one.then.sides, one.now.sides, strict=True)
            shares = ", ".join(f"{side.name} {a.share.text} to {b.share.text}" for side, a, b in pairs)
            said.append(f"{one.subject.text}: {shares} ({one.movement})")
    return f"Slopes, shares in per cent, {names[0]} to {names[1]}. {sentence} {'; '.join(said)}."

"""What a comparison says in words: who leads where, who is ahead, how firmly, and how much of it is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from tracker.analysis.comparison import GAP, Compared, bands, races
from tracker.analysis.leadership import Firmness
from tracker.analysis.movement import Moved
from tracker.analysis.read_model import EditionRef, Place, Value
from tracker.analysis.scoreboard import Score, scores
from tracker.analysis.side import Side, capital, listed
from tracker.analysis.technologies import joined, lower_first, the


def _or(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]


def opening(cases: Sequence[Compared], sides: Sequence[Side], where: str, what: str) -> str:
    """The answer in sentences: who leads where, who is ahead of whom, and how much of it is known."""
    found, own = bands(cases), scores(cases, sides)
    unknown = sum(not one.now.leader.known for one in cases)
    text = capital(f"{_who_leads(cases, sides, unknown)} of {found.total} {what} {where}")
    none = [side.within for side, score in zip(sides, own, strict=True) if not side.single and not score.leads]
    if none and len(none) < len(sides):
        text += f"; no member of {joined(none)} {'is known to lead' if unknown else 'leads'} any"
    others = sum(one.now.leader.known and not any(side.leads for side in one.sides) for one in cases)
    if others:
        text += f"; others lead {'at least ' if unknown else ''}{others}"
    if unknown:
        text += f"; the leader of {unknown} is not known to us"
    text += ". "
    for number, side in enumerate(sides):
        firsts = sum(one.sides[number].as_one and one.sides[number].rank.rank == 1 for one in cases)
        if firsts:
            text += f"Counted as one place by a source, {side.within} comes first in {firsts}. "
    if any(score.ahead != score.leads for score in own):
        text += f"{_ahead_of(cases, sides, own)} "
    return text + _how_much_is_known(cases, sides)


def _who_leads(cases: Sequence[Compared], sides: Sequence[Side], unknown: int) -> str:
    """'China leads 37 and the United States 7 (of the Five Eyes)': of a bloc the members that lead, by name."""
    least = "at least " if unknown else ""
    clauses: list[tuple[str, str]] = []
    for number, side in enumerate(sides):
        leaders = Counter(one.now.leader.text for one in cases if one.sides[number].leads)
        each = [(the(name), f"{least}{count}") for name, count in leaders.most_common()]
        if each and not side.single:
            each[-1] = (each[-1][0], f"{each[-1][1]} (of {side.within})")
        if not each and side.single:
            each = [(side.within, "none known to us" if unknown else "none")]
        clauses += each
    if not clauses:
        return (
            f"No member of {joined([side.within for side in sides])} {'is known to lead' if unknown else 'leads'} any"
        )
    # "China leads 37 and the United States 7": the verb once.
    return joined([f"{who} {'leads ' if number == 0 else ''}{count}" for number, (who, count) in enumerate(clauses)])


def _how_much_is_known(cases: Sequence[Compared], sides: Sequence[Side]) -> str:
    found = bands(cases)
    known = [one for one in cases if one.band == GAP]
    text = f"The gap between {'them' if len(sides) == 2 else 'the first two of them'} is known to us for "
    text += "none" if not known else "all" if len(known) == found.total else str(len(known))
    bounded = sum(bool(one.gap.bound) for one in known)
    if bounded:
        text += ", as a bound" if bounded == len(known) else f", in {bounded} of them as a bound"
    derived = sum(any(one.sides[n].share.basis == "derived" and sides[n].single for n in one.order) for one in known)
    if derived:
        text += f" (in {derived} of them we derived a share from published figures)"
    rest = []
    if found.rank:
        rest.append(f"for {found.rank} only a leader or a rank is")
    if found.unknown:
        rest.append(f"for {found.unknown} neither a share nor a rank")
    return "; ".join((text, *rest)) + "."


def _ahead_of(cases: Sequence[Compared], sides: Sequence[Side], own: Sequence[Score]) -> str:
    """'Ahead of the other: India in 4; undecided in 40.'"""
    undecided = sum(one.ahead is None for one in cases)
    why = "" if all(side.single for side in sides) else ", as members whose share is not known may add up to more"
    if undecided == len(cases):
        added = "" if all(side.single for side in sides) else ", added up,"
        return f"Which of them{added} is ahead is not known in any{why}."
    text = f"Ahead of the other{'s' if len(sides) > 2 else ''}: "
    text += joined([f"{side.within} in {score.ahead}" for side, score in zip(sides, own, strict=True) if score.ahead])
    return f"{text}; undecided in {undecided}{why}." if undecided else f"{text}."


def findings(cases: Sequence[Compared], sides: Sequence[Side]) -> tuple[str, ...]:
    """Sentences on how firm it is: the firmness of the known gaps, each side's widest known lead, the smallest gap."""
    known = [one for one in cases if one.band == GAP]
    if not known:
        return ()
    said = []
    how = (
        (Firmness.CLEAR, "clear by the digits known"),
        (Firmness.TOO_CLOSE, "too close to call"),
        (Firmness.MEMBERS_UNKNOWN, "open, because members whose share is not known may turn it"),
    )
    words = [(number, meaning) for firm, meaning in how if (number := sum(one.firmness == firm for one in known))]
    if len(known) == 1:
        said.append(f"The one known gap is {words[0][1]}.")
    elif len(words) == 1:
        said.append(f"{'Both' if len(known) == 2 else f'All {len(known)}'} known gaps are {words[0][1]}.")
    else:
        parts = "; ".join(f"{number} {'is' if number == 1 else 'are'} {meaning}" for number, meaning in words)
        said.append(f"Of the {len(known)} known gaps {parts}.")
    for number, side in enumerate(sides):
        leads = [one for one in known if one.ahead == number]
        if leads:
            widest = max(leads, key=lambda one: one.points or Decimal(0))
            what = "The one known lead" if len(leads) == 1 else "Widest known lead"
            said.append(f"{what} of {side.within}: {by_how_much(widest, sides)}.")
    smallest, _ = races(known)
    if len(known) > 2:
        said.append(f"Smallest known gap: {by_how_much(smallest[0], sides)}.")
    return tuple(said)


def by_how_much(one: Compared, sides: Sequence[Side]) -> str:
    """'electric batteries, China 65.4 %, the United States 11.9 %: 53.5 points'."""
    shares = [f"{sides[n].within} {one.sides[n].share.text}\u202f%" for n in one.order[:2]]
    text = f"{lower_first(one.case.label.text)}, {', '.join(shares)}: "
    text += points_said(one.gap) if one.points else "no difference"
    return f"{text}, too close to call" if one.firmness == Firmness.TOO_CLOSE and one.points else text


def points_said(gap: Value) -> str:
    """'53.5 points', 'at most 26 points', '8.1 points as far as known'."""
    if gap.bound == "as far as known":
        return f"{replace(gap, bound='').text} points as far as known"
    return f"{gap.text} points"


def stated_leads(cases: Sequence[Compared], sides: Sequence[Side], stated: Mapping[Place, Value]) -> tuple[str, ...]:
    """What the edition states of itself, where our rows tell less: 'China 66 and the United States 8 of 74'."""
    told = [
        (side, stated[side.place], score.leads)
        for side, score in zip(sides, scores(cases, sides), strict=True)
        if side.single and side.place in stated and stated[side.place].known
    ]
    if not told or all(value.content == leads for _, value, leads in told):
        return ()
    counts = joined([f"{side.within} {value.text}" for side, value, _ in told])
    rows = joined([str(leads) for _, _, leads in told])
    return (
        f"The publisher states how many of its {len(cases)} each leads: {counts}. Which ones is known for {rows}.",
    )


def lacking(cases: Sequence[Compared], sides: Sequence[Side], what: str = "") -> tuple[str, ...]:
    """What is missing of each side: in how many of `what` it has no share, and which members have none elsewhere."""
    missing = []
    for number, side in enumerate(sides):
        each = [one.sides[number] for one in cases]
        without = sum(not one.share.known for one in each)
        members = sorted({place.name for one in each for place in one.without})
        if without and what:
            any_member = "" if side.single else ", or of any of its members,"
            missing.append(f"The share of {side.within}{any_member} in {without} of {what}.")
        if members:
            more = "in others " if without and what else ""
            missing.append(f"Of {side.within}, {more}the share of {listed([the(name) for name in members], most=8)}.")
    return tuple(missing)


def over_the_fields(where: EditionRef) -> str:
    return "research fields" if where.level == "field" else "technologies"


def question_title(sides: Sequence[Side]) -> str:
    """'China v United States'."""
    return " v ".join(side.name for side in sides)


def why_not(one: Compared, sides: Sequence[Side]) -> str:
    """Why a case has no gap: which side's share is not known to us."""
    withheld = [side.within for side, known in zip(sides, one.sides, strict=True) if known.share.withheld]
    unknown = [
        side.within
        for side, known in zip(sides, one.sides, strict=True)
        if not known.share.known and not known.share.withheld
    ]
    said = [f"No share of {_or(unknown)} is known to us."] if unknown else []
    if withheld:
        said.append(f"The share of {joined(withheld)} is withheld: its source does not allow republication.")
    return " ".join(said)


def now_sentence(now: Compared, sides: Sequence[Side], name: str, edition: EditionRef) -> str:
    """Who is ahead in one technology or field, by how much and how firmly, in the chosen edition."""
    when = edition.years if edition.level == "field" else f"the {edition.name} edition"
    what = lower_first(name)
    shares = joined([f"{sides[n].within} {now.sides[n].share.text}\u202f%" for n in now.order])
    everyone = joined([side.within for side in sides])
    if now.ahead is None:
        if now.firmness == Firmness.MEMBERS_UNKNOWN:
            return (
                f"Which of {everyone} is ahead in {what} in {when} is open: {shares}, and members whose share is not "
                "known may turn it."
            )
        if now.order:
            most = now.sides[now.order[0]].share.content
            level = joined([sides[n].within for n in now.order if now.sides[n].share.content == most])
            return f"In {what} {level} are level in {when}: {shares}."
        return f"Which of {everyone} is ahead in {what} is not known to us for {when}."
    ahead = sides[now.ahead]
    verb = "is" if ahead.single or not ahead.made_up else "are"
    text = f"{capital(ahead.within)} {verb} ahead in {what} in {when}"
    if not now.order:
        return f"{text}; by how much is not known to us."
    text += f": {shares}, a gap of {points_said(now.gap)}"
    return f"{text}, too close to call." if now.firmness == Firmness.TOO_CLOSE else f"{text}."


def other_editions(
    now: Compared, elsewhere: Sequence[tuple[EditionRef, Compared]], sides: Sequence[Side], name: str
) -> tuple[str, ...]:
    """What other editions say differently of one technology: where another side is ahead; the newest known gap,
    where the chosen edition has none."""
    said = []
    for number, side in enumerate(sides):
        names = list(dict.fromkeys(ref.name for ref, one in elsewhere if one.ahead == number and now.ahead != number))
        if names:
            verb = "are" if side.made_up and not side.single else "is"
            said.append(f"{capital(side.within)} {verb} ahead in the edition{'s'[: len(names) > 1]} {joined(names)}.")
    newest = next(((ref, one) for ref, one in reversed(elsewhere) if one.order), None)
    if newest and not now.order:
        said.append(now_sentence(newest[1], sides, name, newest[0]))
    return tuple(said)


def comparison_alt(found: Sequence[Compared], sides: Sequence[Side], sentence: str) -> str:
    """The figure in words: each known gap with its shares; how many lines have only a leader or a rank."""
    said = []
    for one in found:
        if one.band == GAP:
            shares = ", ".join(
                f"{side.name} {known.share.text}\u202f%" for side, known in zip(sides, one.sides, strict=True)
            )
            said.append(f"{one.case.label.text}: {shares}, gap {points_said(one.gap)}")
    counts = bands(found)
    kind = "Bars to both sides of an axis" if len(sides) == 2 else "Dots on a scale"
    rest = f" {counts.rank} have a mark only." if counts.rank else ""
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

"""The formats of the seed files (docs/fixtures.md), in the order in which they are loaded."""

from __future__ import annotations

from tracker.ingest.table_file import Column, TableFormat, decimal, keys, partial_date, text, whole, yes


def _format(name: str, key_columns: str, required: str, /, **parsers) -> TableFormat:
    """`parsers` gives the columns in file order; `key_columns` and `required` are space-separated names."""
    must = set(required.split())
    columns = tuple(Column(column, parse, column in must) for column, parse in parsers.items())
    return TableFormat(name, columns, tuple(key_columns.split()))


_SCORES = {
    "edition": text, "first_year": whole, "last_year": whole, "technology": text, "country": text, "bloc": text,
    "rank_from": whole, "rank_to": whole, "share": decimal, "share_bound": text, "h_index": whole,
    "publications": whole, "basis": text, "note": text, "sources": keys,
}  # fmt: skip
_SCORE_KEY = "edition first_year last_year technology country bloc"
_SCORE_REQUIRED = "edition first_year last_year technology basis"

# fmt: off
SEED_FILES: tuple[TableFormat, ...] = (
    _format("sources", "key", "key title kind reuse",
            key=text, title=text, publisher=text, date=partial_date, date_note=text, url=text, kind=text,
            kind_note=text, reuse=text, note=text),
    _format("countries", "code", "code name",
            code=text, name=text, other_names=text, alpha3=text, region=text, note=text, sources=keys),
    _format("blocs", "slug", "slug name short_name",
            slug=text, name=text, short_name=text, description=text, note=text, sources=keys),
    _format("bloc_memberships", "bloc country since", "bloc country",
            bloc=text, country=text, since=partial_date, until=partial_date, note=text, sources=keys),
    _format("categories", "slug", "slug name position", slug=text, name=text, position=whole),
    _format("technologies", "slug", "slug name level definition",
            slug=text, name=text, level=text, category=text, definition=text, civil_uses=text,
            military_uses=text, note=text, sources=keys),
    _format("aliases", "technology name", "technology name", technology=text, name=text, note=text),
    _format("wider_fields", "technology field", "technology field reason",
            technology=text, field=text, reason=text),
    _format("series", "slug", "slug name publisher level indicator unit",
            slug=text, name=text, publisher=text, level=text, indicator=text, unit=text, method=text,
            note=text, sources=keys),
    _format("editions", "slug", "slug series name stage",
            slug=text, series=text, name=text, released=partial_date, released_note=text, stage=text,
            technology_count=whole, count_note=text, previous=text, featured=yes, headline=text,
            verification=text, note=text, sources=keys),
    _format("windows", "edition first_year last_year", "edition first_year last_year kind",
            edition=text, first_year=whole, last_year=whole, kind=text, note=text),
    _format("edition_technologies", "edition technology", "edition technology basis",
            edition=text, technology=text, name=text, category=text, number=whole, basis=text, note=text,
            sources=keys),
    _format("scores", _SCORE_KEY, _SCORE_REQUIRED, **_SCORES),
    _format("field_scores", _SCORE_KEY, _SCORE_REQUIRED, **_SCORES),
    _format("missing_years", "series technology country", "series technology country years reason",
            series=text, technology=text, country=text, years=text, reason=text),
    _format("assessments", "edition first_year last_year technology", "edition first_year last_year technology",
            edition=text, first_year=whole, last_year=whole, technology=text, lead_country=text, lead_basis=text,
            second_country=text, second_basis=text, risk_levels=text, risk_basis=text,
            institutions_in_lead=whole, institutions_of=whole, institutions_basis=text, lead_ratio=decimal,
            ratio_basis=text, verification=text, note=text, sources=keys),
    _format("institutions", "slug", "slug name country",
            slug=text, name=text, country=text, note=text, sources=keys),
    _format("tallies", "edition first_year last_year metric country bloc institution category scope",
            "edition first_year last_year metric value basis",
            edition=text, first_year=whole, last_year=whole, metric=text, country=text, bloc=text,
            institution=text, category=text, scope=text, value=whole, out_of=whole, basis=text, note=text,
            sources=keys),
    _format("institution_scores", "edition first_year last_year technology institution",
            "edition first_year last_year technology institution basis",
            edition=text, first_year=whole, last_year=whole, technology=text, institution=text,
            rank_from=whole, rank_to=whole, share=decimal, basis=text, note=text, sources=keys),
    _format("talent_flows",
            "edition first_year last_year technology scope working_in trained_in_country trained_in_bloc",
            "edition first_year last_year working_in stage population percent basis",
            edition=text, first_year=whole, last_year=whole, technology=text, scope=text, working_in=text,
            trained_in_country=text, trained_in_bloc=text, stage=text, population=text, percent=decimal,
            basis=text, note=text, sources=keys),
    _format("channels", "slug", "slug name description origin position",
            slug=text, name=text, description=text, origin=text, position=whole, note=text, sources=keys),
    _format("organisations", "slug", "slug name kind",
            slug=text, name=text, original_name=text, original_language=text, kind=text, country=text,
            parent=text, description=text, note=text, sources=keys),
    _format("organisation_aliases", "organisation name", "organisation name",
            organisation=text, name=text, note=text),
    _format("engagements", "slug", "slug code title channel description",
            slug=text, code=text, title=text, channel=text, programme=text, start=partial_date, start_note=text,
            end=partial_date, end_note=text, description=text, value_from=decimal, value_to=decimal,
            currency=text, value_bound=text, value_note=text, counts_in_totals=yes, totals_note=text,
            contested=yes, contested_note=text, recheck=text, note=text, sources=keys),
    _format("participations", "engagement side position", "engagement side position",
            engagement=text, side=text, position=whole, organisation=text, unnamed=text, named_as=text,
            role=text, note=text),
    _format("engagement_technologies", "engagement technology topic", "engagement position basis",
            engagement=text, technology=text, topic=text, position=whole, basis=text, note=text),
    _format("statuses", "engagement as_of state", "engagement as_of state position",
            engagement=text, as_of=partial_date, state=text, position=whole, note=text, sources=keys),
    _format("cases", "slug", "slug title summary",
            slug=text, title=text, summary=text, date=partial_date, date_note=text, note=text, sources=keys),
    _format("case_parties", "case organisation", "case organisation position",
            case=text, organisation=text, role=text, position=whole),
    _format("claims", "kind record speaker date stance",
            "kind record position speaker stance statement evidence_shown",
            kind=text, record=text, position=whole, speaker=text, organisation=text, country=text,
            date=partial_date, date_note=text, stance=text, statement=text, quote=text, evidence=text,
            evidence_shown=text, note=text, sources=keys),
    _format("citations", "kind record field source", "kind record source",
            kind=text, record=text, field=text, source=text, passage=text, page=text, stated_value=text,
            preferred=yes, reliability=text, credibility=text, seen_through=text, note=text),
)
# fmt: on

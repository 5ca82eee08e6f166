"""Figures of trade as analysis takes them, for tests."""

from decimal import Decimal

from tracker.analysis.read_model import Cited, Place, SourceRef
from tracker.analysis.trade_figures import FlowPlace, FlowRow, GoodRef

GOOD = GoodRef(1, "alumina", "Aluminium oxide", hs_code="2818")
KINDS = {"direct export": "direct exports", "re-export": "re-exports", "suspected transit": "suspected transit"}


def cited(publisher="A Paper", **said):
    source = SourceRef(publisher.lower(), "A title", publisher, "2023", "secondary", "/sources/one/")
    return Cited(source, **said)


def country(role, code, name=""):
    return FlowPlace(role, Place(code, name or code, f"/countries/{code.lower()}/"))


def flow(code="TF001", *, value="9949", to=None, exporter="China", importer="Russia", via="", **columns):
    """A figure: 9 949 tonnes of alumina from China to Russia in March 2022, by Chinese customs."""
    places = [
        country("exporter", exporter[:2].upper(), exporter),
        country("importer", importer[:2].upper(), importer),
    ]
    if via:
        places.append(country("via", via[:2].upper(), via))
    usual = {
        "pk": int(code[2:]),
        "good": GOOD,
        "basis": "stated",
        "product": "alumina",
        "kind": "direct export",
        "period_start": "2022-03",
        "period_end": "2022-03",
        "span": "month",
        "measure": "quantity",
        "unit": "tonnes",
        "data_basis": "Chinese customs",
        "places": tuple(places),
        "cited": (cited(),),
    }
    values = {"value_from": Decimal(value), "value_to": Decimal(to or value)}
    row = {**usual, **values, **columns}
    if row.get("baseline_value") is not None:
        row["baseline_value"] = Decimal(row["baseline_value"])
    return FlowRow(code=code, kind_said=KINDS.get(row["kind"], row["kind"]), **row)

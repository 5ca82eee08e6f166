from dataclasses import fields
from functools import lru_cache
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from tracker.analysis.matrix import CellValue, Column, remarks_in
from tracker.analysis.read_model import Place, TableData
from tracker.tables.cells import sources_panel, value_cell
from tracker.tables.columns import Cell, InGroup, PublishedTable
from tracker.tables.edits import edit_address, new_score_address, offered, records_of

# A dot that is read out as what it stands for: in words it would drown the table.
DOT = mark_safe('<span class="unknown dot">unknown</span>')


class Heated(Cell):
    """A cell of a matrix: a value on its tint; a dot where nothing is known; small, what is known instead.

    For who may edit each cell has the address of its form: that of its record, or of a new score.
    """

    css = "num"

    def __init__(self, verbose_name: Any, *, place: Place, **options: Any) -> None:
        super().__init__(verbose_name, **options)
        self.place = place

    def draw(self, value: CellValue, record: Any, longest: int) -> SafeString:
        if value.known or value.withheld:
            return value_cell(value)
        if not value.instead:
            if offered() is None:
                return DOT
            return format_html('<a class="new-cell" href="{}">{}</a>', self._form_of(value, record), DOT)
        return format_html(
            '<details class="value"><summary class="instead"><span class="vh">unknown; known is only: </span>{}'
            "</summary>{}</details>",
            value.instead,
            sources_panel(value),
        )

    def attributes_of(self, value: CellValue, record: Any) -> str:
        if offered() is None:
            return ""
        return format_html(' id="{}" data-edit="{}"', self._cell(record), self._form_of(value, record))

    def _cell(self, record: Any) -> str:
        return f"cell-{_slug(record)}-{self.place.code.lower()}"

    def _form_of(self, value: CellValue, record: Any) -> str:
        offer, records = offered(), records_of(value)
        assert offer is not None
        if records:
            return edit_address(records[0], f"{offer.back}#{self._cell(record)}")
        code, bloc = ("", self.place.code) if self.place.kind == "bloc" else (self.place.code, "")
        return new_score_address(offer, _slug(record), code, bloc, self._cell(record))

    def classes_of(self, value: CellValue) -> str:
        return f"{self.classes} heat-{value.heat}" if value.heat else self.classes


class MatrixTable(PublishedTable):
    group_by = "category"
    most_columns = 12
    columns_are = "countries"

    def __init__(self, data: TableData, **options: Any) -> None:
        super().__init__(data, **options)
        # How a value is known is marked cell by cell, unless all are known alike: then their panels say it.
        cells = (getattr(row, name) for row in data.rows for name in self.base_columns if name != "technology")
        self.attrs["class"] = "table matrix" if remarks_in(cells) else "table matrix matrix-alike"


@lru_cache(maxsize=64)
def matrix_table(row_type: type) -> type[PublishedTable]:
    """The table of a row type with one column a place."""
    first, _, *places = fields(row_type)
    columns: dict[str, object] = {"technology": InGroup(first.metadata["header"], group="category", header=True)}
    for place in places:
        column: Column = place.metadata["column"]
        columns[column.name] = Heated(_header(column), place=column.place)
    if any(place.metadata["column"].place.kind != "country" for place in places):
        columns["columns_are"] = "countries and blocs"
    return type("PlacesTable", (MatrixTable,), columns)


def _slug(record: Any) -> str:
    """The slug of a row's technology or field."""
    return str(record.technology.address.strip("/").rpartition("/")[2])


def _header(column: Column) -> SafeString:
    """The place's name and its colour."""
    return format_html('<span class="swatch swatch-{}"></span>{}', column.place.code.lower(), column.header)

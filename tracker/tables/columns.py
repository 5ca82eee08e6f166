"""Columns for read models, and the table they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

import django_tables2 as tables
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django_tables2.data import TableListData

from tracker.analysis.read_model import Link, Place, TableData, Value, long_date
from tracker.analysis.twin import plain
from tracker.tables.cells import badge_cell, bar, link_cell, number_text, place_cell, value_cell


class Presorted(TableListData):
    """Rows that the read model has sorted: the page, its CSV and its JSON have one order."""

    def order_by(self, aliases: Any) -> None:
        pass


class PublishedTable(tables.Table):
    """A table of a public page. `data` is the read model's own table; nothing is computed here.

    Every cell carries `data-value`, the value as the CSV twin has it.
    """

    # True = more columns than a desk screen holds.
    wide = False
    # The field of a row (a Link or words) that heads its group, while the table is in its own order; "" = none.
    group_by = ""
    # How many columns beside the row's header are shown until all are asked for, and the one it is sorted by;
    # None = all. `columns_are` is what they are, in the plural.
    most_columns: int | None = None
    columns_are = "columns"
    _longest: dict[str, int]

    def __init__(
        self, data: TableData, *, sort: str = "", sortable: bool = False, csv_address: str = "", full: bool = False
    ) -> None:
        self._longest = {}
        rows = list(data.rows)
        # A column in which no row says anything would only take room.
        silent = [
            name for name in self.base_columns if rows and all(getattr(row, name) in ("", None, ()) for row in rows)
        ]
        speaking = [name for name in self.base_columns if name not in silent]
        first = speaking if full or self.most_columns is None else speaking[: self.most_columns + 1]
        left_out = set(speaking) - {*first, sort.removeprefix("-")}
        super().__init__(
            Presorted(rows),
            order_by=sort or None,
            orderable=sortable,
            empty_text=data.empty,
            exclude=[*silent, *left_out],
        )
        self.name, self.caption, self.csv_address = data.name, data.caption, csv_address
        self.grouped = bool(self.group_by) and not sort
        # Beside the row's header.
        self.all_columns, self.shown_columns = len(speaking) - 1, len(speaking) - 1 - len(left_out)
        self.can_be_narrowed = self.most_columns is not None and self.all_columns > self.most_columns
        self.wide = self.wide or (self.can_be_narrowed and full)

    def drawn_groups(self) -> Iterator[tuple[str, tuple[SafeString, ...]]]:
        """The rows of this page of the table, each as the HTML of its cells, under the heading of their group.

        A table without groups is one, without a heading.
        """
        columns = [
            (bound.name, bound.column, self.longest(bound.name))
            for bound in self.columns.iterall()
            if bound.name not in self.exclude
        ]
        records = (row.record for row in self.paginated_rows)
        for heading, group in groupby(records, key=self._heading):
            yield heading, tuple(_drawn_rows(columns, group, self.group_by if heading else ""))

    def _heading(self, record: Any) -> str:
        group = getattr(record, self.group_by) if self.grouped else None
        return group.text if isinstance(group, Link) else group or ""

    def longest(self, name: str) -> int:
        """The largest whole number among the values of a column, at least 1."""
        if name not in self._longest:
            cells = (getattr(row, name) for row in self.data)
            numbers = (cell.content for cell in cells if isinstance(cell, Value) and isinstance(cell.content, int))
            self._longest[name] = max(numbers, default=1) or 1
        return self._longest[name]


Drawn = tuple[str, "Cell", int]


def _drawn_rows(columns: list[Drawn], records: Iterable[Any], headed_by: str) -> Iterator[SafeString]:
    """In place of django-tables2's own loop, which looks at the signature of every callable for every cell: a
    third of the time."""
    for record in records:
        yield mark_safe(  # noqa: S308
            "".join(_drawn(name, column, record, longest, headed_by) for name, column, longest in columns)
        )


def _drawn(name: str, column: Cell, record: Any, longest: int, headed_by: str = "") -> str:
    value = getattr(record, name)
    # A row does not repeat what heads its group.
    said_above = isinstance(column, InGroup) and column.group == headed_by
    draw = column.draw_in_group if said_above and isinstance(column, InGroup) else column.draw
    drawn = "" if value is None or value == "" else conditional_escape(draw(value, record, longest))
    classes = column.classes_of(value)
    css = f' class="{classes}"' if classes else ""
    tag, scope = ("th", ' scope="row"') if column.is_row_header else ("td", "")
    more = column.attributes_of(value, record)
    return f'<{tag}{scope}{css} data-value="{escape(plain(value))}"{more}>{drawn}</{tag}>'


class Cell(tables.Column):
    """A cell of plain text or number."""

    css = ""

    def __init__(self, verbose_name: str, *, minor: bool = False, header: bool = False, css: str = "") -> None:
        classes = " ".join(filter(None, (self.css, css, "minor" if minor else "")))
        attrs: dict[str, Any] = {"th": {"class": classes}} if classes else {}
        self.is_row_header = header
        self.classes = classes
        # empty_values: a read model says itself what unknown looks like.
        super().__init__(verbose_name=verbose_name, attrs=attrs, empty_values=(None, ""), default="")

    def draw(self, value: Any, record: Any, longest: int) -> Any:
        """The HTML of the cell, or text. `longest` is the largest whole number of the column."""
        return value

    def classes_of(self, value: Any) -> str:
        """The classes of the cell that holds `value`."""
        return self.classes

    def attributes_of(self, value: Any, record: Any) -> str:
        """More attributes of the cell, as HTML."""
        return ""

    def render(self, value: Any, record: Any, bound_column: Any, table: Any) -> Any:
        return self.draw(value, record, table.longest(bound_column.name))


class Number(Cell):
    css = "num"

    def draw(self, value: int | Decimal, record: Any, longest: int) -> str:
        return number_text(value)


class Note(Cell):
    """A sentence or two: what a collector says of the value, what something is."""

    css = "note"


class Day(Cell):
    """A partial date, as readers write it: 5 June 2019."""

    def draw(self, value: str, record: Any, longest: int) -> str:
        return long_date(value)


class Linked(Cell):
    def draw(self, value: Link, record: Any, longest: int) -> SafeString:
        return link_cell(value)


class InGroup(Linked):
    """A link with the name of its group below, taken from another column of the row."""

    def __init__(self, verbose_name: str, *, group: str, **options: Any) -> None:
        super().__init__(verbose_name, **options)
        self.group = group

    def draw(self, value: Link, record: Any, longest: int) -> SafeString:
        group = getattr(record, self.group)
        if group is None:
            return link_cell(value)
        return format_html('{}<small class="group-name">{}</small>', link_cell(value), group.text)

    def draw_in_group(self, value: Link, record: Any, longest: int) -> SafeString:
        """The cell of a row under the heading of its group."""
        return link_cell(value)


class Placed(Cell):
    def draw(self, value: Place, record: Any, longest: int) -> SafeString:
        return place_cell(value)


class Stated(Cell):
    """A Value: with sources on demand. `badge` draws its words in a shape."""

    def __init__(self, verbose_name: str, *, badge: str = "", **options: Any) -> None:
        super().__init__(verbose_name, **options)
        self.badge = badge

    def draw(self, value: Value, record: Any, longest: int) -> SafeString:
        return value_cell(value, badge=self.badge)


class Measured(Stated):
    """A Value that is a number: right-aligned, the unit in the header; `bar_of` names the place's column.

    The bar is as long as the share in per cent; of other numbers, relative to `longest` (0: the column's
    largest).
    """

    css = "num"

    def __init__(self, verbose_name: str, *, bar_of: str = "", longest: int = 100, **options: Any) -> None:
        super().__init__(verbose_name, **options)
        self.bar_of, self.longest = bar_of, longest

    def draw(self, value: Value, record: Any, longest: int) -> SafeString:
        shown = value_cell(value)
        if not self.bar_of or not isinstance(value.content, Decimal | int):
            return shown
        place = getattr(record, self.bar_of)
        place = place.content if isinstance(place, Value) else place
        percent = min(Decimal(100), Decimal(value.content) * 100 / (self.longest or longest)).quantize(Decimal("0.1"))
        code = place.code if isinstance(place, Place) else ""
        return format_html('<div class="with-bar">{}{}</div>', shown, bar(percent, code))


class Badge(Cell):
    """A word in a shape, e.g. how firm a lead is."""

    def __init__(self, verbose_name: str, *, group: str, **options: Any) -> None:
        super().__init__(verbose_name, **options)
        self.group = group

    def draw(self, value: str, record: Any, longest: int) -> SafeString:
        return badge_cell(self.group, value)

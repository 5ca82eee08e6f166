from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from tracker.models.country import Country
from tracker.models.good import Good
from tracker.models.partial_date import PartialDateField, is_partial_date, whole_months
from tracker.models.record import Basis, Record

# How many months a span has of which that is sure.
MONTHS = {
    "month": 1, "quarter": 3, "five months": 5, "six months": 6, "half year": 6, "nine months": 9, "year": 12,
    "year-on-year": 24,
}  # fmt: skip


class TradeFlow(Record):
    """One published figure of trade: of what, from where to where, when, how much, by whose count.

    Figures of different data basis, measure, unit, good or span are never put into one line; legs that no source
    joins are never joined.
    """

    class Kind(models.TextChoices):
        EXPORT = "direct export", "direct exports"
        TRANSIT = "suspected transit", "direct exports, suspected to be passed on"
        REEXPORT = "re-export", "re-exports"
        IMPORTS = "import total", "all imports"
        MIRROR = "mirror estimate", "imports, estimated from the other side’s records"
        GAP = "mirror gap", "two records of one trade that do not agree"
        SHARE = "share", "share"
        BOTH_WAYS = "two-way trade", "trade both ways"

    class Measure(models.TextChoices):
        VALUE = "value", "value"
        QUANTITY = "quantity", "quantity"
        RATIO = "ratio", "ratio"
        CHANGE = "change", "change"
        SHARE_OF_IMPORTS = "share of imports", "share of the importer's imports"
        SHARE_OF_DELIVERIES = "share of deliveries", "share of deliveries"

    class Bound(models.TextChoices):
        EXACT = "", "as printed"
        MORE = "more than", "more than"
        AT_LEAST = "at least", "at least"
        ABOUT = "about", "about"
        NEARLY = "nearly", "nearly"
        ALMOST = "almost", "almost"
        SLIGHTLY_OVER = "slightly over", "slightly over"
        LESS = "less than", "less than"

    class Span(models.TextChoices):
        MONTH = "month", "month"
        QUARTER = "quarter", "quarter"
        FIVE_MONTHS = "five months", "five months"
        SIX_MONTHS = "six months", "six months"
        HALF_YEAR = "half year", "half year"
        NINE_MONTHS = "nine months", "nine months"
        YEAR_TO_DATE = "year to date", "year to date"
        YEAR = "year", "year"
        YEAR_ON_YEAR = "year-on-year", "one year against another"
        TYPICAL_MONTH = "typical month", "a typical month"
        MONTHLY_AVERAGE = "monthly average", "monthly average"
        OTHER = "custom", "another span"

    needs_source = True
    belongs_to = "good"
    withheld_whole = True
    key_fields = ("code",)
    together = (
        ("good", "good_basis"),
        ("period_start", "period_end", "span"),
        ("value_from", "value_to", "unit", "bound", "measure"),
        ("baseline_start", "baseline_end", "baseline_value", "baseline_bound", "baseline_note"),
    )

    code = models.CharField(
        max_length=10, unique=True, help_text="Our number in the collected list, such as TF001; kept for citing."
    )
    good = models.ForeignKey(
        Good, on_delete=models.PROTECT, related_name="flows", help_text="The code or group it is a figure of."
    )
    good_basis = models.CharField(
        max_length=12, choices=Basis, help_text="How we know that: “derived” = the source names goods, we the code."
    )
    product = models.CharField(max_length=200, help_text="What it is a figure of, as the source says it.")
    kind = models.CharField(max_length=20, choices=Kind, help_text="What sort of trade it is a figure of.")
    period_start = PartialDateField(blank=False, help_text="The first year, month or day of the figure.")
    period_end = PartialDateField(blank=False, help_text="The last one.")
    span = models.CharField(max_length=20, choices=Span, help_text="What span the source gives it for.")
    measure = models.CharField(max_length=20, choices=Measure, help_text="What is measured.")
    value_from = models.DecimalField(
        max_digits=20, decimal_places=4, help_text="The figure in whole units; of a range the lower end."
    )
    value_to = models.DecimalField(
        max_digits=20, decimal_places=4, help_text="The same again, unless a range is published."
    )
    unit = models.CharField(max_length=20, help_text="USD, tonnes, percent, times.")
    bound = models.CharField(
        max_length=14, choices=Bound, blank=True, default="", help_text="What the source says of the figure."
    )
    baseline_start = PartialDateField(
        help_text="The span it is compared with begins; empty = none, or only in words."
    )
    baseline_end = PartialDateField(help_text="That span ends.")
    baseline_value = models.DecimalField(
        max_digits=20, decimal_places=4, null=True, blank=True, help_text="The figure it is compared with."
    )
    baseline_bound = models.CharField(
        max_length=14, choices=Bound, blank=True, default="", help_text="What the source says of that figure."
    )
    baseline_note = models.CharField(
        max_length=160, blank=True, help_text="The comparison in words: “before the war”, “almost none”."
    )
    change_stated = models.CharField(
        max_length=60, blank=True, help_text="The change as the source states it: “over 90 times”."
    )
    data_basis = models.CharField(
        max_length=120, help_text="Whose records it is counted from: “Chinese customs”. Never mixed in one line."
    )
    data_by = models.CharField(max_length=160, blank=True, help_text="Who counted, where the source names it.")
    note = models.TextField(blank=True, help_text="What else a reader should know.")

    class Meta:
        ordering = ["good", "period_start", "code", "pk"]
        constraints = [
            models.CheckConstraint(
                name="trade_flow_code_is_letters_and_digits",
                condition=Q(code__regex=r"^[A-Z]{2}[0-9]{3,}\Z"),
                violation_error_message="A code is two capitals and three digits or more: TF001.",
            ),
            *(
                is_partial_date(column, name=f"trade_flow_{column}_is_a_date")
                for column in ("period_start", "period_end", "baseline_start", "baseline_end")
            ),
            models.CheckConstraint(
                name="trade_flow_has_its_period",
                condition=~Q(period_start="") & ~Q(period_end=""),
                violation_error_message="A figure of trade says of which time it is.",
            ),
            models.CheckConstraint(
                name="trade_flow_period_runs_forward",
                condition=Q(period_end__gte=F("period_start")) | Q(period_start__startswith=F("period_end")),
                violation_error_message="A period ends after it begins.",
            ),
            models.CheckConstraint(
                name="trade_flow_baseline_has_both_ends",
                condition=Q(baseline_start="", baseline_end="")
                | ~Q(baseline_start="")
                & ~Q(baseline_end="")
                & (Q(baseline_end__gte=F("baseline_start")) | Q(baseline_start__startswith=F("baseline_end"))),
                violation_error_message="The span it is compared with has both ends, the earlier one first.",
            ),
            models.CheckConstraint(
                name="trade_flow_value_runs_upwards",
                condition=Q(value_to__gte=F("value_from")),
                violation_error_message="Of a range, the lower end comes first.",
            ),
            models.CheckConstraint(
                name="trade_flow_unit_is_of_its_measure",
                condition=Q(measure="ratio", unit="times")
                | Q(measure__in=["change", "share of imports", "share of deliveries"], unit="percent")
                | Q(measure="value", unit__regex=r"^[A-Z]{3}\Z")
                | Q(measure="quantity") & ~Q(unit__in=["times", "percent"]) & ~Q(unit__regex=r"^[A-Z]{3}\Z"),
                violation_error_message="The unit does not fit the measure: a value is in a currency (USD), a ratio in "
                "times, a change or a share in percent, a quantity in a unit such as tonnes.",
            ),
            models.CheckConstraint(
                name="trade_flow_only_a_change_is_below_nought",
                condition=(Q(measure="change") | Q(value_from__gte=0))
                & (Q(baseline_value__isnull=True) | Q(baseline_value__gte=0)),
                violation_error_message="Only a change can be below 0.",
            ),
            models.CheckConstraint(
                name="trade_flow_share_is_a_part",
                condition=~Q(measure__in=["share of imports", "share of deliveries"]) | Q(value_to__lte=100),
                violation_error_message="A share is at most 100 percent.",
            ),
            models.CheckConstraint(
                name="trade_flow_range_has_no_bound",
                condition=Q(bound__in=["", "about"]) | Q(value_from=F("value_to")),
                violation_error_message="A range has its two ends; “more than” and the like are said of one figure.",
            ),
            models.CheckConstraint(
                name="trade_flow_baseline_is_of_a_time",
                condition=Q(baseline_value__isnull=True) | ~Q(baseline_start="") | ~Q(baseline_note=""),
                violation_error_message="The figure it is compared with is of some time: give its span, or say in words "
                "what the source says of it.",
            ),
            models.CheckConstraint(
                name="trade_flow_baseline_bound_is_of_a_value",
                condition=Q(baseline_bound="") | Q(baseline_value__isnull=False),
                violation_error_message="“About” or “less than” is said of a figure: there is none.",
            ),
            models.CheckConstraint(
                name="trade_flow_says_whose_records",
                condition=~Q(data_basis="") & ~Q(unit="") & ~Q(product=""),
                violation_error_message="A figure of trade says of what it is, in which unit, and from whose records.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.product}"

    def clean(self) -> None:
        """Refuses a sort of span that its dates are not of."""
        super().clean()
        months = MONTHS.get(self.span)
        if months is not None and self.period_end and whole_months(self.period_start, self.period_end) != months:
            lasts = "one month" if months == 1 else f"{months} months"
            said = f"“{self.get_span_display()}” is {lasts}, and these dates are not: choose “another span”, or other dates."
            raise ValidationError({"span": said})


class FlowPlace(Record):
    """One of the places that a figure of trade is of: an exporter, an importer, or where goods went through."""

    class Role(models.TextChoices):
        EXPORTER = "exporter", "exporter"
        IMPORTER = "importer", "importer"
        VIA = "via", "through"

    belongs_to = "flow"
    withheld_whole = True
    key_fields = ("flow", "role", "position")
    together = (("country", "unnamed"),)

    flow = models.ForeignKey(TradeFlow, on_delete=models.PROTECT, related_name="places")
    role = models.CharField(max_length=8, choices=Role, help_text="Its part in the trade.")
    country = models.ForeignKey(Country, on_delete=models.PROTECT, null=True, blank=True, related_name="trade_flows")
    unnamed = models.CharField(
        max_length=80, blank=True, help_text="A place that is no single country, in words: “World”."
    )
    position = models.PositiveSmallIntegerField(help_text="Order among the places of its role, from 1.")

    class Meta:
        ordering = ["flow", "role", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["flow", "role", "position"],
                name="flow_place_once_in_a_place",
                violation_error_message="Another place stands there.",
            ),
            models.UniqueConstraint(
                fields=["flow", "role", "country"],
                name="flow_place_once",
                violation_error_message="The country has this part already.",
            ),
            models.CheckConstraint(
                name="flow_place_is_one_place",
                condition=Q(country__isnull=False, unnamed="") | Q(country__isnull=True) & ~Q(unnamed=""),
                violation_error_message="Fill exactly one of: country, unnamed.",
            ),
        ]


class Disagreement(Record):
    """Two figures that do not say the same of one thing, and what lies between them, as far as we see."""

    belongs_to = "first"
    withheld_whole = True
    key_fields = ("first", "second")

    first = models.ForeignKey(TradeFlow, on_delete=models.PROTECT, related_name="disagreements")
    second = models.ForeignKey(TradeFlow, on_delete=models.PROTECT, related_name="disagreed_with")
    reason = models.TextField(help_text="What lies between them: another period, another definition, or not known.")

    class Meta:
        ordering = ["first", "second", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second"],
                name="disagreement_once",
                violation_error_message="These two stand side by side already.",
            ),
            models.CheckConstraint(
                name="disagreement_is_of_two",
                condition=~Q(first=F("second")),
                violation_error_message="A figure does not disagree with itself.",
            ),
        ]

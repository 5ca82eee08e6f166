import datetime
import os
import random
import sqlite3
import threading
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.db.models import Count, Max
from django.utils import timezone

from tests.factories import (
    AliasFactory,
    AssessmentFactory,
    BlocFactory,
    BlocMembershipFactory,
    CategoryFactory,
    ChannelFactory,
    CitationFactory,
    ClaimFactory,
    CountryFactory,
    EditionFactory,
    EngagementFactory,
    FieldFactory,
    OrganisationFactory,
    ParticipationFactory,
    ScoreFactory,
    SeriesFactory,
    SourceFactory,
    TechnologyFactory,
    WindowFactory,
)
from tests.history.acting import YEAR, act, change, create, delete, noon, now
from tracker.actions.redactions import redact_revisions
from tracker.history import past
from tracker.history.past import Moment, NoRecordYet, UnknownMoment, moment, reading, reading_past
from tracker.history.tracked import tracked_models
from tracker.models import (
    Alias,
    Category,
    Country,
    Engagement,
    Interval,
    Organisation,
    Record,
    Revision,
    Score,
    Source,
    Technology,
    User,
)


@pytest.fixture
def category(db):
    return create(Category(slug="energy", name="Energy", position=1), at=noon(3, 1))


@pytest.fixture
def score(category):
    """A recorded score and all that it refers to."""
    technology = create(Technology(slug="lasers", name="Lasers", category=category))
    country = create(Country(code="CN", name="China"))
    series = create(SeriesFactory.build())
    edition = create(EditionFactory.build(series=series, slug="march"))
    window = create(WindowFactory.build(edition=edition))
    made = ScoreFactory.build(
        window=window, technology=technology, country=country, share=Decimal("48.490"), share_decimals=3
    )
    return create(made)


# Which moment


def test_moment_of_a_day_is_its_end_in_utc(category):
    create(CountryFactory.build(), at=datetime.datetime(YEAR, 3, 1, 23, 59, 59, 999_999, tzinfo=datetime.UTC))
    create(CountryFactory.build(), at=datetime.datetime(YEAR, 3, 2, tzinfo=datetime.UTC))

    assert moment(f"{YEAR}-03-01") == Moment(2, f"{YEAR}-03-01")
    assert moment(f"{YEAR}-03-02").number == 3


def test_moment_of_a_day_counts_in_utc_whatever_the_actor_s_zone(category):
    tokyo = datetime.timezone(datetime.timedelta(hours=9))

    create(CountryFactory.build(), at=datetime.datetime(YEAR, 3, 2, 8, tzinfo=tokyo))

    assert moment(f"{YEAR}-03-01").number == 2


def test_moment_of_a_day_without_acts_is_that_of_the_last_before(category):
    create(CountryFactory.build(), at=noon(3, 5))

    assert moment(f"{YEAR}-03-04").number == 1


def test_moment_of_a_revision_is_its_number(category):
    assert moment("r1") == Moment(1, "r1")


def test_moment_before_the_record_begins_says_when_it_begins(category):
    with pytest.raises(NoRecordYet) as refused:
        moment(f"{YEAR}-02-28")

    assert refused.value.begins == datetime.date(YEAR, 3, 1)
    assert f"{YEAR}-03-01" in str(refused.value)


@pytest.mark.django_db
def test_moment_of_an_empty_record_does_not_say_when_it_begins():
    with pytest.raises(NoRecordYet) as refused:
        moment("2026-03-01")

    assert refused.value.begins is None


@pytest.mark.parametrize(
    "asked",
    [
        "", "yesterday", "2026", "2026-03", "2026-02-30", "2026-13-01", "2026-3-1", "20260301", "2026-W10-1",
        "2026-03-01T00:00", " 2026-03-01", "2026-03-01\n", "0000-01-01", "9999-12-31", "２０２６-03-01",
        "r", "r0", "r-1", "r2", "r 1", "r1.0", "R1", "1", "r1\n", "r١", "r" + "9" * 18, "r" + "9" * 19,
        "r" + "9" * 100, "r" + "9" * 5000, str(2**63), "rr1", "r1'--", "\x00",
    ],
)  # fmt: skip
def test_moment_of_nonsense_is_unknown(category, asked):
    with pytest.raises(UnknownMoment):
        moment(asked)


def test_moment_of_a_day_that_has_not_come_is_refused_in_words(category):
    create(CountryFactory.build(), at=noon(3, 5))

    with pytest.raises(UnknownMoment, match=f"{YEAR}-03-06 has not come yet"):
        moment(f"{YEAR}-03-06")


@pytest.mark.django_db
def test_moment_of_today_is_the_record_as_far_as_it_goes():
    create(CountryFactory.build())
    today = timezone.now().date().isoformat()
    first = moment(today).number
    create(CountryFactory.build())

    assert moment(today).number == first + 1


# Reading it


def test_reading_shows_a_record_as_it_was(category):
    change(category, name="Energy and environment")

    with reading(Moment(1, "r1")):
        name = Category.objects.get().name

    assert (name, Category.objects.get().name) == ("Energy", "Energy and environment")


def test_reading_does_not_show_what_was_created_later(category):
    create(CountryFactory.build())

    with reading(Moment(1, "r1")):
        assert not Country.objects.exists()

    assert Country.objects.exists()


def test_reading_shows_what_was_deleted_later(category):
    delete(category)

    with reading(Moment(1, "r1")):
        assert Category.objects.get().slug == "energy"

    assert not Category.objects.exists()


def test_reading_does_not_show_what_was_deleted_before(category):
    delete(category)

    with reading(now()):
        assert not Category.objects.exists()


def test_reading_inside_one_act_shows_its_first_part(db):
    with act() as recording:
        recording.bulk_create([Country(code=code, name=code) for code in ("AA", "BB", "CC")])

    with reading(Moment(2, "r2")):
        assert list(Country.objects.order_by("code").values_list("code", flat=True)) == ["AA", "BB"]


def test_reading_resolves_related_records_in_the_past(score):
    then = now()
    change(score.technology, name="Laser weapons", slug="laser-weapons")
    change(score.technology.category, name="Defence")

    with reading(then):
        found = Score.objects.get()

    assert (found.technology.name, found.technology.category.name) == ("Lasers", "Energy")
    assert found.key() == "march/2018/2022/lasers/CN/"


def test_reading_follows_relations_backwards_in_the_past(score):
    then = now()
    delete(score)

    with reading(then):
        technology = Technology.objects.prefetch_related("scores__country").get()
        country = Country.objects.get()

    assert [found.country.name for found in technology.scores.all()] == ["China"]
    assert country.scores.count() == 1


def test_reading_filters_joins_and_counts_in_the_past(score):
    then = now()
    change(score.technology, slug="laser-weapons")

    with reading(then):
        found = Score.objects.filter(technology__slug="lasers", share__gt=48).select_related("window__edition").get()
        counted = Technology.objects.annotate(many=Count("scores"), top=Max("scores__share")).get()

    assert found.window.edition.slug == "march"
    assert (counted.many, counted.top) == (1, Decimal("48.490000"))


def test_reading_keeps_the_digits_of_numbers(score):
    with reading(now()):
        then = Score.objects.get()

    here = Score.objects.get()
    assert str(then.share) == str(here.share) == "48.490000"
    assert (then.share_decimals, then.h_index, then.bloc_id) == (3, None, None)


def test_reading_of_none_shows_what_is(category):
    change(category, name="Changed")

    with reading(None):
        assert Category.objects.get().name == "Changed"
        assert not reading_past()


def test_reading_within_reading_returns_to_the_outer_moment(category):
    change(category, name="Second")
    change(category, name="Third")

    with reading(Moment(1, "r1")):
        with reading(Moment(2, "r2")):
            inner = Category.objects.get().name
        with reading(None):
            present = Category.objects.get().name
        outer = Category.objects.get().name

    assert (outer, inner, present) == ("Energy", "Second", "Third")


def test_reading_ends_when_something_fails_inside(category):
    with pytest.raises(ZeroDivisionError), reading(Moment(1, "r1")):
        raise ZeroDivisionError

    assert not reading_past()


def test_reading_leaves_what_is_not_tracked_in_the_present(category):
    User.objects.create(username="ada")

    with reading(Moment(1, "r1")):
        assert User.objects.count() == 1
        assert Revision.objects.count() == 1


def test_reading_gives_a_column_younger_than_the_revision_its_empty_value(category):
    fields = Category._meta.concrete_fields

    row = past._row(fields, {"id": 1, "slug": "energy"})

    assert row == [1, None, "energy", "", None]
    assert past._row(Technology._meta.concrete_fields, {"id": 1})[4] == "technology"


def test_record_of_the_past_is_not_tied_to_one_of_the_present(score):
    then = now()
    change(score.technology, name="Laser weapons")
    with reading(then):
        technology = Technology.objects.get()

    with pytest.raises(ValueError, match="the current database router prevents this relation"):
        score.technology = technology


# The files


def files() -> list[Path]:
    from django.conf import settings

    return sorted(Path(settings.PAST_DIR).glob("*"))


def test_past_is_filled_once(category, django_assert_num_queries):
    with reading(Moment(1, "r1")):
        pass
    filled = [(file.name, file.stat().st_ino) for file in files()]

    # Which file: the digest of the revision, and what is kept back today.
    with django_assert_num_queries(2), reading(Moment(1, "r1")):
        assert Category.objects.count() == 1

    assert [(file.name, file.stat().st_ino) for file in files()] == filled


def test_past_is_filled_anew_when_its_file_is_lost(category):
    with reading(Moment(1, "r1")):
        pass
    for file in files():
        file.unlink()
    past.forget_opened()

    with reading(Moment(1, "r1")):
        assert Category.objects.count() == 1


def test_moment_brings_what_its_file_is_called_after(category, django_assert_num_queries):
    with django_assert_num_queries(2):
        at = moment(f"{YEAR}-03-01")

    with reading(at):
        pass
    of_the_revision = moment("r1")
    with django_assert_num_queries(0), reading(at):
        assert (at.day, of_the_revision.day) == (f"{YEAR}-03-01", f"{YEAR}-03-01")


def test_past_of_two_days_with_one_revision_is_one_file(category):
    create(CountryFactory.build(), at=noon(3, 9))

    for day in (f"{YEAR}-03-01", f"{YEAR}-03-08"):
        with reading(moment(day)):
            assert Category.objects.count() == 1

    assert len([file for file in files() if file.suffix == ".sqlite3"]) == 1


@pytest.mark.parametrize("kept", [1, 3])
def test_past_keeps_the_most_recently_used_files(category, settings, kept):
    settings.PAST_FILES_KEPT = kept
    for turn in range(6):
        change(category, name=f"Turn {turn}")

    for number in range(1, 7):
        with reading(Moment(number, f"r{number}")):
            assert Category.objects.count() == 1

    assert len([file for file in files() if file.suffix == ".sqlite3"]) == kept
    assert len(known()) == kept
    assert len(past._thread.used) == kept


def test_past_keeps_one_file_at_least(category, settings):
    settings.PAST_FILES_KEPT = 0
    change(category, name="Changed")

    for number in (1, 2):
        with reading(Moment(number, f"r{number}")):
            assert Category.objects.count() == 1

    assert len([file for file in files() if file.suffix == ".sqlite3"]) == 1


def test_past_that_is_used_again_is_kept(category, settings):
    settings.PAST_FILES_KEPT = 2
    change(category, name="Second")
    change(category, name="Third")
    with reading(Moment(1, "r1")):
        pass
    for file in files():
        os.utime(file, (1, 1))  # long ago
    with reading(Moment(2, "r2")):
        pass
    with reading(Moment(1, "r1")):
        pass
    first = {file.name: file.stat().st_ino for file in files()}

    with reading(Moment(3, "r3")), reading(Moment(1, "r1")):
        assert Category.objects.get().name == "Energy"

    assert len({file.name: file.stat().st_ino for file in files()}.items() & first.items()) == 2  # and the lock


def known() -> list[str]:
    return [alias for alias in connections.settings if alias.startswith(past.PREFIX)]


def test_past_forgets_the_least_recently_used_alias_first(category, settings):
    settings.PAST_FILES_KEPT = 2
    change(category, name="Second")
    change(category, name="Third")
    used = {}
    for number in (1, 2, 1, 3):
        with reading(Moment(number, f"r{number}")):
            used[number] = Category.objects.all().db

    assert known() == [used[1], used[3]]


def test_past_of_an_outer_reading_is_read_on_after_its_alias_was_forgotten(category, settings):
    settings.PAST_FILES_KEPT = 1
    change(category, name="Second")
    change(category, name="Third")

    with reading(Moment(1, "r1")):
        for number in (2, 3):
            with reading(Moment(number, f"r{number}")):
                pass
        forgotten = Category.objects.all().db not in known()
        name = Category.objects.get().name

    assert (forgotten, name) == (True, "Energy")


@pytest.mark.parametrize("filled", [True, False])
def test_past_whose_file_another_process_removes_before_it_is_opened_is_filled_again(category, monkeypatch, filled):
    if filled:
        with reading(Moment(1, "r1")):
            pass
        past.forget_opened()
    know, removed = past._know, []

    def too_late(alias: str, path: Path) -> None:
        know(alias, path)
        path.unlink()
        removed.append(path)

    monkeypatch.setattr(past, "_know", too_late)

    with reading(Moment(1, "r1")):
        assert Category.objects.get().name == "Energy"

    assert [path.exists() for path in removed] == [True]


def test_past_whose_file_cannot_be_opened_at_all_says_so(category, monkeypatch):
    tried = []
    monkeypatch.setattr(past, "_fill_once", lambda path, number, hidden: tried.append(number))

    with pytest.raises(OperationalError, match="unable to open database file"), reading(Moment(1, "r1")):
        pass

    assert tried == [1, 1]
    assert not reading_past()


def test_past_that_is_open_is_read_on_after_its_file_was_removed(category):
    with reading(Moment(1, "r1")):
        for file in files():
            file.unlink()
        assert Category.objects.get().name == "Energy"


def test_past_removes_what_a_broken_fill_left(category, settings):
    folder = Path(settings.PAST_DIR)
    folder.mkdir(parents=True)
    (folder / "abc.unfinished").write_text("half")

    with reading(Moment(1, "r1")):
        pass

    assert {file.suffix for file in files()} == {".sqlite3", ".lock"}


def test_past_lies_in_a_folder_of_any_name(category, settings, tmp_path):
    settings.PAST_DIR = tmp_path / "100% sure? #1 ü"

    with reading(Moment(1, "r1")):
        assert Category.objects.count() == 1


def test_past_file_refuses_writes(category):
    with reading(Moment(1, "r1")):
        alias = Category.objects.all().db
        Category.objects.count()

    with pytest.raises(Exception, match="readonly database"):
        Category.objects.using(alias).update(name="Changed")


# Side by side


def in_threads(work, many: int) -> list:
    """What `work(n)` returned or raised in each thread, all begun at once."""
    results: list = [None] * many
    start = threading.Barrier(many)

    def run(n: int) -> None:
        start.wait()
        try:
            results[n] = work(n)
        except Exception as failed:  # noqa: BLE001
            results[n] = failed
        finally:
            past.forget_opened()
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_now_and_then_are_read_side_by_side():
    category = create(Category(slug="energy", name="Name 1", position=1))
    for number in range(2, 6):
        change(category, name=f"Name {number}")
    # Filled ahead: in SQLite's shared memory, readers of the present would wait for each other.
    for number in range(1, 6):
        with reading(Moment(number, f"r{number}")):
            pass

    def read(n: int) -> set[str]:
        at = None if n == 0 else Moment(n, f"r{n}")
        found = set()
        for _ in range(20):
            with reading(at):
                found.add(Category.objects.get().name)
        return found

    assert in_threads(read, 6) == [{"Name 5"}, *({f"Name {n}"} for n in range(1, 6))]


@pytest.mark.django_db(transaction=True)
def test_past_asked_for_at_once_is_filled_once(monkeypatch):
    create(Category(slug="energy", name="Energy", position=1))
    fill, filled = past.fill, Counter()

    def counting(path: Path, number: int, hidden: past.KeptBack) -> None:
        filled[number] += 1
        fill(path, number, hidden)

    monkeypatch.setattr(past, "fill", counting)

    def read(_: int) -> str:
        with reading(Moment(1, "r1")):
            return Category.objects.get().name

    assert in_threads(read, 8) == ["Energy"] * 8
    assert filled == {1: 1}


# What is kept back today


@pytest.fixture
def source(db):
    return create(SourceFactory.build(slug="report", reuse=Source.Reuse.OPEN))


def reuse_of(slug: str, at: Moment) -> str:
    with reading(at):
        return Source.objects.get(slug=slug).reuse


def test_source_that_is_withheld_now_is_withheld_at_every_moment(source):
    then = now()
    assert reuse_of("report", then) == "open"

    change(source, reuse=Source.Reuse.NO)

    assert reuse_of("report", then) == "no"
    assert reuse_of("report", moment(then.asked)) == "no"


def test_source_that_was_withheld_when_it_was_deleted_stays_so(source):
    then = now()
    change(source, reuse=Source.Reuse.NO)
    delete(source)

    assert reuse_of("report", then) == "no"


def test_source_that_was_open_when_it_was_deleted_can_be_read(source):
    then = now()
    delete(source)

    assert reuse_of("report", then) == "open"


def test_source_that_is_open_again_is_withheld_only_while_it_was(source):
    first = now()
    change(source, reuse=Source.Reuse.NO)
    closed = now()
    change(source, reuse=Source.Reuse.FACT)

    assert [reuse_of("report", at) for at in (first, closed, now())] == ["open", "no", "fact"]


def test_another_source_that_is_sealed_changes_no_other(source):
    other = create(SourceFactory.build(slug="other", reuse=Source.Reuse.OPEN))
    then = now()
    change(other, reuse=Source.Reuse.NO)

    assert (reuse_of("report", then), reuse_of("other", then)) == ("open", "no")


def test_text_that_was_taken_out_of_the_log_is_in_no_past_file(category):
    user = User.objects.create_user("editor", password="a long password", first_name="An", last_name="Editor")
    change(category, name="A slander")
    then = now()
    change(category, name="Energy")
    with reading(then):
        assert Category.objects.get().name == "A slander"
    before = set(files())

    redact_revisions(numbers=[then.number], fields=["name"], what="A name", grounds="Court order", by=user)

    with reading(then):
        assert Category.objects.get().name == "[removed]"
    assert set(files()) != before


def test_forgotten_files_are_gone_and_filled_again(category, settings):
    with reading(Moment(1, "r1")):
        pass
    (Path(settings.PAST_DIR) / "abc.unfinished").write_text("half")

    past.forget_files()

    assert [file.name for file in files()] == ["filling.lock"]
    with reading(Moment(1, "r1")):
        assert Category.objects.get().name == "Energy"


# Any record at any moment


class RandomActs:
    """Acts of every sort on records of many kinds; a copy of every table after each."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.copies: dict[int, dict[str, list[dict]]] = {}
        self.refused = 0

    def run(self, many: int) -> None:
        while len(self.copies) < many:
            try:
                with transaction.atomic():
                    getattr(self, self.chance.choice(self.WAYS))()
            except IntegrityError:
                self.refused += 1  # a rule of the database: nothing may have changed
            else:
                if (number := now().number) not in self.copies:
                    self.copies[number] = everything()

    WAYS = ("make", "make", "make_in_bulk", "alter", "alter", "alter_in_bulk", "remove", "mixed")

    def any(self, model: type[Record]) -> Record | None:
        found = list(model.objects.order_by("pk"))
        return self.chance.choice(found) if found else None

    def a(self, model: type[Record], factory, **values) -> Record:
        found = self.any(model)
        return found if found is not None and self.chance.random() < 0.8 else create(factory.build(**values))

    def new(self) -> Record:
        chance = self.chance
        word = "".join(chance.choice("äßabc “%'\\\"é中\n") for _ in range(8))
        match chance.randrange(13):
            case 0:
                return CategoryFactory.build()
            case 1:
                return CountryFactory.build(note=word)
            case 2:
                category = self.a(Category, CategoryFactory)
                return TechnologyFactory.build(category=category, definition=word)
            case 3:
                return AliasFactory.build(technology=self.technology())
            case 4:
                return SourceFactory.build(title=word, date=chance.choice(["", "2019", "2019-06", "2019-06-05"]))
            case 5:
                return FieldFactory.build()
            case 6:
                bloc = self.a(tracked_models()["bloc"], BlocFactory)
                return BlocMembershipFactory.build(
                    bloc=bloc, country=self.a(Country, CountryFactory), since=str(chance.randrange(1950, 2020))
                )
            case 7:
                return AssessmentFactory.build(
                    window=self.window(),
                    technology=self.technology(),
                    lead_ratio=chance.choice([None, Decimal("8.41"), Decimal("2.0")]),
                    lead_ratio_decimals=2,
                )
            case 8:
                cited = self.technology()
                source = self.a(tracked_models()["source"], SourceFactory)
                return CitationFactory.build(cited=cited, source=source, preferred=chance.random() < 0.5)
            case 9:
                value = chance.choice([None, Decimal("68000000000"), Decimal("0.01"), Decimal("9999999999999.99")])
                return EngagementFactory.build(
                    channel=self.a(tracked_models()["channel"], ChannelFactory), title=word.strip() or "A deal",
                    end=chance.choice(["", "2020", "2019-06"]), value_from=value, value_to=value,
                    currency="" if value is None else "RUB", contested=chance.random() < 0.5,
                )  # fmt: skip
            case 10:
                named = chance.random() < 0.5
                return ParticipationFactory.build(
                    engagement=self.engagement(), position=chance.randrange(1, 30_000),
                    organisation=self.a(Organisation, OrganisationFactory, country=None) if named else None,
                    unnamed="" if named else "Banks not named",
                )  # fmt: skip
            case 11:
                organisation = self.a(Organisation, OrganisationFactory, country=None)
                about = chance.choice([self.engagement(), organisation])
                return ClaimFactory.build(about=about, quote=word, organisation=organisation)
            case _:
                share = Decimal(chance.randrange(100_000_000)) / 1_000_000 if chance.random() < 0.7 else None
                return ScoreFactory.build(
                    window=self.window(), technology=self.technology(), country=self.a(Country, CountryFactory),
                    rank_from=None, rank_to=None, share=share, share_decimals=None if share is None else 6,
                    publications=chance.choice([0, 12, 10_000]),
                )  # fmt: skip

    def technology(self) -> Record:
        found = self.any(Technology)
        return found or create(TechnologyFactory.build(category=self.a(Category, CategoryFactory)))

    def engagement(self) -> Record:
        channel = self.a(tracked_models()["channel"], ChannelFactory)
        return self.any(Engagement) or create(EngagementFactory.build(channel=channel))

    def window(self) -> Record:
        models = tracked_models()
        found = self.any(models["window"])
        if found is not None and self.chance.random() < 0.8:
            return found
        series = self.a(models["series"], SeriesFactory)
        edition = create(EditionFactory.build(series=series, previous=self.any(models["edition"])))
        return create(WindowFactory.build(edition=edition))

    def make(self) -> None:
        create(self.new())

    def make_in_bulk(self) -> None:
        records = [CountryFactory.build() for _ in range(self.chance.randrange(1, 6))]
        with act() as recording:
            recording.bulk_create(records)

    def anything(self) -> Record | None:
        models = [model for model in tracked_models().values() if model.objects.exists()]
        return self.any(self.chance.choice(models)) if models else None

    def altered(self, record: Record) -> Record:
        if isinstance(record, Score):
            record.h_index = self.chance.choice([None, 0, 7])
        elif isinstance(record, Alias | Technology | Category | Country):
            record.name = f"Renamed {self.chance.random()}"
        elif hasattr(record, "featured"):
            record.featured = not record.featured
        elif hasattr(record, "preferred"):
            record.preferred = not record.preferred
        elif hasattr(record, "note"):
            record.note = f"Noted {self.chance.random()}"
        if isinstance(record, Technology | Category):
            record.slug = f"renamed-{self.chance.randrange(10**9)}"
        return record

    def alter(self) -> None:
        if (record := self.anything()) is not None:
            with act(record):
                self.altered(record).save()

    def alter_in_bulk(self) -> None:
        countries = list(Country.objects.order_by("?")[:5])
        with act() as recording:
            recording.bulk_update([self.altered(country) for country in countries], ["name"])

    def remove(self) -> None:
        if (record := self.anything()) is not None:
            delete(record)

    def mixed(self) -> None:
        made, altered, removed = self.new(), self.anything(), self.any(Alias)
        with act() as recording:
            recording.bulk_create([made])
            for record in (altered, removed):
                if record is not None:
                    recording.watch(record)
            if altered is not None:
                self.altered(altered).save()
            if removed is not None:
                removed.delete()


def everything() -> dict[str, list[dict]]:
    return {kind: list(model.objects.order_by("pk").values()) for kind, model in tracked_models().items()}


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2])
def test_every_record_read_in_the_past_equals_its_copy(seed):
    acts = RandomActs(seed)
    acts.run(60)
    moments = acts.chance.sample(sorted(acts.copies), 15)

    for number in moments:
        with reading(Moment(number, f"r{number}")):
            found = everything()

        # repr, for Decimal("4.0") equals Decimal("4.000000"), and True equals 1
        assert repr(found) == repr(acts.copies[number])


@pytest.mark.skipif(connection.vendor != "sqlite", reason="The log is attached where it is a SQLite file.")
@pytest.mark.django_db
def test_file_filled_within_sqlite_equals_the_one_filled_row_by_row(tmp_path, monkeypatch):
    acts = RandomActs(3)
    acts.run(60)
    log = sqlite3.connect(tmp_path / "log.sqlite3")
    for model in (Interval, Revision, *tracked_models().values()):
        table = model._meta.db_table
        columns = ", ".join(f'"{column.column}"' for column in model._meta.concrete_fields)
        log.execute(f"CREATE TABLE {table} ({columns})")
        rows = connection.connection.execute(f"SELECT {columns} FROM {table}").fetchall()
        log.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' for _ in model._meta.concrete_fields)})", rows)
    log.commit()
    log.close()

    for number in acts.chance.sample(sorted(acts.copies), 10):
        filled = []
        for file in ("", str(tmp_path / "log.sqlite3")):
            monkeypatch.setattr(past, "file_of_the_log", lambda file=file: file)
            path = tmp_path / f"{number}-{bool(file)}.sqlite3"
            past.fill(path, number)
            database = sqlite3.connect(path)
            filled.append([repr(line) for line in database.iterdump()])
            database.close()

        assert filled[0] == filled[1]


@pytest.mark.django_db
def test_every_kind_takes_part_in_the_random_acts():
    acts = RandomActs(1)
    acts.run(60)

    kinds = set(Revision.objects.values_list("kind", flat=True))

    assert len(kinds) >= 12
    assert set(Revision.objects.values_list("action", flat=True)) == {"create", "update", "delete"}
    assert acts.refused


@pytest.mark.seed
def test_seed_data_read_in_the_past_equal_the_present():
    with reading(now()):
        then = everything()

    assert repr(then) == repr(everything())

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import caches

from tests.public_addresses import ADDRESSES, FIGURES
from tracker.charts import leaderboard, matrix, ranking, risk, trajectory
from tracker.charts.render import render
from tracker.pages import figures

pytestmark = pytest.mark.seed


@pytest.fixture
def drawings(monkeypatch):
    """What was drawn, not taken from a cache."""
    made = []

    def counted(*arguments):
        made.append(render(*arguments))
        return made[-1]

    monkeypatch.setattr("tracker.charts.render.render", counted)
    return made


@pytest.mark.parametrize("address", FIGURES)
def test_figure_is_drawn(client, address):
    response = client.get(address)

    assert response.status_code == 200
    assert response["Content-Type"] == ("image/png" if ".png" in address else "image/svg+xml")
    assert response.content.startswith((b"\x89PNG", b"<?xml", b"<svg"))


@pytest.mark.parametrize("address", FIGURES)
def test_figure_has_equal_bytes_for_equal_data(client, forget_answers, drawings, address):
    first = client.get(address)
    forget_answers()

    again = client.get(address)

    assert len(drawings) == 2
    assert first.content == again.content == drawings[0]
    assert first["ETag"] == again["ETag"]


ELSEWHERE = """
import importlib, pickle, sys
from tracker.charts.render import render
models = pickle.load(sys.stdin.buffer)
drawn = {name: render(importlib.import_module(f"tracker.charts.{name}").draw(models[name]), "svg") for name in models}
sys.stdout.buffer.write(pickle.dumps(drawn))
"""


def test_figure_has_equal_bytes_in_every_process():
    models = {
        "leaderboard": figures.leaderboard(),
        "matrix": figures.matrix(),
        "ranking": figures.ranking(technology="electric-batteries"),
        "risk": figures.risk(),
        "trajectory": figures.trajectory(field="physics"),
    }
    draw = {
        module.__name__.rpartition(".")[2]: module.draw for module in (leaderboard, matrix, ranking, risk, trajectory)
    }

    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE],
        # Backwards, so that nothing depends on what was drawn before.
        input=pickle.dumps(dict(reversed(models.items()))),
        env={**os.environ, "PYTHONHASHSEED": "7"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        check=True,
    )

    drawn = pickle.loads(done.stdout)  # noqa: S301  (our own process)
    assert drawn == {name: render(draw[name](model), "svg") for name, model in models.items()}


def test_figure_is_drawn_once_for_a_version_of_the_record(client, drawings):
    first = client.get(FIGURES[0])
    caches["pages"].clear()  # as after a restart

    again = client.get(FIGURES[0])

    assert len(drawings) == 1
    assert first.content == again.content


def test_figure_of_other_code_or_another_question_is_drawn_anew(client, drawings, settings):
    client.get("/charts/risk.svg")
    client.get("/charts/risk.svg?theme=dark")
    settings.BUILD = "next"

    client.get("/charts/risk.svg")

    assert len(drawings) == 3


def test_figure_that_the_reader_holds_is_neither_sent_nor_drawn(client, forget_answers, drawings):
    first = client.get(FIGURES[0])
    forget_answers()

    again = client.get(FIGURES[0], headers={"if-none-match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert len(drawings) == 1


def test_figures_of_a_test_are_kept_where_nobody_else_keeps_any():
    if settings.REDIS_URL:
        assert caches["figures"].key_prefix == f"figures-{os.getpid()}"
        return
    folder = Path(settings.CACHES["figures"]["LOCATION"])

    assert Path(caches["figures"]._dir) == folder
    assert not folder.is_relative_to(settings.BASE_DIR)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/charts/leaderboard.svg?edition=nope", 404),
        ("/charts/ranking.svg", 400),
        ("/charts/ranking.svg?technology=nope", 404),
        ("/charts/trajectory.svg?field=nope", 404),
        ("/charts/leaderboard.svg?size=huge", 400),
        ("/charts/leaderboard.svg?theme=pink", 400),
        ("/charts/nope.svg", 404),
    ],
)
def test_unknown_figure_or_parameter_is_refused_in_words(client, address, status):
    response = client.get(address)

    assert response.status_code == status
    assert len(response.content) > 10


WITH_FIGURES = [
    "/",
    "/technologies/electric-batteries/",
    "/fields/physics/",
    *(a for a in ADDRESSES["compare"] if "side=" in a),
]


@pytest.mark.parametrize("address", WITH_FIGURES)
def test_figures_of_a_page_keep_the_room_their_drawing_takes(client, address):
    page = client.get(address)

    for ref in page.context["page"].figures:
        drawing = client.get(f"/charts/{ref.name}.svg?{ref.query}").content.decode()
        width, height = (drawing.partition(f' {side}="')[2].partition('"')[0] for side in ("width", "height"))
        assert f'width="{width}" height="{height}"' in page.content.decode()


@pytest.mark.parametrize("address", WITH_FIGURES)
def test_table_behind_a_figure_is_one_click_away(client, address):
    page = client.get(address)

    for ref in page.context["page"].figures:
        path, _, anchor = ref.table_address.partition("#")
        there = client.get(path) if path else page
        assert there.status_code == 200
        assert not anchor or f'id="{anchor}"' in there.content.decode()


def test_matrix_draws_what_the_table_behind_it_lists(client):
    model = figures.matrix(edition="aspi-2024-08")
    rows = client.get("/editions/aspi-2024-08.json").json()["tables"]["scores"]["rows"]
    listed = {(row["technology"]["text"], row["place"]["code"]): row for row in rows}

    for line in model.lines:
        for place, cell in zip(model.places, line.cells, strict=True):
            row = listed.get((line.technology, place.code))
            if cell.share is not None:
                assert float(row["share"]["value"]) == float(cell.share)
            if cell.ranks is not None:
                assert row["rank"]["value"] == (
                    cell.ranks.first
                    if cell.ranks.first == cell.ranks.last
                    else {"first": cell.ranks.first, "last": cell.ranks.last}
                )

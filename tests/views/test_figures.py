import pytest

from tests.public_addresses import FIGURES

pytestmark = pytest.mark.seed


@pytest.mark.parametrize("address", FIGURES)
def test_figure_is_drawn(client, address):
    response = client.get(address)

    assert response.status_code == 200
    assert response["Content-Type"] == ("image/png" if ".png" in address else "image/svg+xml")
    assert response.content.startswith((b"\x89PNG", b"<?xml", b"<svg"))


@pytest.mark.parametrize("address", FIGURES)
def test_figure_has_equal_bytes_for_equal_data(client, address):
    first = client.get(address)

    again = client.get(address)

    assert first.content == again.content
    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 304


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


@pytest.mark.parametrize("address", ["/", "/technologies/electric-batteries/", "/fields/physics/"])
def test_figures_of_a_page_keep_the_room_their_drawing_takes(client, address):
    page = client.get(address)

    for ref in page.context["page"].figures:
        drawing = client.get(f"/charts/{ref.name}.svg?{ref.query}").content.decode()
        width, height = (drawing.partition(f' {side}="')[2].partition('"')[0] for side in ("width", "height"))
        assert f'width="{width}" height="{height}"' in page.content.decode()

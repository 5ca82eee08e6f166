import pytest

from tracker.models import User

pytestmark = pytest.mark.django_db


def test_gallery_sends_readers_to_the_login(client):
    response = client.get("/gallery/")

    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


@pytest.mark.parametrize(("is_staff", "status"), [(False, 403), (True, 200)])
def test_gallery_is_for_staff(client, is_staff, status):
    client.force_login(User.objects.create_user("someone", password="a long password", is_staff=is_staff))

    assert client.get("/gallery/").status_code == status


def test_login_page_answers_and_refuses_a_wrong_password(client):
    assert client.get("/login/").status_code == 200

    response = client.post("/login/", {"username": "nobody", "password": "wrong"})

    assert response.status_code == 200
    assert "correct" in response.content.decode()

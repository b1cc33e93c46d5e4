"""A nurse with a password, and browsers in which she is signed in."""

from __future__ import annotations

from django.test import Client
from tests.factories.core import UserFactory

from lienthong.core.models import User

OLD, NEW = "correct horse battery", "staple under the bed"


def make_nurse() -> User:
    user: User = UserFactory(username="nurse")
    user.set_password(OLD)
    user.save()
    return user


def signed_in(password: str = OLD) -> Client:
    client = Client(headers={"accept-language": "en"})
    assert client.login(username="nurse", password=password)
    return client

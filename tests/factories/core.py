"""Users, the smallest valid rows."""

from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from lienthong.core.models import User


class UserFactory(DjangoModelFactory[User]):
    """A person without a password; `force_login` signs them in."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user-{n}")
    full_name = factory.Sequence(lambda n: f"User {n}")
    language = "en"


class SystemUserFactory(UserFactory):
    """A named system user in whose name a worker acts."""

    username = factory.Sequence(lambda n: f"system-{n}")
    is_system = True

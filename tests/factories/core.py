"""Users, the smallest valid rows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from uuid import uuid4

import factory
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.utils import timezone
from factory.django import DjangoModelFactory

from lienthong.core.access.caller import token_digest
from lienthong.core.models import AccessToken, ClientKey, ConnectedSystem, User


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


class ConnectedSystemFactory(DjangoModelFactory[ConnectedSystem]):
    """A system of hospital 30001 that may read patients and results, deliver, and call CDS Hooks."""

    class Meta:
        model = ConnectedSystem
        skip_postgeneration_save = True

    client_id = factory.Sequence(lambda n: f"system-{n}")
    name = factory.LazyAttribute(lambda system: f"The {system.client_id}")
    facility = "30001"
    scopes = factory.LazyFunction(
        lambda: ["system/Observation.rs", "system/Patient.rs", "delivery/write", "cds-hooks/call"]
    )
    user = factory.SubFactory(SystemUserFactory)
    registered_at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class ClientKeyFactory(DjangoModelFactory[ClientKey]):
    """The public half of `pair`, which has held since the beginning of 2026; give `pair` to be able to sign."""

    class Meta:
        model = ClientKey
        exclude = ("pair",)
        skip_postgeneration_save = True

    pair = factory.LazyFunction(lambda: ec.generate_private_key(ec.SECP384R1()))
    system = factory.SubFactory(ConnectedSystemFactory)
    key_id = factory.Sequence(lambda n: f"key-{n}")
    jwk = factory.LazyAttribute(lambda key: public_jwk(key.pair))
    valid_from = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def access_token(*, facility: str, scopes: Sequence[str], sources: Sequence[str] = ()) -> str:
    """Register a system of a facility, and return a token that holds five minutes."""
    token, now = uuid4().hex, timezone.now()
    system = ConnectedSystemFactory(facility=facility, scopes=list(scopes), sources=list(sources))
    AccessToken.objects.create(
        digest=token_digest(token),
        system=system,
        key_id="k",
        scopes=list(scopes),
        issued_at=now,
        expires_at=now + dt.timedelta(minutes=5),
    )
    return token


def public_jwk(pair: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> dict[str, str]:
    """Return the public half of a key pair as a JWK."""
    kind = jwt.algorithms.ECAlgorithm if isinstance(pair, ec.EllipticCurvePrivateKey) else jwt.algorithms.RSAAlgorithm
    made: dict[str, str] = json.loads(kind.to_jwk(pair.public_key()))  # type: ignore[attr-defined]  # one of the two
    return made

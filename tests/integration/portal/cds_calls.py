"""A hospital's system that calls CDS Hooks: its token, its requests with drafts, and the cards of an answer."""

from __future__ import annotations

import itertools
import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from django.http import HttpResponse
from django.test import Client
from tests.factories.core import ClientKeyFactory
from tests.integration.portal.conftest import BORN, IDENTITY, NOW, TESTS

SELECT, SIGN = "/cds-services/lienthong-order-select", "/cds-services/lienthong-order-sign"
KEY = ec.generate_private_key(ec.SECP384R1())
ISSUER = "https://his.example"
NUMBERS = itertools.count(1)

Json = dict[str, Any]


def hospital_system() -> Client:
    """Register the key of the district's hospital system and return what calls as it."""
    ClientKeyFactory(system__client_id=ISSUER, system__facility="30051", key_id="k1", pair=KEY)
    return Client(headers={"accept": "application/json", "accept-language": "en"})


def token(path: str, **changes: object) -> str:
    claims = {
        "iss": ISSUER,
        "aud": f"http://testserver{path}",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 60,
        "jti": f"t{next(NUMBERS)}",
    }
    return "Bearer " + jwt.encode(claims | changes, KEY, algorithm="ES384", headers={"kid": "k1"})


def call(
    client: Client, path: str, body: object, *, authorization: str | None = None, language: str = "en"
) -> HttpResponse:
    headers = {"Authorization": token(path) if authorization is None else authorization, "Accept-Language": language}
    data = body if isinstance(body, bytes) else json.dumps(body)
    return client.post(path, data, content_type="application/json", headers=headers)  # type: ignore[return-value]


def asked(hook: str = "order-sign", items: tuple[str, ...] = ("HBA1C", "K", "UREA"), **changes: object) -> Json:
    """Return a request of the patient's hospital with a draft ServiceRequest for each item."""
    drafts = [draft(item) for item in items]
    context: Json = {
        "userId": "Practitioner/7",
        "patientId": "D1",
        "encounterId": "E1",
        "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": one} for one in drafts]},
    }
    if hook == "order-select":
        context["selections"] = [f"ServiceRequest/{item}-1" for item in items]
    made: Json = {
        "hook": hook,
        "hookInstance": f"instance-{next(NUMBERS)}",
        "context": context,
        "prefetch": {"patient": patient(), "encounter": encounter("AMB")},
    }
    return made | changes


def draft(item: str, **changes: object) -> Json:
    code = {"coding": [{"system": "http://loinc.org", "code": TESTS[item].loinc, "display": item}]}
    resource = {"resourceType": "ServiceRequest", "id": f"{item}-1", "status": "draft", "intent": "order", "code": code}
    return resource | changes


def patient(**changes: object) -> Json:
    identifier = {"type": {"coding": [{"code": "NI"}]}, "system": "urn:vn:cccd", "value": IDENTITY}
    name = {"text": "Trần Thị Mẫu"}
    resource = {"resourceType": "Patient", "id": "D1", "identifier": [identifier], "name": [name], "gender": "female"}
    return resource | {"birthDate": BORN.isoformat()} | changes


def encounter(code: str) -> Json:
    return {"resourceType": "Encounter", "id": "E1", "status": "in-progress", "class": {"code": code}}


def cards(answer: HttpResponse) -> list[Json]:
    assert answer.status_code == 200, answer.content
    found: list[Json] = json.loads(answer.content)["cards"]
    return found

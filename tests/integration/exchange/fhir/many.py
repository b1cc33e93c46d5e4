"""Two thousand results of two laboratories, by HL7 v2 and by FHIR, of persons of whom some are known at both."""

from __future__ import annotations

import datetime as dt
import json
import random

from django.utils import timezone
from tests.factories.exchange import SourceFactory, message
from tests.factories.registry import AnalyteFactory, LaboratoryFactory, ProcedureFactory
from tests.factories.results import order_draft, store_some_orders
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import LOINC, UCUM, entry, patient, transaction
from tests.integration.exchange.fhir.conftest import Json, System, system_of

from lienthong.core.models import AccessToken
from lienthong.results.models import PatientRecord

CODES = {"2345-7": "Glucose", "2951-2": "Sodium", "2160-0": "Creatinine", "14933-6": "Urate"}
IN_VIETNAMESE = {"SODIUM": "Điện giải đồ Natri", "CREATININE": "Creatinin máu"}
NATIONAL_SYSTEM = "http://fhir.ehealth.gov.vn/core/sid/national_id"
PERSONS, OF_MESSAGE = 8, 25


def fill(scene: Scene) -> System:
    """Fill both laboratories, and return the system of the first, which has an open order for half of the persons."""
    chance = random.Random(20261127)  # noqa: S311 — data, no secret
    _register(scene)
    other = LaboratoryFactory(facility__region=scene.laboratory.facility.region)
    SourceFactory(code="HD", laboratory=other)
    systems = {
        "SX": system_of(scene.laboratory.facility.code, sources=("SX",)),
        "HD": system_of(other.facility.code, sources=("HD",)),
    }
    for source, messages, bundles in (("SX", 32, 20), ("HD", 16, 16)):
        sent = [_message(source, number, chance) for number in range(messages)]
        scene.process(*sent)
        for number in range(bundles):
            answer = systems[source].post("", _bundle(source, number, chance))
            assert answer.status_code == 200, answer.content
    day = timezone.now() + dt.timedelta(days=1)
    AccessToken.objects.update(expires_at=day)  # the five minutes of a token may be too few for all that is asked
    facility = scene.laboratory.facility
    for person in range(0, PERSONS, 2):
        record = PatientRecord.objects.get(source="SX", local_id=f"V{person}")
        draft = order_draft(facility, record.pk, source="SX", placer_number=f"OPEN{person}")
        store_some_orders(draft, at=timezone.now())
    return systems["SX"]


def _register(scene: Scene) -> None:
    for code, name in CODES.items():
        if code != "2345-7":
            words = {"name_en": name, "name_vi": IN_VIETNAMESE.get(name.upper(), "")}
            analyte = AnalyteFactory(key=name.upper(), loinc=code, unit="mmol/L", **words)
            ProcedureFactory(laboratory=scene.laboratory, analyte=analyte, code=f"SX-{name.upper()}")


def _day(chance: random.Random) -> str:
    month, day, hour, minute = (
        chance.choice((9, 10, 11)),
        *(chance.randint(*one) for one in ((1, 25), (0, 23), (0, 59))),
    )
    return f"2026{month:02}{day:02}{hour:02}{minute:02}00"


def _value(chance: random.Random) -> str:
    return f"{chance.uniform(0.1, 12):.{chance.choice((0, 1, 2))}f}"


def _message(source: str, number: int, chance: random.Random) -> bytes:
    person, at = number % PERSONS, _day(chance)
    pid = f"PID|1||V{person}^^^{source}^MR~00118000000{person}^^^CCCD^NI||Nguyễn^Đào^Thị||19800517|F"
    obr = f"OBR|1|P{source}{number}|R{source}{number}|CHEM^Chemistry^L|||{at}|||||||||||||||{at}|||F"
    lines = []
    for place in range(OF_MESSAGE):
        code, status = chance.choice([*CODES]), chance.choice("FFFPC")
        kind, sign = chance.choice((("NM", ""), ("NM", ""), ("NM", ""), ("SN", "<^"), ("SN", ">^")))
        lines.append(
            f"OBX|{place + 1}|{kind}|{code}^{CODES[code]}^LN|{place}|{sign}{_value(chance)}|mmol/L|3.9-6.1|N"
            f"|||{status}|||{at}+0700"
        )
    return message(pid, obr, *lines, facility=source, control_id=f"{source}{number}")


def _bundle(source: str, number: int, chance: random.Random) -> Json:
    person = number % PERSONS
    who = patient(f"p{person}", number=f"F{person}") | {"birthDate": "1980-05-17"}
    who["identifier"].append({"system": NATIONAL_SYSTEM, "value": f"00118000000{person}"})
    results = [
        _observation(f"{number}-{place}", f"Patient/p{person}", chance) | _told(place) for place in range(OF_MESSAGE)
    ]
    return transaction(entry(who), *(entry(one) for one in results))


def _told(place: int) -> Json:
    """Return an element by whose code a result is found as well: with a display, a text, or neither."""
    coding = {"system": "urn:x:methods", "code": f"M{place % 2}"}
    told: list[Json] = [{}, {"display": "Đo quang học"}, {"display": "Điện cực"}]
    text = {"text": "Phương pháp ĐO pH"} if place % 4 == 0 else {}
    return {"method": {"coding": [coding | told[place % 3]], **text}}


def _observation(id_: str, of: str, chance: random.Random) -> Json:
    code, at = chance.choice([*CODES]), _day(chance)
    time = f"{at[:4]}-{at[4:6]}-{at[6:8]}" + chance.choice(("", f"T{at[8:10]}:{at[10:12]}:00+07:00"))
    comparator = chance.choice(("", "", "", "<", ">"))
    quantity = {"value": "@", "unit": "mmol/L", "system": UCUM, "code": "mmol/L"}
    found: Json = {
        "resourceType": "Observation",
        "id": f"o{id_}",
        "identifier": [{"system": "urn:x:results", "value": id_}],
        "status": chance.choice(("final", "final", "preliminary", "amended")),
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": {"reference": of},
        "effectiveDateTime": time,
        "valueQuantity": quantity | ({"comparator": comparator} if comparator else {}),
    }
    if chance.random() < 0.3:
        found["category"] = [{"coding": [{"code": "laboratory"}]}]
    return json.loads(json.dumps(found).replace('"@"', str(float(_value(chance)))))

"""Schemes, rounds and certificates: the smallest valid rows.

`SchemeFactory(regions=[...])` is a scheme run here, `OutsideSchemeFactory` one whose scores arrive by file.
"""

from __future__ import annotations

import datetime as dt
import hashlib

import factory
from factory.django import DjangoModelFactory
from tests.factories.core import UserFactory
from tests.factories.registry import LaboratoryFactory, ProcedureFactory

from lienthong.eqa.models import (
    Certificate,
    CertificateLine,
    Enrolment,
    Participant,
    ProcedureScore,
    Round,
    Sample,
    Scheme,
)
from lienthong.registry.models import Region

OPENS = dt.date(2026, 10, 1)
CLOSES = dt.datetime(2026, 10, 20, 10, tzinfo=dt.UTC)
DOCUMENT = b"%PDF-1.7 certificate"


class SchemeFactory(DjangoModelFactory[Scheme]):
    class Meta:
        model = Scheme
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"CHEM{n}")
    name_en = "Clinical chemistry"
    organiser = "Quality control centre"
    reach = Scheme.Reach.PROVINCE
    is_own = True
    verdict_read = Scheme.Scoring.Z

    @factory.post_generation
    def regions(self: Scheme, create: bool, extracted: list[Region] | None, **_: object) -> None:
        if create and extracted:
            self.regions.set(extracted)


class OutsideSchemeFactory(SchemeFactory):
    code = factory.Sequence(lambda n: f"OUT{n}")
    organiser = "RIQAS"
    reach = Scheme.Reach.NATION
    is_own = False


class RoundFactory(DjangoModelFactory[Round]):
    class Meta:
        model = Round

    scheme = factory.SubFactory(SchemeFactory)
    code = factory.Sequence(lambda n: f"2026-{n}")
    year = 2026
    status = Round.Status.OPEN
    opens_on = OPENS
    closes_at = CLOSES


class SampleFactory(DjangoModelFactory[Sample]):
    class Meta:
        model = Sample

    round = factory.SubFactory(RoundFactory)
    code = factory.Sequence(lambda n: f"S{n}")


class ParticipantFactory(DjangoModelFactory[Participant]):
    class Meta:
        model = Participant

    round = factory.SubFactory(RoundFactory)
    laboratory = factory.SubFactory(LaboratoryFactory)
    code = factory.Sequence(lambda n: f"{100 + n}")


class EnrolmentFactory(DjangoModelFactory[Enrolment]):
    class Meta:
        model = Enrolment

    participant = factory.SubFactory(ParticipantFactory)
    procedure = factory.SubFactory(ProcedureFactory, laboratory=factory.SelfAttribute("..participant.laboratory"))
    peer_group = "ISE, C6"


class ProcedureScoreFactory(DjangoModelFactory[ProcedureScore]):
    class Meta:
        model = ProcedureScore

    round = factory.SubFactory(RoundFactory)
    procedure = factory.SubFactory(ProcedureFactory)
    source = ProcedureScore.Source.SCORED
    passed = True
    recorded_at = CLOSES


class CertificateFactory(DjangoModelFactory[Certificate]):
    class Meta:
        model = Certificate

    laboratory = factory.SubFactory(LaboratoryFactory)
    scheme = factory.SubFactory(OutsideSchemeFactory)
    round_code = "C12"
    finished_on = OPENS
    number = factory.Sequence(lambda n: f"N{n}")
    document = DOCUMENT
    document_name = "certificate.pdf"
    document_sha256 = hashlib.sha256(DOCUMENT).hexdigest()
    handed_in_by = factory.SubFactory(UserFactory)
    handed_in_at = CLOSES


class CertificateLineFactory(DjangoModelFactory[CertificateLine]):
    class Meta:
        model = CertificateLine

    certificate = factory.SubFactory(CertificateFactory)
    procedure = factory.SubFactory(ProcedureFactory, laboratory=factory.SelfAttribute("..certificate.laboratory"))
    passed = True

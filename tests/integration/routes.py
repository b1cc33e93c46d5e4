"""A scene with something behind every address of the application, the people who ask for it, and what they send.

It is 10:00 on 23 November 2026. Hospitals A and B lie in the Hải Dương area, each with a laboratory, a third one in
Longnan. Whatever an address names belongs to A: its chart with a broken rule, its certificate, its patient, its order.
Both laboratories take part in the area's EQA rounds.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests.factories.core import UserFactory
from tests.factories.eqa import CertificateFactory, CertificateLineFactory
from tests.factories.exchange import GLU, OBR, PID, SourceFactory, message, qc_message
from tests.factories.iqc import ControlLotFactory, ControlTargetFactory
from tests.factories.recognition import GrantFactory, ReuseNoticeFactory, hai_duong, longnan
from tests.factories.registry import AnalyteFactory, FacilityFactory, LaboratoryFactory, ProcedureFactory, bind
from tests.factories.results import claim, store_patient_record

from lienthong.core.actions import system_user
from lienthong.core.models import User
from lienthong.eqa import actions as eqa
from lienthong.exchange import actions as exchange
from lienthong.exchange.certification.actions import open_certification
from lienthong.exchange.controls.actions import propose_control_mapping
from lienthong.exchange.listening.arrivals import receive_frame
from lienthong.exchange.models import Source
from lienthong.exchange.processing.worker import process_waiting
from lienthong.exchange.senders import directory
from lienthong.interop.hl7v2 import Frame
from lienthong.iqc import actions as iqc
from lienthong.iqc.models import ControlLot, ControlResult, Violation
from lienthong.recognition import actions as recognition
from lienthong.recognition.actions import Choice
from lienthong.recognition.models import OrderLine
from lienthong.registry import actions as registry
from lienthong.registry.models import Facility, Laboratory, Procedure, Region
from lienthong.results.actions import receive
from lienthong.results.models import InboxMessage, PatientRecord, PersonMerge, PriorNumber, Report, ReviewCase
from lienthong.results.people.merging import LocalNumber, merge_records
from lienthong.results.people.reviewing import decide_review

NOW = dt.datetime(2026, 11, 23, 3, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
CKMB, XYZ = (f"OBX|{place}|NM|{code}^{code}^L||3.1|ng/mL|||||F" for place, code in ((2, "CKMB"), (3, "XYZ")))
CERTIFICATE_NUMBER = "RIQAS-A-77"
RUNS = b"laboratory,procedure,material,lot,level,measured_at,value,unit\n"

Files = dict[str, tuple[str, bytes]]
Fields = dict[str, object]


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form sends: fields, and files by field with name and content."""

    fields: Fields = field(default_factory=dict)
    files: Files = field(default_factory=dict)

    def data(self) -> Fields:
        return self.fields | {name: SimpleUploadedFile(*file) for name, file in self.files.items()}


@dataclass
class Scene:
    """Who asks, the arguments and query of each address, and what each form sends."""

    people: dict[str, User]
    arguments: dict[str, Mapping[str, object]]
    queries: dict[str, str]
    forms: dict[str, Sent]
    secrets: frozenset[str]
    sessions: dict[str, str] = field(default_factory=dict)

    def address(self, route: str) -> str:
        return reverse(route, kwargs=dict(self.arguments.get(route, {}))) + self.queries.get(route, "")

    def client(self, role: str, **more: object) -> Client:
        """Return a browser in which one of the people is signed in, in English; nobody is signed in for `nobody`."""
        client = Client(headers={"accept-language": "en"}, **more)  # type: ignore[arg-type]  # Django's own arguments
        if role in self.sessions:
            client.cookies["sessionid"] = self.sessions[role]
        return client

    def sign_in(self) -> None:
        """Sign everyone in."""
        for role, user in self.people.items():
            client = Client()
            client.force_login(user)
            self.sessions[role] = client.cookies["sessionid"].value


def route_names() -> list[str]:
    """Return the name of every address of the resolver, with its app's."""
    return sorted(_names(get_resolver().url_patterns, ""))


def stored() -> dict[str, int]:
    """Return a digest of the rows of each table but that of sessions."""
    tables = [name for name in connection.introspection.table_names() if name != "django_session"]
    one_each = (
        f"SELECT '{name}', coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM {name} t" for name in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(one_each))
        return dict(cursor.fetchall())


def text_of(content: bytes) -> str:
    """Return what a page or a workbook says."""
    if not content.startswith(b"PK"):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))


def set_scene() -> Scene:
    scene = _Builder().build()
    scene.sign_in()
    return scene


def _names(patterns: list[URLPattern | URLResolver], prefix: str) -> list[str]:
    found: list[str] = []
    for one in patterns:
        if isinstance(one, URLResolver):
            inner = f"{prefix}{one.namespace}:" if one.namespace else prefix
            found += _names(one.url_patterns, inner)
        else:
            found.append(f"{prefix}{one.name}")
    return found


class _Builder:
    """Makes the scene, one app after the other."""

    def __init__(self) -> None:
        self.region = hai_duong()
        self.elsewhere = longnan()
        self.a, self.laboratory = self._place("30001", "Anphu General Hospital", "Anphu Biochemistry", self.region)
        self.b, self.laboratory_b = self._place("30002", "Binh Minh Hospital", "Binh Minh Laboratory", self.region)
        _c, self.laboratory_c = self._place("36001", "Longnan Hospital", "Longnan Laboratory", self.elsewhere)
        self.glucose = AnalyteFactory(key="GLU", loinc="2345-7", molar_mass=180.16, name_en="Glucose")
        self.ckmb = AnalyteFactory(key="CKMB", loinc="13969-1", unit="ug/L", name_en="CK-MB, mass")
        self.system = self._system("ANPHU-GLU", self.laboratory)
        self.system_b = self._system("BINH-GLU", self.laboratory_b)
        self._system("LONGNAN-GLU", self.laboratory_c)
        self.people = self._people()
        self.arguments: dict[str, Mapping[str, object]] = {}
        self.queries: dict[str, str] = {}
        self.forms: dict[str, Sent] = {}

    def build(self) -> Scene:
        self._registry()
        self._quality_control()
        self._rounds()
        self._certificate()
        self._messages()
        self._identities()
        self._rights()
        self._orders()
        secrets = {self.a.name_en, self.laboratory.name_en, self.system.code, CERTIFICATE_NUMBER, "Nguyễn Thị Đào"}
        return Scene(self.people, self.arguments, self.queries, self.forms, frozenset(secrets))

    def _place(self, code: str, name: str, laboratory: str, region: Region) -> tuple[Facility, Laboratory]:
        facility = FacilityFactory(code=code, name_en=name, region=region, has_insurance_contract=True)
        return facility, LaboratoryFactory(code=f"L{code}", name_en=laboratory, facility=facility)

    def _system(self, code: str, laboratory: Laboratory) -> Procedure:
        made: Procedure = ProcedureFactory(code=code, laboratory=laboratory, analyte=self.glucose)
        return made

    def _people(self) -> dict[str, User]:
        places = {
            "technician A": self.laboratory,
            "technician B": self.laboratory_b,
            "manager A": self.laboratory,
            "officer": self.region,
            "officer elsewhere": self.elsewhere,
            "clinician A": self.a,
            "clinician B": self.b,
            "clinician elsewhere": self.laboratory_c.facility,
            "operator": self.region,
            "administrator": self.region,
        }
        people = {name: UserFactory(username=name.replace(" ", "-"), full_name=f"The {name}") for name in places}
        for name, place in places.items():
            bind(people[name], name.split()[0], place)
        return people

    def _name(self, routes: str, **arguments: object) -> None:
        self.arguments |= {route: arguments for route in routes.split()}

    def _registry(self) -> None:
        table = f"code,name_en,facility\nL30001,New name,{self.a.code}\n".encode()
        file_id = registry.keep_table(
            kind="laboratories", data=table, name="l.csv", by=self.people["administrator"], at=NOW
        )
        self._name("registry:facility", facility_id=self.a.pk)
        self._name("registry:procedure", procedure_id=self.system.pk)
        self._name("registry:import-file", file_id=file_id)
        self._name("registry:import-template", kind="laboratories")
        self.forms["registry:import"] = Sent({"kind": "laboratories"}, {"file": ("l2.csv", table)})
        self.forms["registry:import-file"] = Sent()

    def _quality_control(self) -> None:
        for level, (mean, sd) in enumerate(((4.0, 0.1), (6.0, 0.2)), start=1):
            lot = ControlLotFactory(level=level)
            ControlTargetFactory(procedure=self.system, control_lot=lot, mean=mean, sd=sd)
        technician = self.people["technician A"]
        iqc.record_run(self.system.pk, {1: 4.02, 2: 5.9}, measured_at=NOW - 20 * HOUR, by=technician, at=NOW)
        iqc.record_run(self.system.pk, {1: 4.10, 2: 6.8}, measured_at=NOW - 2 * HOUR, by=technician, at=NOW)
        violation = Violation.objects.open().get(rule="1_3s")
        value = ControlResult.objects.get(value=6.8)
        draft = iqc.keep_draft(RUNS, "runs.csv", by=technician, at=NOW)
        own = "iqc:chart iqc:record-action iqc:enter-run iqc:record-reset"
        self._name(own, procedure_id=self.system.pk)
        self._name("iqc:exclude-result", procedure_id=self.system.pk, result_id=value.pk)
        self._name("iqc:import-file", draft_id=draft)
        action = {"violations": [violation.pk], "cause": "calibration", "action": "Calibrated again."}
        reset = {"kind": "calibration", "systems": [self.system.pk], "at_event": "2026-11-23T09:30"}
        self.forms |= {
            "iqc:import": Sent(files={"file": ("runs.csv", RUNS)}),
            "iqc:import-file": Sent({"choice": "drop"}),
            "iqc:record-action": Sent(action),
            "iqc:enter-run": Sent({"level_1": "4.01", "level_2": "6.1", "measured_at": "2026-11-23T09:50"}),
            "iqc:record-reset": Sent(reset),
            "iqc:exclude-result": Sent({"reason": "wrong vial"}),
        }

    def _rounds(self) -> None:
        self._scheme("CHEM", is_own=True, region_ids=[self.region.pk])
        scored = self._round("2026-1", closes_at=NOW - 5 * DAY)
        self._returned("2026-1", at=NOW - 6 * DAY)
        eqa.close_round(scored, by=self.people["officer"], at=NOW - 4 * DAY)
        eqa.score_round(scored, by=self.people["officer"], at=NOW - 4 * DAY)
        opened = self._round("2026-2", closes_at=NOW + 5 * DAY)
        self._name("eqa:round eqa:round-file", round_id=scored)
        self._name("eqa:step", round_id=scored, step="publish")
        self._name("eqa:import-results", round_id=opened)
        self._name("eqa:template", kind="results")
        plan = "scheme,round,opens_on,closes_at,samples,participant,procedure\n"
        plan += f"CHEM,2026-3,2026-12-01,2026-12-20 17:00,A,101,{self.system.code}\n"
        self.forms |= {
            "eqa:step": Sent(),
            "eqa:import-results": Sent(files={"file": ("r.csv", self._results(5.1, 5.2, on="2026-11-22"))}),
            "eqa:import-plan": Sent(files={"file": ("p.csv", plan.encode())}),
        }

    def _scheme(self, code: str, *, is_own: bool, region_ids: list[int]) -> None:
        eqa.create_scheme(
            code=code,
            names={"en": f"Chemistry {code}"},
            organiser="Quality control centre" if is_own else "RIQAS",
            reach="province" if is_own else "nation",
            region_ids=region_ids,
            is_own=is_own,
            verdict_read="z",
            by=self.people["officer"],
            at=NOW - 30 * DAY,
        )

    def _round(self, code: str, *, closes_at: dt.datetime) -> int:
        officer, opens = self.people["officer"], NOW - 20 * DAY
        round_id = eqa.create_round(
            scheme_code="CHEM",
            code=code,
            sample_codes=["A"],
            opens_on=opens.date(),
            closes_at=closes_at,
            by=officer,
            at=opens,
        )
        for number, system in (("101", self.system), ("102", self.system_b)):
            eqa.enrol(
                round_id=round_id,
                laboratory_id=system.laboratory_id,
                participant_code=number,
                procedure_ids=[system.pk],
                peer_groups={},
                by=officer,
                at=opens,
            )
        return round_id

    def _results(self, first: float, second: float, *, on: str) -> bytes:
        rows = (
            f"{number},{system.code},A,{value},mmol/L,{on} 09:00"
            for number, system, value in (("101", self.system, first), ("102", self.system_b, second))
        )
        return "\n".join(["participant,procedure,sample,value,unit,returned_at", *rows]).encode()

    def _returned(self, round_code: str, *, at: dt.datetime) -> None:
        data = self._results(5.0, 5.1, on=f"{at - DAY:%Y-%m-%d}")
        outcome = eqa.import_results(round_code, data, "r.csv", by=self.people["officer"], at=at)
        assert outcome.stored == 2, outcome

    def _certificate(self) -> None:
        self._scheme("RIQAS", is_own=False, region_ids=[])
        certificate = CertificateFactory(
            laboratory=self.laboratory, number=CERTIFICATE_NUMBER, handed_in_by=self.people["manager A"]
        )
        CertificateLineFactory(certificate=certificate, procedure=self.system)
        self._name("eqa:certificate eqa:document", certificate_id=certificate.pk)
        handed = {"scheme": "RIQAS", "round_code": "C9", "finished_on": "2026-10-30", "number": "R-1"}
        scores = "provider,scheme,round,laboratory,procedure,passed,finished_on\n"
        scores += f"RIQAS,RIQAS,C8,{self.laboratory.code},{self.system.code},yes,2026-09-30\n"
        self.forms |= {
            "eqa:certificate": Sent({"decision": "accept"}),
            "eqa:hand-in": Sent(
                {**handed, f"result-{self.system.pk}": "passed"}, {"document": ("c.pdf", b"%PDF-1.7 new")}
            ),
            "eqa:import-scores": Sent(files={"file": ("s.csv", scores.encode())}),
        }

    def _messages(self) -> None:
        source = SourceFactory(code="SX", laboratory=self.laboratory)
        second = message(PID, OBR.replace("SX1", "SX2"), CKMB, XYZ, control_id="M2")
        receptions = [receive_frame(Frame(one), directory(), at=NOW) for one in (message(PID, OBR, GLU), second)]
        receive([one.arrival for one in receptions], by=system_user("listener"), at=NOW)
        process_waiting(NOW)
        held = InboxMessage.objects.get(control_id="M2")
        mapping = exchange.propose_mapping(
            source=source.code,
            local_code="CKMB",
            local_system="L",
            analyte="CKMB",
            valid_from=dt.date(2026, 11, 1),
            by=self.people["manager A"],
            at=NOW,
        )
        one = "exchange:message exchange:patient-fields exchange:replay exchange:set-aside"
        self._name(one, inbox_id=held.pk)
        self._name("exchange:confirm exchange:decline", mapping_id=mapping)
        self.queries["exchange:mapping-history"] = "?source=SX&code=CKMB"
        self.queries["exchange:propose"] = "?source=SX&code=XYZ&system=L"
        self._controls(source)
        group = {"source": "SX", "sender": "", "reason": "unmapped-code", "code": "XYZ", "system": "L", "refused": ""}
        empty = "exchange:patient-fields exchange:replay exchange:confirm exchange:decline"
        empty += " exchange:control-confirm exchange:control-decline"
        self.forms |= dict.fromkeys(empty.split(), Sent()) | {
            "exchange:set-aside": Sent({"why": "test of the vendor"}),
            "exchange:replay-group": Sent(group),
            "exchange:propose": Sent({"analyte": "CKMB", "valid_from": "2026-11-01"}),
        }
        self._senders()

    def _senders(self) -> None:
        system_user("rehearsal")
        self._name("exchange:sender exchange:change-sender exchange:certification", code="SX")
        self._name("exchange:source-quality exchange:source-messages", code="SX")
        SourceFactory(code="SZ", laboratory=self.laboratory)
        self._name("exchange:open-certification", code="SZ")
        run = open_certification("SX", by=self.people["operator"], at=NOW)
        runs = "exchange:certification-report exchange:certification-cases exchange:close-certification"
        self._name(runs, certification_id=run)
        known = {
            "protocol": "hl7v2",
            "sending_application": "MEDLAB",
            "facility": self.a.code,
            "default_charset": "utf-8",
        }
        self.forms |= {
            "exchange:register-sender": Sent({"code": "SY", **known, "sending_facility": "SY"}),
            "exchange:change-sender": Sent({**known, "sending_facility": "SX-2"}),
            "exchange:confirm-all": Sent(),
            "exchange:mapping-table-preview": Sent(),
            "exchange:open-certification": Sent(),
            "exchange:close-certification": Sent(),
            "exchange:try-message": Sent({"text": message(PID, OBR, GLU, control_id="M9").decode()}),
        }

    def _controls(self, source: Source) -> None:
        """Two levels of a control wait; for one of them the manager has proposed what it is."""
        second = qc_message(control_id="Q2").replace(b"||M||", b"||H||").replace(b"||7|", b"||8|")
        receptions = [receive_frame(Frame(one), directory(), at=NOW) for one in (qc_message(), second)]
        receive([one.arrival for one in receptions], by=system_user("listener"), at=NOW)
        process_waiting(NOW)
        lot_id = ControlLot.objects.filter(targets__procedure=self.system).values_list("id", flat=True)[0]
        day = dt.date(2026, 11, 1)
        mapping = propose_control_mapping(
            source=source.code,
            material="01003",
            level="M",
            control_lot_id=lot_id,
            valid_from=day,
            by=self.people["manager A"],
            at=NOW,
        )
        self._name("exchange:control-confirm exchange:control-decline", mapping_id=mapping)
        self.queries["exchange:control-propose"] = "?source=SX&material=01003&lot=&level=H"
        fields = {"material": "01003", "control_lot": lot_id, "valid_from": day.isoformat()}
        self.forms["exchange:control-propose"] = Sent(fields)

    def _identities(self) -> None:
        """A likely pair, and two records that an operator merged; none of them is the patient of the messages."""
        born = dt.date(1975, 4, 3)
        names = ("Lê Thị Sen", "Lê Thị Sen", "Phạm Thị Cúc", "Phạm Thị Cúc")
        ids = [
            store_patient_record(claim(self.a, source=f"H{n}", full_name=name, birth_date=born), at=NOW)
            for n, name in enumerate(names)
        ]
        opened, decided = ReviewCase.objects.order_by("pk")
        decide_review(decided.pk, decision="same", why="Asked her.", by=self.people["operator"], at=NOW)
        self._name("results:case", case_id=opened.pk)
        self._name("results:person results:person-file results:part", record_id=ids[3])
        self._name("results:undo", record_id=ids[3], merge_id=PersonMerge.objects.get().pk)
        prior = {"survivor": LocalNumber("", "P1"), "prior": LocalNumber("", "P9"), "said_at": NOW, "inbox_id": 1}
        merge_records(source="H3", **prior, by=system_user("exchange"), at=NOW)  # type: ignore[arg-type]  # as named
        self._name("results:undo-number", record_id=ids[3], number_id=PriorNumber.objects.get().pk)
        self.forms["results:undo-number"] = Sent({"why": "Wrong patient."})
        self.forms["results:case"] = Sent({"decision": "different", "why": "Two sisters."})
        self.forms["results:part"] = self.forms["results:undo"] = Sent({"why": "Two sisters."})

    def _rights(self) -> None:
        grant = GrantFactory(procedure=self.system, item="GLU")
        second = GrantFactory(procedure=self.system, item="GLU", mark="LT-2")
        revoked = recognition.revoke_grant(
            grant_id=second.pk, since=dt.date(2026, 11, 1), reason="Wrong", by=self.people["officer"], at=NOW
        )
        self._name("recognition:right recognition:revoke", grant_id=grant.pk)
        self._name("recognition:lift", grant_id=revoked)
        self.forms["recognition:revoke"] = Sent({"since": "2026-11-20", "reason": "The report was false."})
        self.forms["recognition:lift"] = Sent({"reason": "The report was right."})

    def _orders(self) -> None:
        record, report = PatientRecord.objects.get(source="SX"), Report.objects.get(number="SX1")
        opened, signed = (self._check(number, record.pk) for number in ("26-1", "26-2"))
        by = self.people["clinician A"]
        recognition.sign_order(check_id=signed, choices={"GLU": Choice("repeat", "other", "asked")}, by=by, at=NOW)
        notice = ReuseNoticeFactory(line=OrderLine.objects.get(order_check=signed))
        records = "portal:patient portal:break-glass portal:access-log portal:order"
        self._name(records, record_id=record.pk)
        self._name("portal:order-check portal:order-check-again", check_id=opened)
        self._name("portal:order-receipt", check_id=signed)
        self._name("portal:report portal:report-versions", report_id=report.pk)
        self._name("portal:notice-read", notice_id=notice.pk)
        self._name("portal:cds-service portal:cds-feedback", service_id="lienthong-order-sign")
        self._name("core:language", code="vi")
        self.queries["portal:patients"] = "?q=Nguyễn"
        order = {"facility": self.a.pk, "number": "26-3", "items": ["GLU"], "encounter_class": "outpatient"}
        known = {"system": "NI", "number": "001180012345", "birth_date": "1980-05-17"}
        self.forms |= {
            "portal:patients": Sent(dict(known)),
            "portal:break-glass": Sent({"reason": "unconscious"}),
            "portal:order": Sent({**order, "purpose": "unknown"}),
            "portal:order-check": Sent({"choice-GLU": "repeat", "reason-GLU": "other", "text-GLU": "asked"}),
            "portal:order-check-again": Sent(),
            "portal:notice-read": Sent(),
            "portal:cds-service": Sent(),
            "portal:cds-feedback": Sent(),
        }

    def _check(self, number: str, record_id: int) -> int:
        check = recognition.check_order(
            number=number,
            channel="page",
            patient_record_id=record_id,
            facility_id=self.a.pk,
            items=["GLU"],
            encounter_class="outpatient",
            purposes=None,
            by=self.people["clinician A"],
            user_label="The clinician A",
            at=NOW,
        )
        return check.id

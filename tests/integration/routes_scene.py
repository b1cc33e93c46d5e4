"""A scene with something behind every address of the application, the people who ask for it, and what they send.

It is 10:00 on 23 November 2026. Hospitals A and B lie in the Hải Dương area, each with a laboratory, a third one in
Longnan. Whatever an address names belongs to A: its chart with a broken rule, its certificate, its patient, its order.
Both laboratories take part in the area's EQA rounds.
"""

from __future__ import annotations

import datetime as dt

from tests.factories.eqa import CertificateFactory, CertificateLineFactory
from tests.factories.iqc import ControlLotFactory, ControlTargetFactory
from tests.factories.recognition import GrantFactory, ReuseNoticeFactory
from tests.integration.routes import NOW, Scene, Sent
from tests.integration.routes_intake import Intake
from tests.unit.interop.dicom.objects import as_file, image

from lienthong.core.actions import system_user
from lienthong.core.log.sequencer import sequence
from lienthong.eqa import actions as eqa
from lienthong.exchange.imaging.files import ImageFiles
from lienthong.iqc import actions as iqc
from lienthong.iqc.models import ControlResult, Violation
from lienthong.recognition import actions as recognition
from lienthong.recognition.actions import Choice
from lienthong.recognition.models import OrderLine
from lienthong.registry import actions as registry
from lienthong.results.log_reads import proof_token
from lienthong.results.models import ImagingObject, PatientRecord, Report, ReportDocument

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
CERTIFICATE_NUMBER = "RIQAS-A-77"
RUNS = b"laboratory,procedure,material,lot,level,measured_at,value,unit\n"
TARGETS = b"procedure,material,lot,level,mean,sd,unit,valid_from\n"


def set_scene() -> Scene:
    scene = _Builder().build()
    scene.sign_in()
    return scene


class _Builder(Intake):
    """Makes the scene, one app after the other."""

    def build(self) -> Scene:
        self._registry()
        self._quality_control()
        self._rounds()
        self._certificate()
        self._messages()
        self._identities()
        self._rights()
        self._orders()
        self._deliveries()
        secrets = {self.a.name_en, self.laboratory.name_en, self.system.code, CERTIFICATE_NUMBER, "Nguyễn Thị Đào"}
        return Scene(self.people, self.arguments, self.queries, self.forms, frozenset(secrets))

    def _registry(self) -> None:
        table = f"code,name_en,facility\nL30001,New name,{self.a.code}\n".encode()
        file_id = registry.keep_table(
            kind="laboratories", data=table, name="l.csv", by=self.people["administrator"], at=NOW
        )
        self._name("registry:facility", facility_id=self.a.pk)
        self._name("registry:procedure", procedure_id=self.system.pk)
        technician = self.people["technician A"]
        self._name("registry:person registry:appoint registry:close-account", user_id=technician.pk)
        self._name("registry:end-role", user_id=technician.pk, binding_id=technician.role_bindings.get().pk)
        self._name("registry:import-file", file_id=file_id)
        self._name("registry:import-template", kind="laboratories")
        self.forms["registry:import"] = Sent({"kind": "laboratories"}, {"file": ("l2.csv", table)})
        self.forms["registry:import-file"] = Sent()
        role = {"role": "technician", "kind": "facility", "code": self.a.code}
        self.forms["registry:appoint"] = Sent(dict(role))
        self.forms["registry:add-person"] = Sent({**role, "username": "hoa", "full_name": "Hoa"})
        self.forms["registry:end-role"] = self.forms["registry:close-account"] = Sent({"why": "left"})

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
        self._name("iqc:correct-lot", procedure_id=self.system.pk, lot_id=lot.pk)
        self._name("iqc:import-file", draft_id=draft)
        targets = iqc.keep_draft(TARGETS, "targets.csv", kind="targets", by=technician, at=NOW)
        self._name("iqc:import-targets-file", draft_id=targets)
        action = {"violations": [violation.pk], "cause": "calibration", "action": "Calibrated again."}
        reset = {"kind": "calibration", "systems": [self.system.pk], "at_event": "2026-11-23T09:30"}
        self.forms |= {
            "iqc:import": Sent(files={"file": ("runs.csv", RUNS)}),
            "iqc:import-file": Sent({"choice": "drop"}),
            "iqc:import-targets": Sent(files={"file": ("targets.csv", TARGETS)}),
            "iqc:import-targets-file": Sent({"choice": "drop"}),
            "iqc:record-action": Sent(action),
            "iqc:enter-run": Sent({"level_1": "4.01", "level_2": "6.1", "measured_at": "2026-11-23T09:50"}),
            "iqc:record-reset": Sent(reset),
            "iqc:exclude-result": Sent({"reason": "wrong vial"}),
            "iqc:correct-lot": Sent({"expires_on": "2029-12-31", "reason": "on the box"}),
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
        record, report = PatientRecord.objects.get(source="SX"), Report.objects.get()
        opened, signed = (self._check(number, record.pk) for number in ("26-1", "26-2"))
        by = self.people["clinician A"]
        recognition.sign_order(check_id=signed, choices={"GLU": Choice("repeat", "other", "asked")}, by=by, at=NOW)
        notice = ReuseNoticeFactory(line=OrderLine.objects.get(order_check=signed))
        records = "portal:patient portal:break-glass portal:access-log portal:order"
        self._name(records, record_id=record.pk)
        self._name("portal:order-check portal:order-check-again", check_id=opened)
        self._name("portal:order-receipt", check_id=signed)
        self._name("portal:report portal:report-versions", report_id=report.pk)
        sequence(by=system_user("log"), at=NOW)
        self._name("portal:proof", token=proof_token(report.pk))
        self._name("core:log-consistency", first=1, second=1)
        self._beside(report)
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

    def _beside(self, report: Report) -> None:
        """A file that came with the report, and an image that is tied to it."""
        document = ReportDocument.objects.get(report=report)
        self._name("portal:report-file", report_id=report.pk, document_id=document.pk)
        self._name("portal:report-file-picture", report_id=report.pk, document_id=document.pk, size="small")
        data = as_file(image(1))
        kept = ImagingObject.objects.create(
            source="SX",
            facility=report.facility,
            kind="image",
            sop_instance_uid="1.2.3.4",
            digest=ImageFiles.of_installation().keep(data),
            size=len(data),
            received_at=NOW,
            report=report,
            tied_at=NOW,
        )
        self._name("portal:report-picture", report_id=report.pk, object_id=kept.pk, size="small")

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

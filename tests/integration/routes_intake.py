"""What the intake adds to the scene: messages that are held, senders, controls that wait, and people to compare."""

from __future__ import annotations

import datetime as dt
import json

from cryptography.hazmat.primitives.asymmetric import ec
from tests.factories.core import ClientKeyFactory, ConnectedSystemFactory, public_jwk
from tests.factories.exchange import GLU, OBR, PID, SourceFactory, message, qc_message
from tests.factories.results import claim, store_patient_record
from tests.integration.routes import NOW, Sent
from tests.integration.routes_outbound import Outbound

from lienthong.core.actions import system_user
from lienthong.exchange import actions as exchange
from lienthong.exchange.certification.actions import open_certification
from lienthong.exchange.controls.actions import propose_control_mapping
from lienthong.exchange.listening.arrivals import receive_frame
from lienthong.exchange.models import Source
from lienthong.exchange.processing.worker import process_waiting
from lienthong.exchange.senders import directory
from lienthong.interop.hl7v2 import Frame
from lienthong.iqc.models import ControlLot
from lienthong.results.actions import receive
from lienthong.results.models import InboxMessage, PersonMerge, PriorNumber, ReviewCase
from lienthong.results.people.merging import LocalNumber, merge_records
from lienthong.results.people.reviewing import decide_review

FILE = "OBX|2|ED|PDF^Report as printed^L||MEDLAB^application^PDF^Base64^JVBERi0xLjcK||||||F"
CKMB, XYZ = (f"OBX|{place}|NM|{code}^{code}^L||3.1|ng/mL|||||F" for place, code in ((2, "CKMB"), (3, "XYZ")))

# The correction of a result, and the first value again, which may be an old message that was sent again.
BACK = (GLU.replace("5.6", "6.5").replace("|||F|", "|||C|"), GLU)


class Intake(Outbound):
    """Gives the addresses of `exchange` and `results` something to show."""

    def _messages(self) -> None:
        source = SourceFactory(code="SX", laboratory=self.laboratory)
        second = message(PID, OBR.replace("SX1", "SX2"), CKMB, XYZ, control_id="M2")
        back = [message(PID, OBR, one, control_id=f"B{n}", at="") for n, one in enumerate(BACK)]
        sent = (message(PID, OBR, GLU, FILE), second, *back)
        receptions = [receive_frame(Frame(one), directory(), at=NOW) for one in sent]
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
        self._name("exchange:affirm", inbox_id=InboxMessage.objects.get(reason="changed-back").pk)
        self._name("exchange:confirm exchange:decline", mapping_id=mapping)
        self.queries["exchange:mapping-history"] = "?source=SX&code=CKMB"
        self.queries["exchange:propose"] = "?source=SX&code=XYZ&system=L"
        self._controls(source)
        self._systems()
        self._outlets()
        group = {"source": "SX", "sender": "", "reason": "code-unknown", "code": "XYZ", "system": "L", "refused": ""}
        empty = "exchange:patient-fields exchange:replay exchange:confirm exchange:decline"
        empty += " exchange:control-confirm exchange:control-decline"
        self.forms |= dict.fromkeys(empty.split(), Sent()) | {
            "exchange:affirm": Sent({"why": "the laboratory, by telephone"}),
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

    def _systems(self) -> None:
        """A system of hospital A with two keys, and one that is suspended."""
        system = ConnectedSystemFactory(client_id="his-a", name="Anphu HIS", facility=self.a.code)
        key = ClientKeyFactory(system=system)
        ClientKeyFactory(system=system)
        jwks = json.dumps({**public_jwk(ec.generate_private_key(ec.SECP384R1())), "kid": "new"})
        suspended = ConnectedSystemFactory(facility=self.a.code, suspended_at=NOW)
        self._name("exchange:system exchange:change-system exchange:add-keys", system_id=system.pk)
        self._name("exchange:suspend-system", system_id=system.pk)
        self._name("exchange:resume-system", system_id=suspended.pk)
        self._name("exchange:end-key", system_id=system.pk, key=key.pk)
        may = {"name": "Anphu hospital system", "scopes": ["system/*.rs"], "more_scopes": "system/Bundle.c"}
        self.forms |= {
            "exchange:register-system": Sent({"client_id": "his-b", "facility": self.a.code, **may, "jwks": jwks}),
            "exchange:change-system": Sent(may),
            "exchange:add-keys": Sent({"jwks": jwks}),
            "exchange:end-key": Sent({"ends_at": "2026-12-01T12:00"}),
            "exchange:suspend-system": Sent({"why": "It floods us."}),
            "exchange:resume-system": Sent(),
        }

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

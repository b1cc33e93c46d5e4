"""What goes out, added to the scene: an outlet of hospital A with a dead letter, one that is paused, and a witness."""

from __future__ import annotations

from tests.integration.routes import NOW, Sent
from tests.integration.routes_deliveries import Deliveries
from tools import log_sample

from lienthong.core.actions import system_user
from lienthong.core.models import LogWitness
from lienthong.exchange.outbound.actions import OutletEntry, pause_outlet, register_outlet
from lienthong.exchange.outbound.hl7v2.settings import Hl7Settings
from lienthong.exchange.outbound.models import Dispatch, Outlet

REACHED = Hl7Settings(host="his.example", port=2575).plain()
FORM = {**REACHED, "name": "Anphu HIS", "tls": "on"}


class Outbound(Deliveries):
    """Gives the addresses of outlets something to show."""

    def _outlets(self) -> None:
        by = system_user("command-line")
        for code in ("HIS-A", "OLD-A"):
            name = f"Anphu {code}"
            entry = OutletEntry(code=code, name=name, channel="hl7v2", facility=self.a.code, settings=REACHED)
            register_outlet(entry, by=by, at=NOW)
        pause_outlet("OLD-A", why="moved", by=by, at=NOW)
        dead = Dispatch.objects.create(
            id=1, outlet=Outlet.objects.get(code="HIS-A"), position=0, kind="report", subject="1", version=1,
            state="dead", attempts=3, queued_at=NOW, last_error_code="AE", last_error="AE; PID^1^3 204",
        )  # fmt: skip
        names = ["outlet", "dispatches-file", "change-outlet", "pause-outlet", "end-outlet", "resend-dead-letters"]
        self._name(" ".join(f"exchange:{one}" for one in names), code="HIS-A")
        self._name("exchange:resume-outlet", code="OLD-A")
        self._name("exchange:resend-dispatch exchange:close-dispatch", dispatch_id=dead.pk)
        self.forms |= {
            "exchange:register-outlet": Sent({**FORM, "code": "NEW-A", "facility": self.a.code}),
            "exchange:change-outlet": Sent({**FORM, "port": "2576"}),
            "exchange:resume-outlet": Sent(),
            "exchange:resend-dead-letters": Sent(),
            "exchange:resend-dispatch": Sent(),
            **{f"exchange:{one}": Sent({"why": "asked for"}) for one in names[3:5]},
            "exchange:close-dispatch": Sent({"why": "told by telephone"}),
        }
        self._witness()

    def _witness(self) -> None:
        url, key = "https://witness.example", log_sample.WITNESS
        note = log_sample.note(6)
        line = log_sample.cosigned(6).removeprefix(note).strip()
        row = LogWitness.objects.create(
            name="Ministry", url=url, key=str(key), added_at=NOW, known_size=6, size=6, cosigned_at=NOW, note=note,
            line=line,
        )  # fmt: skip
        self._name("exchange:remove-witness", witness_id=row.pk)
        other = log_sample.witness_key("other.example", log_sample.WITNESS_KEY)
        self.forms |= {
            "exchange:add-witness": Sent({"name": "Hospital", "url": url, "key": str(other)}),
            "exchange:remove-witness": Sent({"why": "it moved"}),
        }

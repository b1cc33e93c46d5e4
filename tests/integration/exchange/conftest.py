"""The scene of the exchange's tests: a laboratory that sends, its analytes and systems, and a worker."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.utils import timezone
from tests.factories.core import UserFactory
from tests.factories.exchange import SourceFactory
from tests.factories.registry import AnalyteFactory, LaboratoryFactory, ProcedureFactory, bind

from lienthong.core.actions import system_user
from lienthong.core.models import User
from lienthong.exchange.analyzers.arrivals import Place, receive_message
from lienthong.exchange.analyzers.directory import analyzer_directory
from lienthong.exchange.listening.arrivals import Reception, receive_frame
from lienthong.exchange.models import Source
from lienthong.exchange.processing.worker import Processed, process_waiting
from lienthong.exchange.senders import directory
from lienthong.interop.hl7v2 import Frame
from lienthong.registry.models import Analyte, Laboratory, Procedure
from lienthong.results.actions import receive, replay
from lienthong.results.models import InboxMessage


@dataclass(frozen=True, slots=True)
class Scene:
    """The laboratory SX: glucose by one system, potassium by two, HBsAg by one."""

    source: Source
    laboratory: Laboratory
    glucose: Analyte
    potassium: Analyte
    hbsag: Analyte
    glucose_system: Procedure
    potassium_systems: tuple[Procedure, Procedure]

    def take(self, *messages: bytes) -> list[Reception]:
        """Receive messages as a listener does, without a socket."""
        receptions = [receive_frame(Frame(one), directory(), at=timezone.now()) for one in messages]
        receive([one.arrival for one in receptions], by=system_user("listener"), at=timezone.now())
        return receptions

    def process(self, *messages: bytes) -> Processed:
        """Receive messages and let a worker store them."""
        self.take(*messages)
        return process_waiting(timezone.now())

    @staticmethod
    def process_astm(*messages: bytes) -> Processed:
        """Receive messages of analysers and let a worker store them."""
        place, known = Place("127.0.0.1", 4000), analyzer_directory()
        receptions = [receive_message(one, place, known, at=timezone.now()) for one in messages]
        receive([one.arrival for one in receptions], by=system_user("listener"), at=timezone.now())
        return process_waiting(timezone.now())

    @staticmethod
    def replay_all() -> Processed:
        """Send all that is held through a worker again."""
        by = system_user("operator")
        held = InboxMessage.objects.filter(state="held") | InboxMessage.objects.filter(results_held__gt=0)
        replay(list(held.values_list("id", flat=True)), by=by, at=timezone.now())
        return process_waiting(timezone.now())

    @staticmethod
    def states() -> list[tuple[str, str]]:
        """Return state and reason of each message in order of arrival."""
        return list(InboxMessage.objects.order_by("id").values_list("state", "reason"))


def make_scene() -> Scene:
    laboratory = LaboratoryFactory()
    source = SourceFactory(code="SX", laboratory=laboratory)
    glucose = AnalyteFactory(key="GLU", loinc="2345-7", unit="mmol/L", molar_mass=180.16, name_en="Glucose")
    potassium = AnalyteFactory(key="K", loinc="2823-3", unit="mmol/L", name_en="Potassium")
    hbsag = AnalyteFactory(key="HBSAG", loinc="5196-1", unit="", scale="qualitative", name_en="HBsAg")
    return Scene(
        source=source,
        laboratory=laboratory,
        glucose=glucose,
        potassium=potassium,
        hbsag=hbsag,
        glucose_system=ProcedureFactory(laboratory=laboratory, analyte=glucose, code="SX-GLU"),
        potassium_systems=(
            ProcedureFactory(laboratory=laboratory, analyte=potassium, code="SX-K-1", period__instrument_model="C6"),
            ProcedureFactory(laboratory=laboratory, analyte=potassium, code="SX-K-2", period__instrument_model="C8"),
        ),
    )


@pytest.fixture
def scene(db: None) -> Scene:
    """The laboratory SX, registered as a sender."""
    return make_scene()


@pytest.fixture
def administrator(scene: Scene) -> User:
    """One who administers the region of the scene."""
    user: User = UserFactory(full_name="Lê Minh")
    bind(user, "administrator", scene.laboratory.facility.region)
    return user


@pytest.fixture
def committed_scene(transactional_db: None) -> Scene:
    """The same, committed, for listeners and workers with connections of their own."""
    return make_scene()

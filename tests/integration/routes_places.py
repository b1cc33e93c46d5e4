"""The places, systems and people of the scene behind every address."""

from __future__ import annotations

from collections.abc import Mapping

from tests.factories.core import UserFactory
from tests.factories.recognition import hai_duong, longnan
from tests.factories.registry import AnalyteFactory, FacilityFactory, LaboratoryFactory, ProcedureFactory, bind
from tests.integration.routes import Sent

from lienthong.core.models import User
from lienthong.registry.models import Facility, Laboratory, Procedure, Region


class Places:
    """Hospitals A and B with their laboratories, one elsewhere, and someone of each role."""

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

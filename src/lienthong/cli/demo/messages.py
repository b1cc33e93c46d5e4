"""ORU^R01 messages as hospitals send them, with the faults they have; written as text, apart from the parser."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lienthong.cli.demo import controls, people
from lienthong.cli.demo.catalogue import CatalogueAnalyte, catalogue
from lienthong.cli.demo.people import Patient
from lienthong.cli.demo.province import HD, LONGNAN, Place, Province, System

LOCAL_CODE_PLACES = ("30101", "30105", "30203", "30208", "360783001")
CONTROL_PLACE = "30004"  # its system sends controls as it sends results
PANELS = {
    "biochemistry": ("GLU", "UREA", "CREA", "AST", "ALT", "TC", "TG", "HDL", "LDL", "UA"),
    "electrolytes": ("K", "NA", "CL"),
    "blood count": ("WBC", "RBC", "HGB", "HCT", "PLT"),
    "diabetes": ("GLU", "HBA1C"),
}
OTHER_UNITS = {"GLU": ("mg/dL", 18.0156), "CREA": ("mg/dL", 0.011312), "UREA": ("mg/dL", 6.0056), "HGB": ("g/dL", 0.1)}
START = b"\x0b"  # begins an MLLP frame


@dataclass(frozen=True, slots=True)
class Measured:
    """One OBX: the analyte, the value as written, and what may differ from the ordinary."""

    analyte: CatalogueAnalyte
    value: str
    unit: str
    code: str = ""
    status: str = "F"
    equipment: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """One message and what its content implies for the inbox."""

    place: Place
    patient: Patient
    local_id: str
    number: str
    collected_at: dt.datetime
    results: tuple[Measured, ...]
    control_id: str
    state: str = "stored"
    stored: int | None = None
    held: int = 0
    charset: str = "UNICODE UTF-8"
    encoding: str = "utf-8"
    processing: str = "P"
    sender: str = ""
    specimen: str = ""
    cut_at: int | None = None
    repeats: bool = False
    note: str = ""

    @property
    def implied_results(self) -> int:
        """How many result versions the message adds."""
        return len(self.results) if self.stored is None else self.stored

    def sent_bytes(self) -> bytes:
        """Return the message; of one that was cut off, the beginning of its frame."""
        message = self.text().encode(self.encoding)
        return START + message[: self.cut_at] if self.cut_at else message

    def text(self) -> str:
        return "\r".join((self._msh(), self._pid(), self._obr(), *self._obx(), self._spm(), ""))

    def _msh(self) -> str:
        sender = self.sender or f"LIS{self.place.code}"
        at = _stamp(self.collected_at + dt.timedelta(hours=2), self.place)
        fields = ("MSH", "^~\\&", sender, self.place.code, "LIENTHONG", self.place.region, at, "")
        return "|".join(
            (*fields, "ORU^R01^ORU_R01", self.control_id, self.processing, "2.5.1", *[""] * 5, self.charset)
        )

    def _pid(self) -> str:
        patient = self.patient
        national = f"{patient.national_number}^^^{patient.number_system}^NI"
        identifiers = f"{self.local_id}^^^{self.place.code}^MR~{national}"
        name = f"{patient.family}^{patient.given}"
        return f"PID|1||{identifiers}||{name}||{patient.birth_date:%Y%m%d}|{patient.sex}"

    def _obr(self) -> str:
        collected = _stamp(self.collected_at, self.place)
        released = _stamp(self.collected_at + dt.timedelta(hours=2), self.place)
        received = _stamp(self.collected_at + dt.timedelta(minutes=20), self.place)
        status = self.results[0].status if self.results else "F"
        fields = [
            "OBR",
            "1",
            "",
            self.number,
            "LAB^Laboratory^L",
            "",
            "",
            collected,
            *[""] * 6,
            received,
            "",
            "D1^Le^Van Mau",
        ]
        fields += [*[""] * 5, released, "", "LAB", status]
        return "|".join(fields)

    def _obx(self) -> Iterator[str]:
        for index, result in enumerate(self.results, start=1):
            kind = "NM" if result.analyte.is_quantitative else "ST"
            at = _stamp(self.collected_at + dt.timedelta(minutes=50), self.place)
            interval = _interval(result)
            fields = ["OBX", str(index), kind, result.code, "", result.value, result.unit, interval, "", "", ""]
            yield "|".join([*fields, result.status, "", "", "", "", "", "", result.equipment, at])

    def _spm(self) -> str:
        collected = _stamp(self.collected_at, self.place)
        received = _stamp(self.collected_at + dt.timedelta(minutes=20), self.place)
        role = "Q" if self.processing == "Q" else "P"
        fields = ["SPM", "1", self.specimen, "", "SER^Serum^HL70487", *[""] * 6, role, *[""] * 5, collected, received]
        return "|".join(fields)


class Sender:
    """Writes messages of one demonstration: control ids and order numbers run on."""

    def __init__(self, province: Province, *, anchor: dt.datetime) -> None:
        self.province = province
        self.anchor = anchor
        self.draw = random.Random("messages")  # noqa: S311 — examples
        self.serial = 0

    def message(self, place_code: str, patient: Patient, keys: tuple[str, ...], *, hours_ago: float) -> Sent:
        """Return a message with one result for each analyte that the place measures."""
        self.serial += 1
        systems = {system.analyte.key: system for system in self.province.of(place_code) if not system.extends}
        found = [systems[key] for key in keys if key in systems]
        return Sent(
            place=found[0].place,
            patient=patient,
            local_id=f"{place_code}-{patient.national_number[-6:]}",
            number=f"{place_code}-{self.serial:06d}",
            collected_at=self.anchor - dt.timedelta(hours=hours_ago),
            results=tuple(self._measure(system) for system in found),
            control_id=f"M{self.serial:06d}",
        )

    def again(self, sent: Sent, **changes: object) -> Sent:
        """Return a later message about the same report under a control id of its own."""
        self.serial += 1
        return replace(sent, control_id=f"M{self.serial:06d}", **changes)  # type: ignore[arg-type]  # fields by name

    def value(self, analyte: CatalogueAnalyte) -> str:
        """Return a value in or near the interval."""
        low = analyte.low if analyte.low is not None else 0.4 * (analyte.high or 1)
        high = analyte.high if analyte.high is not None else 2.2 * low
        return analyte.written(self.draw.uniform(low * 0.9, high * 1.15))

    def _measure(self, system: System) -> Measured:
        analyte = system.analyte
        value = self.value(analyte) if analyte.is_quantitative else "Negative"
        return Measured(analyte, value, written_unit(analyte), code_of(system), equipment=system.instrument_code)


def code_of(system: System) -> str:
    """Return OBX-3 as the place writes it: LOINC, or a code of its own that has to be mapped."""
    key, name = system.analyte.key, system.analyte.row["name_vi"]
    if system.place.code in LOCAL_CODE_PLACES:
        return f"{local_code(system)}^{name}^L"
    return f"{system.analyte.loinc}^{name}^LN^{key}^{name}^L"


def local_codes(province: Province) -> Iterator[dict[str, str]]:
    """Yield what the own codes of a place mean."""
    for system in province.systems:
        if system.place.code in LOCAL_CODE_PLACES and not system.extends:
            yield {
                "source": f"LIS{system.place.code}",
                "local_code": local_code(system),
                "local_system": "L",
                "analyte": system.analyte.key,
                "procedure": system.code,
            }


def control_materials(province: Province) -> Iterator[dict[str, str]]:
    """Yield which control lot and level a place means by the numbers of its control specimens."""
    for system in province.of(CONTROL_PLACE):
        material, lot = controls.material_of(system)
        for level in (1, 2) if system.analyte.key == "GLU" else ():
            yield {
                "source": f"LIS{CONTROL_PLACE}",
                "material": f"QC-{level}",
                "control": material,
                "lot": f"{lot}{level}",
                "level": str(level),
            }


def local_code(system: System) -> str:
    """Return the place's own code of an analyte."""
    return f"XN{list(catalogue()).index(system.analyte.key) + 1:03d}"


def written_unit(analyte: CatalogueAnalyte) -> str:
    """Return the unit as laboratories write it."""
    return {
        "umol/L": "µmol/L",
        "10*9/L": "10\\S\\9/L",
        "10*12/L": "10\\S\\12/L",
        "m[IU]/L": "mIU/L",
        "ug/L": "µg/L",
    }.get(analyte.unit, analyte.unit)


def ordinary(sender: Sender) -> Iterator[Sent]:
    """Yield the everyday traffic: patients who are seen in one or two facilities over thirty days."""
    for serial in range(1, 131):
        patient = people.vietnamese(sender.draw, serial)
        places = sender.draw.sample([place.code for place in sender.province.in_region(HD)], k=2)
        for code in places[: sender.draw.choice((1, 2, 2))]:
            panel = PANELS[sender.draw.choice(tuple(PANELS))]
            yield sender.message(
                code, patient, tuple(dict.fromkeys((*panel, "CREA"))), hours_ago=sender.draw.uniform(30, 27 * 24)
            )
    for serial in range(1, 31):
        patient = people.chinese(sender.draw, serial)
        code = sender.draw.choice([place.code for place in sender.province.in_region(LONGNAN)])
        panel = PANELS[sender.draw.choice(("biochemistry", "blood count"))]
        sent = sender.message(code, patient, panel, hours_ago=sender.draw.uniform(30, 27 * 24))
        yield replace(sent, charset="GB 18030-2000", encoding="gb18030")


def faulty(sender: Sender) -> Iterator[Sent]:
    """Yield messages with one fault each, and what it implies."""
    yield from _cut_off(sender)
    yield from _sent_again(sender)
    yield from _other_units(sender)
    yield from _unmapped(sender)
    yield from _other_charsets(sender)
    yield from _controls(sender)
    yield from _wrong_person(sender)


def _patient(sender: Sender) -> Patient:
    sender.serial += 1
    return people.vietnamese(sender.draw, 10_000 + sender.serial)


def _simple(sender: Sender, place: str = "30004") -> Sent:
    return sender.message(place, _patient(sender), PANELS["biochemistry"], hours_ago=sender.draw.uniform(30, 90))


def _cut_off(sender: Sender) -> Iterator[Sent]:
    for cut in (180, 320, 410):
        sent = _simple(sender)
        yield replace(sent, cut_at=cut, state="rejected", stored=0, note="truncated")
        yield sender.again(sent)  # the sender sends it whole the next time


def _sent_again(sender: Sender) -> Iterator[Sent]:
    """Doubled, corrected with C, corrected silently as F, withdrawn."""
    for _ in range(4):
        sent = _simple(sender)
        yield sent
        yield sender.again(sent, state="duplicate", stored=0, note="doubled")
    for status, note in (("C", "corrected"), ("C", "corrected"), ("F", "corrected silently"), ("W", "withdrawn")):
        sent = _simple(sender)
        yield sent
        changed = replace(sent.results[0], value=_higher(sent.results[0]), status=status)
        results = (changed, *sent.results[1:])
        yield sender.again(sent, results=results, stored=1, note=note)


def _other_units(sender: Sender) -> Iterator[Sent]:
    for key, (unit, factor) in OTHER_UNITS.items():
        sent = sender.message("30206", _patient(sender), (key,), hours_ago=50)
        result = sent.results[0]
        value = f"{float(result.value) * factor:.4g}"
        yield replace(sent, results=(replace(result, value=value, unit=unit),), note="other unit")
    sent = sender.message("30206", _patient(sender), ("ALT", "AST"), hours_ago=51)
    strange = replace(sent.results[0], unit="mmol/L")
    yield replace(sent, results=(strange, sent.results[1]), stored=1, held=1, note="unit of another kind")


def _unmapped(sender: Sender) -> Iterator[Sent]:
    for _ in range(5):
        sent = sender.message("30203", _patient(sender), ("GLU", "CREA"), hours_ago=60)
        unknown = replace(sent.results[0], code="CKMB^CK-MB^L", value="3.1", unit="ng/mL")
        yield replace(sent, results=(*sent.results, unknown), stored=2, held=1, note="unknown code")
    sent = replace(_simple(sender), sender="LIS-UNKNOWN", state="rejected", stored=0, note="unknown sender")
    yield sent


def _other_charsets(sender: Sender) -> Iterator[Sent]:
    for _ in range(3):
        sent = _simple(sender, "30009")
        family, given = (
            "Do",
            "Van Binh",
        )  # 8859/1 has no letters for most Vietnamese names: such senders write them bare
        patient = replace(sent.patient, family=family, given=given, name=f"{family} {given}")
        results = tuple(replace(result, code=_bare(result)) for result in sent.results)
        yield replace(sent, patient=patient, results=results, charset="8859/1", encoding="latin-1", note="8859/1")
    sent = _simple(sender, "30009")
    yield replace(sent, encoding="gb18030", state="rejected", stored=0, note="bytes are not what MSH-18 says")


def _controls(sender: Sender) -> Iterator[Sent]:
    """Both levels of a run under the number of a patient, then a vial of which nobody said what it is."""
    for level, z in ((1, 0.3), (2, -0.3)):
        sent = sender.message(CONTROL_PLACE, _patient(sender), ("GLU", "CREA"), hours_ago=30)
        values = [_control_value(sender, result, level, z) for result in sent.results]
        results = tuple(replace(result, value=value) for result, value in zip(sent.results, values, strict=True))
        sent = replace(sent, results=results, specimen=f"QC-{level}", processing="Q", stored=0)
        yield replace(sent, state="control", note="quality control specimen")
    sent = sender.message(CONTROL_PLACE, _patient(sender), ("GLU",), hours_ago=31)
    sent = replace(sent, specimen="QC-NEW", processing="Q", stored=0)
    yield replace(sent, state="held", held=1, note="control material unknown")


def _control_value(sender: Sender, result: Measured, level: int, z: float) -> str:
    """Return a value so many SD from the system's target."""
    systems = sender.province.of(CONTROL_PLACE)
    system = next(one for one in systems if one.analyte is result.analyte and not one.extends)
    mean, sd = controls.target(system, level)
    return f"{mean + z * sd:.6g}"


def _wrong_person(sender: Sender) -> Iterator[Sent]:
    """The number of a patient on another, of the same sex and year: whichever comes second is held."""
    sent = sender.message("30004", _patient(sender), PANELS["electrolytes"], hours_ago=45)
    yield sent
    other = sender.message("30006", sent.patient, PANELS["electrolytes"], hours_ago=40)
    born = sent.patient.birth_date
    stranger = replace(sent.patient, birth_date=dt.date(born.year, (born.month + 5) % 12 + 1, 17), given="Khác")
    yield replace(other, patient=stranger, state="held", stored=0, note="national number of another person")


def _bare(result: Measured) -> str:
    return f"{result.analyte.loinc}^{result.analyte.key}^LN"


def _higher(result: Measured) -> str:
    return result.analyte.written(float(result.value) * 1.2 + 10**-result.analyte.decimals)


def _stamp(at: dt.datetime, place: Place) -> str:
    return place.local(at).strftime("%Y%m%d%H%M%S%z")


def _interval(result: Measured) -> str:
    analyte = result.analyte
    factor = 1.0
    if analyte.key in OTHER_UNITS and result.unit == OTHER_UNITS[analyte.key][0]:
        factor = OTHER_UNITS[analyte.key][1]
    low, high = (None if bound is None else f"{bound * factor:.4g}" for bound in (analyte.low, analyte.high))
    return f"{low}-{high}" if low and high else f"<{high}" if high else f">{low}" if low else ""

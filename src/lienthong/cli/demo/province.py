"""Who is in the demonstration: facilities, laboratories, staff, instruments and measuring systems."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from lienthong.cli.demo.catalogue import CatalogueAnalyte, catalogue

HD, LONGNAN = "VN-HD", "CN-360783"
SINCE = dt.date(2025, 3, 3)

PROVINCIAL = (
    *("Đa khoa Trung tâm", "Nhi", "Phụ sản", "Lao và bệnh phổi", "Y học cổ truyền", "Nhiệt đới"),
    *("Mắt và Da liễu", "Tâm thần", "Phục hồi chức năng", "Nội tiết", "Tim mạch", "Kiểm soát bệnh tật"),
)
DISTRICTS = (
    *("Thanh Bình", "Kim Sơn", "An Phú", "Nam Hưng", "Bình An", "Đông Khê"),
    *("Tây Hồ", "Phúc Lộc", "Cẩm Tân", "Hưng Đạo", "Minh Đức", "Ninh Xá"),
)
PRIVATE = (
    *("Sông Xanh", "Hoa Sen", "Việt An", "Ánh Dương", "Tâm Phúc", "Đại Minh", "Hòa Bình Xanh"),
    *("Thiên Phúc", "Bảo Long", "An Khang", "Đức Tín", "Phương Đông Mới", "Hồng Phát", "Nhân Ái"),
    *("Minh Tâm", "Trường Sinh", "Sao Khuê", "Gia Bảo", "Thuận An", "Lạc Việt", "Tràng An"),
)
LONGNAN_HOSPITALS = (
    ("360783001", "龙南市第一示例医院", 2),
    ("360783002", "龙南市第二示例医院", 2),
    ("360783003", "龙南市示例妇幼保健院", 2),
    ("360783004", "龙南市示例镇卫生院", 1),
)
MODULES = {
    "provincial": ("chemistry", "electrolytes", "haematology", "coagulation", "immunoassay", "glycated", "rapid"),
    "district": ("chemistry", "electrolytes", "haematology", "glycated", "rapid"),
    "private": ("chemistry", "electrolytes", "haematology"),
    "hospital": ("chemistry", "electrolytes", "haematology", "glycated"),
}
ANALYSERS = {
    "chemistry": ("Helix", "Helix C6", "HX"),
    "electrolytes": ("Helix", "Helix C6", "HX"),
    "haematology": ("Hema", "Hema 5", "HM"),
    "coagulation": ("Coagula", "Coagula 3", "CG"),
    "immunoassay": ("Lumen", "Lumen i1", "LI"),
    "glycated": ("Lumen", "Lumen G8", "LG"),
    "rapid": ("bench", "rapid test", "RT"),
}
SMALL_CHEMISTRY = ("Novara", "Novara 480", "NV")
METHODS = {
    "chemistry": "photometry",
    "electrolytes": "ISE indirect",
    "haematology": "impedance and flow cytometry",
    "coagulation": "clot detection",
    "immunoassay": "CLIA",
    "glycated": "HPLC",
    "rapid": "immunochromatography",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A facility with its one laboratory. `level` is the published quality level, or the hospital's level in China."""

    code: str
    name: str
    kind: str
    region: str
    level: int | None
    accredited: tuple[str, ...] = ()
    is_mobile: bool = False

    @property
    def laboratory(self) -> str:
        return f"{self.code}-L1"

    @property
    def is_chinese(self) -> bool:
        return self.region == LONGNAN

    @property
    def zone(self) -> str:
        return zone_of(self.region)

    def local(self, at: dt.datetime) -> dt.datetime:
        """Return an instant on the clock of the place, whose calendar dates are its days."""
        return at.astimezone(ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True)
class System:
    """A measuring system of a place."""

    place: Place
    analyte: CatalogueAnalyte
    code: str
    instrument_code: str
    instrument_model: str
    method: str
    reagent_lot: str
    extends: str = ""

    @property
    def has_controls(self) -> bool:
        return self.analyte.is_quantitative


@dataclass(frozen=True)
class Province:
    """All places and their measuring systems."""

    places: tuple[Place, ...]
    systems: tuple[System, ...] = field(default=())

    def of(self, code: str) -> list[System]:
        return [system for system in self.systems if system.place.code == code]

    def in_region(self, region: str) -> list[Place]:
        return [place for place in self.places if place.region == region]


def zone_of(region: str) -> str:
    """Return the time zone of one of the two regions."""
    return "Asia/Shanghai" if region == LONGNAN else "Asia/Ho_Chi_Minh"


def build(only: Collection[str] | None = None) -> Province:
    """Return the demonstration's province and Longnan, or some of their places; the same at every call."""
    draw = random.Random(20261122)  # noqa: S311 — a generator of examples, not of secrets
    places = (*_hai_duong(draw), *_longnan())
    systems = tuple(system for place in places for system in _systems(place, draw))
    if only is None:
        return Province(places, systems)
    return Province(
        tuple(place for place in places if place.code in only),
        tuple(system for system in systems if system.place.code in only),
    )


def _hai_duong(draw: random.Random) -> Iterator[Place]:
    for number, name in enumerate(PROVINCIAL, start=1):
        level = 4 if number == 1 else draw.choice((3, 3, 4))
        yield Place(f"30{number:03d}", f"Bệnh viện {name} tỉnh (giả định)", "provincial", HD, level)
    for number, name in enumerate(DISTRICTS, start=101):
        yield Place(f"30{number:03d}", f"Trung tâm Y tế {name}", "district", HD, 2 if number == 101 else 3)
    for number, name in enumerate(PRIVATE, start=201):
        yield Place(
            f"30{number:03d}",
            f"Phòng xét nghiệm {name}",
            "private",
            HD,
            level=None if number >= 216 else draw.choice((2, 3)),
            accredited=("GLU", "CREA", "TC", "HGB") if number in (220, 221) else (),
            is_mobile=number == 215,
        )


def _longnan() -> Iterator[Place]:
    for code, name, level in LONGNAN_HOSPITALS:
        yield Place(code, name, "hospital", LONGNAN, level)


def _systems(place: Place, draw: random.Random) -> Iterator[System]:
    lots: dict[str, str] = {}
    for analyte in catalogue().values():
        if analyte.module not in MODULES[place.kind]:
            continue
        is_small = place.kind == "private" and analyte.module == "chemistry"
        _, model, short = SMALL_CHEMISTRY if is_small else ANALYSERS[analyte.module]
        lot = lots.setdefault(analyte.module, f"{draw.randrange(88000, 89999)}")
        code = f"{place.code}-{analyte.key}"
        yield System(place, analyte, code, f"{place.code}-{short}1", model, METHODS[analyte.module], lot)
        if place.code == "30001" and analyte.key in ("ALT", "AST"):
            second = f"{place.code}-NV2"
            yield System(place, analyte, f"{code}-2", second, "Novara 480", "photometry, second system", lot, code)

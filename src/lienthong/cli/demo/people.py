"""Invented persons: names drawn from common parts, numbers from a range that the generator keeps to itself."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

VI_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô")
VI_MIDDLE = {"F": ("Thị", "Ngọc", "Thu", "Minh"), "M": ("Văn", "Đức", "Quang", "Hữu")}
VI_GIVEN = {
    "F": ("Mai", "Lan", "Hạnh", "Thảo", "Yến", "Nga", "Hương", "Loan"),
    "M": ("Hùng", "Nam", "Sơn", "Tuấn", "Khoa", "Lâm", "Phúc", "Bình"),
}
ZH_FAMILY = ("王", "李", "张", "刘", "陈", "赖", "钟", "廖")
ZH_GIVEN = {"F": ("秀英", "丽", "敏", "静", "桂花"), "M": ("伟", "强", "磊", "志明", "建国")}


@dataclass(frozen=True, slots=True)
class Patient:
    """An invented patient with a national number."""

    name: str
    family: str
    given: str
    sex: str
    birth_date: dt.date
    national_number: str
    number_system: str


def vietnamese(draw: random.Random, serial: int) -> Patient:
    """Return an invented Vietnamese patient; the national number has CCCD's twelve digits."""
    sex = draw.choice("FM")
    born = _birth(draw)
    family, given = draw.choice(VI_FAMILY), f"{draw.choice(VI_MIDDLE[sex])} {draw.choice(VI_GIVEN[sex])}"
    century = (0 if born.year < 2000 else 2) + (1 if sex == "F" else 0)
    number = f"030{century}{born.year % 100:02d}{900000 + serial:06d}"
    return Patient(f"{family} {given}", family, given, sex, born, number, "CCCD")


def chinese(draw: random.Random, serial: int) -> Patient:
    """Return an invented Chinese patient; the national number has eighteen characters with its check character."""
    sex = draw.choice("FM")
    born = _birth(draw)
    family, given = draw.choice(ZH_FAMILY), draw.choice(ZH_GIVEN[sex])
    order = 900 + 2 * (serial % 49) + (1 if sex == "M" else 0)
    body = f"360783{born:%Y%m%d}{order:03d}"
    return Patient(f"{family}{given}", family, given, sex, born, body + _check_character(body), "CNID")


def staff_name(draw: random.Random, *, is_chinese: bool) -> str:
    """Return an invented name for a member of staff."""
    return (chinese if is_chinese else vietnamese)(draw, 1).name


def _birth(draw: random.Random) -> dt.date:
    return dt.date(1942, 1, 1) + dt.timedelta(days=draw.randrange(70 * 365))


def _check_character(body: str) -> str:
    """Return the check character of a Chinese identity number (GB 11643: ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(body))
    return "10X98765432"[total % 11]

"""A generated population of Viet Nam and China with the cases in which people are mistaken for one another.

Names are drawn from name parts in ../shared/data/names with frequencies that fall as 1/rank: family names are crowded.
Everybody has a household with an address and a telephone, and records at several hospitals, each with the variations
and errors of a hospital. Everything follows from the seed; nobody is real.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import pypinyin

from lienthong.results.identity import Side, read_number
from lienthong.results.identity.names import fold_name
from lienthong.results.identity.numbers import check_character

NAMES = Path(__file__).resolve().parents[2] / "shared" / "data" / "names"
TRADITIONAL = dict(
    zip(
        "张刘陈杨赵吴孙马罗郑谢韩冯邓萧叶苏钟陆贾龙汤钱丽华娟云兰凤军刚宁欢红艳荣莹静颖飞鹏伟杰涛玲",
        "張劉陳楊趙吳孫馬羅鄭謝韓馮鄧蕭葉蘇鐘陸賈龍湯錢麗華娟雲蘭鳳軍剛寧歡紅艷榮瑩靜穎飛鵬偉傑濤玲",
        strict=True,
    )
)
MARKS_ONLY = (("Hùng", "Hưng"), ("Hồng", "Hông"), ("Hà", "Hạ"), ("Tuấn", "Tuân"), ("Phương", "Phượng"))
STREETS = (
    "Trần Phú",
    "Lê Lợi",
    "Nguyễn Trãi",
    "Hai Bà Trưng",
    "Quang Trung",
    "Điện Biên Phủ",
    "Bạch Đằng",
    "Phan Chu Trinh",
)
ROADS = ("人民路", "解放路", "建设路", "中山路", "文化路", "新华路")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A generated human being as the registers would know him or her."""

    key: int
    is_chinese: bool
    words: tuple[str, ...]
    birth_date: dt.date
    sex: str
    national: str
    insurance: str
    phone: str
    address: str

    @property
    def name(self) -> str:
        return ("" if self.is_chinese else " ").join(self.words)


@dataclass(frozen=True, slots=True)
class Record:
    """What one hospital holds of a person; `case` says what is hard about it."""

    person: int
    side: Side
    identifiers: tuple[tuple[str, str], ...]
    case: str = ""


@dataclass(slots=True)
class Population:
    """Draws people and their records."""

    draw: random.Random
    people: list[Person] = field(default_factory=list)
    vi: dict[str, list[str]] = field(default_factory=lambda: _name_parts("vi_VN"))
    zh: dict[str, list[str]] = field(default_factory=lambda: _name_parts("zh_CN"))

    def pick(self, words: Sequence[str]) -> str:
        """Draw a word; the n-th is drawn 1/n times as often as the first."""
        return self.draw.choices(words, weights=[1 / rank for rank in range(1, len(words) + 1)])[0]

    def household(self) -> tuple[str, str]:
        number, ward = self.draw.randrange(1, 400), self.draw.randrange(1, 60)
        phone = f"09{self.draw.randrange(10**8):08d}"
        return f"{number} {self.draw.choice(STREETS)}, tổ {ward}", phone

    def person(self, *, is_chinese: bool, born: dt.date | None = None, house: tuple[str, str] | None = None) -> Person:
        sex = self.draw.choice("FM")
        born = born or dt.date(1935, 1, 1) + dt.timedelta(days=self.draw.randrange(85 * 365))
        address, phone = house or self.household()
        if is_chinese:
            address = address.split(" ")[0] + "号" + self.draw.choice(ROADS)
        words = self._chinese_name(sex) if is_chinese else self._vietnamese_name(sex)
        return self.known(words, born, sex, is_chinese=is_chinese, house=(address, phone))

    def known(
        self, words: tuple[str, ...], born: dt.date, sex: str, *, is_chinese: bool, house: tuple[str, str]
    ) -> Person:
        """Make a person of these traits, with numbers of his or her own."""
        made = Person(
            key=len(self.people),
            is_chinese=is_chinese,
            words=words,
            birth_date=born,
            sex=sex,
            national=self._china(born, sex) if is_chinese else self._vietnam(born, sex),
            insurance=f"HS401{self.draw.randrange(10**10):010d}",
            address=house[0],
            phone=house[1],
        )
        self.people.append(made)
        return made

    def _vietnamese_name(self, sex: str) -> tuple[str, ...]:
        kind = "female" if sex == "F" else "male"
        given = [*self.vi[f"first_names_{kind}"], *self.vi["first_names_unisex"]]
        middle = ["Thị", *self.vi["middle_names"]] if sex == "F" else ["Văn", *self.vi["middle_names"]]
        families = list(dict.fromkeys(("Nguyễn", "Trần", "Lê", "Phạm", *self.vi["last_names"])))
        return (self.pick(families), *self.pick(middle).split(), self.draw.choice(given))

    def _chinese_name(self, sex: str) -> tuple[str, ...]:
        given = self.zh["first_names_female" if sex == "F" else "first_names_male"]
        return (self.pick(self.zh["last_names"]), self.pick(given))

    def _vietnam(self, born: dt.date, sex: str) -> str:
        century = 2 * (born.year // 100 - 19) + (sex == "F")
        return f"{self.draw.randrange(1, 97):03d}{century}{born.year % 100:02d}{self.draw.randrange(10**6):06d}"

    def _china(self, born: dt.date, sex: str) -> str:
        body = f"3607{self.draw.randrange(21, 83):02d}{born:%Y%m%d}{2 * self.draw.randrange(500) + (sex == 'M'):03d}"
        return body + check_character(body)


def _name_parts(locale: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads((NAMES / f"{locale}.json").read_text())
    return found


def generate(count: int, *, seed: int) -> list[Record]:
    """Return the records of about `count` people, the hard cases among them, in the order in which they arrive."""
    population = Population(random.Random(seed))  # noqa: S311 — a generator of test data
    records = [*_usual(population, count), *_twins(population, count // 25), *_namesakes(population, count // 25)]
    records += [*_mothers_card(population, count // 25), *_borrowed_card(population, count // 25)]
    population.draw.shuffle(records)
    return records


def _usual(of: Population, count: int) -> Iterator[Record]:
    for turn in range(count):
        person = of.person(is_chinese=turn % 3 == 2)
        for _ in range(of.draw.choice((1, 2, 2, 3))):
            yield _record(of, person, _errors(of, person))


def _twins(of: Population, count: int) -> Iterator[Record]:
    """Twins: one birth date, family name and household, given names alike, in letters or in marks only."""
    for turn in range(count):
        one = of.person(is_chinese=turn % 3 == 2)
        house = (one.address, one.phone)
        sex = one.sex if turn % 4 else of.draw.choice("FM")
        if not one.is_chinese and turn % 2:
            first, second = of.draw.choice(MARKS_ONLY)
            one = of.known((*one.words[:-1], first), one.birth_date, one.sex, is_chinese=False, house=house)
            words = (*one.words[:-1], second)
        else:
            words = (*one.words[:-1], of.person(is_chinese=one.is_chinese).words[-1])
            if words == one.words:
                continue
        other = of.known(words, one.birth_date, sex, is_chinese=one.is_chinese, house=house)
        for twin in (one, other):
            for _ in range(2):
                yield _record(of, twin, _errors(of, twin), case="twin")
        # The twin's card is borrowed, and the name is the borrower's own.
        borrowed = replace(other, national=one.national, insurance=one.insurance)
        if fold_name(one.name) != fold_name(other.name):
            yield _record(of, borrowed, other.name, case="twin's card", is_complete=True)


def _namesakes(of: Population, count: int) -> Iterator[Record]:
    """Two people of one name, birth date and sex, who have nothing to do with one another."""
    for turn in range(count):
        one = of.person(is_chinese=turn % 3 == 2)
        other = of.known(one.words, one.birth_date, one.sex, is_chinese=one.is_chinese, house=of.household())
        for person in (one, other):
            for _ in range(2):
                yield _record(of, person, _errors(of, person), case="namesake")


def _mothers_card(of: Population, count: int) -> Iterator[Record]:
    for turn in range(count):
        mother = of.person(
            is_chinese=turn % 3 == 2, born=dt.date(1980, 1, 1) + dt.timedelta(days=of.draw.randrange(7000))
        )
        born = dt.date(2015, 1, 1) + dt.timedelta(days=of.draw.randrange(3600))
        child = of.person(is_chinese=mother.is_chinese, born=born, house=(mother.address, mother.phone))
        child = replace(child, national=mother.national, insurance=mother.insurance)
        yield _record(of, mother, mother.name, case="mother", is_complete=True)
        yield _record(of, child, child.name, case="mother's card", is_complete=True)
        yield _record(of, child, child.name, case="mother's card")


def _borrowed_card(of: Population, count: int) -> Iterator[Record]:
    """A card lent to somebody of another age or name; the clerk writes down the borrower's own name and birth date."""
    for turn in range(count):
        owner, friend = of.person(is_chinese=turn % 3 == 2), of.person(is_chinese=turn % 3 == 2)
        lent = replace(friend, national=owner.national, insurance=owner.insurance)
        yield _record(of, owner, owner.name, case="lender", is_complete=True)
        yield _record(of, lent, lent.name, case="borrowed card", is_complete=True)
        same_day = replace(lent, birth_date=owner.birth_date, sex=owner.sex)
        if fold_name(same_day.name) != fold_name(owner.name):
            yield _record(of, same_day, same_day.name, case="borrowed card, same day", is_complete=True)


def _record(of: Population, person: Person, name: str, *, case: str = "", is_complete: bool = False) -> Record:
    """Write what a hospital holds; numbers, telephone and address are often missing or old."""
    draw = of.draw
    numbers = []
    if is_complete or draw.random() < 0.7:
        numbers.append(
            ("NI", person.national if draw.random() < 0.985 or is_complete else _slip(draw, person.national))
        )
    if is_complete or draw.random() < 0.6:
        numbers.append(("HC", person.insurance if draw.random() < 0.5 else person.insurance[-10:]))
    born = person.birth_date if is_complete else _date_error(draw, person.birth_date)
    sex = person.sex if draw.random() < 0.985 or is_complete else draw.choice(("", "F", "M"))
    phone = person.phone if draw.random() < 0.6 else "" if draw.random() < 0.7 else of.household()[1]
    address = person.address if draw.random() < 0.5 else "" if draw.random() < 0.5 else of.household()[0]
    read = tuple(one for pair in numbers if (one := read_number(*pair)))
    doubted = frozenset(one for one in read if one.problem_with(birth_date=born, sex=sex))
    side = Side(full_name=name, birth_date=born, sex=sex, numbers=read, doubted=doubted, phone=phone, address=address)
    return Record(person.key, side, tuple(numbers), case)


def _errors(of: Population, person: Person) -> str:
    """Return the name as a hospital wrote it."""
    return _chinese_errors(of.draw, person) if person.is_chinese else _vietnamese_errors(of.draw, person)


def _vietnamese_errors(draw: random.Random, person: Person) -> str:
    words, chance = list(person.words), draw.random()
    if chance < 0.25:
        return fold_name(person.name).upper()
    if chance < 0.30:
        words = [_old_place(word) for word in words]
    elif chance < 0.34:
        words = [words[-1], *words[1:-1], words[0]]
    elif chance < 0.37 and len(words) > 2:
        words = [words[0], *words[2:]]
    elif chance < 0.41:
        place = draw.randrange(len(words))
        words[place] = _slip(draw, words[place])
    return " ".join(words)


def _chinese_errors(draw: random.Random, person: Person) -> str:
    family, given = person.words
    chance = draw.random()
    if chance < 0.10:
        return "".join(TRADITIONAL.get(one, one) for one in family + given)
    if chance < 0.22:
        sounds = ("".join(pypinyin.lazy_pinyin(part)).capitalize() for part in (family, given))
        first, second = sounds
        return f"{first} {second}" if draw.random() < 0.7 else f"{second} {first}"
    if chance < 0.27:
        return f"{family} {given}"
    return family + given


def _old_place(word: str) -> str:
    """Set the tone mark of oa, oe and uy on the other vowel: hòa and hoà."""
    parts = unicodedata.normalize("NFD", word)
    for first, second in pairwise(parts):
        if unicodedata.combining(second) and first in "ou" and parts.endswith(("a", "e", "y")):
            tone = second
            return unicodedata.normalize("NFC", parts.replace(tone, "", 1) + tone)
    return word


def _date_error(draw: random.Random, born: dt.date) -> dt.date | None:
    chance = draw.random()
    if chance < 0.01 and born.day <= 12:
        return born.replace(month=born.day, day=born.month)
    if chance < 0.02:
        return born.replace(day=1 + (born.day + 9) % 28)
    if chance < 0.035:
        return born.replace(month=1, day=1)
    return None if chance < 0.05 else born


def _slip(draw: random.Random, text: str) -> str:
    """Exchange two neighbours, or strike another key."""
    if len(text) < 2:
        return text
    place = draw.randrange(len(text) - 1)
    if draw.random() < 0.5:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    signs = "0123456789" if text[place].isdigit() else "aeiouhnt"
    return text[:place] + draw.choice(signs) + text[place + 1 :]

"""The fast reader gives what the plain one gives, on messages that others sent and on messages that went wrong."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.unit.interop.hl7v2 import plain_reader
from tests.unit.interop.hl7v2.effort import examples
from tests.unit.interop.hl7v2.strategies import oru_messages

from lienthong.interop.hl7v2 import (
    Message,
    Observation,
    OruMessage,
    make_oru,
    parse,
    parse_values,
    read_oru,
    read_results,
    split_batch,
    write,
)

SHARED = Path(__file__).parents[5] / "shared/data/hl7v2"
FILES = sorted(SHARED.rglob("*.hl7"))
FULL = (
    "MSH|^~\\&|LIS^1.2^ISO|BV|LT||20261001093000+0700||ORU^R01^ORU_R01|42|P^T|2.5.1||||||UNICODE UTF-8\r"
    'PID|1|E9|BN01^3^M10^BVDK&1.2.3&ISO^MR^CS1~""^^^X~079199000001^^^^NI||Nguyễn^Đức^Văn^^^^L~Ng\\T\\a^B|Mẹ|19900804|f'
    "|Út^Bé||12 Lê\\S\\Lợi^^Cà Mau^^97000^VN^H||^PRN^PH^^84^290^123~0901||vi^Vietnamese|M||AC1^^^BV|012345\r"
    "NTE|1|P|on the patient~second line|RE^Remark\r"
    "PV1|1|I|K1^201^3^BV&1.2||||D1^Lê^An^^^Dr^^^BV&9.9&ISO^L^^^DN||||||||||||V77^^^BV\r"
    "ORC|RE|P1^HIS^1.2^ISO|F1^LIS|G1|CM|||PP&A^FF&B|20261001||D2^B|D3^Trần^Bình|K1\r"
    "OBR|1|P1^HIS|F1^LIS|57021-8^CBC^LN^HH01^Công thức máu^99VN|R|202610010600|20261001071500+0700|2026100108"
    "||C1^Col|A|HZ^Hazard|sốt\\.br\\ho|202610010730|SER&Serum&HL70070^EDTA^^VEIN&Vein|D3^Trần^Bình|^PRN^PH^^^^9"
    "|p1|p2|f1|f2|202610010930||HM|F|||D4^Copy~D5^To|PA&X^FA&Y||Z00^Check|I1&Int&Er&&&&MD^2026|||||||||||||\r"
    "NTE|1||on the order\r"
    "TQ1|1|2^mL&milli||||| 20261001|20261002|S^Stat^HL70485|if cold|slowly\r"
    "OBX|1|NM|718-7^HGB^LN||135|g/L^^UCUM|130-170|N~A^Abn^HL70078|.9|A~S|f|20250101|chk|20261001071500+0700|L1^Lab"
    "|O1^Ob^Server|M1^Method^L|XN1000^Sysmex~SN7|20261001084500+0700|BL^Blood|I7^LIS||Khoa XN^L^5^^^BV&1&ISO^XX^^^K1"
    "|1 Rd^^City|D9^Dir^Ector|S|RC1^Root|PC1~PC2|RSLT\r"
    "NTE|1|L|on the result\r"
    "OBX|2|SN|2^CRP^L||<^0.5|mg/L|||||F\rOBX|3|CWE|3^Ab^L|a^b|10828004^Pos^SCT~X\\T\\Y^&sub|||||||\r"
    "OBX|4|ST|4^Note^L||âm tính\\R\\||||||X|||bad time\rOBX|5|NM|||1,5~2||||||ZZ\rOBX|6|NM|6^x^L||***.**||||||F\r"
    "SPM|1|PL1&A^FI1&B|PP&A^PF&B~&^Q1|SER^Serum^HL70487|MOD|EDTA|VEN|ARM|LEFT|WARD|P^Patient^HL70369|2.5^mL&x&UCUM"
    "|3|mô tả~2|COOL|BIO|202610010700+0700^202610010705|20261001073000|2027|Y|RH~RX|OK|A|HEM~LIP|1^mL|2|TUBE|OPEN"
    "|D|A1\r"
    "NTE|1||on the specimen\rSAC|E1|A1|C1^L|P1||||ST||CAR|3|||||||||||||||||AD\r"
    "INV|CT1^Ctl|OK|CO|||||||||20270101||||LOT9\r"
    "OBX|7|ST|H^Haem^L||++||||||F\r"
)


def check_equal(message: Message, oru: OruMessage) -> None:
    """Compare each segment that the fast reader read with what the plain one reads of it."""
    observations = {one.ordinal: one for one in _observations(oru)}
    for ordinal, segment in plain_reader.segments_of(message, "OBX"):
        if ordinal not in observations:
            continue
        found = observations[ordinal]
        bare = replace(found, values=(), parsed=(), comments=())
        assert bare == plain_reader.observation(segment, ordinal)
        assert found.parsed == parse_values(found.value_type, found.values, codec=message.codec)
    for ordinal, segment in plain_reader.segments_of(message, "OBR"):
        _check([oru.orders[ordinal - 1]], [plain_reader.order(segment)])
    patients = [one.patient for one in oru.patients]
    pids = [plain_reader.identity(segment) for _, segment in plain_reader.segments_of(message, "PID")]
    if len(patients) == len(pids):
        _check(patients, pids)
    visits = [one.visit for one in oru.patients if one.visit]
    pv1s = [plain_reader.visit(segment) for _, segment in plain_reader.segments_of(message, "PV1")]
    if len(visits) == len(pv1s):
        _check(visits, pv1s)


def _check(found: list[Any], expected: list[dict[str, Any]]) -> None:
    for one, plain in zip(found, expected, strict=True):
        assert {name: getattr(one, name) for name in plain} == plain


def _observations(oru: OruMessage) -> Iterator[Observation]:
    seen = set()
    for patient in oru.patients:
        yield from patient.observations
        for order in patient.orders:
            for one in (*order.observations, *order.specimen_observations):
                if id(one) not in seen:
                    seen.add(id(one))
                    yield one


def check_bytes(data: bytes) -> bool:
    """Read bytes both ways; return whether they hold results."""
    message, _ = parse(data)
    oru, findings = read_results(data)
    if message is None:
        assert oru is None
        return False
    assert write(message) is not None
    assert parse(write(message))[0] == message
    plain, told = read_oru(message)
    assert plain == oru
    if oru is None:
        return False
    assert set(told) <= set(findings)
    check_equal(message, oru)
    return True


def test_read_results_message_with_every_field_equals_the_plain_reader() -> None:
    assert check_bytes(FULL.encode())

    message, _ = parse(FULL.encode())
    assert message is not None
    oru = read_results(FULL.encode())[0]
    assert oru is not None
    specimens = [plain_reader.specimen(segment) for _, segment in plain_reader.segments_of(message, "SPM")]
    _check(list(oru.orders[0].specimens), specimens)


@pytest.mark.shared
@pytest.mark.skipif(not FILES, reason="shared data is absent")
def test_read_results_every_shared_message_equals_the_plain_reader() -> None:
    read = sum(check_bytes(data) for path in FILES for data in split_batch(path.read_bytes())[0])

    assert read == 186


def _with(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


@pytest.mark.parametrize(
    "change",
    [
        _with("\r", "\n"),
        _with("\r", "\r\n"),
        _with("MSH", "\ufeffMSH"),
        _with("\r", "\r\r"),
        lambda text: text.translate(str.maketrans("|^~\\&", "!*%$#")),
        lambda text: text.replace("^~\\&", "^~\\&#", 1),
        lambda text: text.replace("UNICODE UTF-8", "GB 18030-2000"),
        _with("\rOBX", "\r OBX"),
        _with("\rNTE", "\r\x00\rNTE"),
    ],
    ids=["LF", "CR LF", "byte order mark", "blank lines", "delimiters", "2.7", "GB", "indented", "NUL"],
)
def test_read_results_message_in_another_form_gives_the_same(change: Callable[[str], str]) -> None:
    # An escape sequence stands for the delimiter of its own message.
    sent = re.sub(r"\\[RSTE]\\", "", FULL).replace("|a^b|", "|a|")
    plain = read_results(sent.encode())[0]
    text = change(sent)

    oru, _ = read_results(text.encode("gb18030" if "GB 18030" in text else "utf-8"))

    assert plain is not None
    assert oru is not None
    header = oru.header
    own = replace(plain.header, delimiters=header.delimiters, codec=header.codec, charset=header.charset)
    own = replace(own, sending_application=header.sending_application)
    assert replace(oru, header=own) == replace(plain, header=own)


@examples(40)
@given(oru_messages)
def test_read_results_made_messages_equal_the_plain_reader(oru: OruMessage) -> None:
    assert check_bytes(write(make_oru(oru)))


def mutated(data: bytes, seed: int) -> bytes:
    """Drop, double, swap and cut bytes, and put delimiters where none belong."""
    chance = random.Random(seed)  # noqa: S311  # not a secret
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        if not changed:
            break
        place = chance.randrange(len(changed))
        kind = chance.randrange(6)
        if kind == 0:
            del changed[place : place + chance.randint(1, 9)]
        elif kind == 1:
            changed[place:place] = changed[place : place + chance.randint(1, 60)]
        elif kind == 2:
            changed[place] = chance.choice(b'|^~\\&\r\n"\x00\x0b\x1c MOPS19\xff\xcc')
        elif kind == 3:
            other = chance.randrange(len(changed))
            changed[place], changed[other] = changed[other], changed[place]
        elif kind == 4:
            del changed[place:]
        else:
            changed[place:place] = bytes(chance.choice(b"|^~\\&\r") for _ in range(chance.randint(1, 40)))
    return bytes(changed)


@examples(300)
@given(st.integers(min_value=0))
def test_read_results_mutated_message_never_raises_and_equals_the_plain_reader(seed: int) -> None:
    check_bytes(mutated(FULL.encode(), seed))


@pytest.mark.parametrize("declared", ["^", "UTF-8^x", "~UTF-8", " UTF-8", '""', "UTF-8~ASCII", "x"])
def test_read_results_odd_character_set_is_read_as_parse_reads_it(declared: str) -> None:
    data = FULL.replace("UNICODE UTF-8", declared).encode()

    assert (read_results(data)[0] is None) == (parse(data)[0] is None)
    check_bytes(data)


@pytest.mark.shared
@pytest.mark.skipif(not FILES, reason="shared data is absent")
@examples(200)
@given(st.sampled_from(FILES), st.integers(min_value=0))
def test_read_results_mutated_shared_message_never_raises(path: Path, seed: int) -> None:
    check_bytes(mutated(path.read_bytes(), seed))

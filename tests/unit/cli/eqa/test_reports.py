from __future__ import annotations

import re
import zlib
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.unit.cli.eqa.conftest import Columns, Run, write

from lienthong.cli.eqa.report import pdf as report_pdf

WORDS = {
    "en": ("1 of 76 results is unsatisfactory", "Kernel density of", "Youden plot of"),
    "vi": ("1 trong 76 kết quả không đạt", "Mật độ hạt nhân của", "Biểu đồ Youden của"),
    "zh": ("76个结果中1个不满意", "核密度：", "Youden 图"),
}
TAGS = {"en": "en", "vi": "vi", "zh": "zh-Hans"}
VOID = {"meta", "br", "circle", "path", "line", "use", "rect"}


class Page(HTMLParser):
    """What a page is made of; fails where tags don't fit."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("language", WORDS)
def test_page_holds_charts_and_tables_and_nothing_from_elsewhere(
    tmp_path: Path, round_file: Path, lienthong: Run, language: str
) -> None:
    code, _, _ = lienthong(round_file, "--report", tmp_path / "r.html", "--language", language)

    source = (tmp_path / "r.html").read_text(encoding="utf-8")
    page = Page(source)
    drawn = re.findall(r"<figure.*?</figure>", source, re.DOTALL)
    assert code == 0
    assert ("lang", TAGS[language]) in page.attributes
    assert len(drawn) == 5  # z and density of two samples, and Youden's plot
    assert all(figure.count("<svg") == 2 for figure in drawn)  # for wide and for narrow screens
    assert page.tags.count("table") == 6
    assert all(word in page.text for word in WORDS[language])
    assert {"script", "link", "img", "iframe", "object", "style"} & set(page.tags) == {"style"}
    references = [value or "" for name, value in page.attributes if name in ("href", "src", "xlink:href", "action")]
    assert all(value.startswith("#") for value in references)
    assert not re.search(r"url\((?!#)|@import", source)
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"QZ-\d+", source)) == {f"QZ-{700 + i}" for i in range(39)}


def test_page_escapes_what_the_file_holds(tmp_path: Path, lienthong: Run, potassium: Columns) -> None:
    potassium["analyte"] = ['K" onload="x</title><script>alert(1)</script>'] * len(potassium["value"])
    potassium["unit"] = ["</text><script>"] * len(potassium["value"])

    lienthong(write(tmp_path / "round.csv", potassium), "--report", tmp_path / "r.html")

    page = Page((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert not {"script", "i"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "<i>dry & other</i>" in page.text
    assert "</text><script>" in page.text


def test_page_of_one_participant_names_no_other(tmp_path: Path, round_file: Path, lienthong: Run) -> None:
    lienthong(round_file, "--report", tmp_path / "r.html", "--participant", "QZ-707")

    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert set(re.findall(r"QZ-\d+", text)) == {"QZ-707"}


def test_printed_report_of_one_participant_names_no_other(
    tmp_path: Path, round_file: Path, lienthong: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[str] = []
    document = report_pdf.document
    monkeypatch.setattr(report_pdf, "document", lambda report: printed.append(repr(report)) or document(report))

    lienthong(round_file, "--report", tmp_path / "r.pdf", "--participant", "QZ-707")

    assert set(re.findall(r"QZ-\d+", printed[0])) == {"QZ-707"}
    assert (tmp_path / "r.pdf").exists()


@pytest.mark.parametrize("language", WORDS)
def test_printed_report_has_its_text_and_letters(
    tmp_path: Path, round_file: Path, lienthong: Run, language: str
) -> None:
    code, _, _ = lienthong(round_file, "--report", tmp_path / "r.pdf", "--language", language)

    data = (tmp_path / "r.pdf").read_bytes()
    streams = "\n".join(one.decode("latin-1") for one in unpacked(data))
    title = WORDS[language][0]
    assert code == 0
    assert data.startswith(b"%PDF-1.7")
    assert 4 <= len(re.findall(rb"/Type\s*/Page\b", data)) <= 20
    assert title in streams.encode("latin-1").decode("utf-8", errors="ignore")
    assert set("".join(WORDS[language])) - {" "} <= letters(streams)


def unpacked(data: bytes) -> list[bytes]:
    """Return the streams of a PDF."""
    streams = []
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
        try:
            streams.append(zlib.decompress(found[1]))
        except zlib.error:
            streams.append(found[1])
    return streams


def letters(streams: str) -> set[str]:
    """Return every letter that the document's fonts draw and name."""
    found: set[str] = set()
    for block in re.findall(r"beginbfchar(.*?)endbfchar", streams, re.DOTALL):
        for code in re.findall(r"<[0-9A-Fa-f]+>\s*<([0-9A-Fa-f]+)>", block):
            found |= set(bytes.fromhex(code).decode("utf-16-be"))
    return found


def test_report_draws_as_many_samples_as_asked_and_says_so(tmp_path: Path, round_file: Path, lienthong: Run) -> None:
    _, _, errors = lienthong(round_file, "--report", tmp_path / "r.html", "--charts", "1")

    page = Page((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert page.tags.count("figure") == 2
    assert "charts for 1 of 2 samples of analytes" in errors
    assert "Charts are drawn for 1 of 2 samples" in page.text


def test_report_on_chosen_analytes_leaves_out_others(tmp_path: Path, lienthong: Run, potassium: Columns) -> None:
    both = {key: [*of, *of] for key, of in potassium.items()}
    both["analyte"] = ["Kali"] * 78 + ["Natri"] * 78

    lienthong(write(tmp_path / "round.csv", both), "--report", tmp_path / "r.html", "--analyte", "Natri")

    page = Page((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert page.tags.count("figure") == 5
    assert "Kali" not in page.text


def test_round_without_anything_to_judge_has_a_report(tmp_path: Path, lienthong: Run) -> None:
    file = tmp_path / "round.csv"
    file.write_text("participant,analyte,value\nA,K,<3\nB,K,4\n")

    html, _, _ = lienthong(file, "--report", tmp_path / "r.html")
    pdf, _, _ = lienthong(file, "--report", tmp_path / "r.pdf")

    assert (html, pdf) == (0, 0)
    assert "No result could be evaluated" in (tmp_path / "r.html").read_text(encoding="utf-8")

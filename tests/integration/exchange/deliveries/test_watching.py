"""A watched folder takes each file once, moves it, and says beside what it refuses why."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from django.utils import timezone
from tests.factories.exchange import GLU, OBR, PID, message
from tests.factories.workbooks import DAMAGED
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.deliveries_scene import FORM, push, report

from lienthong.errors import BadInput, NotFound
from lienthong.exchange.deliveries import watching
from lienthong.exchange.deliveries.watching import Taken, Watch, watch
from lienthong.exchange.models import Delivery
from lienthong.exchange.processing.worker import process_waiting
from lienthong.results.models import Result

pytestmark = pytest.mark.django_db


def watch_of(folder: Path) -> Watch:
    one = Watch(folder, "SX", settle_seconds=2)
    one.prepare()
    return one


def look_twice(one: Watch) -> list[Taken]:
    """Look, and again when nothing has changed for two seconds."""
    first = one.look(at=timezone.now(), now=0)
    return first + one.look(at=timezone.now(), now=2)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_files_of_several_kinds_are_taken_and_moved(mapped: Scene, tmp_path: Path) -> None:
    (tmp_path / "form.csv").write_bytes(FORM)
    (tmp_path / "lis.hl7").write_bytes(message(PID, OBR, GLU))
    (tmp_path / "push.json").write_bytes(push())

    taken = look_twice(watch_of(tmp_path))
    process_waiting(timezone.now())

    assert [(one.name, one.is_refused) for one in taken] == [
        ("form.csv", False),
        ("lis.hl7", False),
        ("push.json", False),
    ]
    assert names(tmp_path) == ["done/form.csv", "done/lis.hl7", "done/push.json"]
    assert Result.objects.count() == 5


def test_file_whose_reading_fails_is_told_as_such(mapped: Scene, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        watch_of(tmp_path)._content(Path("/proc/self/mem"))  # a plain file that not even root can read

    assert [one.code for one in refused.value.findings] == ["not-readable"]


def test_link_is_refused_and_stands_in_nobodys_way(mapped: Scene, tmp_path: Path) -> None:
    (tmp_path / "first.csv").symlink_to("/proc/self/mem")
    (tmp_path / "second.csv").write_bytes(FORM)

    taken = look_twice(watch_of(tmp_path))

    assert [(one.name, one.is_refused) for one in taken] == [("first.csv", True), ("second.csv", False)]
    assert (tmp_path / "refused" / "first.csv").is_symlink()
    assert "[no-file]" in (tmp_path / "refused" / "first.csv.reasons.txt").read_text()


def test_messages_that_are_refused_as_they_come_are_told_beside_their_file(mapped: Scene, tmp_path: Path) -> None:
    (tmp_path / "cut.hl7").write_bytes(b"MSH|^~\\&|X")
    (tmp_path / "half.hl7").write_bytes(message(PID, OBR, GLU) + b"MSH|^~\\&|MEDLAB|SX|||20261120||XYZ^Z01|Z|P|2.5.1\r")

    cut, half = look_twice(watch_of(tmp_path))

    assert (cut.is_refused, half.is_refused) == (True, False)
    assert "MSH-9: Messages of this kind are not taken." in (tmp_path / "refused" / "cut.hl7.reasons.txt").read_text()
    assert "Messages of this kind are not taken." in (tmp_path / "done" / "half.hl7.reasons.txt").read_text()


def test_same_bytes_again_are_told_as_such(mapped: Scene, tmp_path: Path) -> None:
    one = watch_of(tmp_path)
    taken = []
    for name in ("monday.csv", "tuesday.csv"):
        (tmp_path / name).write_bytes(FORM)
        taken += look_twice(one)

    assert [(one.name, one.is_repeated) for one in taken] == [("monday.csv", False), ("tuesday.csv", True)]
    assert len({one.number for one in taken}) == 1


def test_file_that_is_still_written_is_left_alone(mapped: Scene, tmp_path: Path) -> None:
    one = watch_of(tmp_path)
    file = tmp_path / "form.csv"
    file.write_bytes(FORM[:100])
    (tmp_path / ".hidden.csv").write_bytes(FORM)
    (tmp_path / "other.csv.part").write_bytes(FORM)

    one.look(at=timezone.now(), now=0)
    file.write_bytes(FORM)
    early = one.look(at=timezone.now(), now=2) + one.look(at=timezone.now(), now=3)
    late = one.look(at=timezone.now(), now=4)

    assert (early, len(late)) == ([], 1)
    assert names(tmp_path) == [".hidden.csv", "done/form.csv", "other.csv.part"]


def test_refused_file_has_its_reasons_by_row_and_column_beside_it(mapped: Scene, tmp_path: Path) -> None:
    (tmp_path / "form.csv").write_bytes(FORM.replace(b"17/05/1980", b"31/02/1980"))
    (tmp_path / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n")

    taken = look_twice(watch_of(tmp_path))
    told = json.loads((tmp_path / "refused/form.csv.reasons.json").read_text())

    assert [one.is_refused for one in taken] == [True, True]
    assert [(one["where"], one["code"]) for one in told["findings"]] == [(f"C{n}", "not-a-date") for n in (2, 3, 4)]
    assert told["number"] == Delivery.objects.get().number
    assert "unknown-kind" in (tmp_path / "refused/image.png.reasons.txt").read_text()
    assert "31/02/1980" not in (tmp_path / "refused/form.csv.reasons.txt").read_text()


def test_partly_readable_file_is_done_with_its_reasons_beside_it(mapped: Scene, tmp_path: Path) -> None:
    (tmp_path / "form.csv").write_bytes(FORM.replace(b"P2,", b"1.67E+15,"))

    look_twice(watch_of(tmp_path))

    assert names(tmp_path) == ["done/form.csv", "done/form.csv.reasons.json", "done/form.csv.reasons.txt"]
    assert (tmp_path / "done/form.csv.reasons.txt").read_text().splitlines()[1].startswith("A4: ")


def test_watcher_killed_between_store_and_move_changes_nothing(
    mapped: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "form.csv").write_bytes(FORM)
    with monkeypatch.context() as killed:
        killed.setattr(Watch, "_move", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            look_twice(watch_of(tmp_path))
    between = names(tmp_path)

    taken = look_twice(watch_of(tmp_path))
    process_waiting(timezone.now())

    assert between == ["taking/form.csv"]
    assert [one.number for one in taken] == [Delivery.objects.get().number]
    assert names(tmp_path) == ["done/form.csv"]
    assert Result.objects.count() == 3


def test_two_watchers_take_a_file_once(mapped: Scene, tmp_path: Path) -> None:
    (tmp_path / "form.csv").write_bytes(FORM)
    first, second = watch_of(tmp_path), watch_of(tmp_path)

    for one in (first, second):
        one.look(at=timezone.now(), now=0)
    taken = [one.look(at=timezone.now(), now=2) for one in (first, second)]

    assert [len(one) for one in taken] == [1, 0]
    assert names(tmp_path) == ["done/form.csv"]


def test_file_of_a_name_that_is_taken_keeps_both(mapped: Scene, tmp_path: Path) -> None:
    one = watch_of(tmp_path)
    for data in (FORM, FORM.replace(b"5.60", b"6.10")):
        (tmp_path / "form.csv").write_bytes(data)
        look_twice(one)
        one.seen.clear()

    assert names(tmp_path) == ["done/form.2.csv", "done/form.csv"]


def test_pdf_and_its_metadata_go_together(mapped: Scene, tmp_path: Path, pdf: bytes) -> None:
    (tmp_path / "scan.pdf").write_bytes(pdf)
    (tmp_path / "scan.json").write_text(json.dumps(report(number="D1", results=[], service="Ultrasound")))
    (tmp_path / "alone.pdf").write_bytes(pdf)

    taken = look_twice(watch_of(tmp_path))

    assert [(one.name, one.is_refused) for one in taken] == [("alone.pdf", True), ("scan.pdf", False)]
    assert {"done/scan.pdf", "done/scan.pdf.metadata.json", "refused/alone.pdf"} < set(names(tmp_path))


def test_folder_or_sender_that_is_not_there_is_told(mapped: Scene, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="is not a folder"):
        Watch(tmp_path / "none", "SX").prepare()
    with pytest.raises(NotFound, match="no sender OTHER"):
        Watch(tmp_path, "OTHER").prepare()


def test_link_to_a_file_of_another_is_refused_and_not_read(mapped: Scene, tmp_path: Path) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "folder"
    elsewhere.mkdir()
    folder.mkdir()
    (elsewhere / "theirs.csv").write_bytes(FORM)
    (folder / "mine.csv").symlink_to(elsewhere / "theirs.csv")

    taken = look_twice(watch_of(folder))

    assert [(one.is_refused, [finding.code for finding in one.findings]) for one in taken] == [(True, ["no-file"])]
    assert not Delivery.objects.exists()
    assert (folder / "refused/mine.csv").is_symlink()
    assert (elsewhere / "theirs.csv").read_bytes() == FORM


@pytest.mark.parametrize("name", ["taking", "done", "refused"])
def test_link_in_place_of_a_folder_of_the_watcher_is_not_followed(mapped: Scene, tmp_path: Path, name: str) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "folder"
    elsewhere.mkdir()
    folder.mkdir()
    (elsewhere / "theirs.csv").write_bytes(FORM)
    one = watch_of(folder)
    (folder / name).rmdir()
    (folder / name).symlink_to(elsewhere)
    (folder / "mine.csv").write_bytes(FORM if name != "refused" else b"\x89PNG")

    with pytest.raises(NotADirectoryError):
        look_twice(one)

    assert names(elsewhere) == ["theirs.csv"]


def test_reasons_are_not_written_through_a_link(mapped: Scene, tmp_path: Path) -> None:
    elsewhere, folder = tmp_path / "theirs.txt", tmp_path / "folder"
    elsewhere.write_text("theirs")
    folder.mkdir()
    one = watch_of(folder)
    (folder / "refused/image.png.reasons.txt").symlink_to(elsewhere)
    (folder / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n")

    look_twice(one)

    assert elsewhere.read_text() == "theirs"
    assert "unknown-kind" in (folder / "refused/image.png.reasons.txt").read_text()


def test_damaged_workbook_does_not_end_the_watch(mapped: Scene, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(DAMAGED["encrypted"])
    (tmp_path / "b.csv").write_bytes(FORM)
    stop, taken = threading.Event(), []

    def tell(one: Taken) -> None:
        taken.append(one)
        if len(taken) == 2:
            stop.set()

    watch(Watch(tmp_path, "SX", settle_seconds=0), stop, clock=timezone.now, on_taken=tell, look_seconds=0.01)

    assert [(one.name, [found.code for found in one.findings]) for one in taken] == [
        ("a.xlsx", ["unreadable"]),
        ("b.csv", []),
    ]


def test_file_that_fails_unforeseen_waits_and_blocks_no_other(
    mapped: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.json").write_bytes(push())
    (tmp_path / "b.csv").write_bytes(FORM)
    whole = watching.receive_delivery

    def breaking(parcel: watching.Parcel, **more: object) -> object:
        if parcel.name == "a.json":
            raise RuntimeError
        return whole(parcel, **more)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(watching, "receive_delivery", breaking)
    taken = look_twice(watch_of(tmp_path))

    assert [one.name for one in taken] == ["b.csv"]
    assert names(tmp_path) == ["done/b.csv", "taking/a.json"]


def test_file_whose_name_is_no_text_is_taken_under_one_that_is(mapped: Scene, tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"phi\xe9u.csv")).write_bytes(FORM)

    taken = look_twice(watch_of(tmp_path))

    assert [(one.name, one.is_refused) for one in taken] == [("phi\ufffdu.csv", False)]
    assert names(tmp_path) == ["done/phi\ufffdu.csv"]


def test_file_of_the_longest_name_is_moved_with_its_reasons(mapped: Scene, tmp_path: Path) -> None:
    one, name = watch_of(tmp_path), f"{'ế' * 83}x.csv"
    for data in (b"\x89PNG", b"GIF89a"):
        (tmp_path / name).write_bytes(data)
        look_twice(one)
        one.seen.clear()
    (tmp_path / "z.csv").write_bytes(FORM)

    taken = look_twice(one)

    stems = "ế" * 79, "ế" * 78
    assert (len(name.encode()), [one.name for one in taken]) == (254, ["z.csv"])
    assert names(tmp_path / "refused") == sorted(
        f"{stem}{end}.csv{beside}"
        for stem, end in zip(stems, ("", ".2"), strict=True)
        for beside in ("", ".reasons.json", ".reasons.txt")
    )

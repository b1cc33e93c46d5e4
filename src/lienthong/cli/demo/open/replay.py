"""Replays what comes by the open interfaces, as its senders would send it, and reads the numbers back."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from django.utils import timezone

from lienthong.cli.demo.inputs import Inputs
from lienthong.cli.demo.open.places import CLIENT, EXPORTING, FHIR, FORMS, ROOM, SCOPES, FileSender
from lienthong.cli.demo.open.ultrasound import PATIENT
from lienthong.cli.progress import Steps
from lienthong.cli.serving import START_SECONDS, Process, web_command
from lienthong.cli.token_request import ask_for_token
from lienthong.core.access.keys import read_keys
from lienthong.core.access.registration import SystemEntry
from lienthong.core.actions import system_user
from lienthong.core.embedded import free_port
from lienthong.core.models import User
from lienthong.core.signing_keys import new_private_key, public_jwk, read_private_key, signed_assertion
from lienthong.errors import LienthongError
from lienthong.exchange import actions as exchange
from lienthong.exchange.connections.actions import register_system
from lienthong.exchange.deliveries.actions import Parcel, receive_delivery
from lienthong.registry import reads as registry_reads
from lienthong.results import reads as results
from lienthong.results.imaging.reads import objects_of_report

PATIENCE_SECONDS = 120
TITLE = "LIENTHONG"
Counts = dict[str, dict[str, int]]


class InterfaceStuck(LienthongError):
    """What was sent by an open interface did not arrive."""

    code = "interface-stuck"


@dataclass(frozen=True, slots=True)
class OpenReplay:
    """One replay of the open interfaces, while listener and worker run; `key` is the file of the system's key."""

    inputs: Inputs
    steps: Steps
    key: Path

    @property
    def folder(self) -> Path:
        return self.inputs.folder / "open"

    def run(self) -> Counts:
        """Register the senders, let each send what it has, and return what is stored of each."""
        implied: Mapping[str, object] = self.inputs.manifest().get("open", {})
        by, at = system_user("demonstration"), self.inputs.anchor
        found: Counts = {}
        if FORMS.code in implied or EXPORTING.code in implied:
            with self.steps.step("a form and an insurance export delivered"):
                senders = [one for one in (FORMS, EXPORTING) if one.code in implied]
                self._deliver(senders, by=by, at=at)
                found |= {one.code: _stored(one.code) for one in senders}
        if ROOM.code in implied:
            with self.steps.step("an ultrasound room sent image and report by DICOM"):
                self._room(by=by, at=at)
                found[ROOM.code] = _stored(ROOM.code) | _examination()
        if FHIR.code in implied:
            with self.steps.step("a hospital system wrote and read by FHIR"):
                self._register_system(by=by, at=at)
                found[FHIR.code] = {"found": self._write_and_read()} | _stored(FHIR.code)
        return found

    def _deliver(self, senders: list[FileSender], *, by: User, at: dt.datetime) -> None:
        second, on = system_user("demonstration-second-person"), timezone.localdate(at - dt.timedelta(days=60))
        for one in senders:
            _register(one.code, one.facility, by=by, at=at)
        for row in self.inputs.rows("open/codes.csv"):
            if row["source"] in {one.code for one in senders}:
                mapping = exchange.propose_mapping(**row, valid_from=on, by=by, at=at)
                exchange.confirm_mapping(mapping, by=second, at=at)
        for one in senders:
            data = (self.folder / one.file).read_bytes()
            parcel = Parcel(data=data, entrance="folder", client="demonstration", name=one.file)
            receive_delivery(parcel, source=one.code, by=by, at=timezone.now())
        _wait(lambda: all(_messages(one.code, "stored", "held") for one in senders), "the deliveries")

    def _room(self, *, by: User, at: dt.datetime) -> None:
        entry = exchange.SenderEntry(
            code=ROOM.code, facility=ROOM.facility, protocol="dicom", sending_application=ROOM.title
        )
        exchange.register_source(entry, by=by, at=at)
        with _dicom_listener(self.inputs.folder.parent) as port:
            send_objects(sorted((self.folder / "dicom").iterdir()), port)
        _wait(lambda: _messages(ROOM.code, "stored", "held"), "the report of the ultrasound room")

    def _register_system(self, *, by: User, at: dt.datetime) -> None:
        """Make the key of the hospital's system and register it; a newcomer signs with the same key."""
        _register(FHIR.code, FHIR.facility, by=by, at=at)
        self.key.unlink(missing_ok=True)
        with os.fdopen(os.open(self.key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(new_private_key())
        jwks = {"keys": [public_jwk(read_private_key(self.key.read_bytes()))]}
        entry = SystemEntry(
            client_id=CLIENT,
            name="Hệ thống thông tin bệnh viện (minh họa)",
            facility=FHIR.facility,
            scopes=SCOPES,
            sources=(FHIR.code,),
        )
        register_system(entry, keys=read_keys(json.dumps(jwks)), by=by, at=at)

    def _write_and_read(self) -> int:
        """Post the Bundle, search for its patient's results, and return how many are found."""
        bundle = self.inputs.bytes_of(f"open/{FHIR.file}")
        number = national_number(json.loads(bundle))
        with _web() as base:
            token = _token(base, self.key)
            _call(f"{base}/fhir", token, bundle)
            found = _call(f"{base}/fhir/Observation?patient.identifier={number}", token)
        return len(found.get("entry", []))


def national_number(bundle: Mapping[str, Any]) -> str:
    """Return the national number of a Bundle's patient."""
    patient = next(one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Patient")
    return str(next(one["value"] for one in patient["identifier"] if "system" in one))


def send_objects(files: list[Path], port: int) -> None:
    """Store DICOM files as the ultrasound device does (C-STORE); raise InterfaceStuck where one is not taken."""
    from pydicom import dcmread
    from pynetdicom import AE

    objects = [dcmread(one) for one in files]
    entity = AE(ae_title=ROOM.title)
    for one in objects:
        entity.add_requested_context(one.SOPClassUID, one.file_meta.TransferSyntaxUID)
    association = entity.associate("127.0.0.1", port, ae_title=TITLE)
    if not association.is_established:
        raise InterfaceStuck("the DICOM listener refused the ultrasound room")
    try:
        for one in objects:
            status = association.send_c_store(one)
            if getattr(status, "Status", None) != 0:
                raise InterfaceStuck("the DICOM listener did not keep an object of the ultrasound room")
    finally:
        association.release()


def differences(found: Counts, implied: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return one sentence for each number that is not what the input implies."""
    return [
        f"{sender} {what}: found {found.get(sender, {}).get(what, 0)}, but the input implies {number}"
        for sender, numbers in implied.items()
        for what, number in numbers.items()
        if found.get(sender, {}).get(what, 0) != number
    ]


def _register(code: str, facility: str, *, by: User, at: dt.datetime) -> None:
    exchange.register_source(exchange.SenderEntry(code=code, facility=facility, protocol="files"), by=by, at=at)


def _stored(source: str) -> dict[str, int]:
    counts = [one for one in results.inbox_counts(sources=[source]) if one.state == "stored"]
    return {"stored": sum(one.messages for one in counts), "results": sum(one.results_stored for one in counts)}


def _messages(source: str, *states: str) -> bool:
    """Whether messages of a sender came, and all of them are in one of these states."""
    counts = results.inbox_counts(sources=[source])
    return bool(counts) and all(one.state in states for one in counts)


def _examination() -> dict[str, int]:
    """Count images and marks of the ultrasound report."""
    facilities = registry_reads.facilities(on=timezone.localdate())
    room = next(one.id for one in facilities.values() if one.code == ROOM.facility)
    [patient] = results.find_patients(PATIENT, facility_ids=[room])
    [report] = results.reports_of_patient(patient.record_id)
    images = [one for one in objects_of_report(report.id) if one.kind == "image"]
    return {"images": len(images), "marks": sum(len(one.marks) for one in report.results)}


@contextmanager
def _dicom_listener(folder: Path) -> Iterator[int]:
    """Run the DICOM listener as the process that it is in service; yield its port."""
    port_file = folder / "dicom-port"
    port_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "lienthong", "exchange", "dicom", "--port", "0", "--port-file", str(port_file)]
    process = Process("DICOM listener", command)
    process.start()
    try:
        _wait(lambda: port_file.exists() and bool(port_file.read_text().strip()), "the DICOM listener")
        yield int(port_file.read_text())
    finally:
        process.stop()


@contextmanager
def _web() -> Iterator[str]:
    """Serve the web application; yield its address."""
    port = free_port()
    process = Process("web", web_command("127.0.0.1", port))
    process.start()
    base = f"http://127.0.0.1:{port}"
    try:
        _wait(lambda: _answers(f"{base}/fhir/metadata"), "the web application", seconds=START_SECONDS)
        yield base
    finally:
        process.stop()


def _token(base: str, key: Path) -> str:
    own, url = read_private_key(key.read_bytes()), f"{base}/auth/token"
    assertion = signed_assertion(own, client_id=CLIENT, audience=url, at=timezone.now())
    status, body = ask_for_token(url, assertion, " ".join(SCOPES))
    if status != 200:
        raise InterfaceStuck(f"the hospital's system got no token: {status}")
    return str(json.loads(body)["access_token"])


def _call(url: str, token: str, body: bytes | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
    request = Request(url, data=body, headers=headers)  # noqa: S310 — our own address
    with urlopen(request, timeout=60) as answer:  # noqa: S310 — our own address
        found: dict[str, Any] = json.loads(answer.read())
    return found


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):  # noqa: S310 — our own address
            return True
    except OSError:
        return False


def _wait(condition: Callable[[], bool], what: str, *, seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise InterfaceStuck(f"{what} did not come within {seconds:g} s")
        time.sleep(0.1)

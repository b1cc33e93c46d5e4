"""`lienthong exchange dicom`: the listener for DICOM objects, a process of its own."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from lienthong.cli.start import start_django

TITLE = "Application entity title by which it is called, 16 signs at most"
PORT_FILE = "File that is told the port (with TLS: both, in lines)"
TLS_CERT = "Certificate of the listener (PEM); opens the TLS port"
CLIENT_CA = "Authority whose client certificates get in (PEM); without it TLS asks for none"


def dicom(
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 chooses a free one")] = 11112,
    aet: Annotated[str, typer.Option(envvar="LIENTHONG_DICOM_AET", help=TITLE)] = "LIENTHONG",
    port_file: Annotated[Path | None, typer.Option(help=PORT_FILE)] = None,
    tls_cert: Annotated[Path | None, typer.Option(envvar="LIENTHONG_DICOM_TLS_CERT", help=TLS_CERT)] = None,
    tls_key: Annotated[
        Path | None, typer.Option(envvar="LIENTHONG_DICOM_TLS_KEY", help="Its private key (PEM)")
    ] = None,
    client_ca: Annotated[Path | None, typer.Option(envvar="LIENTHONG_DICOM_CLIENT_CA", help=CLIENT_CA)] = None,
    tls_port: Annotated[int, typer.Option(envvar="LIENTHONG_DICOM_TLS_PORT", help="Port of TLS")] = 2762,
    tls_only: Annotated[bool, typer.Option(envvar="LIENTHONG_DICOM_TLS_ONLY", help="Open no port without TLS")] = False,
) -> None:
    """Take images, key object selections and structured reports by DICOM (C-STORE) until stopped."""
    if tls_only and not tls_cert:
        raise typer.BadParameter("--tls-only needs --tls-cert and --tls-key")
    if not 0 < len(aet.strip()) <= 16:
        raise typer.BadParameter("--aet must have 1 to 16 signs")
    start_django()
    from lienthong.exchange.imaging.listener import DicomDoors, run_dicom_listener
    from lienthong.exchange.listening.certificates import TlsFiles, server_context

    tls = server_context(TlsFiles(tls_cert, tls_key, client_ca)) if tls_cert else None
    doors = DicomDoors(host, aet.strip(), None if tls_only else port, tls_port if tls else None, tls)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    def ready(chosen: list[int]) -> None:
        if port_file:
            port_file.write_text("\n".join(str(one) for one in chosen))
        typer.echo(f"DICOM listener {aet} at " + " and ".join(f"{host}:{one}" for one in chosen), err=True)

    run_dicom_listener(doors, stop=stop, on_ready=ready)

"""MLLP inside TLS: who gets in, and whose messages are taken on which connection."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from cryptography import x509
from django.utils import timezone
from tests.factories.exchange import SourceFactory, message
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.own_certificates import Authority
from tests.integration.exchange.running import HOST, line, listening, listening_at

from lienthong.core.actions import system_user
from lienthong.core.models import AuditEvent
from lienthong.errors import NotFound
from lienthong.exchange.listening.certificates import BadCertificate, TlsFiles, client_context, names_in, server_context
from lienthong.exchange.listening.client import NoAnswer, send_messages
from lienthong.exchange.listening.listener import Doors
from lienthong.exchange.models import Source
from lienthong.exchange.registration.actions import require_certificate
from lienthong.results.models import InboxMessage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """An authority of the region with an empty folder."""
    return Authority(tmp_path)


def doors(authority: Authority, *, plain: bool = True) -> Doors:
    tls = server_context(TlsFiles(*authority.listener(), authority.file))
    return Doors(HOST, 0 if plain else None, 0, tls)


def client(authority: Authority, name: str, *alternative: x509.GeneralName) -> ssl.SSLContext:
    return client_context(TlsFiles(*authority.certificate(name, *alternative), authority.file))


def test_message_of_a_client_with_a_certificate_is_taken(committed_scene: Scene, authority: Authority) -> None:
    with listening_at(doors(authority)) as ports:
        sent = send_messages([message()], HOST, ports[1], tls=client(authority, "lis"))

    assert sent.by_code == {"AA": 1}


@pytest.mark.parametrize("who", ["nobody", "stranger"])
def test_client_without_a_certificate_of_the_authority_does_not_get_in(
    committed_scene: Scene, authority: Authority, tmp_path: Path, who: str
) -> None:
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other", "Other")
    own = other.certificate("lis") if who == "stranger" else (None, None)
    context = client_context(TlsFiles(*own, authority.file))

    with listening_at(doors(authority)) as ports, pytest.raises(NoAnswer):
        send_messages([message()], HOST, ports[1], tls=context, timeout_seconds=10)

    assert not InboxMessage.objects.exists()


def test_plain_port_is_closed_where_only_tls_is_asked_for(committed_scene: Scene, authority: Authority) -> None:
    with listening_at(doors(authority, plain=False)) as ports:
        assert len(ports) == 1
        with pytest.raises(NoAnswer):
            send_messages([message()], HOST, ports[0], timeout_seconds=5)

    assert not InboxMessage.objects.exists()


@pytest.mark.parametrize(
    ("name", "alternative", "demanded", "code"),
    [
        pytest.param("lis.sx.example", (), "lis.sx.example", "AA", id="common name"),
        pytest.param("any", (x509.DNSName("lis.sx.example"),), "lis.sx.example", "AA", id="DNS name"),
        pytest.param("any", (x509.UniformResourceIdentifier("urn:oid:1.2.3"),), "urn:oid:1.2.3", "AA", id="identifier"),
        pytest.param("lis.other.example", (), "lis.sx.example", "AR", id="another's certificate"),
        pytest.param("lis.sx.example.evil", (), "lis.sx.example", "AR", id="a longer name"),
    ],
)
def test_source_that_demands_a_certificate_is_taken_with_it_only(
    committed_scene: Scene,
    authority: Authority,
    name: str,
    alternative: tuple[x509.GeneralName, ...],
    demanded: str,
    code: str,
) -> None:
    require_certificate("SX", demanded, by=system_user("operator"), at=timezone.now())

    with listening_at(doors(authority)) as ports:
        sent = send_messages([message()], HOST, ports[1], tls=client(authority, name, *alternative))

    assert sent.by_code == {code: 1}
    assert InboxMessage.objects.get().reason == ("" if code == "AA" else "certificate")


def test_source_that_demands_a_certificate_is_refused_on_a_plain_connection_and_kept(
    committed_scene: Scene, authority: Authority
) -> None:
    require_certificate("SX", "lis.sx.example", by=system_user("operator"), at=timezone.now())
    SourceFactory(code="FREE")

    with listening() as port:
        sent = send_messages([message(), message(facility="FREE")], HOST, port)

    assert sorted(sent.by_code) == ["AA", "AR"]
    refused = InboxMessage.objects.get(state="rejected")
    assert (refused.reason, refused.source, bytes(refused.raw)) == ("certificate", "", message())
    assert "certificate" in next(answer for answer in sent.answers if answer.code == "AR").errors[0]


def test_demand_is_written_to_the_audit_log_and_can_be_lifted(committed_scene: Scene) -> None:
    by = system_user("operator")
    require_certificate("SX", "lis.sx.example", by=by, at=timezone.now())
    require_certificate("SX", "", by=by, at=timezone.now())

    assert Source.objects.get(code="SX").certificate == ""
    assert [row.detail["certificate"] for row in AuditEvent.objects.filter(action="change-source").order_by("id")] == [
        "– → lis.sx.example",
        "lis.sx.example → –",
    ]
    with pytest.raises(NotFound):
        require_certificate("NONE", "x", by=by, at=timezone.now())


def test_listener_answers_on_both_doors_at_once(committed_scene: Scene, authority: Authority) -> None:
    with listening_at(doors(authority)) as ports, line(ports[0]) as plain:
        plain.send(message(control_id="P"))
        answer = plain.answer()
        sent = send_messages([message(control_id="T")], HOST, ports[1], tls=client(authority, "lis"))

    assert answer is not None
    assert (answer.code, sent.by_code) == ("AA", {"AA": 1})


def test_unchecked_certificate_has_no_names() -> None:
    assert names_in(None) == names_in({}) == frozenset()


def test_file_that_is_no_certificate_is_said_without_a_traceback(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")

    with pytest.raises(BadCertificate, match="PEM"):
        server_context(TlsFiles(wrong, wrong))
    with pytest.raises(BadCertificate, match="--tls-cert"):
        server_context(TlsFiles())

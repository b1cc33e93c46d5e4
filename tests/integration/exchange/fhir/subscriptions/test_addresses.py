"""Which addresses a subscriber may be called at: none through which our own network could be reached."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from lienthong.exchange.outbound.http.addresses import NotCallable, is_callable, resolved

ALLOWED = (ip_network("10.20.0.0/16"), ip_network("fd00:1::/32"))


@pytest.mark.parametrize("address", ["8.8.8.8", "113.160.1.1", "2001:4860:4860::8888", "2400:cb00:2048::1"])
def test_public_address_may_be_called(address: str) -> None:
    assert is_callable(ip_address(address), ())


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.10",
        "0.0.0.0",  # noqa: S104 — it must be refused
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "192.0.0.8",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12:3456::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "2001:0:7f00:1::",
    ],
)
def test_address_that_is_not_public_may_not_be_called(address: str) -> None:
    assert not is_callable(ip_address(address), ())


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.20.3.4", True),
        ("10.21.3.4", False),
        ("::ffff:10.20.3.4", True),
        ("64:ff9b::a14:304", True),
        ("fd00:1::5", True),
        ("fd00:2::5", False),
        ("169.254.169.254", False),
        ("127.0.0.1", False),
    ],
)
def test_network_that_is_allowed_may_be_called_and_no_other(address: str, expected: bool) -> None:
    assert is_callable(ip_address(address), ALLOWED) is expected


@pytest.mark.parametrize(
    "found",
    [["10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["8.8.8.8", "::1"], []],
    ids=["private", "one-of-two", "one-of-two-v6", "none"],
)
def test_host_is_refused_where_any_of_its_addresses_is(found: list[str]) -> None:
    with pytest.raises(NotCallable):
        resolved("hook.example.org", 443, networks=(), lookup=lambda host, port: found)


def test_host_that_is_not_known_is_refused() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError

    with pytest.raises(NotCallable, match="not known"):
        resolved("hook.example.org", 443, networks=(), lookup=unknown)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "localhost"])
def test_name_that_means_the_loopback_address_is_refused(host: str) -> None:
    with pytest.raises(NotCallable):
        resolved(host, 443, networks=())

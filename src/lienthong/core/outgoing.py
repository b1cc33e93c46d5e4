"""Whom this installation may call of itself: the settings of what it sends to addresses that others name."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from django.conf import settings


@dataclass(frozen=True, slots=True)
class OutgoingRules:
    """What may be called beside public addresses over TLS.

    `networks` are those that may be called though they are not public; `is_plain_allowed` lets http be spoken.
    """

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    is_plain_allowed: bool = False


def outgoing_rules() -> OutgoingRules:
    """Return the rules by LIENTHONG_HOOK_NETWORKS and LIENTHONG_HOOK_HTTP."""
    return OutgoingRules(settings.HOOK_NETWORKS, settings.HOOK_HTTP)

"""The ways out by name. A channel is added with one line here."""

from __future__ import annotations

from collections.abc import Mapping

from lienthong.exchange.outbound.channels import Channel

CHANNELS: Mapping[str, Channel] = {}

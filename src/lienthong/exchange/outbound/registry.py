"""The ways out by name. A channel is added with one line here."""

from __future__ import annotations

from collections.abc import Mapping

from lienthong.exchange.fhir.subscriptions.channel import RestHook
from lienthong.exchange.outbound.channels import Channel
from lienthong.exchange.outbound.hl7v2.channel import Hl7Channel

CHANNELS: Mapping[str, Channel] = {"hl7v2": Hl7Channel(), "rest-hook": RestHook()}

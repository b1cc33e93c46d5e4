"""The policy by which a scheme's round is scored, and the allowable error it sets for an analyte."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from lienthong.core.packs import policy_for
from lienthong.eqa.models import Round, Scheme
from lienthong.eqa.scoring import Allowable, Settings
from lienthong.eqa.units import NotConvertible, factor
from lienthong.errors import Conflict
from lienthong.policy import Policy
from lienthong.registry.reads import AnalyteFacts, region_path


def zone_of(scheme: Scheme) -> ZoneInfo:
    """Return the time zone of the scheme's regions."""
    region = scheme.regions.order_by("pk").first()
    return ZoneInfo(region.time_zone if region else "UTC")


def policy_of(round_: Round) -> Policy:
    """Return the policy of the smallest region that holds all of the scheme's regions, on the day the round closed."""
    on = round_.closes_at.astimezone(zone_of(round_.scheme)).date()
    return policy_for(region_of(round_.scheme, on=on), on)


def region_of(scheme: Scheme, *, on: dt.date) -> tuple[str, ...]:
    """Return the path of the smallest region that holds all of the scheme's regions; raise Conflict for none."""
    paths = [region_path(pk, on=on) for pk in scheme.regions.values_list("pk", flat=True)]
    common: list[str] = []
    for codes in zip(*paths, strict=False):
        if len(set(codes)) > 1:
            break
        common.append(codes[0])
    if not common:
        message = _("scheme %(code)s has no region, so no policy says how it is scored; name its regions")
        raise Conflict(message % {"code": scheme.code})
    return tuple(common)


def settings_of(scheme: Scheme, policy: Policy) -> Settings:
    """Return how the scheme is scored under a policy."""
    return Settings(
        sigma_divisor=policy.eqa.sigma_pt_divisor,
        min_peer_group=policy.eqa.min_peer_group,
        pass_percent=policy.eqa.pass_percent,
        boundary_counts=scheme.boundary_counts,
        sigma_from_s_star=scheme.sigma_from_s_star,
        reads_percent=scheme.verdict_read == Scheme.Scoring.PERCENT,
    )


def allowable_error(policy: Policy, analytes: Mapping[int, AnalyteFacts]) -> Allowable:
    """Return the function from analyte and x_pt to δ_E in the analyte's unit; None where no usable limit holds."""
    return lambda analyte_id, x_pt: _allowable(policy, analytes[analyte_id], x_pt)


def _allowable(policy: Policy, analyte: AnalyteFacts, x_pt: float) -> float | None:
    limit = policy.find_limit(analyte.key)
    if limit is None:
        return None
    try:
        to_limit = 1.0 if limit.combine == "percent" else factor(analyte.unit, limit.unit, analyte.molar_mass)
    except NotConvertible:
        return None
    return limit.allowable(x_pt * to_limit) / to_limit

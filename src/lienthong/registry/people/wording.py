"""The words for how people stand, and for where a role holds."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from lienthong.registry.people.lookups import Standing

STANDINGS = {
    Standing.IN_ROLE: gettext_lazy("People with a role"),
    Standing.WITHOUT: gettext_lazy("People without any role, whose account is open"),
    Standing.CLOSED: gettext_lazy("Closed accounts"),
}
NOBODY = {
    Standing.IN_ROLE: gettext_lazy("Usually everybody who works with the platform in your places is listed."),
    Standing.WITHOUT: gettext_lazy("Usually the account of somebody who left is closed together with the last role."),
    Standing.CLOSED: gettext_lazy("Usually the accounts of those who left your places are listed."),
}
KINDS = {
    "laboratory": gettext_lazy("Laboratory"),
    "facility": gettext_lazy("Facility"),
    "region": gettext_lazy("Region"),
}
STATES = {
    True: ("good", "in", gettext_lazy("account open")),
    False: ("plain", "none", gettext_lazy("account closed")),
}

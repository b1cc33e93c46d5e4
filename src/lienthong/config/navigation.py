"""The frame of every page: languages, who is signed in, and the pages of that person's roles."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from lienthong.core.models import User
from lienthong.registry.access import Role
from lienthong.registry.reads import access_of, describe_post


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the navigation and the roles that have it; no roles: everyone.

    `rooms` are addresses of pages behind it that do not begin with its own; pages of one `group` stand together.
    """

    route: str
    label: str | Promise
    roles: frozenset[str]
    rooms: tuple[str, ...] = ()
    group: str | Promise = ""

    def begins(self, path: str) -> int:
        """Return how much of a path is the address of this page or of one behind it; 0 where it lies elsewhere."""
        return max(len(one) if path.startswith(one) else 0 for one in (reverse(self.route), *self.rooms))


# What comes in and waits for somebody; who sends and how well; who and what there is.
INCOMING, CONNECTIONS, PLACES = _("What comes in"), _("Connections"), _("Facilities and data")
PAGES = (
    Page("iqc:today", _("Today"), frozenset({Role.TECHNICIAN, Role.MANAGER})),
    Page(
        "iqc:systems",
        _("Quality control"),
        frozenset({Role.TECHNICIAN, Role.MANAGER, Role.OFFICER}),
        ("/iqc/targets/", "/iqc/laboratories/", "/iqc/actions/"),
    ),
    Page("eqa:rounds", _("EQA rounds"), frozenset({Role.TECHNICIAN, Role.MANAGER, Role.OFFICER})),
    Page("recognition:rights", _("Rights to recognition"), frozenset({Role.MANAGER, Role.OFFICER})),
    Page("portal:patients", _("Order check"), frozenset({Role.CLINICIAN}), ("/orders/", "/reports/")),
    Page("portal:notices", _("Changed results"), frozenset({Role.CLINICIAN})),
    Page("exchange:held", _("Held messages"), frozenset({Role.OPERATOR, Role.ADMINISTRATOR}), group=INCOMING),
    Page(
        "exchange:deliveries",
        _("Deliveries"),
        frozenset({Role.TECHNICIAN, Role.MANAGER, Role.OPERATOR, Role.ADMINISTRATOR}),
        ("/api/",),
        group=INCOMING,
    ),
    Page(
        "results:cases",
        _("Patients to compare"),
        frozenset({Role.OPERATOR, Role.ADMINISTRATOR}),
        ("/people/",),
        group=INCOMING,
    ),
    Page(
        "exchange:mappings",
        _("Code mapping"),
        frozenset({Role.OPERATOR, Role.ADMINISTRATOR, Role.MANAGER}),
        ("/inbox/controls/",),
        group=INCOMING,
    ),
    Page(
        "exchange:senders",
        _("Senders"),
        frozenset({Role.OPERATOR, Role.ADMINISTRATOR}),
        ("/inbox/entrance-tests/",),
        group=CONNECTIONS,
    ),
    Page("exchange:systems", _("Connected systems"), frozenset({Role.ADMINISTRATOR}), group=CONNECTIONS),
    Page("exchange:outlets", _("Outlets"), frozenset({Role.ADMINISTRATOR}), group=CONNECTIONS),
    Page("exchange:witnesses", _("Witnesses of the log"), frozenset({Role.ADMINISTRATOR}), group=CONNECTIONS),
    Page(
        "exchange:quality",
        _("Quality of senders"),
        frozenset({Role.OPERATOR, Role.ADMINISTRATOR}),
        group=CONNECTIONS,
    ),
    Page("registry:facilities", _("Facilities"), frozenset({Role.OFFICER, Role.ADMINISTRATOR}), group=PLACES),
    Page("registry:people", _("People and roles"), frozenset({Role.ADMINISTRATOR}), group=PLACES),
    Page("registry:import", _("Import"), frozenset({Role.ADMINISTRATOR}), group=PLACES),
    Page("recognition:rules", _("Rules in force"), frozenset()),
    Page("recognition:register", _("Register"), frozenset()),
)
OWN_NAMES = {"vi": ("Tiếng Việt", "vi"), "zh-hans": ("中文", "zh-Hans"), "en": ("English", "en")}


def frame(request: HttpRequest) -> dict[str, object]:
    """Give every template what the base page shows."""
    active = get_language() or settings.LANGUAGE_CODE
    languages = [
        {"code": code, "name": name, "html": html, "is_active": code == active}
        for code, (name, html) in OWN_NAMES.items()
    ]
    user = getattr(request, "user", None)
    today = timezone.localdate()
    roles = access_of(user, on=today).roles if isinstance(user, User) else frozenset()
    return {
        "languages": languages,
        "html_lang": OWN_NAMES.get(active, OWN_NAMES["en"])[1],
        "navigation": grouped(entries([page for page in PAGES if not page.roles or page.roles & roles], request.path)),
        "who": describe_post(user, on=today) if isinstance(user, User) else "",
        "here": request.get_full_path(),
        "is_demo": settings.IS_DEMO,
    }


def entries(pages: list[Page], path: str) -> list[dict[str, object]]:
    """Return the links; the one whose address begins the path, and is the longest to do so, is where we are."""
    here = max(pages, key=lambda page: page.begins(path), default=None)
    return [
        {
            "url": reverse(page.route),
            "label": page.label,
            "is_here": page is here and page.begins(path) > 0,
            "is_page": path == reverse(page.route),
            "group": page.group,
        }
        for page in pages
    ]


def grouped(links: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return the links with those of a group under its heading, where its first stood; one alone needs no heading."""
    found: list[dict[str, object]] = []
    for one in links:
        together = [other for other in links if one["group"] and other["group"] == one["group"]]
        if len(together) < 2:
            found.append(one)
        elif one is together[0]:
            is_here = any(other["is_here"] for other in together)
            found.append({"label": one["group"], "links": together, "is_here": is_here})
    return found

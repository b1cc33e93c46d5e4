"""The Bundle of a request as it stands in the inbox: it says all that its reports say, whenever it is read."""

from __future__ import annotations

from collections.abc import Sequence

from lienthong.exchange.fhir.placing import Place
from lienthong.exchange.imaging.in_bundles import lines_named, names_behind, names_beside, with_gone
from lienthong.exchange.senders import SourceFacts
from lienthong.interop.fhir import Element, loads
from lienthong.results.resources.names import name_of
from lienthong.results.search import loading


def whole_bundle(places: Sequence[Place], sender: SourceFacts) -> Element:
    """Return the Bundle of some places: each entry under the id that it got.

    Images, studies and files that a report names and that came before stand with it; and what its earlier version had
    beside its results and it has not.
    """
    before = _standing([one.reference for one in places if one.kind == "DiagnosticReport"], sender)
    entries = [
        {"resource": with_gone(one.resource, before.get(one.reference, {})), "request": _put(one)} for one in places
    ]
    named = [{"resource": one} for one in _named_before(places, sender)]
    return {"resourceType": "Bundle", "type": "transaction", "entry": [*entries, *named]}


def _put(place: Place) -> Element:
    return {"method": "PUT", "url": place.reference}


def _named_before(places: Sequence[Place], sender: SourceFacts) -> list[Element]:
    """Return what reports name beside their results, and what that names, as far as it came in earlier messages.

    Of a report of imaging its results as well.
    """
    here = {one.reference: one.resource for one in places}
    found: dict[str, Element] = {}
    reports = [one.resource for one in places if one.kind == "DiagnosticReport"]
    named = {name for one in reports for name in (*names_beside(one), *lines_named(one))}
    for _step in ("images and studies", "their bytes and archives"):
        found |= _standing([one for one in named if one not in here and one not in found], sender)
        every = (here.get(one) or found.get(one) for one in named)
        named = {name for one in every if one for name in names_behind(one)}
    return list(found.values())


def _standing(references: Sequence[str], sender: SourceFacts) -> dict[str, Element]:
    """Return those of these resources of the sender that there are, under its own ids."""
    names = {
        name_of(kind, source=sender.code, own_id=own_id): (kind, own_id)
        for kind, _slash, own_id in (one.partition("/") for one in references)
    }
    found: dict[str, Element] = {}
    for name, facts in loading.resources(list(names)).items():
        kind, own_id = names[name]
        tree = loads(facts.content) if facts.content and not facts.is_deleted else None
        if isinstance(tree, dict):
            found[f"{kind}/{own_id}"] = {**tree, "resourceType": kind, "id": own_id}
    return found

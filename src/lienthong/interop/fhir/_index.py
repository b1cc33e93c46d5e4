"""The resources of a Bundle by what refers to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lienthong.interop.fhir._json import element_at, elements_at, text_at
from lienthong.interop.hl7v2 import Segment

Resource = Mapping[str, object]
_NONE: Resource = {}


class Index:
    """Resources in order, found by fullUrl, by Type/id, or within the one that contains them."""

    def __init__(self, bundle: Resource) -> None:
        self._every: list[Resource] = []
        self._found: dict[str, Resource] = {}
        self._without_url: dict[str, Resource] = {}
        self.made_of: dict[int, tuple[int, tuple[Resource, ...]]] = {}
        self._entries = elements_at(bundle, "entry")
        for entry in self._entries:
            resource = element_at(entry, "resource")
            kind, found = text_at(resource, "resourceType"), text_at(resource, "id")
            if not kind:
                continue
            self._every.append(resource)
            url = text_at(entry, "fullUrl")
            self._found.setdefault(url or f"{kind}/{found}", resource)
            if found:
                self._found.setdefault(f"{kind}/{found}", resource)
            if found and not url:
                self._without_url.setdefault(f"{kind}/{found}", resource)

    @property
    def every(self) -> list[Resource]:
        return [element_at(entry, "resource") for entry in self._entries]

    def made(self, segments: list[Segment], *resources: Resource) -> list[Segment]:
        """Note what segments were made of, and return them; an OBX behind another is of a component."""
        component = -2
        for one in segments:
            component += one.name == "OBX"
            self.made_of[id(one)] = max(component, -1), resources
        return segments

    def of(self, kind: str) -> Iterator[Resource]:
        return (resource for resource in self._every if resource["resourceType"] == kind)

    def first(self, kind: str) -> Resource:
        return next(self.of(kind), _NONE)

    def resolve(self, reference: Resource, within: Resource = _NONE) -> Resource:
        """Return the resource that a Reference names; empty where the Bundle has none.

        An absolute URL names what has it as fullUrl (R4, Bundle, references), else what has no fullUrl and may be it.
        """
        wanted = text_at(reference, "reference")
        if wanted.startswith("#"):
            inside = elements_at(within, "contained")
            return next((one for one in inside if text_at(one, "id") == wanted[1:]), _NONE)
        wanted = wanted.split("/_history/", 1)[0]
        found = self._found.get(wanted)
        if found is None and wanted.count("/") > 1:
            found = self._without_url.get("/".join(wanted.rsplit("/", 2)[1:]))
        return found if found is not None else _NONE

    def all_of(self, parent: Resource, key: str) -> list[Resource]:
        """Return the resources that the references under `key` name."""
        found = (self.resolve(one, parent) for one in elements_at(parent, key))
        return [one for one in found if one]

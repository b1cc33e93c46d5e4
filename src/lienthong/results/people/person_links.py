"""Which records lead to one person."""

from __future__ import annotations

from lienthong.results.models import PersonLink


def is_one_person(record_id: int, other_id: int) -> bool:
    """Whether two records lead to one person now."""
    links = PersonLink.objects.filter(record_id__in=(record_id, other_id), superseded_at=None)
    return record_id == other_id or len(set(links.values_list("person_id", flat=True))) == 1 < links.count()

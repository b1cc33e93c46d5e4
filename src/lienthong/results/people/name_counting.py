"""How many records bear a family or given name: what makes a crowded name weigh less than a rare one."""

from __future__ import annotations

from collections import Counter

from django.db import transaction

from lienthong.core.bulk import copy_rows
from lienthong.core.models import User
from lienthong.results.actions import lock_keys
from lienthong.results.identity import name_forms
from lienthong.results.models import NameWord, PatientRecord
from lienthong.results.permissions import check_system


@transaction.atomic
def count_names(*, by: User) -> int:
    """Count the first and last parts of all names anew, and return how many records there are. For the night."""
    check_system(by)
    lock_keys(["names"])
    counts: Counter[str] = Counter()
    total = 0
    for name in PatientRecord.objects.values_list("full_name", flat=True).iterator(chunk_size=10_000):
        total += 1
        counts.update(word[:100] for word in name_forms(name).ends)
    NameWord.objects.all().delete()
    copy_rows("results_nameword", ("word", "records"), (*counts.items(), ("", total)))
    return total

"""The tables that EQA takes: a round's plan, its results, and the scores of outside providers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lienthong.core.tabular import Column, Kind

PARTICIPANT = Column("participant", _("Participant code"), is_required=False, longest=40, aliases=("participant_code",))
LABORATORY = Column("laboratory", _("Laboratory code"), is_required=False, longest=40, aliases=("laboratory_code",))

RESULTS = (
    PARTICIPANT,
    LABORATORY,
    Column("procedure", _("Procedure code"), longest=60, aliases=("procedure_code", "system")),
    Column("sample", _("Sample code"), longest=40, aliases=("sample_code",)),
    Column("value", _("Result"), longest=40, aliases=("result",)),
    Column("unit", _("Unit"), longest=30),
    Column("returned_at", _("Returned at"), kind=Kind.MOMENT),
)

PLAN = (
    Column("scheme", _("Scheme code"), longest=40),
    Column("round", _("Round code"), longest=40),
    Column("opens_on", _("Opens on"), kind=Kind.DAY),
    Column("closes_at", _("Closes at"), kind=Kind.MOMENT),
    Column("samples", _("Sample codes"), aliases=("sample_codes",)),
    Column("participant", _("Participant code"), longest=40, aliases=("participant_code",)),
    Column("procedure", _("Procedure code"), longest=60, aliases=("procedure_code", "system")),
    Column("peer_group", _("Peer group"), is_required=False, longest=200),
)

SCORES = (
    Column("provider", _("Provider"), longest=100, aliases=("organiser",)),
    Column("scheme", _("Scheme code"), longest=40),
    Column("round", _("Round code"), longest=40),
    LABORATORY,
    Column("procedure", _("Procedure code"), is_required=False, longest=60, aliases=("procedure_code",)),
    Column("analyte", _("Analyte"), is_required=False, longest=20),
    Column("percent", _("Score, %"), kind=Kind.NUMBER, is_required=False, least=0, most=100),
    Column("z", _("z score"), kind=Kind.NUMBER, is_required=False),
    Column("passed", _("Passed"), kind=Kind.YES_NO),
    Column("finished_on", _("Finished on"), kind=Kind.DAY),
)

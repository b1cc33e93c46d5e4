"""Control lots, targets, runs and what follows from them: the smallest valid rows."""

from __future__ import annotations

import datetime as dt

import factory
from factory.django import DjangoModelFactory
from tests.factories.core import UserFactory
from tests.factories.registry import BEGAN, LEARNED, ProcedureFactory

from lienthong.iqc.models import (
    ControlLot,
    ControlResult,
    ControlRun,
    ControlTarget,
    CorrectiveAction,
    ResetEvent,
    Violation,
)

MEASURED = dt.datetime(2026, 11, 1, 6, 0, tzinfo=dt.UTC)


class ControlLotFactory(DjangoModelFactory[ControlLot]):
    class Meta:
        model = ControlLot
        django_get_or_create = ("material", "lot", "level")

    material = "Duotrol"
    lot = "44711"
    level = 1


class ControlTargetFactory(DjangoModelFactory[ControlTarget]):
    """Mean 4.0, SD 0.1 mmol/L since 2020."""

    class Meta:
        model = ControlTarget

    procedure = factory.SubFactory(ProcedureFactory)
    control_lot = factory.SubFactory(ControlLotFactory)
    mean = 4.0
    sd = 0.1
    unit = "mmol/L"
    source = ControlTarget.Source.LABORATORY
    valid_from = BEGAN
    recorded_at = LEARNED


class ControlRunFactory(DjangoModelFactory[ControlRun]):
    """An accepted run without results."""

    class Meta:
        model = ControlRun

    procedure = factory.SubFactory(ProcedureFactory)
    measured_at = MEASURED
    verdict = ControlRun.Verdict.ACCEPTED
    recorded_at = MEASURED


class ControlResultFactory(DjangoModelFactory[ControlResult]):
    class Meta:
        model = ControlResult

    run = factory.SubFactory(ControlRunFactory)
    target = factory.SubFactory(ControlTargetFactory, procedure=factory.SelfAttribute("..run.procedure"))
    value = 4.0
    z = 0.0
    measured_at = MEASURED


class ViolationFactory(DjangoModelFactory[Violation]):
    """An open rejection; `run__verdict` and `run__measured_at` change its run."""

    class Meta:
        model = Violation
        skip_postgeneration_save = True

    run = factory.SubFactory(ControlRunFactory, verdict=ControlRun.Verdict.REJECTED)
    procedure = factory.SelfAttribute("run.procedure")
    rule = "1_3s"
    level = 1


class CorrectiveActionFactory(DjangoModelFactory[CorrectiveAction]):
    class Meta:
        model = CorrectiveAction
        skip_postgeneration_save = True

    cause = CorrectiveAction.Cause.CALIBRATION
    action = "Calibrated again."
    done_at = MEASURED
    at = MEASURED
    by = factory.SubFactory(UserFactory)


class ResetEventFactory(DjangoModelFactory[ResetEvent]):
    class Meta:
        model = ResetEvent

    procedure = factory.SubFactory(ProcedureFactory)
    kind = ResetEvent.Kind.CALIBRATION
    at = MEASURED
    recorded_at = MEASURED

"""Regions, facilities, laboratories, staff, roles, instruments, analytes, and the procedures that all hangs on."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.constraints import BaseConstraint
from django.utils.translation import gettext_lazy as _

from lienthong.core.dated import Dated
from lienthong.core.names import Named
from lienthong.registry.querysets import (
    FacilityQuerySet,
    LaboratoryQuerySet,
    PeriodQuerySet,
    ProcedureQuerySet,
    RoleQuerySet,
)


def once_at_a_time(name: str, *keys: str) -> BaseConstraint:
    """Forbid two current rows of the same keys whose periods overlap.

    A key is compared as a range of one number: GiST knows ranges by itself, whole numbers only by an extension.
    """
    alone = [(Func(F(key), F(key), models.Value("[]"), function="int8range"), RangeOperators.OVERLAPS) for key in keys]
    period = (Func(F("valid_from"), F("valid_to"), function="daterange"), RangeOperators.OVERLAPS)
    return ExclusionConstraint(name=name, expressions=[*alone, period], condition=Q(superseded_at=None))


class Region(Named):
    """A unit of the dated tree: nation, province, city, district, or any level in between."""

    code = models.CharField(max_length=20, unique=True)
    time_zone = models.CharField(max_length=60)

    def __str__(self) -> str:
        return self.code


class RegionParent(Dated):
    """Which region a region belonged to; units merge, split and lose levels."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="parents")
    parent = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="children")
    objects = PeriodQuerySet.as_manager()

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(condition=~Q(region=F("parent")), name="registry_regionparent_not_self"),
            once_at_a_time("registry_regionparent_once_at_a_time", "region"),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} in {self.parent_id}"


class Facility(Named):
    """A health facility under its licence code."""

    class Ownership(models.TextChoices):
        PUBLIC = "public", _("public")
        PRIVATE = "private", _("private")

    code = models.CharField(max_length=40, unique=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="facilities")
    ownership = models.CharField(max_length=10, choices=Ownership)
    has_insurance_contract = models.BooleanField(null=True, blank=True, help_text="null: unknown")
    objects = FacilityQuerySet.as_manager()

    class Meta(Named.Meta):
        ordering = ["code"]
        verbose_name_plural = "facilities"

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class FacilityClass(Dated):
    """The class of a facility under a scheme that was in force (hospital class, technical level)."""

    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="classes")
    scheme = models.CharField(max_length=40)
    grade = models.CharField(max_length=40)
    objects = PeriodQuerySet.as_manager()

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["facility", "scheme", "valid_from"],
                condition=Q(superseded_at=None),
                name="registry_facilityclass_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility_id} {self.scheme} {self.grade}"


class Laboratory(Named):
    """A laboratory of a facility; a mobile one travels and keeps its code."""

    code = models.CharField(max_length=40, unique=True)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="laboratories")
    is_mobile = models.BooleanField(default=False)
    objects = LaboratoryQuerySet.as_manager()

    class Meta(Named.Meta):
        ordering = ["code"]
        verbose_name_plural = "laboratories"

    @property
    def title(self) -> str:
        """The laboratory with its facility: most laboratories of a region have the same name of their own."""
        return f"{self.facility.name}, {self.name}"

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class StaffMember(Dated):
    """A person's post in a laboratory, with the qualification on which it rests."""

    laboratory = models.ForeignKey(Laboratory, on_delete=models.PROTECT, related_name="staff")
    user = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, blank=True)
    number = models.CharField(max_length=40)
    full_name = models.CharField(max_length=200)
    qualification = models.CharField(max_length=200)
    may_release = models.BooleanField(default=False)
    objects = PeriodQuerySet.as_manager()

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["laboratory", "number", "valid_from"],
                condition=Q(superseded_at=None),
                name="registry_staffmember_once",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name


class RoleBinding(Dated):
    """What a user may do, and where: in a laboratory, in a facility, or in a region with all that lies in it."""

    class Role(models.TextChoices):
        TECHNICIAN = "technician", _("Laboratory technician")
        MANAGER = "manager", _("Laboratory manager")
        OFFICER = "officer", _("Quality-centre officer")
        CLINICIAN = "clinician", _("Clinician")
        OPERATOR = "operator", _("Exchange operator")
        ADMINISTRATOR = "administrator", _("Administrator")

    user = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="role_bindings")
    role = models.CharField(max_length=20, choices=Role)
    laboratory = models.ForeignKey(Laboratory, on_delete=models.PROTECT, null=True, blank=True)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, null=True, blank=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True)
    objects = RoleQuerySet.as_manager()

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=Q(laboratory__isnull=False, facility=None, region=None)
                | Q(laboratory=None, facility__isnull=False, region=None)
                | Q(laboratory=None, facility=None, region__isnull=False),
                name="registry_rolebinding_one_place",
            ),
        ]

    @property
    def kind(self) -> str:
        """What the place is: region, facility or laboratory."""
        return "laboratory" if self.laboratory_id else "facility" if self.facility_id else "region"

    @property
    def place(self) -> Laboratory | Facility | Region:
        """Where the role holds."""
        place: Laboratory | Facility | Region = getattr(self, self.kind)
        return place

    @property
    def place_name(self) -> str:
        """The name of the place in the active language; of a laboratory with its facility."""
        return self.laboratory.title if self.laboratory else self.place.name

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class Instrument(Dated):
    """An analyser or scanner in a laboratory."""

    laboratory = models.ForeignKey(Laboratory, on_delete=models.PROTECT, related_name="instruments")
    code = models.CharField(max_length=40)
    manufacturer = models.CharField(max_length=100)
    model = models.CharField(max_length=100)
    serial_number = models.CharField(max_length=60, blank=True)
    objects = PeriodQuerySet.as_manager()

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["laboratory", "code", "valid_from"],
                condition=Q(superseded_at=None),
                name="registry_instrument_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.code}"


class Analyte(Named):
    """What is measured, in which kind of specimen, with its LOINC code and the one unit it is compared in.

    What is looked at and told in words stands here too, as in LOINC: of an imaging examination `scale` is narrative and
    `specimen` the region of the body.
    """

    class Scale(models.TextChoices):
        QUANTITATIVE = "quantitative", _("quantitative")
        QUALITATIVE = "qualitative", _("qualitative")
        NARRATIVE = "narrative", _("in words")

    key = models.CharField(max_length=20, unique=True)
    loinc = models.CharField(max_length=10)
    specimen = models.CharField(max_length=20)
    group = models.CharField(max_length=20)
    scale = models.CharField(max_length=15, choices=Scale)
    unit = models.CharField(max_length=30, blank=True, help_text="UCUM")
    molar_mass = models.FloatField(null=True, blank=True, help_text="g/mol")
    charge = models.PositiveSmallIntegerField(null=True, blank=True, help_text="of the ion, without its sign")
    synonyms = models.CharField(
        max_length=500, blank=True, default="", help_text="other names of this installation, separated by ;"
    )
    decimals = models.PositiveSmallIntegerField(default=1)
    cv_within = models.FloatField(null=True, blank=True, help_text="within-subject biological variation, percent")

    class Meta(Named.Meta):
        ordering = ["group", "key"]

    def __str__(self) -> str:
        return self.key


class Procedure(models.Model):
    """One laboratory's way of measuring one analyte by one method, or one imaging service.

    A change of method is a new procedure.
    """

    class Kind(models.TextChoices):
        MEASURING_SYSTEM = "measuring_system", _("measuring system")
        IMAGING = "imaging", _("imaging service")

    code = models.CharField(max_length=60, unique=True)
    laboratory = models.ForeignKey(Laboratory, on_delete=models.PROTECT, related_name="procedures")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.MEASURING_SYSTEM)
    analyte = models.ForeignKey(Analyte, on_delete=models.PROTECT, related_name="procedures")
    method = models.CharField(max_length=100)
    modality = models.CharField(
        max_length=16, blank=True, default="", db_default="", help_text="of an imaging service: DICOM's code, US or CT"
    )
    in_use_from = models.DateField()
    in_use_to = models.DateField(null=True, blank=True)
    objects = ProcedureQuerySet.as_manager()

    class Meta:
        ordering = ["laboratory__code", "analyte__group", "analyte__key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(in_use_to=None) | Q(in_use_to__gt=F("in_use_from")), name="registry_procedure_in_use"
            ),
            models.CheckConstraint(
                condition=Q(kind="imaging") | Q(modality=""), name="registry_procedure_modality_of_imaging"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ProcedurePeriod(Dated):
    """What held over a time: of a measuring system instrument, reagent, calibrator, unit, reference interval; of an
    imaging service device and examiner.
    """

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="periods")
    instrument_code = models.CharField(max_length=40)
    instrument_model = models.CharField(max_length=100)
    reagent = models.CharField(max_length=100)
    reagent_lot = models.CharField(max_length=40)
    calibrator = models.CharField(max_length=100, blank=True)
    examiner = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="who examines and reports, or their group"
    )
    unit = models.CharField(max_length=30, blank=True, help_text="UCUM, as the laboratory reports")
    reference_low = models.DecimalField(max_digits=14, decimal_places=5, null=True, blank=True)
    reference_high = models.DecimalField(max_digits=14, decimal_places=5, null=True, blank=True)
    objects = PeriodQuerySet.as_manager()

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=Q(reference_low=None) | Q(reference_high=None) | Q(reference_high__gt=F("reference_low")),
                name="registry_procedureperiod_interval",
            ),
            once_at_a_time("registry_procedureperiod_once_at_a_time", "procedure"),
        ]

    def __str__(self) -> str:
        return f"{self.procedure_id} from {self.valid_from}"


class TableFile(models.Model):
    """A table as it was brought: kept between the look at what it would do and the word that it shall."""

    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    by = models.ForeignKey("core.User", on_delete=models.PROTECT)
    at = models.DateTimeField()
    imported_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class ComparabilityCheck(Dated):
    """A dated check by which the proof of one measuring system extends to another of the same laboratory."""

    enrolled = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="extends_to")
    extended = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="rests_on")
    passed = models.BooleanField()
    summary = models.CharField(max_length=300)
    objects = PeriodQuerySet.as_manager()

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(condition=~Q(enrolled=F("extended")), name="registry_comparabilitycheck_not_self"),
            once_at_a_time("registry_comparabilitycheck_once_at_a_time", "enrolled", "extended"),
        ]

    def __str__(self) -> str:
        return f"{self.enrolled_id} to {self.extended_id}"

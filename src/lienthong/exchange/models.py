"""Senders, and what their local codes mean."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from lienthong.core.dated import Dated
from lienthong.exchange.bulk.models import BulkExport, BulkFile
from lienthong.exchange.certification.models import Certification
from lienthong.exchange.deliveries.models import Delivery, DeliveryPiece
from lienthong.exchange.outbound.models import Dispatch, Outlet
from lienthong.exchange.quality.models import SourceDay
from lienthong.exchange.querysets import ControlMappingQuerySet, HeldControlQuerySet, MappingQuerySet, SourceQuerySet

__all__ = [
    "BulkExport",
    "BulkFile",
    "Certification",
    "CodeMapping",
    "Delivery",
    "DeliveryPiece",
    "Dispatch",
    "Outlet",
    "Source",
    "SourceDay",
]


class Source(models.Model):
    """A sending system; its facility gives the time zone and the region.

    MSH-3 and MSH-4 name one that speaks HL7. An analyser that speaks ASTM is known by what of these is told: the
    header's sender (H-5, in `sending_application`), the address it calls from, and the port that it calls. An archive
    or a device that speaks DICOM is known by its application entity title (in `sending_application`) and, where they
    are told, by its address and the name in its certificate. One of files, pushes or FHIR calls no listener: who
    delivers for it is a person or a connected system.
    """

    class Protocol(models.TextChoices):
        HL7V2 = "hl7v2", "HL7 v2"
        ASTM = "astm", "ASTM (LIS2-A2)"
        DICOM = "dicom", "DICOM"
        FILES = "files", "files, JSON or FHIR"

    class TubeNumber(models.TextChoices):
        """What the number is by which an analyser knows a tube."""

        SPECIMEN = "specimen", "SPM-2, SPM-30, SAC-3"
        PLACER = "placer", "OBR-2"
        FILLER = "filler", "OBR-3"
        NONE = "none", "–"

    code = models.CharField(max_length=60, unique=True)
    sending_application = models.CharField(max_length=200)
    sending_facility = models.CharField(max_length=200)
    facility = models.ForeignKey("registry.Facility", on_delete=models.PROTECT, related_name="sources")
    laboratory = models.ForeignKey("registry.Laboratory", on_delete=models.PROTECT, null=True, blank=True)
    default_charset = models.CharField(max_length=30, default="utf-8", help_text="where MSH-18 is empty")
    protocol = models.CharField(max_length=10, choices=Protocol, db_default=Protocol.HL7V2, default=Protocol.HL7V2)
    peer_address = models.GenericIPAddressField(null=True, blank=True, help_text="from which an analyser calls")
    listening_port = models.PositiveIntegerField(null=True, blank=True, help_text="which an analyser calls")
    control_specimens = models.CharField(
        max_length=200, blank=True, db_default="", help_text="specimen numbers of controls, such as QC* CTRL-*"
    )
    tube_number = models.CharField(
        max_length=10, choices=TubeNumber, db_default=TubeNumber.SPECIMEN, default=TubeNumber.SPECIMEN
    )
    tube_days = models.PositiveSmallIntegerField(
        db_default=7, default=7, help_text="calendar days for which no number is given to a second tube"
    )
    certificate = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="name in the client certificate that it must connect with",
    )
    dicomweb_url = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="of its image archive (PS3.18), without /studies",
    )

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["sending_application", "sending_facility"],
                condition=Q(protocol="hl7v2"),
                name="exchange_source_once",
            ),
            models.UniqueConstraint(
                fields=["sending_application", "peer_address", "listening_port"],
                condition=Q(protocol="astm"),
                nulls_distinct=False,
                name="exchange_source_analyzer_once",
            ),
            models.UniqueConstraint(
                fields=["sending_application"], condition=Q(protocol="dicom"), name="exchange_source_dicom_once"
            ),
            models.CheckConstraint(
                condition=Q(protocol__in=["hl7v2", "files"])
                | ~Q(sending_application="")
                | Q(peer_address__isnull=False)
                | Q(listening_port__isnull=False),
                name="exchange_source_analyzer_known",
            ),
            models.CheckConstraint(
                condition=Q(tube_number__in=["specimen", "placer", "filler", "none"]),
                name="exchange_source_tube_number",
            ),
            models.CheckConstraint(condition=Q(tube_days__gte=1), name="exchange_source_tube_days"),
        ]

    @property
    def title(self) -> str:
        """The facility's name and the sender's code: a facility may have many senders."""
        return f"{self.facility.name} ({self.code})"

    def __str__(self) -> str:
        return self.code


class Reviewed(Dated):
    """What a sender means by something, proposed by one person and confirmed by another.

    `SUBJECT` names the columns that say of what it speaks; of one subject one row holds, and one is proposed.
    """

    SUBJECT: ClassVar[tuple[str, ...]]

    source: models.ForeignKey[Source, Source]
    proposed_by_id: int
    proposed_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta(Dated.Meta):
        abstract = True
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=models.F("proposed_by")),
                name="%(app_label)s_%(class)s_second_person",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="%(app_label)s_%(class)s_confirmed",
            ),
        ]


class CodeMapping(Reviewed):
    """What a local code means: an analyte, and where the sender's code says so, the measuring system."""

    SUBJECT = ("source", "local_code", "local_system", "equipment", "specimen")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="mappings")
    local_code = models.CharField(max_length=60)
    local_system = models.CharField(max_length=60, blank=True)
    equipment = models.CharField(max_length=60, blank=True, help_text="OBX-18; empty: any analyser")
    specimen = models.CharField(max_length=20, blank=True, help_text="kind of specimen; empty: any")
    analyte = models.ForeignKey("registry.Analyte", on_delete=models.PROTECT)
    procedure = models.ForeignKey("registry.Procedure", on_delete=models.PROTECT, null=True, blank=True)
    objects = MappingQuerySet.as_manager()

    class Meta(Reviewed.Meta):
        constraints = [
            *Reviewed.Meta.constraints,
            models.UniqueConstraint(
                fields=["source", "local_code", "local_system", "equipment", "specimen"],
                condition=Q(superseded_at=None, valid_to=None, confirmed_at__isnull=False),
                name="exchange_codemapping_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["source", "local_code", "local_system", "equipment", "specimen"],
                condition=Q(superseded_at=None, confirmed_at=None),
                name="exchange_codemapping_one_proposed",
            ),
        ]
        indexes = [models.Index(fields=["source", "local_code"], name="exchange_codemapping_find")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.local_code}"


class ControlMapping(Reviewed):
    """Which control lot and level a sender means by what it tells of a control: a material, and if told lot and level.

    `material` may hold `*` for any signs, where an analyser numbers its control specimens. A lot or level that is not
    told is one that the mapping tells for the days on which it holds.
    """

    SUBJECT = ("source", "material", "lot", "level")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="control_mappings")
    material = models.CharField(max_length=100)
    lot = models.CharField(max_length=60, blank=True)
    level = models.CharField(max_length=40, blank=True)
    control_lot = models.ForeignKey("iqc.ControlLot", on_delete=models.PROTECT, related_name="+")
    objects = ControlMappingQuerySet.as_manager()

    class Meta(Reviewed.Meta):
        constraints = [
            *Reviewed.Meta.constraints,
            models.UniqueConstraint(
                fields=["source", "material", "lot", "level"],
                condition=Q(superseded_at=None, valid_to=None, confirmed_at__isnull=False),
                name="exchange_controlmapping_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["source", "material", "lot", "level"],
                condition=Q(superseded_at=None, confirmed_at=None),
                name="exchange_controlmapping_one_proposed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.material} {self.lot} {self.level}"


class HeldControl(models.Model):
    """A control of a message that waits until it is known which lot and level it is."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="held_controls")
    inbox_id = models.BigIntegerField()
    position = models.CharField(max_length=20)
    material = models.CharField(max_length=100)
    lot = models.CharField(max_length=60, blank=True)
    level = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=200, blank=True)
    asked_on = models.DateField()
    held_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    objects = HeldControlQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inbox_id", "position"], name="exchange_heldcontrol_once")]
        indexes = [models.Index(fields=["source"], condition=Q(released_at=None), name="exchange_heldcontrol_waiting")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.material} {self.inbox_id}"

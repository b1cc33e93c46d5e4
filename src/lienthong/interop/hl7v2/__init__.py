"""HL7 version 2 (2.3 to 2.8): frames, batches, messages, acknowledgments, results, orders, patients."""

from lienthong.interop.hl7v2._ack import Acknowledgment, acknowledge
from lienthong.interop.hl7v2._adt import ACTS, ADT_NOTES, read_adt
from lienthong.interop.hl7v2._batch import (
    Batch,
    BatchFile,
    Envelope,
    batch_acknowledgement,
    is_batch,
    parts_in,
    read_batch,
    split_batch,
)
from lienthong.interop.hl7v2._charset import by_byte_order, decode, encode, find_codec
from lienthong.interop.hl7v2._control_material import ControlMaterial, control_materials
from lienthong.interop.hl7v2._datatypes import (
    Address,
    Coded,
    Comment,
    Document,
    EntityIdentifier,
    Identifier,
    Organisation,
    Period,
    Person,
    PersonName,
    Place,
    Pointer,
    Quantity,
    Telecom,
)
from lienthong.interop.hl7v2._delimiters import STANDARD, Delimiters, escape, unescape
from lienthong.interop.hl7v2._document_bytes import document_bytes, media_type
from lienthong.interop.hl7v2._frame import TOO_LARGE, TRUNCATED, Frame, Frames, frame
from lienthong.interop.hl7v2._header import Header, header, header_of
from lienthong.interop.hl7v2._instant import Instant, Precision, TimeOfDay, read_instant, write_instant
from lienthong.interop.hl7v2._message import Message, Segment, parse, write
from lienthong.interop.hl7v2._observation import Observation
from lienthong.interop.hl7v2._order import OrderControl, OruOrder, Timing
from lienthong.interop.hl7v2._order_types import OrderMessage, OrderRequest, PatientOrders
from lienthong.interop.hl7v2._orders import ORDER_NOTES, is_order_message, read_orders
from lienthong.interop.hl7v2._oru import NOTES, is_result_message, read_oru, read_results
from lienthong.interop.hl7v2._oru_types import OruMessage, PatientResults
from lienthong.interop.hl7v2._oru_writer import make_oru
from lienthong.interop.hl7v2._patient import PatientIdentity, Visit
from lienthong.interop.hl7v2._patient_types import AdtMessage, Merge, PatientAct, PatientEvent
from lienthong.interop.hl7v2._reading import Outcome, Reading, is_placeholder, read_value
from lienthong.interop.hl7v2._specimen import Container, Material, Specimen
from lienthong.interop.hl7v2._values import Parsed, parse_values

__all__ = [
    "ACTS",
    "ADT_NOTES",
    "NOTES",
    "ORDER_NOTES",
    "STANDARD",
    "TOO_LARGE",
    "TRUNCATED",
    "Acknowledgment",
    "Address",
    "AdtMessage",
    "Batch",
    "BatchFile",
    "Coded",
    "Comment",
    "Container",
    "ControlMaterial",
    "Delimiters",
    "Document",
    "EntityIdentifier",
    "Envelope",
    "Frame",
    "Frames",
    "Header",
    "Identifier",
    "Instant",
    "Material",
    "Merge",
    "Message",
    "Observation",
    "OrderControl",
    "OrderMessage",
    "OrderRequest",
    "Organisation",
    "OruMessage",
    "OruOrder",
    "Outcome",
    "Parsed",
    "PatientAct",
    "PatientEvent",
    "PatientIdentity",
    "PatientOrders",
    "PatientResults",
    "Period",
    "Person",
    "PersonName",
    "Place",
    "Pointer",
    "Precision",
    "Quantity",
    "Reading",
    "Segment",
    "Specimen",
    "Telecom",
    "TimeOfDay",
    "Timing",
    "Visit",
    "acknowledge",
    "batch_acknowledgement",
    "by_byte_order",
    "control_materials",
    "decode",
    "document_bytes",
    "encode",
    "escape",
    "find_codec",
    "frame",
    "header",
    "header_of",
    "is_batch",
    "is_order_message",
    "is_placeholder",
    "is_result_message",
    "make_oru",
    "media_type",
    "parse",
    "parse_values",
    "parts_in",
    "read_adt",
    "read_batch",
    "read_instant",
    "read_orders",
    "read_oru",
    "read_results",
    "read_value",
    "split_batch",
    "unescape",
    "write",
    "write_instant",
]

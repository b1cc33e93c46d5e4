"""ASTM E1381 (LIS1-A) and E1394 (LIS2-A2): the line to an analyser, and what is said on it."""

from lienthong.interop.astm._assembly import messages_in, split_messages
from lienthong.interop.astm._delimiters import STANDARD, Delimiters, escape, unescape
from lienthong.interop.astm._frame import Frame, checksum, cut, read_frame, write_frame
from lienthong.interop.astm._link import BrokenOff, Complete, Delivered, Effect, Link, NotDelivered, Send
from lienthong.interop.astm._link_table import ALLOWED_TRANSITIONS, Event, Role, State
from lienthong.interop.astm._reading import NOTES, read_results
from lienthong.interop.astm._records import Message, Record, parse, write
from lienthong.interop.astm._types import (
    AnalyzerMessage,
    Comment,
    Measurand,
    Patient,
    Request,
    Sender,
    TestOrder,
    TestResult,
)

__all__ = [
    "ALLOWED_TRANSITIONS",
    "NOTES",
    "STANDARD",
    "AnalyzerMessage",
    "BrokenOff",
    "Comment",
    "Complete",
    "Delimiters",
    "Delivered",
    "Effect",
    "Event",
    "Frame",
    "Link",
    "Measurand",
    "Message",
    "NotDelivered",
    "Patient",
    "Record",
    "Request",
    "Role",
    "Send",
    "Sender",
    "State",
    "TestOrder",
    "TestResult",
    "checksum",
    "cut",
    "escape",
    "messages_in",
    "parse",
    "read_frame",
    "read_results",
    "split_messages",
    "unescape",
    "write",
    "write_frame",
]

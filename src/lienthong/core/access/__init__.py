"""How systems prove who they are and what they may do: the token endpoint, scopes, and who calls."""

from lienthong.core.access.caller import Caller, caller_of, standing_caller
from lienthong.core.access.discovery import smart_configuration
from lienthong.core.access.errors import NotAuthenticated, ScopeMissing
from lienthong.core.access.scopes import (
    CDS_HOOKS,
    DELIVERY_READ,
    DELIVERY_WRITE,
    OVERSIGHT_EXPORT,
    PLATFORM_SCOPES,
    RESOURCE_TYPES,
    Right,
)

__all__ = [
    "CDS_HOOKS",
    "DELIVERY_READ",
    "DELIVERY_WRITE",
    "OVERSIGHT_EXPORT",
    "PLATFORM_SCOPES",
    "RESOURCE_TYPES",
    "Caller",
    "NotAuthenticated",
    "Right",
    "ScopeMissing",
    "caller_of",
    "smart_configuration",
    "standing_caller",
]

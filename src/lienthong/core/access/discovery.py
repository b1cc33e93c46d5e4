"""What the platform says of its authorization to systems that connect (SMART App Launch 2, Conformance)."""

from __future__ import annotations

from lienthong.core.access.scopes import PLATFORM_SCOPES, RESOURCE_TYPES, RIGHTS
from lienthong.core.signing_keys import ALGORITHMS

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def smart_configuration(*, token: str, introspection: str, revocation: str) -> dict[str, object]:
    """Return the document of `.well-known/smart-configuration`; the arguments are the endpoints' full addresses."""
    return {
        "token_endpoint": token,
        "introspection_endpoint": introspection,
        "revocation_endpoint": revocation,
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS.values()),
        "scopes_supported": [f"system/{kind}.{RIGHTS}" for kind in ("*", *RESOURCE_TYPES)] + list(PLATFORM_SCOPES),
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
    }

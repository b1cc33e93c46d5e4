"""Why a connected system is not served.

NotAllowed
├── NotAuthenticated  no token, or one that does not hold: 401
└── ScopeMissing      the token does not carry the scope that the act needs: 403
"""

from __future__ import annotations

from lienthong.errors import NotAllowed

REALM = "lienthong"


class NotAuthenticated(NotAllowed):
    """The caller must prove who it is. `error` is of RFC 6750, section 3.1; empty where no token was sent."""

    code = "not-authenticated"

    def __init__(self, message: str, *, error: str = "") -> None:
        super().__init__(message)
        self.error = error

    @property
    def challenge(self) -> str:
        """The header WWW-Authenticate of the answer."""
        return _challenge(self.error, str(self))


class ScopeMissing(NotAllowed):
    """The token lacks a scope; `scope` is the one that the act needs."""

    code = "insufficient-scope"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This needs the scope {scope}, which the token does not carry.")
        self.scope = scope

    @property
    def challenge(self) -> str:
        """The header WWW-Authenticate of the answer."""
        return f'{_challenge("insufficient_scope", str(self))}, scope="{self.scope}"'


def _challenge(error: str, description: str) -> str:
    told = f', error="{error}", error_description="{description}"' if error else ""
    return f'Bearer realm="{REALM}"{told}'

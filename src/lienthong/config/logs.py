"""What the log of the web application says of a request: the route, never the address, which may name a patient."""

from __future__ import annotations

import logging

NOWHERE = "an address that there is not"


class RouteForAddress(logging.Filter):
    """Put the route of a request (`fhir/<str:kind>/<str:id_>`) in the place of its address."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        address = getattr(request, "path", None)
        if address and isinstance(record.args, tuple):
            found = getattr(request, "resolver_match", None)
            record.args = tuple((found.route if found else NOWHERE) if one == address else one for one in record.args)
        return True

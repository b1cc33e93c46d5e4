"""Calls of an interface with what schemathesis makes of its description, inside the test's own transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

application = get_wsgi_application()
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Every run makes the same calls; what fails is told as it was made, for a shorter call would take as many again.
PLAIN = settings(
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
Prepare = Callable[[schemathesis.Case, st.DataObject], None]
Judge = Callable[[schemathesis.Case, Response], None]


@contextmanager
def one_connection() -> Iterator[None]:
    """Keep the test's own connection open between calls of the application, as Django's test client does for its own.

    That client connects the signals again after each of its calls, so it is not to be used meanwhile.
    """
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def schema_of(description: dict[str, Any]) -> BaseSchema:
    """Return a description as schemathesis reads it, with the application that it is of."""
    schema = schemathesis.openapi.from_dict(description)
    schema.app = application
    return schema


def operations_of(schema: BaseSchema) -> list[APIOperation]:
    return [found.ok() for found in schema.get_all_operations()]


def call_as_described(operation: APIOperation, *, examples: int, prepare: Prepare, judge: Judge | None = None) -> None:
    """Call an operation with what fits its description and, as often, with what does not; judge each answer."""
    for mode in GenerationMode:

        @settings(PLAIN, max_examples=examples)
        @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
        def call(case: schemathesis.Case, data: st.DataObject) -> None:
            prepare(case, data)
            response = case.call(base_url="http://localhost")
            case.validate_response(response, checks=CHECKS)
            if judge:
                judge(case, response)

        try:
            with one_connection():
                call()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, operation.label  # what takes nothing can't be asked wrongly

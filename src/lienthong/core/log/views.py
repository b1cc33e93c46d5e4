"""What other parties fetch to keep watch over the log; nobody signs in, and nothing of any report is told."""

from __future__ import annotations

from base64 import b64encode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from lienthong.core.log.identity import log_key
from lienthong.core.log.reads import consistency, head
from lienthong.core.log.witnesses import cosigned_head, with_cosignatures
from lienthong.errors import NotFound

PLAIN = "text/plain; charset=utf-8"


@csrf_exempt
@require_GET
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Give the newest checkpoint, a signed note, with the cosignatures of it that there are already."""
    kept = head()
    if kept is None:
        raise NotFound("nothing was signed yet")
    return _note(with_cosignatures(kept.note))


@csrf_exempt
@require_GET
def cosigned(request: HttpRequest) -> HttpResponse:
    """Give the newest checkpoint that a witness has cosigned, with its cosignatures."""
    note = cosigned_head()
    if note is None:
        raise NotFound("no witness has cosigned a checkpoint yet")
    return _note(note)


@csrf_exempt
@require_GET
def key(request: HttpRequest) -> HttpResponse:
    """Give the key by which checkpoints are checked, as name+id+base64."""
    return HttpResponse(f"{log_key()}\n", content_type=PLAIN)


@csrf_exempt
@require_GET
def consistent(request: HttpRequest, first: int, second: int) -> JsonResponse:
    """Give the proof that the log of `second` leaves begins with that of `first`; hashes in base64."""
    found = consistency(first, second)
    return JsonResponse(
        {
            "first": found.first,
            "second": found.second,
            "first_root": _text(found.first_root),
            "second_root": _text(found.second_root),
            "proof": [_text(one) for one in found.proof],
        }
    )


def _note(note: str) -> HttpResponse:
    return HttpResponse(note, content_type=PLAIN, headers={"Cache-Control": "no-cache"})


def _text(data: bytes) -> str:
    return b64encode(data).decode()

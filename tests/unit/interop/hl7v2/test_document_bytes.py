"""Files inside a message: their bytes by their encoding, their kind by their own beginning."""

from __future__ import annotations

import pytest

from lienthong.interop.hl7v2 import Document, document_bytes, media_type


@pytest.mark.parametrize(
    ("encoding", "data", "content"),
    [
        pytest.param("Base64", "JVBERi0x", b"%PDF-1", id="Base64"),
        pytest.param("base64", "JVBE\r\nRi0x", b"%PDF-1", id="Base64 in lines"),
        pytest.param("Hex", "255044462d31", b"%PDF-1", id="Hex"),
        pytest.param("A", "plain words", b"plain words", id="as it is"),
        pytest.param("Base64", "!!!!", None, id="no Base64"),
        pytest.param("Hex", "25504", None, id="half a byte"),
        pytest.param("Base85", "9jqo^", None, id="not of table 0299"),
        pytest.param("Base64", "", None, id="nothing"),
    ],
)
def test_file_is_decoded_as_its_encoding_says(encoding: str, data: str, content: bytes | None) -> None:
    assert document_bytes(Document(encoding=encoding, data=data)) == content


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"<html><script>", "application/octet-stream"),
    ],
)
def test_kind_of_a_file_is_that_of_its_bytes(content: bytes, kind: str) -> None:
    assert media_type(content) == kind

"""Arrow's columns as NumPy's, without a loop over cells."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from lienthong.cli.tables._careful import labels_of_texts
from lienthong.cli.tables._cells import is_text
from lienthong.cli.tables._columns import Kind
from lienthong.cli.tables._table import Labels, Values
from lienthong.interop.cells import clean


def values_of(column: pa.ChunkedArray, kind: Kind) -> Values | None:
    """Return the column as an array of this kind; None where only a look at each cell can tell."""
    return CONVERSIONS[kind](column)


def _numbers(column: pa.ChunkedArray) -> Values | None:
    kind = column.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return None
    values = _joined(column if kind == pa.float64() else column.cast(pa.float64(), safe=False))
    array = values.to_numpy(zero_copy_only=False).astype(np.float64, copy=False)
    # A finite sum, one pass, tells that none is infinite; nan and overflow need the second look.
    with np.errstate(invalid="ignore", over="ignore"):
        is_plain = np.isfinite(array.sum())
    return array if is_plain or not np.isinf(array).any() else None


def _integers(column: pa.ChunkedArray) -> Values | None:
    if not pa.types.is_integer(column.type) or column.null_count:
        return None
    return _joined(column).to_numpy().astype(np.int64, copy=False)


def _flags(column: pa.ChunkedArray) -> Values | None:
    if not pa.types.is_boolean(column.type):
        return None
    return _joined(column.fill_null(False)).to_numpy(zero_copy_only=False)


def _texts(column: pa.ChunkedArray) -> Values | None:
    labels = _labels(column)
    return None if labels is None else labels.texts()


def _labels(column: pa.ChunkedArray) -> Labels | None:
    if pa.types.is_integer(column.type) and not column.null_count:
        return Labels(_joined(column).to_numpy())
    if pa.types.is_dictionary(column.type) and pa.types.is_string(column.type.value_type):
        encoded = _joined(column.unify_dictionaries())
    elif pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or pa.types.is_integer(column.type):
        encoded = _joined(column.cast(pa.string()).dictionary_encode().unify_dictionaries())
    else:
        return None
    names = encoded.dictionary.to_pylist()
    if not all(map(is_text, names)):
        return None
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return labels_of_texts(codes, [clean(name) for name in names])


def _instants(column: pa.ChunkedArray) -> Values | None:
    if not (pa.types.is_timestamp(column.type) or pa.types.is_date(column.type)):
        return None
    return _joined(column.cast(pa.timestamp("us"), safe=False)).to_numpy(zero_copy_only=False)


def _joined(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [pa.array([], column.type)])


CONVERSIONS = {
    Kind.NUMBER: _numbers,
    Kind.INTEGER: _integers,
    Kind.FLAG: _flags,
    Kind.TEXT: _texts,
    Kind.LABEL: _labels,
    Kind.INSTANT: _instants,
}

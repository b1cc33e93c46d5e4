"""Vectors of 32 numbers for compiled kernels: one stream a lane, so that 32 recurrences run at the price of one.

A running statistic waits for its own last value; the processor idles meanwhile. Lanes fill that time with other
streams. Written as loops, LLVM turns only some of them into vector instructions; as a type, all of them. Every
operation is the ordinary IEEE one on each lane (no contraction, no reordering): a lane gives bit for bit what the
plain loop over its stream gives.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, overload, register_model

# Numba's own types say that the typing context is the caller's to give, and nothing of the result.
emitted: Callable[[Callable[..., Any]], Callable[..., Any]] = intrinsic
typed_as: Callable[..., Callable[[Callable[..., Any]], Any]] = overload

LANES = 32
SQUARE = 16  # rows and columns that are transposed at once

_NUMBERS = ir.VectorType(ir.DoubleType(), LANES)
_TRUTHS = ir.VectorType(ir.IntType(1), LANES)
_INT32 = ir.IntType(32)


class _VectorType(types.Type):
    """A vector of LANES numbers, or of LANES truths; lives in compiled code only."""

    def __init__(self, name: str, form: ir.VectorType) -> None:
        self.form = form
        super().__init__(name=name)


numbers = _VectorType("lanes_of_numbers", _NUMBERS)
truths = _VectorType("lanes_of_truths", _TRUTHS)


@register_model(_VectorType)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, vector: _VectorType) -> None:
        super().__init__(manager, vector, vector.form)


def _place(context: Any, builder: Any, array_type: Any, array: Any, at: Any, form: Any) -> Any:
    start = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(start, [at]), form.as_pointer())


@emitted
def load(typing: Any, array: Any, row: Any) -> Any:
    """Return row `row` of a flat float64 array of rows of LANES."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        at = builder.mul(arguments[1], ir.Constant(arguments[1].type, LANES))
        return builder.load(_place(context, builder, signature.args[0], arguments[0], at, _NUMBERS), align=8)

    return numbers(array, types.intp), generate


@emitted
def store(typing: Any, array: Any, row: Any, vector: Any) -> Any:
    """Write `vector` to row `row` of a flat float64 array of rows of LANES."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        at = builder.mul(arguments[1], ir.Constant(arguments[1].type, LANES))
        place = _place(context, builder, signature.args[0], arguments[0], at, _NUMBERS)
        builder.store(arguments[2], place, align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, numbers), generate


@emitted
def everywhere(typing: Any, number: Any) -> Any:
    """Return `number` in every lane."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _spread(builder, arguments[0], _NUMBERS)

    return numbers(types.float64), generate


@emitted
def bits(typing: Any, vector: Any) -> Any:
    """Return truths as an unsigned integer, bit c for lane c."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], _INT32)

    return types.uint32(truths), generate


@emitted
def transpose(
    typing: Any,
    values: Any,
    places: Any,
    first_lane: Any,
    step: Any,
    tile: Any,
    allowed_low: Any,
    allowed_high: Any,
    held_low: Any,
    held_high: Any,
) -> Any:
    """Fill SQUARE lanes and SQUARE rows of `tile`; return bits of the lanes with nan or a value beyond what is allowed.

    Row ``step + k``, lane ``first_lane + c`` of the tile becomes ``values[places[first_lane + c] + step + k]``, held
    between `held_low` and `held_high`.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        values, places, first_lane, step, tile, *limits = arguments
        form = ir.VectorType(context.get_data_type(signature.args[0].dtype), SQUARE)
        wide = ir.VectorType(ir.DoubleType(), SQUARE)
        rows = []
        for lane in range(SQUARE):
            at = builder.add(first_lane, ir.Constant(first_lane.type, lane))
            start = builder.load(_place(context, builder, signature.args[1], places, at, ir.IntType(64)))
            place = _place(context, builder, signature.args[0], values, builder.add(start, step), form)
            rows.append(builder.load(place, align=4 if form.element == ir.FloatType() else 8))
        allowed_low, allowed_high, held_low, held_high = (_spread(builder, limit, wide) for limit in limits)
        outside = ir.Constant(ir.VectorType(ir.IntType(1), SQUARE), None)
        for k, row in enumerate(_turned(builder, rows)):
            given = row if form == wide else builder.fpext(row, wide)
            # An unordered comparison is true of nan.
            low = builder.fcmp_unordered("<", given, allowed_low)
            outside = builder.or_(outside, builder.or_(low, builder.fcmp_unordered(">", given, allowed_high)))
            held = _least(builder, _greatest(builder, given, held_low), held_high)
            row_at = builder.mul(builder.add(step, ir.Constant(step.type, k)), ir.Constant(step.type, LANES))
            place = _place(context, builder, signature.args[4], tile, builder.add(row_at, first_lane), wide)
            builder.store(held, place, align=8)
        return builder.zext(builder.bitcast(outside, ir.IntType(SQUARE)), _INT32)

    given = (values, places, types.intp, types.intp, tile, *[types.float64] * 4)
    return types.uint32(*given), generate


def _turned(builder: Any, rows: list[Any]) -> list[Any]:
    """Return the columns of a square of rows: swap blocks of 1, 2, 4 … off the diagonal."""
    block = 1
    while block < SQUARE:
        upper = [j if not j & block else SQUARE + j - block for j in range(SQUARE)]
        lower = [j + block if not j & block else SQUARE + j for j in range(SQUARE)]
        swapped = list(rows)
        for i in range(SQUARE):
            if not i & block:
                swapped[i] = _shuffled(builder, rows[i], rows[i + block], upper)
                swapped[i + block] = _shuffled(builder, rows[i], rows[i + block], lower)
        rows, block = swapped, 2 * block
    return rows


def _shuffled(builder: Any, first: Any, second: Any, chosen: list[int]) -> Any:
    return builder.shuffle_vector(first, second, ir.Constant(ir.VectorType(_INT32, len(chosen)), chosen))


def _spread(builder: Any, number: Any, form: Any) -> Any:
    nothing = ir.Constant(form, ir.Undefined)
    one = builder.insert_element(nothing, number, ir.Constant(_INT32, 0))
    return _shuffled(builder, one, nothing, [0] * form.count)


def _operation(symbol: Callable[..., Any], operands: Any, result: Any, build: Callable[..., Any]) -> None:
    """Let `symbol` between two vectors mean what `build` emits."""

    @emitted
    def apply(typing: Any, left: Any, right: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return build(builder, *arguments)

        return result(operands, operands), generate

    @typed_as(symbol, strict=False)
    def typed(left: Any, right: Any) -> Any:
        if left == operands and right == operands:
            return lambda left, right: apply(left, right)
        return None


_operation(operator.add, numbers, numbers, lambda builder, left, right: builder.fadd(left, right))
_operation(operator.sub, numbers, numbers, lambda builder, left, right: builder.fsub(left, right))
_operation(operator.mul, numbers, numbers, lambda builder, left, right: builder.fmul(left, right))
_operation(operator.lt, numbers, truths, lambda builder, left, right: builder.fcmp_ordered("<", left, right))
_operation(operator.gt, numbers, truths, lambda builder, left, right: builder.fcmp_ordered(">", left, right))
_operation(operator.or_, truths, truths, lambda builder, left, right: builder.or_(left, right))


def _least(builder: Any, left: Any, right: Any) -> Any:
    return builder.select(builder.fcmp_ordered("<", left, right), left, right)


def _greatest(builder: Any, left: Any, right: Any) -> Any:
    return builder.select(builder.fcmp_ordered(">", left, right), left, right)


_operation(min, numbers, numbers, _least)
_operation(max, numbers, numbers, _greatest)

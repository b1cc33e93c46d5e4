"""What `lienthong.metrology` offers is documented: sections, every parameter, sources, and an example that runs.

That the examples are right is held by the doctests.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest

from lienthong import metrology

SECTIONS = ("Parameters", "Returns", "Raises", "Notes", "References", "Examples")
HEADING = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)
NAMES = re.compile(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: :.*)?$", re.MULTILINE)
PUBLIC = [
    pytest.param(getattr(module, name), id=f"{package}.{name}")
    for package in metrology.__all__
    for module in [getattr(metrology, package)]
    for name in module.__all__
]


def sections(docstring: str) -> dict[str, str]:
    """Return the text below each heading, and under an empty one what stands before the first."""
    parts = HEADING.split(docstring)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def faults_of_function(function: Callable[..., Any]) -> list[str]:
    docstring = inspect.getdoc(function) or ""
    found = sections(docstring)
    lines = docstring.splitlines()
    signature = inspect.signature(function)
    wanted = [name for name in SECTIONS if name != "Parameters" or signature.parameters]
    faults = [f"no section {name}" for name in wanted if not found.get(name, "").strip()]
    if not (lines and re.match(r"Return\b", lines[0]) and lines[0].endswith(".") and lines[1:2] in ([], [""])):
        faults.append("the first line doesn't say, as one sentence, what is returned")
    if [name for name in found if name in SECTIONS] != [name for name in SECTIONS if name in found]:
        faults.append("sections are not in numpydoc's order")
    described = {name.strip("*") for line in NAMES.findall(found.get("Parameters", "")) for name in line.split(", ")}
    faults += [f"{name} is not described" for name in signature.parameters if name not in described]
    faults += [f"{name} is described but no parameter" for name in sorted(described - set(signature.parameters))]
    if ">>> " not in found.get("Examples", ""):
        faults.append("no example that can run")
    return faults


def faults_of_class(cls: type) -> list[str]:
    methods = {
        name: member
        for name, member in vars(cls).items()
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property))
    }
    # A dataclass without a docstring is given its signature for one.
    own = inspect.cleandoc(cls.__doc__ or "")
    faults = [] if own and not own.startswith(f"{cls.__name__}(") else ["no docstring"]
    return faults + [f"{name} has no docstring" for name, member in methods.items() if not inspect.getdoc(member)]


def faults(thing: object) -> list[str]:
    """Return what is missing; constants have no docstring of their own."""
    if inspect.isclass(thing):
        return faults_of_class(thing)
    return faults_of_function(thing) if inspect.isfunction(thing) else []


@pytest.mark.parametrize("thing", PUBLIC)
def test_public_thing_is_documented(thing: object) -> None:
    assert faults(thing) == []


@pytest.mark.parametrize("package", metrology.__all__)
def test_package_says_what_it_is_and_lists_what_exists(package: str) -> None:
    module = getattr(metrology, package)

    assert (module.__doc__ or "").strip()
    assert sorted(module.__all__) == sorted(set(module.__all__))
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


def undocumented(values: list[float], *, k: float) -> float:
    return k * sum(values)


def half_documented(values: list[float], *, k: float) -> float:
    """Return the sum.

    Parameters
    ----------
    values : shape (n,)
        Results.
    factor : float
        Of the sum.

    Examples
    --------
    None yet.
    """
    return k * sum(values)


class Bare:
    def method(self) -> None:
        """Do nothing."""


def test_undocumented_function_has_every_fault() -> None:
    found = faults(undocumented)

    assert {f"no section {name}" for name in SECTIONS} <= set(found)
    assert {"values is not described", "k is not described", "no example that can run"} <= set(found)


def test_half_documented_function_has_the_faults_that_are_left() -> None:
    assert faults(half_documented) == [
        "no section Returns",
        "no section Raises",
        "no section Notes",
        "no section References",
        "k is not described",
        "factor is described but no parameter",
        "no example that can run",
    ]


def test_class_without_docstring_is_found() -> None:
    assert faults(Bare) == ["no docstring"]

"""Assigned values that don't come from the participants: formulation, a certified reference material, experts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import FloatArray, IntArray, flat, floats, known, like, not_negative, positive
from lienthong.metrology._cells import cells, ratio


@dataclass(frozen=True, slots=True, eq=False)
class AssignedValues:
    """Assigned value and its standard uncertainty for each group, in the unit of the results.

    All arrays have shape (g,), in the sorted order of the labels `groups`, which is [0] where none were given; `p` is
    how many results each value rests on.
    """

    groups: NDArray[np.generic]
    x_pt: FloatArray
    u_x_pt: FloatArray
    p: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Formulated:
    """Assigned values and their standard uncertainties, arrays of one shape."""

    x_pt: FloatArray
    u_x_pt: FloatArray


def x_pt_from_formulation(
    added: ArrayLike,
    quantity: ArrayLike,
    *,
    u_added: ArrayLike,
    u_quantity: ArrayLike,
    base: ArrayLike = 0.0,
    u_base: ArrayLike = 0.0,
) -> Formulated:
    """Return the assigned value of a material made by adding a known amount of the analyte.

    Parameters
    ----------
    added, quantity : numbers, or arrays that broadcast
        Amount of analyte added, corrected for purity; quantity of material it was added to.
    u_added, u_quantity : in the units of `added` and `quantity`
        Their standard uncertainties.
    base, u_base : in the unit of added/quantity
        What the material held before, and its standard uncertainty.

    Returns
    -------
    Formulated, with arrays of the broadcast shape, in the unit of added/quantity
        nan where anything is nan.

    Raises
    ------
    ValueError
        If a number is negative or `quantity` is not above 0.

    Notes
    -----
    x_pt = base + a/q, u²(x_pt) = u²(base) + (u(a)/q)² + (a·u(q)/q²)², for independent quantities.

    References
    ----------
    ISO 13528:2022, 7.3. JCGM 100:2008, 5.1.2, https://www.bipm.org/en/committees/jc/jcgm/publications

    Examples
    --------
    9.0 mg of an analyte (u 0.03 mg) in 3.0 L of serum (u 0.01 L):

    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.x_pt_from_formulation(9.0, 3.0, u_added=0.03, u_quantity=0.01)
    >>> float(found.x_pt), round(float(found.u_x_pt), 5)
    (3.0, 0.01414)
    """
    amount, volume = not_negative("added", added), positive("quantity", quantity)
    concentration = amount / volume
    of_amount = not_negative("u_added", u_added) / volume
    of_volume = concentration * not_negative("u_quantity", u_quantity) / volume
    of_base = not_negative("u_base", u_base)
    return Formulated(
        x_pt=np.asarray(not_negative("base", base) + concentration),
        u_x_pt=np.sqrt(of_base**2 + of_amount**2 + of_volume**2),
    )


def x_pt_from_crm(
    differences: ArrayLike, *, x_crm: ArrayLike, u_crm: ArrayLike, groups: ArrayLike | None = None
) -> AssignedValues:
    """Return the assigned value of a material that one laboratory compared with a certified reference material.

    Parameters
    ----------
    differences : shape (n,)
        Material less reference material, each measured side by side; nan is left out.
    x_crm, u_crm : one number, or one per group, shape (g,), in the unit of `differences`
        Certified value and its standard uncertainty.
    groups : shape (n,), integers or strings
        Material and analyte of each difference; all belong to one if None.

    Returns
    -------
    AssignedValues
        With fewer than two differences the uncertainty is nan; without any so is the value.

    Raises
    ------
    ValueError
        If `u_crm` is negative, a certified value is unknown, or the shapes differ.

    Notes
    -----
    x_pt = x_CRM + d̄, u(x_pt) = √(u²(CRM) + s_d²/n).

    References
    ----------
    ISO 13528:2022, 7.5.2 and example E.5.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.x_pt_from_crm([1.0, 2.0, 3.0], x_crm=20.0, u_crm=0.5)
    >>> found.x_pt.tolist(), found.u_x_pt.round(4).tolist()
    ([22.0], [0.7638])
    """
    array = flat("differences", differences)
    by, there = cells(array.size, groups), ~np.isnan(array)
    shape = by.labels.shape
    certified = like("x_crm", known("x_crm", x_crm), shape)
    u_certified = like("u_crm", not_negative("u_crm", known("u_crm", u_crm)), shape)
    inner = by.only(there)
    u_x_pt = np.hypot(u_certified, inner.u_of_means(array[there]))
    return AssignedValues(by.labels, certified + inner.means(array[there]), u_x_pt, inner.count())


def x_pt_from_experts(values: ArrayLike, *, u: ArrayLike, groups: ArrayLike | None = None) -> AssignedValues:
    """Return the assigned value that is the mean of what expert laboratories found.

    Parameters
    ----------
    values : shape (n,)
        Results of the expert laboratories; nan is left out.
    u : one number, or shape (n,)
        Their standard uncertainties.
    groups : shape (n,), integers or strings
        Material and analyte of each result; all belong to one if None.

    Returns
    -------
    AssignedValues
        A group without results has nan; a result whose uncertainty is nan makes that of its group nan.

    Raises
    ------
    ValueError
        If an uncertainty is negative or the lengths differ.

    Notes
    -----
    x_pt = mean(x), u(x_pt) = √(Σu²)/p. Results that scatter more than their uncertainties say need another estimate:
    see `paule_mandel` and `dersimonian_laird`.

    References
    ----------
    ISO 13528:2022, 7.6.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.x_pt_from_experts([5.0, 5.2], u=[0.06, 0.08])
    >>> found.x_pt.tolist(), found.u_x_pt.round(4).tolist()
    ([5.1], [0.05])
    """
    array = flat("values", values)
    claimed = like("u", not_negative("u", floats("u", u)), array.shape)
    there = ~np.isnan(array)
    by = cells(array.size, groups).only(there)
    p = by.count()
    u_x_pt = ratio(np.sqrt(by.sums(claimed[there] ** 2)), p)
    return AssignedValues(by.labels, by.means(array[there]), u_x_pt, p)

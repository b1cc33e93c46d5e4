"""Draw the pictures of docs/metrology.md from what the code on that page computes.

python -m tools.pictures
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
from tools import documents
from tools.charts import WORDS, Rows, around, dashes, finished, joined, point, x_of, y_of

from lienthong.cli.eqa.report.density_chart import Line, density_chart
from lienthong.cli.eqa.report.drawing import (
    ACTION,
    BAD,
    INK,
    LINE,
    NEEDLE,
    PAPER,
    PLATE,
    QUIET,
    WARN,
    Frame,
    Spec,
    layered,
)
from lienthong.cli.eqa.report.z_chart import Dot, z_chart
from lienthong.metrology import capability

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "metrology.md"
FOLDER = ROOT / "docs" / "pictures"
WIDE, HALF = Frame(720, 260), Frame(340, 320)
POINTS = ("circle", "square", "triangle-up")

Namespace = Mapping[str, Any]


def drawn(namespace: Namespace) -> dict[str, str]:
    """Return each picture as SVG by its name, drawn from the names that the page's code leaves."""
    return {name: finished(draw(namespace)) for name, draw in PICTURES.items()}


def levey_jennings(of: Namespace) -> Spec:
    """Draw the control results of each level over the days, with target, SD lines, and what they violate."""
    return joined("vconcat", [_levey_jennings(of, level) for level in (2, 1)])


def _levey_jennings(of: Namespace, level: int) -> Spec:
    here = np.flatnonzero(of["level"] == level)
    mean, sd = of["mean"][here[0]], of["sd"][here[0]]
    y = y_of("y", f"level {level}, mmol/L", [mean - 4.3 * sd, mean + 4.3 * sd], format=".1f", tickCount=6)
    last = level == 1
    x = x_of("x", "day of the month" if last else None, [0, 33.6], values=list(range(1, 32, 2)))
    names = {k: f"{k:+d} SD".replace("-", "−") if k else "target" for k in range(-3, 4)}
    rows: dict[str, Rows] = {
        "lines": [{"y": mean + k * sd, "name": name, "k": abs(k)} for k, name in names.items()],
        "results": [_result(of, int(i)) for i in here],
        "reset": [{"x": 26.5, "y": mean - 3.9 * sd, "name": "calibrated"}],
    }
    data = {name: alt.Chart(alt.NamedData(name)) for name in rows}
    states = ["accepted", "warning", "rejected"]
    legend = alt.Legend(title=None, orient="bottom", symbolSize=90) if last else None
    tone = alt.Color("state:N", scale=alt.Scale(domain=states, range=[ACTION, WARN, BAD]), legend=legend)
    shape = alt.Shape("state:N", scale=alt.Scale(domain=states, range=list(POINTS)), legend=legend)
    layers = [
        *_limits(data["lines"], y),
        data["reset"].mark_rule(color=QUIET, strokeDash=[2, 3]).encode(x=x),
        data["reset"].mark_text(align="left", dx=5, color=QUIET).encode(x=x, y=y, text="name:N"),
        data["results"].mark_line(color=QUIET, strokeWidth=1).encode(x=x, y=y),
        data["results"].mark_point(filled=True, size=70, opacity=1).encode(x=x, y=y, color=tone, shape=shape),
        *_names(data["results"], x, y),
    ]
    return layered(Frame(WIDE.width, 210), layers, rows)


def _limits(lines: alt.Chart, y: alt.Y) -> list[alt.Chart]:
    """Return target and SD lines with their names at the right."""
    kinds = {0: (INK, [1, 0]), 1: (LINE, [1, 0]), 2: (WARN, [6, 4]), 3: (BAD, [1, 0])}
    rules = [
        lines.transform_filter(f"datum.k == {k}")
        .mark_rule(color=color, strokeDash=dash)
        .encode(x=alt.XDatum(0), x2=alt.X2Datum(31.4), y=y)
        for k, (color, dash) in kinds.items()
    ]
    name = lines.mark_text(align="left", dx=4, fontSize=12)
    return [*rules, name.encode(x=alt.XDatum(31.6), y=y, text="name:N")]


def _names(results: alt.Chart, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Return the rules' names above or below results, on a rim of paper that keeps lines off the letters."""
    return [
        results.transform_filter(f"datum.rules != '' && datum.side == {side}")
        .mark_text(fontWeight=600, dy=-14 * side, stroke=PAPER, strokeWidth=width, strokeJoin="round")
        .encode(x=x, y=y, text="rules:N")
        for side in (1, -1)
        for width in (4, 0)
    ]


def _result(of: Namespace, i: int) -> dict[str, object]:
    found = of["found"]
    rejected, warned = bool(found.rejected[i]), bool(found.warned[i])
    rules = [rule for rule, hit in found.hits.items() if hit[i] and rule != "1_2s"] if rejected else []
    state = "rejected" if rejected else "warning" if warned else "accepted"
    place = {"x": int(of["day"][i]), "y": float(of["values"][i]), "side": 1 if found.z[i] > 0 else -1}
    return place | {"state": state, "rules": ", ".join(rules)}


def decision_chart(of: Namespace) -> Spec:
    """Draw both levels among the lines of sigma 2 to 6."""
    chart = capability.decision_chart(of["tea"], of["eqa_bias"], of["month"].cv)
    x = x_of("x", "imprecision: CV, % of the allowable error", [0, 35])
    y = y_of("y", "bias, % of the allowable error", [0, 100])
    sigmas = list(zip(chart.sigma.tolist(), chart.line_x.tolist(), strict=True))
    ends = [(s, min(end, 35.0)) for s, end in sigmas]
    rows: dict[str, Rows] = {
        "lines": [{"x": a, "y": 100 - s * a, "sigma": s} for s, end in ends for a in (0.0, end)],
        "names": [{"x": end * 0.84, "y": 100 - s * end * 0.84, "name": f"{s:.0f}σ"} for s, end in ends],
        "levels": [
            {"x": float(a), "y": float(b), "name": f"level {k + 1}"}
            for k, (a, b) in enumerate(zip(chart.x, chart.y, strict=True))
        ],
    }
    data = {name: alt.Chart(alt.NamedData(name)) for name in rows}
    levels = ["level 1", "level 2"]
    shape = alt.Shape(
        "name:N",
        scale=alt.Scale(domain=levels, range=list(POINTS[:2])),
        legend=alt.Legend(title=None, orient="bottom", symbolFillColor=NEEDLE, symbolStrokeColor=NEEDLE, symbolSize=90),
    )
    layers = [
        data["lines"].mark_line(color=QUIET, strokeWidth=1.2).encode(x=x, y=y, detail="sigma:N"),
        data["names"].mark_text(align="left", dx=4, dy=-5).encode(x=x, y=y, text="name:N"),
        data["levels"].mark_point(filled=True, size=110, color=NEEDLE, opacity=1).encode(x=x, y=y, shape=shape),
    ]
    return layered(HALF, layers, rows)


def power_curve(of: Namespace) -> Spec:
    """Draw the power of three procedures, with the critical shift and the wished-for 0.90."""
    procedures = {
        "1_3s; N = 2": (("1_3s",), 1),
        "1_3s, 2_2s_across, R_4s; N = 2": (("1_3s", "2_2s_across", "R_4s"), 1),
        "and 4_1s_across; N = 2, R = 2": (of["choice"].rules, 2),
    }
    shift = np.linspace(0, 5, 41)
    found = {
        name: capability.power(rules, n=2, levels=2, runs=runs, shift=shift).rejection
        for name, (rules, runs) in procedures.items()
    }
    x, y = x_of("x", "shift, SD", [0, 5], tickCount=5), y_of("y", "probability of rejection", [0, 1.04], tickCount=5)
    rows: dict[str, Rows] = {
        "curves": [point(a, b, name) for name, power in found.items() for a, b in zip(shift, power, strict=True)],
        "critical": [{"x": float(of["critical"]), "y": 0.3, "name": f"critical shift {of['critical']:.2f} SD"}],
        "wished": [{"y": 0.9, "x": 0.05, "name": "0.90"}],
    }
    data = {name: alt.Chart(alt.NamedData(name)) for name in rows}
    layers = [
        data["wished"].mark_rule(color=LINE, strokeWidth=1.5).encode(y=y),
        data["wished"].mark_text(align="left", dy=-9, color=QUIET).encode(x=x, y=y, text="name:N"),
        data["critical"].mark_rule(color=NEEDLE, strokeWidth=1.5).encode(x=x),
        data["critical"].mark_text(align="left", dx=6, color=NEEDLE).encode(x=x, y=y, text="name:N"),
        data["curves"].mark_line(color=ACTION, strokeWidth=2).encode(x=x, y=y, strokeDash=dashes(list(found))),
    ]
    return layered(HALF, layers, rows)


def kernel_density(of: Namespace) -> Spec:
    """Draw the density of the round as its report does."""
    density, scored = of["density"], of["scored"]
    lines = [
        Line(float(x_pt), f"assigned value, {group}") for group, x_pt in zip(scored.groups, scored.x_pt, strict=True)
    ]
    grid, height = density.grid[0][::6], density.density[0][::6]
    return density_chart(grid, height, of["creatinine"], lines, WIDE, title="creatinine, µmol/L")


def z_scores(of: Namespace) -> Spec:
    """Draw the z scores of the round as its report does."""
    results = zip(of["laboratory"], of["scored"].z, of["verdict"], strict=True)
    return z_chart([Dot(name, float(z), str(verdict)) for name, z, verdict in results], Frame(760, 280), WORDS)


def comparison(of: Namespace) -> Spec:
    """Draw the difference plot and the Passing-Bablok line beside each other."""
    return joined("hconcat", [_difference_plot(of), _passing_bablok(of)])


def _difference_plot(of: Namespace) -> Spec:
    a, b, plot = of["x"], of["y"], of["plot"]
    across = [around((a + b) / 2)[0], around((a + b) / 2)[1] + 180]  # room for names
    x = x_of("x", "mean of both, µmol/L", across, tickCount=5)
    y, low = (y_of(field, "difference y − x, % of the mean", [-11, 16], tickCount=6) for field in ("y", "low"))
    bounds = {"bias": plot.bias, "lower limit": plot.lower_limit, "upper limit": plot.upper_limit}
    rows: dict[str, Rows] = {
        "pairs": [{"x": float(m), "y": float(d)} for m, d in zip((a + b) / 2, 200 * (b - a) / (a + b), strict=True)],
        "bounds": [
            {"name": f"{name} {of_it.estimate:.1f} %".replace("-", "−"), "y": of_it.estimate, "kind": name}
            | {"low": of_it.lower, "high": of_it.upper}
            for name, of_it in bounds.items()
        ],
        "zero": [{"y": 0}],
    }
    data = {name: alt.Chart(alt.NamedData(name)) for name in rows}
    rule = data["bounds"].mark_rule(strokeWidth=1.5, color=ACTION)
    name = data["bounds"].mark_text(align="right", dx=-2, dy=-9, fontWeight=600, color=ACTION)
    layers = [
        data["bounds"].mark_rect(color=PLATE, opacity=1).encode(y=low, y2="high:Q"),
        data["zero"].mark_rule(color=QUIET, strokeWidth=1).encode(y=y),
        rule.transform_filter("datum.kind == 'bias'").encode(y=y),
        rule.transform_filter("datum.kind != 'bias'").mark_rule(strokeDash=[6, 4], color=ACTION).encode(y=y),
        data["pairs"].mark_point(size=36, color=INK, opacity=0.9).encode(x=x, y=y),
        name.encode(x=alt.XDatum(across[1]), y=y, text="name:N"),
    ]
    return layered(HALF, layers, rows)


def _passing_bablok(of: Namespace) -> Spec:
    line = of["line"]
    top = around(np.concatenate((of["x"], of["y"])))[1]
    x = x_of("x", "x, comparative procedure, µmol/L", [0, top], tickCount=5)
    y = y_of("y", "y, candidate, µmol/L", [0, top], tickCount=5)
    ends = (0.0, top / 1.06)
    names = ["y = x", f"y = {line.slope:.3f}·x − {-line.intercept:.1f}"]
    straight = {names[0]: (1.0, 0.0), names[1]: (line.slope, line.intercept)}
    rows: dict[str, Rows] = {
        "pairs": [{"x": float(a), "y": float(b)} for a, b in zip(of["x"], of["y"], strict=True)],
        "straight": [point(a, slope * a + low, name) for name, (slope, low) in straight.items() for a in ends],
        "levels": [{"x": float(at)} for at in of["compared"].bias.levels],
    }
    data = {name: alt.Chart(alt.NamedData(name)) for name in rows}
    dash = dashes(names, [[4, 4], [1, 0]], columns=2)
    layers = [
        data["levels"].mark_rule(color=LINE, strokeWidth=1.5).encode(x=x),
        data["straight"].mark_line(strokeWidth=2, color=ACTION).encode(x=x, y=y, strokeDash=dash),
        data["pairs"].mark_point(size=36, color=INK, opacity=0.9).encode(x=x, y=y),
    ]
    return layered(HALF, layers, rows)


def moving_average(of: Namespace) -> Spec:
    """Draw the moving mean of the day, its limits, where the bias begins and where it is found."""
    moving, limits, first = of["moving"], of["limits"], int(of["flagged"][0])
    x, y = x_of("x", "patient's result, number of the day", [0, 600]), y_of("y", "moving mean, mmol/L", [137.6, 143])
    rows: dict[str, Rows] = {
        "mean": [{"x": int(i), "y": float(moving[i])} for i in np.flatnonzero(~np.isnan(moving))[::2]],
        "limits": [
            {"x": 2, "y": limits.upper, "name": f"upper limit {limits.upper:.2f}", "dy": 1},
            {"x": 2, "y": limits.lower, "name": f"lower limit {limits.lower:.2f}", "dy": -1},
        ],
        "begins": [{"x": 300, "y": 137.8, "name": "bias of +1.5 % begins"}],
        "found": [{"x": first, "y": float(moving[first]), "name": f"found after {first - 299} results"}],
    }
    data = {name: alt.Chart(alt.NamedData(name)) for name in rows}
    name = data["limits"].mark_text(align="left", color=BAD)
    layers = [
        data["limits"].mark_rule(color=BAD, strokeWidth=1.5, strokeDash=[6, 4]).encode(y=y),
        name.transform_filter("datum.dy > 0").mark_text(align="left", color=BAD, dy=-9).encode(x=x, y=y, text="name:N"),
        name.transform_filter("datum.dy < 0").mark_text(align="left", color=BAD, dy=11).encode(x=x, y=y, text="name:N"),
        data["begins"].mark_rule(color=QUIET, strokeWidth=1.5).encode(x=x),
        data["begins"].mark_text(align="left", dx=6, color=QUIET).encode(x=x, y=y, text="name:N"),
        data["mean"].mark_line(color=ACTION, strokeWidth=1.5).encode(x=x, y=y),
        data["found"].mark_point(shape="triangle-up", filled=True, size=150, color=NEEDLE, opacity=1).encode(x=x, y=y),
        data["found"]
        .mark_text(align="left", dx=8, dy=18, color=NEEDLE, fontWeight=600)
        .encode(x=x, y=y, text="name:N"),
    ]
    return layered(WIDE, layers, rows)


def bias_detection(of: Namespace) -> Spec:
    """Draw how many results pass until a bias is found, for each window."""
    tried = of["tried"]
    names = [f"window of {one.window}" for one in tried.algorithms]
    x = x_of("x", "bias, %", [-3.2, 3.2], values=[-3, -2, -1, 1, 2, 3], format="+d")
    scale = alt.Scale(type="log", domain=[5, 200], nice=False)
    axis = alt.Axis(title="results until found, median", values=[5, 10, 20, 50, 100, 200], grid=True)
    y = alt.Y("y:Q", scale=scale, axis=axis)
    rows: dict[str, Rows] = {
        "curves": [
            point(bias, passed, name) | {"side": float(np.sign(bias))}
            for name, curve in zip(names, tried.curves, strict=True)
            for bias, passed in zip(curve.biases, curve.median, strict=True)
        ]
    }
    curves = alt.Chart(alt.NamedData("curves"))
    scale_of_shapes = alt.Scale(domain=names, range=list(POINTS))
    shape = alt.Shape("name:N", scale=scale_of_shapes, legend=alt.Legend(title=None, orient="bottom", symbolSize=90))
    tone = alt.Color("name:N", scale=alt.Scale(domain=names, range=[NEEDLE, ACTION, INK]))
    line = curves.mark_line(strokeWidth=2).encode(x=x, y=y, detail="side:N", color=tone)
    points = curves.mark_point(filled=True, size=70, opacity=1).encode(x=x, y=y, shape=shape, color=tone)
    return layered(WIDE, [line, points], rows)


PICTURES: dict[str, Callable[[Namespace], Spec]] = {
    "levey-jennings": levey_jennings,
    "decision-chart": decision_chart,
    "power-curve": power_curve,
    "kernel-density": kernel_density,
    "z-scores": z_scores,
    "comparison": comparison,
    "moving-average": moving_average,
    "bias-detection": bias_detection,
}


def main() -> None:
    """Draw all pictures into the folder of the docs."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        namespace = documents.run_all(PAGE)
    FOLDER.mkdir(exist_ok=True)
    for name, picture in drawn(namespace).items():
        (FOLDER / f"{name}.svg").write_text(picture + "\n", "utf-8")


if __name__ == "__main__":
    main()

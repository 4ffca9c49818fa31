# SPDX-License-Identifier: GPL-2.0
"""The picture of ./run bench: ratios with their spread, against the goals."""
import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

METRICS = {"instructions": "instructions executed", "layer": "instructions in the layer",
           "writes": "debug-register writes", "bank": "of the numbered registers",
           "shared": "writes to lines that CPUs share", "ns": "time (two CPUs, emulated)"}


def panel(axes, rows, title):
    axes.set_title(title, fontsize=9)
    axes.set_yticks(range(len(rows)), [row["operation"] for row in rows], fontsize=7)
    axes.invert_yaxis()
    for at, row in enumerate(rows):
        ratio, goal = row["ratio"], row["goal"]
        colour = "grey" if row["met"] is None else "tab:green" if row["met"] else "tab:red"
        axes.barh(at, ratio["median"], color=colour, height=0.7)
        axes.hlines(at, ratio["min"], ratio["max"], color="black", linewidth=1)
        if goal and goal["of"] == "ratio":
            axes.vlines(goal["at most"], at - 0.45, at + 0.45, color="black", linewidth=2)
    axes.axvline(1, color="black", linewidth=0.5, linestyle=":")
    axes.set_xlim(0, max(1.5, *(min(row["ratio"]["max"], 3) for row in rows)))
    axes.tick_params(axis="x", labelsize=7)


def draw(rows, path):
    rows = [row for row in rows if row["ratio"] and row["metric"] in METRICS]
    archs = list(dict.fromkeys(row["arch"] for row in rows))
    metrics = [m for m in METRICS if any(row["metric"] == m for row in rows)]
    figure, grid = pyplot.subplots(len(archs), len(metrics), squeeze=False,
                                   figsize=(4.2 * len(metrics), 6.5 * len(archs)))
    for line, arch in zip(grid, archs):
        for axes, metric in zip(line, metrics):
            shown = [row for row in rows if (row["arch"], row["metric"]) == (arch, metric)]
            if shown:
                panel(axes, shown, f"{arch}: {METRICS[metric]}")
    figure.suptitle("ours / stock: median (bar) and spread (line) of the runs, goal (tick); "
                    "green met, red missed, grey no goal", fontsize=10)
    figure.tight_layout(rect=(0, 0, 1, 0.97))
    figure.savefig(path)

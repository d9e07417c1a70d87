#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the Markdown table and the SVG picture of a kernels result (the JSON that kernel_bench --json writes)."""
import argparse
import json
import sys

from picture import Picture

COLOURS = {"scalar": "#b8bec8", "tenon": "#1f6fb2", "interpreter": "#c98a2b"}
AXIS_END = 2.0  # ratios beyond this are drawn as a bar to the edge; the number beside it is the real one
LABEL_WIDTH, PLOT_WIDTH, VALUE_WIDTH = 150, 520, 60
BAR_HEIGHT, ROW_GAP, TOP, BOTTOM = 11, 9, 78, 64


def subjects(report):
    return [kind for kind in report["flags"] if kind != report["reference"]]


def ratio_of(row, kind):
    return row["variants"][kind].get("to_reference")


def mean_rows(report):
    goal = report["goal"]["mean"]
    return [(name, mean) for name, mean in report["geometric_means"].items() if name.endswith("/ " + report["reference"]) or name == goal]


def position(ratio):
    return LABEL_WIDTH + PLOT_WIDTH * min(ratio, AXIS_END) / AXIS_END


def draw_row(picture, y, label, ratios, bold=False):
    height = BAR_HEIGHT * len(ratios)
    picture.text(LABEL_WIDTH - 8, y + height / 2 + 4, label, anchor="end", weight="bold" if bold else "normal")
    for i, (kind, ratio) in enumerate(ratios):
        top = y + i * BAR_HEIGHT
        if ratio is None:
            picture.text(LABEL_WIDTH + 4, top + BAR_HEIGHT - 2, f"{kind}: not measured", size=9)
            continue
        picture.bar(LABEL_WIDTH, top, position(ratio) - LABEL_WIDTH, BAR_HEIGHT - 1, COLOURS[kind])
        picture.text(position(ratio) + 5, top + BAR_HEIGHT - 2, f"{ratio:.2f}", size=10)


def draw_axis(picture, bottom):
    for step in range(int(AXIS_END * 4) + 1):
        ratio = step / 4
        picture.line(position(ratio), TOP - 6, position(ratio), bottom)
        picture.text(position(ratio), TOP - 12, f"{ratio:g}", size=10, anchor="middle")


def draw_legend(picture, kinds):
    x = LABEL_WIDTH
    for kind in kinds:
        picture.bar(x, 38, 11, 11, COLOURS[kind])
        picture.text(x + 16, 48, kind)
        x += 40 + 8 * len(kind)


def to_svg(report):
    kinds = subjects(report)
    rows = [(row["name"] + (" *" if row["vectorised"] else ""), [(kind, ratio_of(row, kind)) for kind in kinds], False) for row in report["rows"]]
    rows += [(name.split(" /")[0] + ", mean", [(kind, mean.get(kind)) for kind in kinds], True) for name, mean in mean_rows(report)]
    step = BAR_HEIGHT * len(kinds) + ROW_GAP
    bottom = TOP + step * len(rows)
    picture = Picture()
    picture.text(16, 24, f"Time relative to native {report['flags'][report['reference']]} of the same C source (shorter is faster)", size=14, weight="bold")
    draw_legend(picture, kinds)
    draw_axis(picture, bottom)
    for i, (label, ratios, bold) in enumerate(rows):
        draw_row(picture, TOP + i * step + ROW_GAP / 2, label, ratios, bold)
    picture.line(position(1), TOP - 6, position(1), bottom, colour="#1a1a1a", dash="4 3")
    run = report["run"]
    picture.text(16, bottom + 22, "* native code uses vectors or a library routine: not a scalar row. Bars end at the edge; the numbers are exact.", size=10)
    picture.text(16, bottom + 38, f"{run['cpu']}, Linux {run['kernel']}, commit {run['commit']}, {run['date']}, {report['rounds']} rounds", size=10)
    return picture.svg(LABEL_WIDTH + PLOT_WIDTH + VALUE_WIDTH, bottom + BOTTOM)


def number(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}"


def to_markdown(report):
    kinds = subjects(report)
    lines = ["| kernel | unit | native ns | " + " | ".join(f"{kind} / native" for kind in kinds) + " |", "|---|---|---:|" + "---:|" * len(kinds)]
    for row in report["rows"]:
        name = row["name"] + (" *" if row["vectorised"] else "")
        ns = row["variants"][report["reference"]].get("ns")
        lines.append(f"| {name} | {row['unit']} | {ns:.4g} | " + " | ".join(number(ratio_of(row, kind)) for kind in kinds) + " |")
    lines += ["", "| geometric mean | rows | " + " | ".join(kinds) + " |", "|---|---:|" + "---:|" * len(kinds)]
    for name, mean in report["geometric_means"].items():
        lines.append(f"| {name} | {mean['rows']} | " + " | ".join(number(mean.get(kind), 3) for kind in kinds) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("result", help="JSON written by kernel_bench --json")
    parser.add_argument("--svg", help="write the picture here")
    parser.add_argument("--markdown", help="write the table here; without it and --svg it goes to standard output")
    arguments = parser.parse_args()
    with open(arguments.result, encoding="utf-8") as file:
        report = json.load(file)
    if arguments.svg:
        with open(arguments.svg, "w", encoding="utf-8") as file:
            file.write(to_svg(report))
    if arguments.markdown:
        with open(arguments.markdown, "w", encoding="utf-8") as file:
            file.write(to_markdown(report))
    if not arguments.svg and not arguments.markdown:
        sys.stdout.write(to_markdown(report))


if __name__ == "__main__":
    main()

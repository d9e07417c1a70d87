# SPDX-License-Identifier: Apache-2.0
"""SVG, as far as the results of the benchmarks need it."""
from xml.sax.saxutils import escape

FONT = "font-family='DejaVu Sans, Helvetica, Arial, sans-serif' fill='#1a1a1a'"


class Picture:
    """Collects SVG elements; y grows downwards."""

    def __init__(self):
        self.elements = []

    def text(self, x, y, content, size=12, anchor="start", weight="normal"):
        self.elements.append(f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' text-anchor='{anchor}' font-weight='{weight}' {FONT}>{escape(content)}</text>")

    def bar(self, x, y, width, height, colour):
        self.elements.append(f"<rect x='{x:.1f}' y='{y:.1f}' width='{width:.1f}' height='{height:.1f}' fill='{colour}'/>")

    def dot(self, x, y, fill, edge, radius=4):
        self.elements.append(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{radius}' fill='{fill}' stroke='{edge}' stroke-width='1.5'/>")

    def line(self, x1, y1, x2, y2, colour="#d8d8d8", dash=""):
        style = f" stroke-dasharray='{dash}'" if dash else ""
        self.elements.append(f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='{colour}'{style}/>")

    def svg(self, width, height):
        head = f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' viewBox='0 0 {width} {height}'>"
        return "\n".join([head, f"<rect width='{width}' height='{height}' fill='#ffffff'/>", *self.elements, "</svg>", ""])

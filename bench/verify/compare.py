#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What proving costs: Tenon in one process against the kernel's verifier (its own "verification time") on the same objects, round by round in turn.

  ninja -C build bench_verify        the tables on standard output, everything in build/bench/verify.json"""

import argparse
import json
import math
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "linux"))
sys.path.insert(0, str(ROOT / "bench"))
from picture import Picture  # noqa: E402
import kernel  # noqa: E402  (the one that asks the running kernel lives with the tests that need it)

FLAGS = ["-O2", "-g", "-target", "bpf", "-mcpu=v4", "-I/usr/include/x86_64-linux-gnu"]
ROUNDS = [10, 100_000, 1_000_000_000]
STATISTICS_ONLY = 4  # BPF_LOG_STATS

HELD = """#include <tn/builtin.h>
struct packet;
struct token;
struct token *get(unsigned id);
void put(struct token *t);

__attribute__((section("t"), used)) unsigned long run(struct packet *ctx)
{
%s
	return 0;
}
"""
HELD_INTERFACE = """struct packet { %s };
type token rc drop=put;
fn get(id: u32) -> ?own token<'t>;
fn put(t: own token<'t>);
hook t(ctx: &packet) -> u64 default 0;
"""


def compile_to(options, source, made, *more):
    subprocess.run([options.clang, *FLAGS, *more, "-c", source, "-o", made], check=True)
    return made


def ask_tenon(options, made, interface="linux", rounds=1):
    done = subprocess.run([options.bench, made, "--interface", interface, "--rounds", str(rounds)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{made}: {done.stderr}")
    return json.loads(done.stdout)


def ask_kernel(made):
    """{program: {accepted, us}}"""
    answers = {}
    for name, (accepted, log) in kernel.Object(str(made)).verdicts(STATISTICS_ONLY).items():
        took = re.search(r"verification time (\d+) usec", log)
        answers[name] = {"accepted": accepted, "us": int(took[1]) if took else None}
    return answers


def measure(options, made, rounds):
    """[{program, tenon accepted, us, kernel accepted, us}]; the two take turns."""
    mine, theirs = {}, {}
    for _ in range(rounds):
        for name, answer in ask_tenon(options, made, rounds=5).items():
            mine.setdefault(name, []).append(answer)
        for name, answer in ask_kernel(made).items() if options.kernel else ():
            theirs.setdefault(name, []).append(answer)
    rows = []
    for name, answers in mine.items():
        row = {"program": name, "tenon": {"accepted": answers[0]["accepted"], "code": answers[0]["code"], "us": statistics.median(a["median_us"] for a in answers)}}
        times = [a["us"] for a in theirs.get(name, []) if a["us"] is not None]
        if name in theirs:
            row["kernel"] = {"accepted": theirs[name][0]["accepted"], "us": statistics.median(times) if times else None}
        rows.append(row)
    return rows


def verdict(side):
    if side is None:
        return "not asked"
    took = "" if side["us"] is None else f" {side['us']:,.0f} us"
    return ("accepted" if side["accepted"] else "refused") + took


def loops(options, folder):
    table = {}
    for count in ROUNDS:
        made = compile_to(options, ROOT / "bench/verify/loops.bpf.c", folder / f"loops_{count}.o", f"-DROUNDS={count}u")
        for row in measure(options, made, options.rounds):
            table.setdefault(row["program"], {})[count] = row
    print("\n| loop | rounds | Tenon | kernel |\n|---|---:|---|---|")
    for name, by_count in table.items():
        for count, row in by_count.items():
            print(f"| {name} | {count:,} | {verdict(row['tenon'])} | {verdict(row.get('kernel'))} |")
    return table


def held(options, folder):
    """k objects, each held on one of two paths, all released at the end."""
    table = {}
    for k in (1, 2, 4, 8, 16, 32, 64):
        fields = ", ".join(f"f{n}: u32 @{4 * n} r" for n in range(k))
        acquire = "\n".join(f"\tstruct token *t{n} = 0;\n\tif (*(volatile unsigned *)((char *)ctx + {4 * n}) & 1) t{n} = get({n});" for n in range(k))
        release = "\n".join(f"\tif (t{n}) put(t{n});" for n in reversed(range(k)))
        source, interface = folder / f"held_{k}.bpf.c", folder / f"held_{k}.tni"
        source.write_text(HELD % (acquire + "\n" + release))
        interface.write_text("interface held;\n" + HELD_INTERFACE % fields)
        made = compile_to(options, source, folder / f"held_{k}.o", f"-I{ROOT / 'ext/include'}", "-mllvm", "-bpf-stack-size=8192")
        answer = ask_tenon(options, made, interface, rounds=options.rounds * 5)["run"]
        if not answer["accepted"]:
            raise SystemExit(f"held_{k}: {answer['code']}")
        table[k] = answer["median_us"]
    print("\n| objects held on one of two paths | us | us per object |\n|---:|---:|---:|")
    for k, us in table.items():
        print(f"| {k} | {us:,.0f} | {us / k:,.1f} |")
    return table


def programs(options, folder):
    table = {}
    sources = sorted((ROOT / "tests/linux/programs").glob("*.bpf.c"))
    for source in sources[:3] if options.smoke else sources:
        made = compile_to(options, source, folder / source.with_suffix("").with_suffix(".o").name)
        for row in measure(options, made, options.rounds):
            table[f"{source.name.split('.')[0]}/{row['program']}"] = row
    print("\n| program | Tenon | kernel | Tenon / kernel |\n|---|---|---|---:|")
    ratios = []
    for name, row in table.items():
        both = row.get("kernel", {}).get("us")
        ratios += [row["tenon"]["us"] / both] if both else []
        print(f"| {name} | {verdict(row['tenon'])} | {verdict(row.get('kernel'))} | {f'{ratios[-1]:.2f}' if both else ''} |")
    if ratios:
        print(f"\nmedian of the ratios: {statistics.median(ratios):.2f} over {len(ratios)} programs")
    return table


PLOT = {"left": 70, "top": 60, "width": 330, "height": 250, "gap": 150}
DECADES = range(1, 7)  # 10 us to 1 s
COLOURS = {"tenon": "#1f6fb2", "kernel": "#9aa3ae"}


class Plot:
    """Times on a logarithmic axis over numbers on another."""

    def __init__(self, picture, left, title, ticks, unit):
        self.picture, self.left, self.labels = picture, left, []
        self.low, self.high = math.log10(ticks[0]), math.log10(ticks[-1])
        bottom = PLOT["top"] + PLOT["height"]
        picture.text(left, PLOT["top"] - 14, title, weight="bold")
        for decade in DECADES:
            picture.line(left, self.y(10**decade), left + PLOT["width"], self.y(10**decade))
            label = f"{10**decade} us" if decade < 3 else f"{10**(decade - 3)} ms" if decade < 6 else "1 s"
            picture.text(left - 6, self.y(10**decade) + 4, label, size=10, anchor="end")
        for tick in ticks:
            picture.line(self.x(tick), PLOT["top"], self.x(tick), bottom)
            picture.text(self.x(tick), bottom + 16, f"{tick:g}" if tick < 1e5 else f"1e{round(math.log10(tick))}", size=10, anchor="middle")
        picture.text(left + PLOT["width"] / 2, bottom + 34, unit, size=11, anchor="middle")

    def x(self, value):
        return self.left + PLOT["width"] * (math.log10(value) - self.low) / (self.high - self.low)

    def y(self, us):
        part = (math.log10(max(us, 10)) - DECADES[0]) / (DECADES[-1] - DECADES[0])
        return PLOT["top"] + PLOT["height"] * (1 - part)

    def series(self, points, who, name):
        """points: (x, us, accepted). A hollow point is a refusal."""
        places = [(self.x(x), self.y(us), accepted) for x, us, accepted in points]
        for (x1, y1, _), (x2, y2, _) in zip(places, places[1:]):
            self.picture.line(x1, y1, x2, y2, colour=COLOURS[who])
        for x, y, accepted in places:
            self.picture.dot(x, y, COLOURS[who] if accepted else "#ffffff", COLOURS[who])
        if places and name:
            self.labels.append((places[-1][1], places[-1][0], name))

    def write_labels(self):
        """Beside the last point of each series, none over another."""
        free = 0
        for y, x, name in sorted(self.labels):
            free = max(y, free + 11)
            self.picture.text(x + 8, free + 4, name, size=10)


def to_svg(report):
    picture = Picture()
    picture.text(16, 24, "What proving costs (hollow: refused)", size=14, weight="bold")
    loops_plot = Plot(picture, PLOT["left"], "plain C loops", ROUNDS, "rounds of the loop")
    for name, by_count in report["loops"].items():
        for who in ("kernel", "tenon"):
            points = [(int(count), row[who]["us"], row[who]["accepted"]) for count, row in by_count.items() if row.get(who) and row[who]["us"]]
            loops_plot.series(points, who, name if who == "tenon" else "")
    loops_plot.write_labels()
    second = PLOT["left"] + PLOT["width"] + PLOT["gap"]
    held_plot = Plot(picture, second, "objects held on one of two paths", [1, 2, 4, 8, 16, 32, 64], "objects")
    held_plot.series([(int(k), us, True) for k, us in report["held"].items()], "tenon", "Tenon")
    held_plot.write_labels()
    bottom = PLOT["top"] + PLOT["height"] + 60
    for n, (who, label) in enumerate((("tenon", "Tenon, in one process"), ("kernel", "the kernel's verifier, by its own clock"))):
        picture.bar(PLOT["left"] + 220 * n, bottom - 10, 11, 11, COLOURS[who])
        picture.text(PLOT["left"] + 16 + 220 * n, bottom, label)
    return picture.svg(second + PLOT["width"] + 90, bottom + 20)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--clang", default="clang-19")
    parser.add_argument("--memcached", required=True, help="the memcached extension's object")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--svg", type=pathlib.Path, help="write the picture here")
    parser.add_argument("--smoke", action="store_true", help="one round of little")
    options = parser.parse_args()
    options.kernel = kernel.may_load()
    if options.smoke:
        options.rounds = 1
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        result = {"loops": loops(options, folder), "held": held(options, folder), "programs": programs(options, folder)}
    memcached = ask_tenon(options, options.memcached, str(ROOT / "hosts/kv_server/kv.tni"), rounds=options.rounds)
    result["memcached"] = memcached
    print("\nmemcached: " + ", ".join(f"{name} {answer['median_us'] / 1000:.1f} ms" for name, answer in memcached.items()))
    refused = [row for by_count in result["loops"].values() for row in by_count.values() if not row["tenon"]["accepted"]]
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(result, indent=1) + "\n")
    picture = to_svg(result)
    if options.svg:
        options.svg.write_text(picture)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())

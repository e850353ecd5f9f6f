#!/usr/bin/env python3
"""Steady speed: lazywasm and its peers on programs that run for seconds, with the start subtracted.

usage: steady.py [--kernels FOLDER] [--programs FOLDER] [--peer NAME=PATH]... [--only NAMES] [--runs N] [TASK...]

Each task runs with a small and with a large amount of work; the result is the difference of the wall times. A task is
`NAME SMALL LARGE` for a kernel of the folder (`fib 20 43`). Without tasks, all kernels below that the folder has are run and,
with --programs, the scripts of benches/scripts on CPython, PHP and Ruby. Runs of the engines alternate. The median of the
times and of the quotients counts, because in the best run the machine may have been faster for one engine only. Output
that differs from that of the first peer ends the script.

Prints Markdown: seconds, and lazywasm's time divided by the peer's: below 1 is better.
"""
import argparse, math, os, statistics, sys, tempfile
import compare

# As far as possible, the small amount compiles all that the large one runs; the large one takes seconds.
KERNELS = {
    "fib": (30, 44), "nbody": (500_000, 30_000_000), "spectralnorm": (400, 5000), "fannkuch": (8, 11), "sha256": (10, 400),
    "vdispatch": (300, 30_000), "interp": (10_000, 700_000), "xmod_main": (10_000_000, 800_000_000),
}
# The first two repetitions are start-up: the functions of the interpreter become hot in them.
ROUNDS = (2, 12)
PROGRAMS = {
    "CPython compute": ("python-3.11.3.wasm", ["/in/compute.py"]),
    "PHP compute": ("php-cgi-8.2.0.wasm", ["-q", "-f", "/in/compute.php"]),
    "Ruby compute": ("ruby-3.2.0.wasm", ["/in/compute.rb"]),
}


def tasks(options):
    """Name, and a task for each of the two amounts."""
    chosen = {name: (int(small), int(large)) for name, small, large in map(str.split, options.tasks)} or KERNELS
    if options.kernels:
        for name, amounts in chosen.items():
            file = f"{options.kernels}/{name}.wasm"
            library = file.removesuffix("_main.wasm") + "_lib.wasm"
            if os.path.exists(file):
                preloads = [f"lib={library}"] if name.endswith("_main") else []
                yield name, [compare.Task(name, file, [str(amount)], preloads) for amount in amounts]
    if options.programs and not options.tasks:
        for name, (file, arguments) in PROGRAMS.items():
            yield name, [compare.Task(name, f"{options.programs}/{file}", [*arguments, str(n)]) for n in ROUNDS]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", metavar="TASK")
    parser.add_argument("--kernels", metavar="FOLDER")
    parser.add_argument("--programs", metavar="FOLDER")
    parser.add_argument("--lazywasm", default="target/release/lazywasm", metavar="PATH")
    parser.add_argument("--modes", default="tiered")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("--only", default="wasmtime-cached,node,bun", metavar="NAMES")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    scripts = os.path.join(os.path.dirname(os.path.abspath(__file__)), "scripts")
    options.dir = [f"{scripts}::/in"]
    if options.programs:
        options.dir.append(f"{options.programs}/python/usr::/usr")
    with tempfile.TemporaryDirectory() as scratch:
        wanted = options.only.split(",")
        found = [e for e in compare.engines(options, scratch) if e.name.startswith("lazywasm") or e.name in wanted]
        names = [engine.name for engine in found]
        rows, ratios = [], {name: [] for name in names[1:]}
        for name, amounts in tasks(options):
            net, outputs = {engine: [] for engine in names}, {}
            for _ in range(options.runs):
                for engine in found:
                    times = []
                    for at, task in enumerate(amounts):
                        result = compare.run(engine.command(task), 300)
                        if not result or result[2] != 0:
                            times.append(math.nan)
                            continue
                        if outputs.setdefault(at, result[3]) != result[3]:
                            sys.exit(f"{name}: {engine.name} prints something else")
                        times.append(result[0])
                    net[engine.name].append(times[1] - times[0])
            quotients = []
            for peer in names[1:]:
                quotient = statistics.median(own / other for own, other in zip(net[names[0]], net[peer]))
                if not math.isnan(quotient):
                    ratios[peer].append(quotient)
                quotients.append(quotient)
            shown = [*(statistics.median(net[engine]) for engine in names), *quotients]
            rows.append([name, *("-" if math.isnan(number) else f"{number:.2f}" for number in shown)])
            print(rows[-1], file=sys.stderr)
    means = [f"{math.exp(sum(map(math.log, of)) / len(of)):.2f}" if of else "-" for of in ratios.values()]
    rows.append(["geometric mean", *([""] * len(names)), *means])
    compare.table(["task", *(f"{name}, s" for name in names), *(f"/ {name}" for name in names[1:])], rows)


if __name__ == "__main__":
    main()

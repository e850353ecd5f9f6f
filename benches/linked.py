#!/usr/bin/env python3
"""Times calls between modules: each folder of benches/linked, linked at run time, compared with the same program as one
module and with other engines.

usage: linked.py [--lazywasm PATH] [--peer NAME=PATH]... [--trips N] [--runs N] [CASE...]

A folder holds `main`, the modules it needs (`lib`, and `mid` on top of it), and `one`, the same program as one module. The
result is the user and system time of a process with many trips, minus that of a process with one trip. Runs of the engines
alternate; the medians of times and of quotients count, as in steady.py. A different result ends the script. node gets the
modules in binary form, from `cargo run --release -p lazywasm-benches --example assemble`.

Prints Markdown: seconds, and lazywasm's time divided by the others'.
"""
import argparse, os, pathlib, shutil, statistics, subprocess, sys, tempfile

FOLDER = pathlib.Path(__file__).parent / "linked"

SCRIPT = """
import { readFileSync } from 'node:fs';
const [trips, ...files] = process.argv.slice(2);
const imports = {};
let last;
for (const file of files) {
  const module = new WebAssembly.Module(readFileSync(file));
  last = new WebAssembly.Instance(module, imports);
  imports[file.match(/([a-z]+)\\.wasm$/)[1]] = last.exports;
}
console.log(last.exports.run(Number(trips)));
"""


def seconds(command):
    """Processor time of a process, and what it prints."""
    read, write = os.pipe()
    child = subprocess.Popen(command, stdout=write, stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as pipe:
        output = pipe.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"status {child.returncode}: {' '.join(map(str, command))}")
    return usage.ru_utime + usage.ru_stime, output


def modules(case):
    """Files of the linked program, the lowest first."""
    return [path for name in ("lib", "mid", "main") if (path := case / f"{name}.wat").exists()]


def engines(options, scratch):
    """Names, and the command of each for a list of files and a number of trips."""
    given = dict(pair.split("=", 1) for pair in options.peer)
    find = lambda name: given.get(name) or shutil.which(name)

    def preloading(*prefix):
        def command(files, trips):
            preloads = [part for file in files[:-1] for part in ("--preload", f"{file.stem}={file}")]
            return [*prefix, "--invoke", "run", *preloads, files[-1], str(trips)]
        return command

    def scripted(program):
        def command(files, trips):
            binary = []
            for file in files:
                target = pathlib.Path(scratch) / file.parent.name / f"{file.stem}.wasm"
                if not target.exists():
                    target.parent.mkdir(exist_ok=True)
                    subprocess.run([options.assemble, file, target], check=True)
                binary.append(target)
            return [program, script, str(trips), *binary]
        return command

    yield "lazywasm", preloading(options.lazywasm, "run")
    if path := find("wasmtime"):
        yield "wasmtime", preloading(path, "run", "-C", "cache=y")
    script = os.path.join(scratch, "link.mjs")
    pathlib.Path(script).write_text(SCRIPT)
    for name in ("node", "bun"):
        if path := find(name):
            yield name, scripted(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--lazywasm", default="target/release/lazywasm", metavar="PATH")
    parser.add_argument("--assemble", default="target/release/examples/assemble", metavar="PATH")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PATH", help="wasmtime, node or bun")
    parser.add_argument("--trips", type=int, default=100_000_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    cases = [FOLDER / name for name in options.cases] or sorted(FOLDER.iterdir())
    rows, names = [], []
    with tempfile.TemporaryDirectory() as scratch:
        found = list(engines(options, scratch))
        ours = found[0][1]
        for case in cases:
            one = ("one module", ours, [case / "one.wat"])
            variants = [(name, command, modules(case)) for name, command in found] + [one]
            names, results = [name for name, _, _ in variants], set()
            net = {name: [] for name in names}
            for _ in range(options.runs):
                for name, command, files in variants:
                    start, time = (seconds(command(files, trips)) for trips in (1, options.trips))
                    net[name].append(time[0] - start[0])
                    results |= {(1, start[1]), (options.trips, time[1])}
            if len(results) != 2:
                sys.exit(f"{case.name}: results differ: {results}")
            times = (statistics.median(net[name]) for name in names)
            pairs = (zip(net[names[0]], net[name]) for name in names[1:])
            quotients = (statistics.median(own / other for own, other in pair) for pair in pairs)
            rows.append([case.name, *(f"{time:.3f}" for time in times), *(f"{quotient:.2f}" for quotient in quotients)])
            print(rows[-1], file=sys.stderr)
    header = ["program", *(f"{name}, s" for name in names), *(f"/ {name}" for name in names[1:])]
    for row in [header, ["---"] * len(header), *rows]:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()

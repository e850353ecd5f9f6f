#!/usr/bin/env python3
"""The baseline compiler against Liftoff, the baseline compiler of node: how fast it compiles, how fast its code is.

usage: baseline.py compile [--compile-all FILE] [--runs N] PROGRAM...
       baseline.py code [--lazywasm FILE] [--runs N] --kernels FOLDER

`compile` compiles all bodies of each program on one thread. Liftoff's time is the processor time of `node --liftoff-only` that
compiles eagerly, less that of one that compiles lazily (both decode and validate). Ours is the best of five rounds of the
example `compile_all` of lazywasm-tiering. Runs alternate.

`code` runs each FOLDER/NAME.wasm of the list below with `--mode baseline`, `--mode reference` and on `node --liftoff-only`, whole
processes, and prints the best processor times of the program's thread and the ratio to Liftoff: below 1 is better. The start,
which is a few hundredths of a second for node and one for lazywasm, is not subtracted.
"""
import argparse, os, re, subprocess, tempfile

KERNELS = {
    "fib": 38, "nbody": 5_000_000, "spectralnorm": 1000, "fannkuch": 10, "sha256": 100, "vdispatch": 4000, "interp": 80_000,
}
COMPILE = "import fs from 'node:fs'; new WebAssembly.Module(fs.readFileSync(process.argv[2]));"
RUN = """
import {WASI} from 'node:wasi'; import fs from 'node:fs';
const [,, file, ...rest] = process.argv;
const wasi = new WASI({version: 'preview1', args: [file, ...rest], env: {}, preopens: {}});
const module = await WebAssembly.compile(fs.readFileSync(file));
const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
process.exitCode = wasi.start(instance);
"""


def processor_time(command):
    before = os.times()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = os.times()
    user = after.children_user - before.children_user
    return user, user + after.children_system - before.children_system


def leb(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def code_bytes(file):
    """Bytes of the code section."""
    data = open(file, "rb").read()
    at = 8
    while at < len(data):
        section = data[at]
        size, at = leb(data, at + 1)
        if section == 10:
            return size
        at += size
    raise SystemExit(f"{file} has no code")


def compile_speed(options, folder):
    script = f"{folder}/compile.mjs"
    open(script, "w").write(COMPILE)
    node = ["node", "--liftoff-only", "--single-threaded"]
    print("| program | lazywasm, MB/s | Liftoff, MB/s | times as fast | our code, times the bytecode |")
    print("| --- | --- | --- | --- | --- |")
    for file in options.programs:
        eager, lazy, ours, size = [], [], [], "?"
        for _ in range(options.runs):
            eager.append(processor_time(node + ["--no-wasm-lazy-compilation", script, file])[1])
            lazy.append(processor_time(node + ["--wasm-lazy-compilation", script, file])[1])
            output = subprocess.run([options.compile_all, "baseline", file], capture_output=True, text=True, check=True)
            ours.append(float(re.search(r"([\d.]+) MB/s", output.stdout)[1]))
            size = re.search(r"code ([\d.]+) x", output.stdout)[1]
        liftoff = code_bytes(file) / 1e6 / (min(eager) - min(lazy))
        name = os.path.basename(file)
        print(f"| {name} | {max(ours):.1f} | {liftoff:.1f} | {max(ours) / liftoff:.2f} | {size} |", flush=True)


def code_speed(options, folder):
    script = f"{folder}/run.mjs"
    open(script, "w").write(RUN)
    engines = {
        "baseline": [options.lazywasm, "run", "--mode", "baseline"],
        "reference": [options.lazywasm, "run", "--mode", "reference"],
        "Liftoff": ["node", "--no-warnings", "--liftoff-only", script],
    }
    print("| kernel | baseline, s | reference, s | Liftoff, s | baseline / Liftoff |")
    print("| --- | --- | --- | --- | --- |")
    product, count = 1.0, 0
    for name, amount in KERNELS.items():
        file = f"{options.kernels}/{name}.wasm"
        if not os.path.exists(file):
            continue
        times = {engine: [] for engine in engines}
        for _ in range(options.runs):
            for engine, command in engines.items():
                times[engine].append(processor_time(command + [file, str(amount)])[0])
        best = {engine: min(runs) for engine, runs in times.items()}
        ratio = best["baseline"] / best["Liftoff"]
        product, count = product * ratio, count + 1
        print(f"| {name} | {best['baseline']:.2f} | {best['reference']:.2f} | {best['Liftoff']:.2f} | {ratio:.2f} |", flush=True)
    if count:
        print(f"| geometric mean | | | | {product ** (1 / count):.2f} |")
    else:
        raise SystemExit("the folder has none of the kernels")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    compiling = commands.add_parser("compile")
    compiling.add_argument("--compile-all", default="target/release/examples/compile_all")
    compiling.add_argument("--runs", type=int, default=5)
    compiling.add_argument("programs", nargs="+")
    compiling.set_defaults(command=compile_speed)
    code = commands.add_parser("code")
    code.add_argument("--lazywasm", default="target/release/lazywasm")
    code.add_argument("--runs", type=int, default=3)
    code.add_argument("--kernels", required=True)
    code.set_defaults(command=code_speed)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        options.command(options, folder)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""What profiling costs baseline code: kernels in `--mode baseline`, compared with a tiered run whose threshold is never reached.

usage: profiling.py [--lazywasm PATH] [--runs N] FOLDER

User time of whole processes, in alternation; the best counts. FOLDER holds the kernels that steady.py takes.
"""
import argparse, math, os, subprocess

KERNELS = {"fib": 38, "nbody": 3_000_000, "spectralnorm": 1000, "fannkuch": 10, "sha256": 40, "vdispatch": 1000, "interp": 60_000}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("--lazywasm", default="target/release/lazywasm", metavar="PATH")
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    modes = {"without": ["--mode", "baseline"], "with": ["--threshold", "2000000000"]}
    ratios = []
    print("| kernel | with profiling / without |\n| --- | --- |")
    for kernel, size in KERNELS.items():
        best = dict.fromkeys(modes, math.inf)
        for _ in range(options.runs):
            for name, flags in modes.items():
                command = [options.lazywasm, "run", *flags, f"{options.folder}/{kernel}.wasm", str(size)]
                child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
                _, status, usage = os.wait4(child.pid, 0)
                child.returncode = os.waitstatus_to_exitcode(status)
                if child.returncode != 0:
                    raise SystemExit(f"status {child.returncode}: {' '.join(command)}")
                best[name] = min(best[name], usage.ru_utime)
        ratios.append(best["with"] / best["without"])
        print(f"| {kernel} | {ratios[-1]:.2f} |", flush=True)
    print(f"| geometric mean | {math.exp(sum(map(math.log, ratios)) / len(ratios)):.2f} |")


if __name__ == "__main__":
    main()

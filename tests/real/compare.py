#!/usr/bin/env python3
"""Runs large real programs in every mode and compares what they print, and their status, with a reference engine.

usage: compare.py --programs FOLDER --lazywasm PATH [--reference PATH] [--modes baseline,reference,optimise,tiered]

FOLDER holds python-3.11.3.wasm with python/usr, php-cgi-8.2.0.wasm and ruby-3.2.0.wasm (see the README of this folder).
The reference is a wasmtime. Prints a line per case, then `N passed, N failed`; the status is 0 when none failed.
"""
import argparse, os, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def cases(folder):
    python = [f"{folder}/python-3.11.3.wasm"]
    python_dirs = [(f"{folder}/python/usr", "/usr")]
    ruby = [f"{folder}/ruby-3.2.0.wasm"]
    php = [f"{folder}/php-cgi-8.2.0.wasm"]
    # With the exit status of each, so that engines that all fail do not pass.
    yield "python start", python_dirs, python + ["-c", "print(1)"], 0
    yield "python language", python_dirs, python + ["/in/language.py"], 7
    yield "ruby start", [], ruby + ["-e", "puts 1"], 0
    yield "ruby language", [], ruby + ["/in/language.rb"], 7
    yield "php start", [], php + ["-v"], 0
    yield "php language", [], php + ["-q", "-f", "/in/language.php"], 7


def run(command, scratch):
    done = subprocess.run(command, capture_output=True, timeout=600, stdin=subprocess.DEVNULL)
    leftovers = [name for name in os.listdir(scratch) if name.startswith("scratch")]
    for name in leftovers:
        os.remove(os.path.join(scratch, name))
    return done.returncode, done.stdout, done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--lazywasm", required=True)
    parser.add_argument("--reference", default="wasmtime")
    parser.add_argument("--modes", default="baseline,reference,optimise,tiered,tiered:1")
    options = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        for name in os.listdir(HERE):
            if name.startswith("language."):
                with open(f"{HERE}/{name}", "rb") as source, open(f"{scratch}/{name}", "wb") as target:
                    target.write(source.read())
        for name, dirs, command, status in cases(options.programs):
            dirs = dirs + [(scratch, "/in")]
            flags = [part for host, guest in dirs for part in ("--dir", f"{host}::{guest}")]
            expected = run([options.reference, "run", *flags, *command], scratch)
            if expected[0] != status or not expected[1]:
                failed += 1
                print(f"FAIL  {name}: the reference does not run it: {expected[2][-600:].decode(errors='replace')}")
                continue
            for mode in options.modes.split(","):
                mode, _, threshold = mode.partition(":")
                ours = ["--mode", mode] + (["--threshold", threshold] if threshold else [])
                got = run([options.lazywasm, "run", *ours, *flags, *command], scratch)
                label = f"{name} [{mode}{':' + threshold if threshold else ''}]"
                if got[:2] == expected[:2]:
                    passed += 1
                    print(f"ok    {label}: status {got[0]}, {len(got[1])} bytes")
                else:
                    failed += 1
                    print(f"FAIL  {label}: status {got[0]}, expected {expected[0]}")
                    for what, text in (("expected", expected[1]), ("printed", got[1]), ("errors", got[2])):
                        print(f"  {what}: {text[-600:].decode(errors='replace')}")
                sys.stdout.flush()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Writes a big WASI program: many functions, two of which are called by its start.

    benches/big_module.py [--functions 133000] [--megabytes 75] OUT.wasm

The bodies are a mixture as C compilers make it: locals, constants, loads and stores, compares,
blocks with conditional branches, direct and indirect calls. The same arguments give the same file.
"""

import argparse
import random


def leb(number):
    out = bytearray()
    while True:
        byte = number & 0x7F
        number >>= 7
        if number:
            out.append(byte | 0x80)
        else:
            out.append(byte)
            return bytes(out)


def sleb(number):
    out = bytearray()
    while True:
        byte = number & 0x7F
        number >>= 7
        if number == (-1 if byte & 0x40 else 0):
            out.append(byte)
            return bytes(out)
        out.append(byte | 0x80)


def vector(items):
    return leb(len(items)) + b"".join(items)


def section(number, payload):
    return bytes([number]) + leb(len(payload)) + payload


def name(text):
    return leb(len(text)) + text.encode()


I32 = b"\x7f"
LOCALS = 6
# Types: () -> (), (i32, i32) -> i32
UNIT, PAIR = 0, 1


def get(random):
    return b"\x20" + leb(random.randrange(LOCALS))


def set_local(random):
    return b"\x21" + leb(random.randrange(LOCALS))


def const(random):
    return b"\x41" + sleb(random.choice((1, 4, 8, 255, random.randrange(1 << 20))))


def statement(random, functions, depth):
    kind = random.randrange(100)
    if kind < 30:
        operator = random.choice(b"\x6a\x6b\x71\x72\x73\x74\x76")
        return get(random) + const(random) + bytes([operator]) + set_local(random)
    if kind < 50:
        return get(random) + b"\x28\x02" + leb(random.randrange(256)) + set_local(random)
    if kind < 65:
        return get(random) + get(random) + b"\x36\x02" + leb(random.randrange(256))
    if kind < 80:
        return get(random) + get(random) + b"\x10" + leb(random.randrange(functions)) + set_local(random)
    if kind < 84:
        return get(random) + get(random) + get(random) + b"\x11" + leb(PAIR) + leb(0) + set_local(random)
    if depth == 3:
        return get(random) + const(random) + b"\x6a" + set_local(random)
    inside = b"".join(statement(random, functions, depth + 1) for _ in range(random.randrange(2, 7)))
    if kind < 93:
        compare = get(random) + const(random) + random.choice((b"\x46", b"\x48", b"\x49", b"\x4b"))
        return b"\x02\x40" + compare + b"\x0d\x00" + inside + b"\x0b"
    again = get(random) + const(random) + b"\x49\x0d\x00"
    return b"\x03\x40" + inside + again + b"\x0b"


def body(random, functions, size):
    code = bytearray()
    while len(code) < size:
        code += statement(random, functions, 0)
    code += get(random) + b"\x0b"
    locals_ = vector([leb(LOCALS - 2) + I32])
    return locals_ + bytes(code)


def main():
    arguments = argparse.ArgumentParser(description="Write a big WASI program.")
    arguments.add_argument("--functions", type=int, default=133_000)
    arguments.add_argument("--megabytes", type=float, default=75)
    arguments.add_argument("out")
    arguments = arguments.parse_args()
    functions = arguments.functions
    mean = arguments.megabytes * 1e6 / functions

    chance = random.Random(1)
    # A few different bodies would be enough for validation, but not for realistic behaviour of caches.
    kinds = [body(chance, functions, chance.expovariate(1 / (mean - 30)) + 4) for _ in range(4000)]
    start = b"\x00" + b"\x41\x01\x41\x02\x10\x01\x1a" + b"\x0b"
    leaf = b"\x00" + b"\x20\x00\x20\x01\x6a\x0b"
    bodies = [start, leaf] + [chance.choice(kinds) for _ in range(functions - 2)]

    pair = b"\x60" + vector([I32, I32]) + vector([I32])
    unit = b"\x60" + vector([]) + vector([])
    parts = [
        b"\0asm\1\0\0\0",
        section(1, vector([unit, pair])),
        section(3, vector([leb(UNIT)] + [leb(PAIR)] * (functions - 1))),
        section(4, vector([b"\x70\x00" + leb(16)])),
        section(5, vector([b"\x00" + leb(16)])),
        section(7, vector([name("_start") + b"\x00" + leb(0), name("memory") + b"\x02" + leb(0)])),
        section(10, vector([leb(len(code)) + code for code in bodies])),
    ]
    with open(arguments.out, "wb") as out:
        for part in parts:
            out.write(part)


if __name__ == "__main__":
    main()

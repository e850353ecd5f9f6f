#!/usr/bin/env python3
"""Functions that are hard to compile, at three sizes each, in every mode: time and peak memory.

    benches/compile_bounds.py [--binary target/release/lazywasm] [--kinds A,B] [--modes A,B] [--size FACTOR] [--limit SECONDS]

Each kind is one function of a shape for which a compiler may need more than linear time; each size is twice the previous one.
A growth is the ratio of the time of the largest to that of the middle one: 2 is linear. The times include start-up and
validation; the memory is the peak of the process.
"""
import argparse, json, os, re, subprocess, sys, tempfile, time


def u(n):
    out = bytearray()
    while True:
        b = n & 0x7F
        n >>= 7
        out.append(b | (0x80 if n else 0))
        if not n:
            return bytes(out)


def s(n):
    out = bytearray()
    while True:
        b = n & 0x7F
        n >>= 7
        if (n == 0 and not b & 0x40) or (n == -1 and b & 0x40):
            out.append(b)
            return bytes(out)
        out.append(b | 0x80)


I32, I64, F64, V128, FUNCREF, EMPTY = b"\x7f", b"\x7e", b"\x7c", b"\x7b", b"\x70", b"\x40"
BLOCK, LOOP, IF, ELSE, END = b"\x02", b"\x03", b"\x04", b"\x05", b"\x0b"
ADD, SUB, MUL, XOR, DROP, SELECT = b"\x6a", b"\x6b", b"\x6c", b"\x73", b"\x1a", b"\x1b"


def get(n): return b"\x20" + u(n)
def put(n): return b"\x21" + u(n)
def tee(n): return b"\x22" + u(n)
def const(n): return b"\x41" + s(n)
def br(n): return b"\x0c" + u(n)
def br_if(n): return b"\x0d" + u(n)
def call(n): return b"\x10" + u(n)
def load(offset=0): return b"\x28\x02" + u(offset)
def store(offset=0): return b"\x36\x02" + u(offset)
def bump(local): return get(local) + const(1) + ADD + put(local)


# Locals: 0 is the parameter, which is 5; the others are i32 and zero.
def nested_loops(n): return 2, (LOOP + EMPTY) * n + bump(1) + END * n + get(1)
def nested_loops_with_counters(n):
    body = b"".join(LOOP + EMPTY for _ in range(n))
    body += b"".join(bump(1 + at) + get(1 + at) + const(2) + b"\x49" + br_if(0) + END for at in range(n))
    return 1 + n, body + get(1)
def nested_blocks(n): return 2, (BLOCK + EMPTY) * n + b"".join(get(0) + const(at) + b"\x46" + br_if(min(at, n - 1 - at)) + bump(1) + END for at in range(n)) + get(1)
def nested_blocks_to_the_outermost(n): return 2, (BLOCK + EMPTY) * n + b"".join(get(0) + br_if(n - 1 - at) + bump(1) + END for at in range(n)) + get(1)
def nested_ifs(n): return 2, (get(0) + IF + EMPTY) * n + bump(1) + (ELSE + bump(1) + END) * n + get(1)
def loops_in_a_row(n): return 2, (LOOP + EMPTY + END) * n + get(1)
def counting_loops_in_a_row(n): return 3, (const(3) + put(1) + LOOP + EMPTY + bump(2) + get(1) + const(1) + SUB + tee(1) + br_if(0) + END) * n + get(2)
def calling_loops_in_a_row(n): return 3, (const(3) + put(1) + LOOP + EMPTY + get(0) + call(1) + put(2) + get(1) + const(1) + SUB + tee(1) + br_if(0) + END) * n + get(2)
def ifs_over_locals(n):
    count = max(4, n // 20)
    return 1 + count, b"".join(get(1 + at * 7 % count) + IF + EMPTY + get(1 + at * 3 % count) + const(at) + ADD + put(1 + at % count) + END for at in range(n)) + get(1)
def ifs_over_many_locals(n): return 1 + n, b"".join(get(0) + IF + EMPTY + bump(1 + at) + END for at in range(n)) + b"".join(get(1 + at) + put(1 + (at + 1) % n) for at in range(n)) + get(1)
def loop_over_many_locals(n): return 1 + n, LOOP + EMPTY + b"".join(get(0) + IF + EMPTY + bump(1 + at) + END for at in range(n)) + bump(1) + get(1) + const(3) + b"\x48" + br_if(0) + END + get(1)
def locals_in_a_row(n): return 1 + n, b"".join(get(at) + const(1) + ADD + put(at + 1) for at in range(n)) + b"".join(get(at) + ADD if at else get(0) for at in range(n))
def br_table(n): return 2, BLOCK + EMPTY + BLOCK + EMPTY + get(0) + b"\x0e" + u(n) + b"\0\1" * (n // 2) + (b"\0" if n % 2 else b"") + b"\1" + END + bump(1) + END + get(1)
def br_table_of_many_blocks(n): return 2, (BLOCK + EMPTY) * n + get(0) + b"\x0e" + u(n - 1) + b"".join(u(at) for at in range(n)) + END + (bump(1) + END) * (n - 1) + get(1)
def switches_in_a_loop(n): return 3, LOOP + EMPTY + (BLOCK + EMPTY + BLOCK + EMPTY + BLOCK + EMPTY + get(0) + b"\x0e\x02\0\1\2" + END + bump(1) + END + bump(2) + END) * n + bump(2) + get(2) + const(3) + b"\x48" + br_if(0) + END + get(1)
def chain_to_the_left(n): return 1, get(0) + (get(0) + ADD) * n
def chain_to_the_right(n): return 1, get(0) * n + ADD * (n - 1)
def chain_of_products(n): return 2, get(0) + (tee(1) + get(1) + MUL) * n
def loads_on_the_stack(n): return 1, (get(0) + load()) * n + ADD * (n - 1)
def loads_and_a_store_on_the_stack(n): return 1, (get(0) + load()) * n + const(0) + const(0) + store() + ADD * (n - 1)
def loads_of_loads(n): return 1, get(0) + load() * n
def values_under_blocks(n): return 1, (get(0) + load() + BLOCK + EMPTY + get(0) + br_if(0) + END) * n + ADD * (n - 1)
def values_under_calls(n): return 1, (get(0) + call(1)) * n + ADD * (n - 1)
def selects(n): return 1, get(0) + (get(0) + get(0) + SELECT) * n
def stores(n): return 1, b"".join(const(at * 4 % 60000) + get(0) + store() for at in range(n)) + get(0)
def loads_and_stores(n): return 1, b"".join(const(at * 8 % 60000) + const(at * 16 % 60000) + load() + store() for at in range(n)) + get(0)
def constants(n): return 1, get(0) + b"".join(const(at * 2654435761 % (1 << 31)) + XOR for at in range(n))
def tees(n): return 2, get(0) + tee(1) * n
def grows(n): return 1, (const(0) + b"\x40\0" + DROP) * n + get(0)
def calls(n): return 1, (get(0) + call(1) + DROP) * n + get(0)
def indirect_calls(n): return 1, (get(0) + const(0) + b"\x11\0\0" + DROP) * n + get(0)
def calls_of_many_arguments(n): return 1, (get(0) * 100 + call(2) + DROP) * (n // 100) + get(0)
def calls_of_1000(n): return 1, (get(0) * 1000 + call(3) + DROP * 1000) * max(1, n // 2000) + get(0)
def tail_calls(n): return 1, (get(0) + const(6) + b"\x46" + IF + EMPTY + get(0) + b"\x12" + u(1) + END) * n + get(0)
def divisions(n): return 1, get(0) + (get(0) + b"\x6d" + const(1) + b"\x72") * n
def globals_(n): return 1, (b"\x23\0" + const(1) + ADD + b"\x24\0") * n + get(0)
def vectors(n): return 1, (get(0) + b"\xfd\x11") + (get(0) + b"\xfd\x11" + b"\xfd\xae\x01") * n + b"\xfd\x1b\0"
def vector_constants(n): return 1, b"\xfd\x0c" + b"\1" * 16 + b"".join(b"\xfd\x0c" + at.to_bytes(16, "little") + b"\xfd\xae\x01" for at in range(n)) + b"\xfd\x1b\0"
def floats(n): return 1, get(0) + b"\xb7" + (get(0) + b"\xb7" + b"\xa0") * n + b"\xfc\x02"
def constants_under_loops(n): return 1, const(7) * n + (BLOCK + EMPTY + LOOP + EMPTY + END + END) * n + ADD * (n - 1)
def branches_over_many_locals(n): return 1 + n, BLOCK + EMPTY + (get(0) + const(6) + b"\x46" + br_if(0)) * n + END + b"".join(bump(1 + at) for at in range(n)) + get(1)
def blocks_of_1000(n): return 1, get(0) * 1000 + (BLOCK + b"\x06" + get(0) + br_if(0) + END) * n + ADD * 999
def ifs_of_1000(n): return 1, get(0) * 1000 + (get(0) + IF + b"\x06" + ELSE + END) * n + ADD * 999
def calls_in_a_chain_of_1000(n): return 1, get(0) * 1000 + call(3) * n + ADD * 999
def switches_of_1000(n): return 1, get(0) * 1000 + (BLOCK + b"\x06" + BLOCK + b"\x06" + get(0) + b"\x0e\x01\0\1" + END + END) * n + ADD * 999
def unreachable_code(n): return 1, BLOCK + EMPTY + get(0) + br_if(0) + b"\0" + (BLOCK + EMPTY + br(0) + END) * n + END + get(0)
def returns(n): return 1, (get(0) + const(6) + b"\x46" + IF + EMPTY + get(0) + b"\x0f" + END) * n + get(0)
def blocks_with_results(n): return 1, get(0) + (BLOCK + b"\x00" + get(0) + br_if(0) + const(1) + ADD + END) * n
def blocks_with_many_results(n): return 1, get(0) * 50 + (BLOCK + b"\x05" + get(0) + br_if(0) + const(1) + ADD + END) * (n // 50) + ADD * 49
def nested_blocks_with_many_results(n): return 1, get(0) * 50 + (BLOCK + b"\x05") * (n // 50) + (get(0) + br_if(0) + const(1) + ADD + END) * (n // 50) + ADD * 49
def loops_with_many_params(n): return 2, get(0) * 50 + (LOOP + b"\x05" + get(1) + br_if(0) + const(1) + ADD + END) * (n // 50) + ADD * 49
def nested_loops_with_many_params(n): return 2, get(0) * 50 + (LOOP + b"\x05") * (n // 50) + (get(1) + br_if(0) + const(1) + ADD + END) * (n // 50) + ADD * 49
def loops_that_carry_22_locals(n): return 24, b"".join(get(0) + put(at) for at in range(1, 23)) + (LOOP + EMPTY) * n + b"".join(bump(at) for at in range(1, 23)) + (get(23) + br_if(0) + END) * n + get(1)
def branches_out_of_a_loop_with_22_locals(n): return 24, BLOCK + EMPTY + LOOP + EMPTY + b"".join(bump(at) for at in range(1, 23)) + (get(23) + br_if(1)) * n + get(23) + br_if(0) + END + END + get(1)

KINDS = {f.__name__.rstrip("_"): (f, size) for f, size in [
    (nested_loops, 20000), (nested_loops_with_counters, 2000), (nested_blocks, 20000), (nested_blocks_to_the_outermost, 20000), (nested_ifs, 20000),
    (loops_in_a_row, 20000), (counting_loops_in_a_row, 10000), (calling_loops_in_a_row, 10000), (ifs_over_locals, 20000), (ifs_over_many_locals, 10000),
    (loop_over_many_locals, 5000), (locals_in_a_row, 20000), (br_table, 1000000), (br_table_of_many_blocks, 20000), (switches_in_a_loop, 10000),
    (chain_to_the_left, 200000), (chain_to_the_right, 200000), (chain_of_products, 100000), (loads_on_the_stack, 100000), (loads_and_a_store_on_the_stack, 100000),
    (loads_of_loads, 100000), (values_under_blocks, 20000), (values_under_calls, 40000), (selects, 100000), (stores, 50000), (loads_and_stores, 50000), (constants, 100000), (tees, 200000),
    (grows, 50000), (calls, 50000), (indirect_calls, 20000), (calls_of_many_arguments, 200000), (calls_of_1000, 200000), (tail_calls, 20000), (divisions, 50000),
    (globals_, 50000), (vectors, 50000), (vector_constants, 20000), (floats, 50000), (unreachable_code, 100000), (returns, 20000), (blocks_with_results, 50000),
    (blocks_with_many_results, 100000), (nested_blocks_with_many_results, 100000), (loops_with_many_params, 50000), (nested_loops_with_many_params, 10000),
    (constants_under_loops, 4000), (branches_over_many_locals, 20000), (blocks_of_1000, 2000), (ifs_of_1000, 2000), (calls_in_a_chain_of_1000, 4000), (switches_of_1000, 1000),
    (loops_that_carry_22_locals, 20000), (branches_out_of_a_loop_with_22_locals, 20000)]}


def section(number, items):
    content = u(len(items)) + b"".join(items)
    return bytes([number]) + u(len(content)) + content


def module(locals_, body):
    """`_start` calls the function with 5, twice; a start that traps is as good as another."""
    def ty(params, results): return b"\x60" + u(len(params)) + b"".join(params) + u(len(results)) + b"".join(results)
    types = [ty([I32], [I32]), ty([], []), ty([I32] * 100, [I32]), ty([I32] * 1000, [I32] * 1000), ty([I32], []), ty([I32] * 50, [I32] * 50), ty([I32] * 1000, [I32] * 1000)]
    def code(locals_, body):
        content = (u(1) + u(locals_) + I32 if locals_ else u(0)) + body + END
        return u(len(content)) + content
    start = (const(5) + call(0) + DROP) * 3
    functions = [code(locals_ - 1, body), code(0, get(0)), code(0, get(0)), code(0, b"".join(get(at) for at in range(1000))), code(0, start)]
    return (b"\0asm\1\0\0\0" + section(1, types) + section(3, [u(t) for t in (0, 0, 2, 3, 1)]) + section(4, [FUNCREF + b"\0\1"])
            + section(5, [b"\0\1"]) + section(6, [I32 + b"\1" + const(0) + END])
            + section(7, [u(6) + b"memory\2\0", u(6) + b"_start\0" + u(4)]) + section(9, [b"\0" + const(0) + END + u(1) + u(1)])
            + section(10, functions))


def run(binary, mode, file, limit):
    options = {"tiered": ["--threshold", "1"]}.get(mode, ["--mode", mode])
    begun = time.monotonic()
    process = subprocess.Popen([binary, "run", *options, "--stats=json", file], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    timer = None
    try:
        _, err = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None, None, "over %d s" % limit
    took = time.monotonic() - begun
    text = err.decode(errors="replace")
    found = re.search(r"^\{.*?^\}", text, re.S | re.M) or re.search(r"\{.*\}", text, re.S)
    memory, note = None, ""
    if found:
        stats = json.loads(found.group(0))
        flat = {}
        def walk(v):
            for k, x in v.items():
                walk(x) if isinstance(x, dict) else flat.__setitem__(k, x)
        walk(stats)
        memory = flat.get("peak_memory") or flat.get("peak_memory_bytes") or flat.get("peak_resident_bytes")
        note = "" if process.returncode in (0, 134) else "status %d" % process.returncode
    else:
        note = "status %d: %s" % (process.returncode, text.strip()[:100])
    return took, memory, note


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default="target/release/lazywasm")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--modes", default="baseline,optimise,tiered,relink-storm")
    parser.add_argument("--size", type=float, default=1)
    parser.add_argument("--limit", type=int, default=20)
    options = parser.parse_args()
    for name in options.kinds.split(","):
        make, size = KINDS[name]
        size = int(size * options.size)
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for at in (4, 2, 1):
                file = os.path.join(folder, "%d.wasm" % at)
                with open(file, "wb") as out:
                    out.write(module(*make(max(size // at, 1))))
                files.append(file)
            kib = os.path.getsize(files[-1]) / 1024
            for mode in options.modes.split(","):
                cells, times = [], []
                for file in files:
                    took, memory, note = run(options.binary, mode, file, options.limit)
                    times.append(took)
                    cells.append(("%6.2f s %5s MB" % (took, memory // 1000000 if memory else "?") if took is not None else "") + note)
                    if took is None:
                        break
                growth = "%.1f" % (times[2] / times[1]) if len(times) == 3 and times[2] else ""
                print("| %-32s | %6.0f KiB | %-12s | %s | %s |" % (name, kib, mode, " | ".join(cells), growth), flush=True)


main()

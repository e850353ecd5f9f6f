#!/usr/bin/env python3
"""Compares whole processes: lazywasm and its peers on the same WASI programs, in one run on one machine.

usage: compare.py [options] TASK...

A task is one argument, written as in a shell: [NAME=] FILE [ARGUMENTS...], such as

    compare.py --dir usr::/usr "start= python.wasm -c 'print(1)'" "kernels/fib.wasm 32"

Sets of tasks: --kernels FOLDER runs every FOLDER/*.wasm at its own default size (two-module programs
NAME_main.wasm and NAME_lib.wasm are linked by --preload where an engine can), --programs FOLDER the
start-up commands of CPython, PHP and Ruby (see tests/real/README.md for what the folder holds).

Engines are those of wasmtime, node, bun and wasmi that are on PATH or given by --peer NAME=PATH. Runs of the
engines alternate, so that a change of the machine's load affects every engine; the best of --runs
counts. An engine that fails, or whose output differs from that of the first peer, is not timed but marked.

Prints Markdown. Ratios are lazywasm's time or memory divided by the peer's: below 1 is better.
"""
import argparse, glob, json, math, os, resource, shlex, shutil, subprocess, sys, tempfile, time

NODE_SCRIPT = """
import { WASI } from 'node:wasi';
import { readFileSync } from 'node:fs';
const [file, preopens, preloads, ...args] = process.argv.slice(2);
const wasi = new WASI({ version: 'preview1', args: [file, ...args], env: {}, preopens: JSON.parse(preopens) });
// bun's WASI lacks this function, which programs import and hardly ever call; 52 is ENOSYS.
const imports = { wasi_snapshot_preview1: { sock_accept: () => 52, ...wasi.wasiImport } };
const instantiate = (file) => new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), imports);
for (const [name, file] of JSON.parse(preloads)) imports[name] = instantiate(file).exports;
process.exit(wasi.start(instantiate(file)) ?? 0);
"""


class Task:
    def __init__(self, name, file, arguments, preloads=()):
        self.name, self.file, self.arguments, self.preloads = name, file, arguments, list(preloads)

    @staticmethod
    def parse(text):
        head, separator, tail = text.partition("= ")
        words = shlex.split(tail if separator else text)
        name = head if separator else " ".join([os.path.basename(words[0]).removesuffix(".wasm"), *words[1:]])
        return Task(name, words[0], words[1:])


def kernels(folder):
    for path in sorted(glob.glob(f"{folder}/*.wasm")):
        name = os.path.basename(path).removesuffix(".wasm")
        if name.endswith("_lib"):
            continue
        library = path.removesuffix("_main.wasm") + "_lib.wasm"
        preloads = [f"lib={library}"] if name.endswith("_main") and os.path.exists(library) else []
        yield Task(name, path, [], preloads)


def programs(folder):
    yield Task("CPython start", f"{folder}/python-3.11.3.wasm", ["-c", "print(1)"])
    yield Task("PHP start", f"{folder}/php-cgi-8.2.0.wasm", ["-v"])
    yield Task("Ruby start", f"{folder}/ruby-3.2.0.wasm", ["-e", "puts 1"])


class Engine:
    """How to run a task; `command` returns None for what the engine cannot do."""

    def __init__(self, name, command):
        self.name, self.command = name, command


def with_dirs(options, task, *prefix, preload=True):
    if task.preloads and not preload:
        return None
    flags = [part for pair in options.dir for part in ("--dir", pair)]
    flags += [part for pair in task.preloads for part in ("--preload", pair)]
    return [*prefix, *flags, task.file, *task.arguments]


def by_script(options, task, program, script):
    preopens = {}
    for pair in options.dir:
        host, _, guest = pair.partition("::")
        preopens[guest or host] = host
    preloads = json.dumps([pair.split("=", 1) for pair in task.preloads])
    return [program, script, task.file, json.dumps(preopens), preloads, *task.arguments]


def engines(options, scratch):
    given = dict(pair.split("=", 1) for pair in options.peer)
    ours = options.lazywasm
    for mode in options.modes.split(","):
        name = "lazywasm" if mode == "tiered" else f"lazywasm {mode}"
        yield Engine(name, lambda task, mode=mode: with_dirs(options, task, ours, "run", "--mode", mode))
    find = lambda name: given.get(name) or shutil.which(name)
    if path := find("wasmtime"):
        cold, winch = ("-C", "cache=n"), ("-C", "cache=n,compiler=winch")
        # Modules that --preload names are not taken from the cache as main modules are.
        yield Engine("wasmtime-cached", lambda task: with_dirs(options, task, path, "run", "-C", "cache=y"))
        yield Engine("wasmtime", lambda task: with_dirs(options, task, path, "run", *cold))
        yield Engine("winch", lambda task: with_dirs(options, task, path, "run", *winch))
    script = os.path.join(scratch, "wasi.mjs")
    with open(script, "w") as file:
        file.write(NODE_SCRIPT)
    if node := find("node"):
        yield Engine("node", lambda task: by_script(options, task, node, script))
    if bun := find("bun"):
        yield Engine("bun", lambda task: by_script(options, task, bun, script))
    if wasmi := find("wasmi"):
        # wasmi uses the same name for a directory on both sides.
        usable = all("::" not in pair for pair in options.dir)
        yield Engine("wasmi", lambda task: with_dirs(options, task, wasmi, "run", preload=False) if usable else None)


def peak_so_far(pid):
    """Peak memory in KiB of a running process, or 0 if it has ended."""
    try:
        with open(f"/proc/{pid}/status") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("VmHWM")), 0)
    except OSError:
        return 0


def run(command, limit):
    """Seconds, peak memory in KiB, status and output of a process."""
    environment = {**os.environ, "NODE_NO_WARNINGS": "1"}
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL, env=environment)
        # The system ends it if it takes too long; a thread here would disturb the measurement.
        deadline = started + limit
        seen = 0
        while True:
            seen = peak_so_far(child.pid) or seen
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if time.perf_counter() > deadline:
                child.kill()
                os.wait4(child.pid, 0)
                child.returncode = -9
                return None
            time.sleep(0.001)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        # The system reports the size of this script for the child, until the child is larger.
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        memory = usage.ru_maxrss if usage.ru_maxrss > own else seen
        return seconds, memory, child.returncode, output.read()


def reference_output(task, engines, options):
    """What the first peer that can do the task prints; lazywasm's own output if none can."""
    for engine in sorted(engines, key=lambda engine: engine.name.startswith("lazywasm")):
        command = engine.command(task)
        result = command and run(command, options.limit)
        if result and result[2] == 0:
            return result[3]
    sys.exit(f"no engine runs {task.name}")


def measure(tasks, engines, options):
    """For each task, by engine name: (seconds, KiB), or a word that says why there is none."""
    for task in tasks:
        found, expected = {}, reference_output(task, engines, options)
        for number in range(options.runs + options.warm):
            for engine in engines:
                command = engine.command(task)
                if command is None:
                    found[engine.name] = "cannot"
                    continue
                if isinstance(found.get(engine.name), str):
                    continue
                result = run(command, options.limit)
                if result is None:
                    found[engine.name] = "too slow"
                    continue
                seconds, memory, status, output = result
                if status != 0:
                    found[engine.name] = f"fails (status {status})"
                elif output != expected:
                    found[engine.name] = "differs"
                elif number >= options.warm:
                    best, least = found.get(engine.name, (math.inf, math.inf))
                    found[engine.name] = min(best, seconds), min(least, memory)
        print(f"{task.name}: {found}", file=sys.stderr)
        yield task, found


def table(header, rows):
    print("| " + " | ".join(header) + " |")
    print("| " + " | ".join(["---"] * len(header)) + " |")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def report(results, names, pick, unit, title):
    ours, peers = names[0], names[1:]
    print(f"{title}, lazywasm / peer\n")
    rows, ratios = [], {peer: [] for peer in peers}
    for task, found in results:
        row = [task.name]
        for peer in peers:
            mine, theirs = found.get(ours), found.get(peer)
            # A process may end before its memory was read.
            if isinstance(mine, tuple) and isinstance(theirs, tuple) and mine[pick] and theirs[pick]:
                ratio = mine[pick] / theirs[pick]
                ratios[peer].append(ratio)
                row.append(f"{ratio:.2f}")
            else:
                row.append(theirs if isinstance(theirs, str) else "-")
        rows.append(row)
    mean = lambda values: f"{math.exp(sum(map(math.log, values)) / len(values)):.2f}" if values else "-"
    rows.append(["geometric mean", *(mean(ratios[peer]) for peer in peers)])
    table(["task", *peers], rows)
    print(f"{title}, {unit}\n")
    scale = (lambda value: f"{value:.3f}") if pick == 0 else (lambda value: f"{value / 1024:.0f}")
    show = lambda value: scale(value[pick]) if isinstance(value, tuple) else value
    table(["task", *names], [[task.name, *(show(found.get(name, "-")) for name in names)] for task, found in results])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", metavar="TASK")
    parser.add_argument("--lazywasm", default="target/release/lazywasm", metavar="PATH")
    parser.add_argument("--modes", default="tiered", help="of lazywasm, the first is compared (default: tiered)")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PATH", help="wasmtime, node, bun or wasmi")
    parser.add_argument("--only", metavar="NAMES", help="only these columns, with commas (lazywasm stays)")
    parser.add_argument("--kernels", metavar="FOLDER")
    parser.add_argument("--programs", metavar="FOLDER")
    parser.add_argument("--dir", action="append", default=[], metavar="HOST::GUEST", help="for every task")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--warm", type=int, default=1, help="runs before those that count (they fill caches)")
    parser.add_argument("--limit", type=float, default=120, help="seconds that a process may take")
    options = parser.parse_args()

    tasks = [Task.parse(text) for text in options.tasks]
    if options.kernels:
        tasks += kernels(options.kernels)
    if options.programs:
        tasks += programs(options.programs)
        if os.path.isdir(f"{options.programs}/python/usr"):
            options.dir.append(f"{options.programs}/python/usr::/usr")
    if not tasks:
        parser.error("no task")
    missing = [task.file for task in tasks if not os.path.exists(task.file)]
    if missing:
        parser.error("no such file: " + ", ".join(missing))

    with tempfile.TemporaryDirectory() as scratch:
        found = list(engines(options, scratch))
        if options.only:
            wanted = options.only.split(",")
            found = [engine for engine in found if engine.name.startswith("lazywasm") or engine.name in wanted]
        results = list(measure(tasks, found, options))
    names = [engine.name for engine in found]
    report(results, names, 0, "seconds", "Wall time of the process")
    report(results, names, 1, "MiB", "Peak memory")


if __name__ == "__main__":
    main()

import re, json, hashlib, itertools, functools, collections, os, sys, decimal, fractions, struct, math

def counter():
    n = 0
    def step(by=1):
        nonlocal n
        n += by
        return n
    return step

c = counter()
print([c() for _ in range(5)], c(10))

class Shape:
    def area(self):
        raise NotImplementedError(type(self).__name__)

class Square(Shape):
    def __init__(self, side):
        self.side = side
    def area(self):
        return self.side ** 2

for shape in (Square(3), Shape()):
    try:
        print(shape.area())
    except NotImplementedError as error:
        print("no area:", error)

def deep(n):
    if n == 0:
        raise ValueError("bottom")
    try:
        deep(n - 1)
    except ValueError as error:
        raise RuntimeError(n) from error

try:
    deep(6)
except RuntimeError as error:
    chain = []
    while error:
        chain.append(str(error))
        error = error.__cause__
    print(" <- ".join(chain))

print(3 ** 500 % 10 ** 40, math.factorial(60), pow(7, 10 ** 18, 10 ** 9 + 7))
print(decimal.Decimal(2).sqrt(), fractions.Fraction(355, 113) + fractions.Fraction(1, 7))
print(re.sub(r"(\w+)@(\w+)\.com", r"\2 at \1", "ann@site.com bob@host.com"), re.findall(r"\b\d{2,}\b", "1 22 333 4"))
words = "the quick brown fox jumps over the lazy dog and the cat".split()
print(sorted(words, key=lambda w: (len(w), w)), collections.Counter(words).most_common(2))
print(json.dumps({"a": [1, 2.5, None, True], "b": {"c": "\u00e9\n"}}, sort_keys=True), json.loads("[1e3, -0.0]"))
print(hashlib.sha256(b"lazy" * 1000).hexdigest(), hashlib.md5(b"wasm").hexdigest())
print(list(itertools.islice((x * x for x in itertools.count() if x % 3), 5)), functools.reduce(lambda a, b: a ^ b, range(100)))
print(struct.pack("<Iqd", 7, -9, 0.1).hex(), "%.17g" % (0.1 + 0.2), float("nan"), 1e308 * 10)

base = os.environ.get("SCRATCH", "/in")
path = base + "/scratch-python.txt"
with open(path, "w") as file:
    for i in range(1000):
        file.write(f"{i * i}\n")
with open(path) as file:
    print(sum(int(line) for line in file), os.path.getsize(path))
os.rename(path, path + ".2")
os.mkdir(base + "/scratch-dir")
print(sorted(name for name in os.listdir(base) if name.startswith("scratch")))
os.rmdir(base + "/scratch-dir")
os.remove(path + ".2")
try:
    open(base + "/missing")
except FileNotFoundError as error:
    print("missing:", error.errno)

def primes(limit):
    sieve = bytearray([1]) * (limit + 1)
    for n in range(2, int(limit ** 0.5) + 1):
        if sieve[n]:
            sieve[n * n :: n] = bytes(len(sieve[n * n :: n]))
    return sum(sieve) - 2
print(primes(100000))

def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(20))
sys.exit(7)

"""Calls, objects, dictionaries and sorting, as often as the argument says."""
import sys


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


class Line:
    def __init__(self, slope):
        self.slope = slope

    def at(self, x):
        return self.slope * x + 1


def work():
    total = 0
    for i in range(200000):
        total = (total + Line(i).at(i)) % 1000003
    sums = {}
    for i in range(150000):
        sums[i % 1000] = sums.get(i % 1000, 0) + i
    shuffled = sorted((i * 7919) % 10007 for i in range(80000))
    words = " ".join(str(i) for i in range(20000)).split()
    return total, sum(sums.values()), shuffled[500], len(set(words))


for _ in range(int(sys.argv[1])):
    print(fib(22), *work())

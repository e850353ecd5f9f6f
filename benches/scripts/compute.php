<?php
// Calls, objects, arrays and sorting, as often as the argument says.
function fib($n) { return $n < 2 ? $n : fib($n - 1) + fib($n - 2); }

class Line {
    public $slope;
    function __construct($slope) { $this->slope = $slope; }
    function at($x) { return $this->slope * $x + 1; }
}

function work() {
    $total = 0;
    for ($i = 0; $i < 200000; $i++) { $line = new Line($i); $total = ($total + $line->at($i)) % 1000003; }
    $sums = [];
    for ($i = 0; $i < 150000; $i++) { $sums[$i % 1000] = ($sums[$i % 1000] ?? 0) + $i; }
    $shuffled = [];
    for ($i = 0; $i < 80000; $i++) { $shuffled[] = ($i * 7919) % 10007; }
    sort($shuffled);
    $words = explode(" ", implode(" ", range(0, 19999)));
    return [$total, array_sum($sums), $shuffled[500], count(array_unique($words))];
}

for ($round = 0; $round < intval($argv[1]); $round++) {
    echo fib(24), " ", implode(" ", work()), "\n";
}

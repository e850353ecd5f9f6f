<?php
function counter() { $n = 0; return function ($by = 1) use (&$n) { return $n += $by; }; }
$c = counter();
echo $c(), " ", $c(), " ", $c(10), "\n";
abstract class Shape { abstract function area(); }
class Square extends Shape { function __construct(private $side) {} function area() { return $this->side ** 2; } }
echo (new Square(3))->area(), "\n";
function deep($n) {
    if ($n == 0) throw new InvalidArgumentException("bottom");
    try { deep($n - 1); } catch (Exception $e) { throw new RuntimeException("level $n", 0, $e); }
}
try { deep(5); } catch (Exception $e) {
    $chain = [];
    while ($e) { $chain[] = $e->getMessage(); $e = $e->getPrevious(); }
    echo implode(" <- ", $chain), "\n";
}
try { intdiv(1, 0); } catch (DivisionByZeroError $e) { echo $e->getMessage(), "\n"; } finally { echo "finally\n"; }
function big_multiply(array $digits, int $by): array {
    $carry = 0;
    foreach ($digits as $i => $d) { $v = $d * $by + $carry; $digits[$i] = $v % 10; $carry = intdiv($v, 10); }
    while ($carry) { $digits[] = $carry % 10; $carry = intdiv($carry, 10); }
    return $digits;
}
$f = [1];
for ($i = 2; $i <= 60; $i++) $f = big_multiply($f, $i);
echo implode("", array_reverse($f)), "\n";
echo preg_replace('/(\w+)@(\w+)\.com/', '$2 at $1', "ann@site.com bob@host.com"), "\n";
preg_match_all('/\b\d{2,}\b/', "1 22 333 4", $m); echo json_encode($m), "\n";
$words = explode(" ", "the quick brown fox jumps over the lazy dog and the cat");
usort($words, fn($a, $b) => [strlen($a), $a] <=> [strlen($b), $b]);
echo implode(",", $words), "\n";
echo json_encode(array_count_values($words)), " ", var_export(0.1 + 0.2, true), " ", 1e308 * 10, "\n";
echo md5("wasm"), " ", hash("sha256", str_repeat("lazy", 1000)), " ", crc32("lazy"), "\n";
function gen() { for ($i = 1; $i <= 3; $i++) { $x = yield $i * $i; if ($x) echo "got $x\n"; } return 99; }
$g = gen(); foreach ($g as $v) echo $v, " "; echo $g->getReturn(), "\n";
$base = getenv("SCRATCH") ?: "/in";
$path = "$base/scratch-php.txt";
$file = fopen($path, "w"); for ($i = 0; $i < 1000; $i++) fwrite($file, ($i * $i) . "\n"); fclose($file);
echo array_sum(array_map('intval', file($path))), " ", filesize($path), "\n";
rename($path, "$path.2"); mkdir("$base/scratch-dir");
$names = array_values(array_filter(scandir($base), fn($n) => str_starts_with($n, "scratch"))); sort($names); echo implode(",", $names), "\n";
rmdir("$base/scratch-dir"); unlink("$path.2");
echo @file_get_contents("$base/missing") === false ? "missing\n" : "there\n";
function fib($n) { return $n < 2 ? $n : fib($n - 1) + fib($n - 2); }
echo fib(20), " ", sprintf("%08.3f|%'*10s|%x", 3.14159, "pad", 255), "\n";
exit(7);

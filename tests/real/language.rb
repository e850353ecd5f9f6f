counter = lambda { n = 0; ->(by = 1) { n += by } }
c = counter.call
p [c.call, c.call, c.call(10)]

class Shape
  def area = raise(NotImplementedError, self.class.name)
end
class Square < Shape
  def initialize(side) = @side = side
  def area = @side**2
end
[Square.new(3), Shape.new].each do |shape|
  puts shape.area
rescue NotImplementedError => e
  puts "no area: #{e.message}"
end

def deep(n)
  raise ArgumentError, "bottom" if n.zero?
  begin
    deep(n - 1)
  rescue ArgumentError, RuntimeError
    raise "level #{n}"
  end
end
begin
  deep(5)
rescue => e
  chain = []
  while e
    chain << e.message
    e = e.cause
  end
  puts chain.join(" <- ")
end

p 3**500 % 10**40, (1..60).inject(:*), 7.pow(10**18, 10**9 + 7)
puts "ann@site.com bob@host.com".gsub(/(\w+)@(\w+)\.com/, '\2 at \1')
words = "the quick brown fox jumps over the lazy dog and the cat".split
p words.sort_by { |w| [w.size, w] }, words.tally.max_by { |w, n| [n, w] }
p (1..Float::INFINITY).lazy.select(&:even?).map { |x| x * x }.first(4)
p [3, 1, 2].sort { |a, b| b <=> a }, { a: 1, "b" => [nil, true] }.to_s
p 0.1 + 0.2, 1e308 * 10, Rational(355, 113) + Rational(1, 7), Complex(1, 2)**3
catch(:done) { 10.times { |i| throw :done if i == 5 }; puts "never" }
fiber = Fiber.new { Fiber.yield 1; Fiber.yield 2; 3 } rescue nil
base = ENV.fetch("SCRATCH", "/in")
path = "#{base}/scratch-ruby.txt"
File.open(path, "w") { |f| 1000.times { |i| f.puts i * i } }
p File.readlines(path).sum(&:to_i), File.size(path)
File.rename(path, path + ".2")
Dir.mkdir("#{base}/scratch-dir")
p Dir.children(base).select { |name| name.start_with?("scratch") }.sort
Dir.rmdir("#{base}/scratch-dir")
File.delete(path + ".2")
begin
  File.read("#{base}/missing")
rescue Errno::ENOENT
  puts "missing"
end
def fib(n) = n < 2 ? n : fib(n - 1) + fib(n - 2)
p fib(20)
sieve = Array.new(50_001, true)
(2..Math.sqrt(50_000)).each { |n| (n * n).step(50_000, n) { |m| sieve[m] = false } if sieve[n] }
p sieve.each_index.count { |i| i > 1 && sieve[i] }
exit 7

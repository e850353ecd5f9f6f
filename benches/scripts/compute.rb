# Calls, objects, hashes and sorting, as often as the argument says.
def fib(n) = n < 2 ? n : fib(n - 1) + fib(n - 2)

class Line
  def initialize(slope)
    @slope = slope
  end

  def at(x)
    @slope * x + 1
  end
end

def work
  total = 0
  200000.times { |i| total = (total + Line.new(i).at(i)) % 1000003 }
  sums = Hash.new(0)
  150000.times { |i| sums[i % 1000] += i }
  shuffled = (0...80000).map { |i| (i * 7919) % 10007 }.sort
  words = (0...20000).to_a.join(" ").split
  [total, sums.values.sum, shuffled[500], words.uniq.size]
end

ARGV[0].to_i.times { puts "#{fib(22)} #{work.join(' ')}" }

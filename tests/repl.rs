//! Runs a session of `examples/repl.rs`.

#[path = "../examples/repl.rs"]
#[allow(dead_code, reason = "the test reads no lines")]
mod repl;

#[test]
fn a_session() {
    let mut session = repl::Session::new();
    let mut answers = |line: &str| match session.line(line) {
        Ok(Some(value)) => value.to_string(),
        Ok(None) => String::new(),
        Err(error) => format!("error: {}", error.root_cause()),
    };
    for (line, answer) in [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * -3", "-9"),
        ("", ""),
        ("if 2 < 3 then 10 else 20", "10"),
        // odd is not defined when even is, nor when it is called.
        ("even(n) = if n == 0 then 1 else odd(n - 1)", ""),
        ("even(0)", "1"),
        ("even(1)", "error: odd is not defined"),
        ("odd(n) = if n == 0 then 0 else even(n - 1)", ""),
        ("even(1000)", "1"),
        ("even(1001)", "0"),
        // Hot enough to be optimised, with the functions of other modules inside.
        ("fib(n) = if n < 2 then n else fib(n - 1) + fib(n - 2)", ""),
        ("fib(25)", "75025"),
        (
            "sum(n, f) = if n == 0 then 0 else square(n) + sum(n - 1, f)",
            "",
        ),
        ("square(n) = n * n", ""),
        ("sum(2000, 0)", "2668667000"),
        // They are defined again: who calls them calls the new ones.
        ("square(n) = n", ""),
        ("sum(2000, 0)", "2001000"),
        ("square(n) = cube(n) / n", ""),
        ("sum(10, 0)", "error: cube is not defined"),
        ("cube(n) = n * n * n", ""),
        ("sum(10, 0)", "385"),
        ("odd(n) = 7", ""),
        ("even(1000)", "7"),
        ("even(0)", "1"),
        ("1 / 0", "error: integer divide by zero"),
        ("fib(1", "error: expected `,`, found the end of the line"),
        (
            "1 +",
            "error: expected a number, a name or `(`, found the end of the line",
        ),
        ("x", "error: x is not a parameter"),
        ("loop(n) = loop(n) + 1", ""),
        ("loop(1)", "error: call stack exhausted"),
        (
            "fib(1, 2)",
            "error: it has the type (i64, i64) -> (i64), and the function that was found has the type (i64) -> (i64)",
        ),
        (
            "fib(a, b) = a",
            "error: it has the type (i64) -> (i64), and the new function has the type (i64, i64) -> (i64)",
        ),
        ("fib(10)", "55"),
        (
            "99999999999999999999",
            "error: number too large to fit in target type",
        ),
    ] {
        assert_eq!(answers(line), answer, "{line}");
    }
    let nested = format!("{}1{}", "(".repeat(200), ")".repeat(200));
    assert_eq!(
        answers(&nested),
        "error: the expression is nested too deeply"
    );
    let negative = format!("{}1", "-".repeat(100_000));
    assert_eq!(
        answers(&negative),
        "error: the expression is nested too deeply"
    );
    for round in 0..300 {
        assert_eq!(answers(&format!("square(n) = n * {round}")), "");
        assert_eq!(answers("square(3)"), (3 * round).to_string());
    }
}

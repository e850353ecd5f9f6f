//! A tiny language whose lines become modules, one by one, in a program that goes on running.
//!
//! ```text
//! > even(n) = if n == 0 then 1 else odd(n - 1)     odd need not be there yet
//! > odd(n) = if n == 0 then 0 else even(n - 1)
//! > even(1000)
//! 1
//! > odd(n) = 7                                     whoever calls odd calls the new one
//! > even(1000)
//! 7
//! ```
//! Each definition is a module of its own, which imports the functions that it calls by their names. They
//! are looked for when they are called ([`Linker::resolve_on_call`]), so the order of definitions does not
//! matter. A function that is defined again takes the place of the old one ([`Instance::replace_func`]).
//!
//! Run it with `cargo run --example repl`. Numbers have 64 bits; there are `+ - * / %`, comparisons, and
//! `if ... then ... else ...`.

use lazywasm::{Engine, Error, Instance, Linker, Module, Result, Store};
use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead, IsTerminal, Write};

/// The functions of a session.
#[derive(Default)]
struct Functions {
    /// The instance that defined a name first. Others import the function of this one.
    first: HashMap<String, Instance>,
    /// The instance whose function has taken its place, if the name was defined again.
    latest: HashMap<String, Instance>,
}

/// A session: what was defined by the lines so far.
pub struct Session {
    engine: Engine,
    linker: Linker<Functions>,
    store: Store<Functions>,
}

impl Session {
    /// A session in which nothing is defined.
    pub fn new() -> Session {
        let engine = Engine::default();
        let mut linker: Linker<Functions> = Linker::new(&engine);
        linker.resolve_on_call(|mut caller, import| {
            let defined = caller.data().first.get(import.name()).copied();
            let instance = defined.ok_or_else(|| undefined(import.name()))?;
            let func = instance.get_func(&mut caller, import.name());
            func.ok_or_else(|| undefined(import.name()))
        });
        Session {
            store: Store::new(&engine, Functions::default()),
            engine,
            linker,
        }
    }

    /// Does what a line says. Returns what is to be printed.
    pub fn line(&mut self, line: &str) -> Result<Option<i64>> {
        match Parser::line(line)? {
            Line::Nothing => Ok(None),
            Line::Definition { name, text } => self.define(name, &text).map(|()| None),
            Line::Expression { text } => self.value(&text).map(Some),
        }
    }

    fn define(&mut self, name: String, text: &str) -> Result<()> {
        let module = Module::new(&self.engine, text)?;
        let instance = self.linker.instantiate_live(&mut self.store, &module)?;
        let Some(first) = self.store.data().first.get(&name).copied() else {
            self.store.data_mut().first.insert(name, instance);
            return Ok(());
        };
        let func = instance.get_func(&mut self.store, &name);
        let func = func.ok_or_else(|| undefined(&name))?;
        if let Err(error) = first.replace_func(&mut self.store, &name, func) {
            instance.remove(&mut self.store)?;
            return Err(error);
        }
        match self.store.data_mut().latest.insert(name, instance) {
            Some(before) => before.remove(&mut self.store),
            None => Ok(()),
        }
    }

    fn value(&mut self, text: &str) -> Result<i64> {
        let module = Module::new(&self.engine, text)?;
        let instance = self.linker.instantiate_live(&mut self.store, &module)?;
        let value = instance.get_typed_func::<(), i64>(&mut self.store, "value")?;
        let result = value.call(&mut self.store, ());
        instance.remove(&mut self.store)?;
        result
    }
}

impl Default for Session {
    fn default() -> Session {
        Session::new()
    }
}

fn undefined(name: &str) -> Error {
    Error::msg(format!("{name} is not defined"))
}

/// A line, and the module that it becomes.
enum Line {
    Nothing,
    Definition { name: String, text: String },
    Expression { text: String },
}

/// Nested expressions, at most: they are parsed by recursion.
const DEPTH: usize = 100;

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
    parameters: Vec<&'a str>,
    /// The functions that are called, with the numbers of their arguments.
    called: BTreeMap<&'a str, usize>,
}

impl<'a> Parser<'a> {
    fn line(line: &'a str) -> Result<Line> {
        let mut parser = Parser {
            rest: line.trim(),
            depth: 0,
            parameters: Vec::new(),
            called: BTreeMap::new(),
        };
        if parser.rest.is_empty() {
            return Ok(Line::Nothing);
        }
        let name = parser.head();
        let body = parser.expression()?;
        if !parser.rest.is_empty() {
            return Err(parser.unexpected("the end of the line"));
        }
        let own = |function: &&str| Some(*function) == name;
        let mut imports = String::new();
        for (function, arguments) in &parser.called {
            if own(function) {
                if *arguments != parser.parameters.len() {
                    return Err(Error::msg(format!(
                        "{function} is called with {arguments} arguments"
                    )));
                }
                continue;
            }
            let params = " i64".repeat(*arguments);
            imports += &format!(
                "(import \"repl\" \"{function}\" (func ${function} (param{params}) (result i64)))"
            );
        }
        let Some(name) = name else {
            let text = format!("(module {imports} (func (export \"value\") (result i64) {body}))");
            return Ok(Line::Expression { text });
        };
        let parameters = parser.parameters.iter();
        let parameters: String = parameters
            .map(|name| format!("(param ${name} i64)"))
            .collect();
        let text = format!(
            "(module ${name} {imports} (func ${name} (export \"{name}\") {parameters} (result i64) {body}))"
        );
        Ok(Line::Definition {
            name: name.to_string(),
            text,
        })
    }

    /// The head of a definition, `name(parameters) =`. Without one, nothing is read.
    fn head(&mut self) -> Option<&'a str> {
        let before = self.rest;
        let mut head = || {
            let name = self.name()?;
            let mut parameters = Vec::new();
            self.eat("(")?;
            while let Some(parameter) = self.name() {
                parameters.push(parameter);
                if self.eat(",").is_none() {
                    break;
                }
            }
            self.eat(")")?;
            self.eat("=").filter(|_| !self.rest.starts_with('='))?;
            self.parameters = parameters;
            Some(name)
        };
        let name = head();
        if name.is_none() {
            self.rest = before;
        }
        name
    }

    fn eat(&mut self, token: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(token)?.trim_start();
        Some(())
    }

    fn name(&mut self) -> Option<&'a str> {
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let name = &self.rest[..end.unwrap_or(self.rest.len())];
        if !name.starts_with(|c: char| c.is_ascii_alphabetic())
            || ["if", "then", "else"].contains(&name)
        {
            return None;
        }
        self.rest = self.rest[name.len()..].trim_start();
        Some(name)
    }

    fn unexpected(&self, wanted: &str) -> Error {
        match self.rest {
            "" => Error::msg(format!("expected {wanted}, found the end of the line")),
            rest => Error::msg(format!("expected {wanted}, found `{rest}`")),
        }
    }

    fn expect(&mut self, token: &str) -> Result<()> {
        self.eat(token)
            .ok_or_else(|| self.unexpected(&format!("`{token}`")))
    }

    fn expression(&mut self) -> Result<String> {
        const COMPARISONS: [(&str, &str); 6] = [
            ("==", "eq"),
            ("!=", "ne"),
            ("<=", "le_s"),
            (">=", "ge_s"),
            ("<", "lt_s"),
            (">", "gt_s"),
        ];
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Error::msg("the expression is nested too deeply"));
        }
        let mut left = self.operators(&[("+", "add"), ("-", "sub")], |parser| {
            parser.operators(
                &[("*", "mul"), ("/", "div_s"), ("%", "rem_s")],
                Parser::operand,
            )
        })?;
        let found = COMPARISONS
            .iter()
            .find(|(token, _)| self.eat(token).is_some());
        if let Some((_, operator)) = found {
            let right = self.expression()?;
            left = format!("(i64.extend_i32_u (i64.{operator} {left} {right}))");
        }
        self.depth -= 1;
        Ok(left)
    }

    /// Operands with these operators between them.
    fn operators(
        &mut self,
        operators: &[(&str, &str)],
        operand: impl Fn(&mut Self) -> Result<String>,
    ) -> Result<String> {
        let mut left = operand(self)?;
        while let Some((_, name)) = operators
            .iter()
            .find(|(token, _)| self.eat(token).is_some())
        {
            let right = operand(self)?;
            left = format!("(i64.{name} {left} {right})");
        }
        Ok(left)
    }

    fn operand(&mut self) -> Result<String> {
        if self.eat("-").is_some() {
            self.depth += 1;
            if self.depth > DEPTH {
                return Err(Error::msg("the expression is nested too deeply"));
            }
            let operand = self.operand()?;
            self.depth -= 1;
            return Ok(format!("(i64.sub (i64.const 0) {operand})"));
        }
        if self.eat("(").is_some() {
            let inner = self.expression()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if let Some(after) = self.rest.strip_prefix("if ") {
            self.rest = after.trim_start();
            let condition = self.expression()?;
            self.expect("then ")?;
            let then = self.expression()?;
            self.expect("else ")?;
            let otherwise = self.expression()?;
            return Ok(format!(
                "(if (result i64) (i64.ne {condition} (i64.const 0)) (then {then}) (else {otherwise}))"
            ));
        }
        let digits = self
            .rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.rest.len());
        if digits > 0 {
            let number: i64 = self.rest[..digits].parse()?;
            self.rest = self.rest[digits..].trim_start();
            return Ok(format!("(i64.const {number})"));
        }
        let name = self
            .name()
            .ok_or_else(|| self.unexpected("a number, a name or `(`"))?;
        if self.eat("(").is_none() {
            return match self.parameters.contains(&name) {
                true => Ok(format!("(local.get ${name})")),
                false => Err(Error::msg(format!("{name} is not a parameter"))),
            };
        }
        let mut arguments = Vec::new();
        while self.eat(")").is_none() {
            if !arguments.is_empty() {
                self.expect(",")?;
            }
            arguments.push(self.expression()?);
        }
        let count = *self.called.entry(name).or_insert(arguments.len());
        if count != arguments.len() {
            return Err(Error::msg(format!(
                "{name} is called with {count} and with {} arguments",
                arguments.len()
            )));
        }
        Ok(format!("(call ${name} {})", arguments.join(" ")))
    }
}

fn main() -> Result<()> {
    let (mut session, input) = (Session::new(), io::stdin().lock());
    let prompts = io::stdin().is_terminal();
    let prompt = || -> io::Result<()> {
        if prompts {
            print!("> ");
            io::stdout().flush()?;
        }
        Ok(())
    };
    prompt()?;
    for line in input.lines() {
        match session.line(&line?) {
            Ok(Some(value)) => println!("{value}"),
            Ok(None) => {}
            // The innermost cause says it in the words of the language.
            Err(error) => println!("error: {}", error.root_cause()),
        }
        prompt()?;
    }
    Ok(())
}

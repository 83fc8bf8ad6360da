//! One walk over a file: the places that cargo-mutants names, and mutations finer than its own.

mod lists;
pub(crate) mod sql;

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use lists::alternatives;
use proc_macro2::{Span, TokenTree};
use syn::{
    Arm, BinOp, Block, Expr, ExprBinary, ExprClosure, ExprMacro, ExprMethodCall, ImplItemFn, Item,
    ItemFn, Local, Macro, Pat, Stmt, Token, UnOp,
    punctuated::Punctuated,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::{
    macros::Matches,
    mutation::{Mutation, Origin, Switch},
};

/// The places of a file by the byte that cargo-mutants begins them at.
#[derive(Default)]
pub(crate) struct Places {
    /// By the operator: the whole expression.
    pub(crate) binaries: HashMap<usize, Range<usize>>,
    pub(crate) unaries: HashMap<usize, (Range<usize>, Range<usize>)>,
    /// The arm's pattern and guard.
    pub(crate) arms: HashMap<usize, (usize, Option<Range<usize>>)>,
    pub(crate) guards: HashMap<usize, Range<usize>>,
    /// Where the first statement of a function begins.
    pub(crate) bodies: HashSet<usize>,
    /// What is computed at compile time.
    constant: Vec<Range<usize>>,
    /// The keywords of constants inside functions: they become variables, to be switched.
    pub(crate) local_constants: Vec<usize>,
}

impl Places {
    pub(crate) fn is_constant(&self, at: usize) -> bool {
        self.constant.iter().any(|range| range.contains(&at))
    }
}

/// Walks a file.
pub(crate) fn walk(file: &str, source: &str) -> syn::Result<(Places, Vec<Mutation>)> {
    let parsed = syn::parse_file(source)?;
    let mut walk = Walk {
        file,
        source,
        function: String::new(),
        owner: String::new(),
        places: Places::default(),
        finer: Vec::new(),
        covered: Vec::new(),
        diverging: HashSet::new(),
        branches: HashSet::new(),
        needed: HashSet::new(),
    };
    walk.visit_file(&parsed);
    Ok((walk.places, walk.finer))
}

struct Walk<'s> {
    file: &'s str,
    source: &'s str,
    function: String,
    owner: String,
    places: Places,
    finer: Vec<Mutation>,
    /// Conditions whose replacement is already among the mutations.
    covered: Vec<Range<usize>>,
    /// Blocks of `let … else`, which must end in a jump.
    diverging: HashSet<usize>,
    /// Blocks of `if` without `else`.
    branches: HashSet<usize>,
    /// Arms that no other one stands in for.
    needed: HashSet<usize>,
}

pub(crate) fn bytes(node: &impl Spanned) -> Range<usize> {
    joined(node.span())
}

fn joined(span: Span) -> Range<usize> {
    span.byte_range()
}

impl Walk<'_> {
    fn text(&self, range: &Range<usize>) -> &str {
        &self.source[range.clone()]
    }

    fn add(&mut self, what: String, bytes: Range<usize>, text: String, switch: Switch) {
        let line = self.source[..bytes.start].matches('\n').count() + 1;
        let switch = (!self.function.is_empty()).then_some(switch);
        self.finer.push(Mutation {
            file: self.file.to_owned(),
            line,
            function: self.function.clone(),
            what,
            origin: Origin::Finer,
            bytes,
            text,
            switch,
        });
    }

    /// An expression, or this text in its place.
    fn instead(&mut self, what: String, bytes: Range<usize>, text: &str) {
        let switch = Switch::Instead {
            bytes: bytes.clone(),
            text: text.to_owned(),
        };
        self.add(what, bytes, format!("({text})"), switch);
    }

    /// A whole condition, made true and made false.
    fn condition(&mut self, expr: &Expr, place: &str) {
        let range = bytes(expr);
        if holds_let(expr) || self.covered.contains(&range) || literal(expr) {
            return;
        }
        self.covered.push(range.clone());
        for text in ["true", "false"] {
            if place == "while" && text == "true" {
                continue;
            }
            let what = format!("{place} {} → {text}", short(self.text(&range)));
            self.instead(what, range.clone(), text);
        }
    }

    /// One operand of a chain left out.
    fn operand(&mut self, expr: &Expr, op: &str) {
        if matches!(expr, Expr::Binary(inner) if same_chain(&inner.op, op)) || holds_let(expr) {
            return;
        }
        let range = bytes(expr);
        if self.covered.contains(&range) {
            return;
        }
        self.covered.push(range.clone());
        let (text, wording) = if op == "&&" {
            ("true", "left out of &&")
        } else {
            ("false", "left out of ||")
        };
        let what = format!("{} {wording}", short(self.text(&range)));
        self.instead(what, range, text);
    }

    fn statement(&mut self, range: Range<usize>) {
        let what = format!("statement {} left out", short(self.text(&range)));
        self.add(what, range.clone(), String::new(), Switch::Unless(range));
    }

    /// `Some(x)` made `None`.
    fn none(&mut self, expr: &Expr) {
        let range = bytes(expr);
        if !self.covered.contains(&range) {
            self.covered.push(range.clone());
            let what = format!("{} → None", short(self.text(&range)));
            self.instead(what, range, "None");
        }
    }

    fn constant(&mut self, range: Range<usize>) {
        self.places.constant.push(range);
    }
}

fn same_chain(op: &BinOp, chain: &str) -> bool {
    matches!((op, chain), (BinOp::And(_), "&&") | (BinOp::Or(_), "||"))
}

fn literal(expr: &Expr) -> bool {
    matches!(expr, Expr::Lit(_))
}

fn holds_let(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(binary) => holds_let(&binary.left) || holds_let(&binary.right),
        Expr::Paren(paren) => holds_let(&paren.expr),
        _ => false,
    }
}

/// True for what is a truth value by its form.
fn is_truth(expr: &Expr) -> bool {
    match expr {
        Expr::Binary(binary) => matches!(
            binary.op,
            BinOp::And(_)
                | BinOp::Or(_)
                | BinOp::Eq(_)
                | BinOp::Ne(_)
                | BinOp::Lt(_)
                | BinOp::Le(_)
                | BinOp::Gt(_)
                | BinOp::Ge(_)
        ),
        Expr::Unary(unary) => matches!(unary.op, UnOp::Not(_)),
        Expr::Macro(ExprMacro { mac, .. }) => mac.path.is_ident("matches"),
        Expr::Paren(paren) => is_truth(&paren.expr),
        Expr::MethodCall(call) => {
            let name = call.method.to_string();
            matches!(
                name.as_str(),
                "any" | "all" | "contains" | "starts_with" | "ends_with" | "holds" | "contains_key"
            ) || name.starts_with("is_")
        }
        _ => false,
    }
}

fn is_some(expr: &Expr) -> bool {
    matches!(expr, Expr::Call(call) if matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Some")))
}

/// On one line, and not too long.
pub(crate) fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 70 {
        return format!("`{line}`");
    }
    let head: String = line.chars().take(67).collect();
    format!("`{head}…`")
}

/// Methods whose closure answers yes or no.
const ASKS: [&str; 13] = [
    "any",
    "all",
    "filter",
    "find",
    "position",
    "is_some_and",
    "is_none_or",
    "retain",
    "take_while",
    "skip_while",
    "partition",
    "then",
    "rposition",
];

impl<'a> Visit<'a> for Walk<'_> {
    fn visit_item(&mut self, item: &'a Item) {
        if let Item::Mod(module) = item
            && module.attrs.iter().any(|attr| attr.path().is_ident("cfg"))
        {
            return;
        }
        match item {
            Item::Const(item) if self.function.is_empty() => self.constant(bytes(item)),
            Item::Static(item) => self.constant(bytes(item)),
            _ => {}
        }
        let owner = std::mem::take(&mut self.owner);
        if let Item::Impl(item) = item {
            let range = bytes(&*item.self_ty);
            self.owner = self.text(&range).to_owned();
        }
        visit::visit_item(self, item);
        self.owner = owner;
    }

    fn visit_item_const(&mut self, item: &'a syn::ItemConst) {
        if self.function.is_empty() {
            return;
        }
        let range = bytes(item);
        if self.text(&range).contains('"') {
            self.places
                .local_constants
                .push(bytes(&item.const_token).start);
            visit::visit_item_const(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'a ItemFn) {
        let outer = std::mem::replace(&mut self.function, item.sig.ident.to_string());
        self.body(item.sig.constness.is_some(), &item.block);
        visit::visit_item_fn(self, item);
        self.function = outer;
    }

    fn visit_impl_item_fn(&mut self, item: &'a ImplItemFn) {
        let owner = self.owner.split('<').next().unwrap_or_default();
        let name = format!("{owner}::{}", item.sig.ident);
        let outer = std::mem::replace(&mut self.function, name);
        self.body(item.sig.constness.is_some(), &item.block);
        visit::visit_impl_item_fn(self, item);
        self.function = outer;
    }

    fn visit_block(&mut self, block: &'a Block) {
        let last = block.stmts.len().saturating_sub(1);
        let start = bytes(block).start;
        let must_jump = self.diverging.contains(&start);
        // To leave it out is to leave out what stands around it.
        let sole = last == 0 && self.branches.contains(&start);
        for (at, stmt) in block.stmts.iter().enumerate() {
            match stmt {
                Stmt::Expr(..) if sole || (must_jump && at == last) => {}
                Stmt::Expr(_, Some(_)) => self.statement(bytes(stmt)),
                Stmt::Expr(expr, None) if at == last && is_some(expr) => self.none(expr),
                Stmt::Expr(expr @ (Expr::ForLoop(_) | Expr::While(_)), None) => {
                    self.statement(bytes(expr));
                }
                Stmt::Expr(expr @ (Expr::Match(_) | Expr::Loop(_) | Expr::Block(_)), None)
                    if at != last =>
                {
                    self.statement(bytes(expr));
                }
                Stmt::Expr(Expr::If(branch), None) if at != last && holds_let(&branch.cond) => {
                    self.statement(bytes(branch));
                }
                Stmt::Expr(Expr::If(branch), None)
                    if branch.else_branch.is_none() && holds_let(&branch.cond) =>
                {
                    self.statement(bytes(branch));
                }
                _ => {}
            }
        }
        visit::visit_block(self, block);
    }

    fn visit_local(&mut self, local: &'a Local) {
        if let Some(init) = &local.init
            && let Some((_, diverge)) = &init.diverge
        {
            self.diverging.insert(bytes(&**diverge).start);
        }
        if let Some(init) = &local.init
            && is_truth(&init.expr)
        {
            self.condition(&init.expr, "let");
        }
        visit::visit_local(self, local);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::If(branch) => {
                self.condition(&branch.cond, "if");
                if branch.else_branch.is_none() {
                    self.branches.insert(bytes(&branch.then_branch).start);
                }
            }
            Expr::While(while_) => self.condition(&while_.cond, "while"),
            Expr::Return(ret) => {
                if let Some(value) = &ret.expr {
                    if is_truth(value) {
                        self.condition(value, "return");
                    } else if is_some(value) {
                        self.none(value);
                    }
                }
            }
            Expr::Assign(assign) if is_truth(&assign.right) => {
                self.condition(&assign.right, "=");
            }
            Expr::Call(call) => {
                for argument in call.args.iter().filter(|argument| is_truth(argument)) {
                    self.condition(argument, "argument");
                }
            }
            Expr::Struct(literal) => {
                for field in literal.fields.iter().filter(|field| is_truth(&field.expr)) {
                    self.condition(&field.expr, "field");
                }
            }
            Expr::Unary(unary) => {
                self.places
                    .unaries
                    .insert(bytes(unary).start, (bytes(unary), bytes(&*unary.expr)));
                if matches!(unary.op, UnOp::Not(_)) {
                    // Its replacement is that of the whole.
                    self.covered.push(bytes(&*unary.expr));
                }
            }
            _ => {}
        }
        visit::visit_expr(self, expr);
    }

    fn visit_expr_binary(&mut self, binary: &'a ExprBinary) {
        self.places
            .binaries
            .insert(bytes(&binary.op).start, bytes(binary));
        for chain in ["&&", "||"] {
            if same_chain(&binary.op, chain) {
                self.operand(&binary.left, chain);
                self.operand(&binary.right, chain);
            }
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_method_call(&mut self, call: &'a ExprMethodCall) {
        let name = call.method.to_string();
        if ASKS.contains(&name.as_str()) {
            for argument in &call.args {
                if let Expr::Closure(closure) = argument
                    && name != "then"
                {
                    self.condition(&closure.body, &name);
                }
            }
        }
        if name == "then" || name == "then_some" {
            self.condition(&call.receiver, &name);
        }
        if name == "rev" && self.holds_sql() {
            let (whole, receiver) = (bytes(call), bytes(&*call.receiver));
            let text = self.text(&receiver).to_owned();
            self.instead(format!("{} forwards", short(&text)), whole, &text);
        }
        let other = match name.as_str() {
            "any" => "all",
            "all" => "any",
            "is_none_or" => "is_some_and",
            "is_some_and" => "is_none_or",
            "first" => "last",
            "last" => "first",
            "start" => "end",
            _ => "",
        };
        if !other.is_empty() {
            let whole = bytes(call);
            let method = bytes(&call.method);
            let text = format!(
                "{}{other}{}",
                &self.source[whole.start..method.start],
                &self.source[method.end..whole.end]
            );
            self.instead(
                format!("{} as {other}", short(self.text(&whole))),
                whole,
                &text,
            );
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_closure(&mut self, closure: &'a ExprClosure) {
        if is_truth(&closure.body) {
            self.condition(&closure.body, "closure");
        }
        visit::visit_expr_closure(self, closure);
    }

    fn visit_expr_match(&mut self, matching: &'a syn::ExprMatch) {
        let whole = bytes(matching);
        let has_rest = matching
            .arms
            .iter()
            .any(|arm| matches!(arm.pat, Pat::Wild(_)) && arm.guard.is_none());
        for arm in &matching.arms {
            if !has_rest {
                self.needed.insert(bytes(arm).start);
            }
            if let Pat::Or(or) = &arm.pat
                && has_rest
            {
                for (range, what) in alternatives(&or.cases.iter().map(bytes).collect::<Vec<_>>()) {
                    let cut = format!(
                        "{}{}",
                        &self.source[whole.start..range.start],
                        &self.source[range.end..whole.end]
                    );
                    let what = format!("alternative {} left out", short(self.text(&what)));
                    self.add(
                        what,
                        range,
                        String::new(),
                        Switch::Instead {
                            bytes: whole.clone(),
                            text: cut,
                        },
                    );
                }
            }
        }
        visit::visit_expr_match(self, matching);
    }

    fn visit_arm(&mut self, arm: &'a Arm) {
        let guard = arm.guard.as_ref().map(|(_, guard)| bytes(&**guard));
        if let Some(guard) = &guard {
            self.places.guards.insert(guard.start, guard.clone());
        }
        if !self.needed.contains(&bytes(arm).start) {
            let place = (bytes(&arm.pat).end, guard);
            self.places.arms.insert(bytes(arm).start, place);
        }
        if is_truth(&arm.body) {
            self.condition(&arm.body, "arm");
        } else if is_some(&arm.body) {
            self.none(&arm.body);
        }
        visit::visit_arm(self, arm);
    }

    fn visit_expr_lit(&mut self, literal: &'a syn::ExprLit) {
        let range = bytes(literal);
        self.sql(range.clone(), range);
    }

    fn visit_macro(&mut self, mac: &'a Macro) {
        let whole = bytes(&mac.path).start..bytes(&mac.delimiter.span().close()).end;
        for token in mac.tokens.clone() {
            if let TokenTree::Literal(literal) = token {
                self.sql(whole.clone(), joined(literal.span()));
            }
        }
        if mac.path.is_ident("vec")
            && self.holds_sql()
            && let Ok(list) = mac.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
        {
            let elements: Vec<Range<usize>> = list.iter().map(bytes).collect();
            self.elements(&whole, &elements);
        }
        if mac.path.is_ident("matches")
            && let Ok(parsed) = mac.parse_body::<Matches>()
        {
            self.matches(mac, &parsed);
            return;
        }
        visit::visit_macro(self, mac);
    }

    fn visit_expr_reference(&mut self, reference: &'a syn::ExprReference) {
        if let Expr::Array(array) = &*reference.expr
            && self.holds_sql()
            && array.elems.len() > 1
        {
            let elements: Vec<Range<usize>> = array.elems.iter().map(bytes).collect();
            self.elements(&bytes(array), &elements);
        }
        visit::visit_expr_reference(self, reference);
    }

    fn visit_expr_array(&mut self, array: &'a syn::ExprArray) {
        for element in &array.elems {
            if let Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(_),
                ..
            }) = element
            {
                let range = bytes(element);
                let what = format!("word {} left out", self.text(&range));
                self.instead(what, range, "\"\\0\"");
            }
        }
        visit::visit_expr_array(self, array);
    }
}

impl Walk<'_> {
    fn body(&mut self, is_const: bool, block: &Block) {
        let range = bytes(block);
        if is_const {
            self.constant(range);
            return;
        }
        let first = block.stmts.first().map(|stmt| bytes(stmt).start);
        self.places.bodies.extend(first);
        if let Some(Stmt::Expr(tail, None)) = block.stmts.last()
            && is_truth(tail)
            && block.stmts.len() > 1
        {
            self.condition(tail, "tail");
        }
    }
}

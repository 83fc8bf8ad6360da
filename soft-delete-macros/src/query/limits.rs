//! How deep the tokens of a call may nest: the expression parser is recursive.

use proc_macro2::{Span, TokenStream, TokenTree, token_stream};

const DEPTH: usize = 64;
/// The longest run of tokens that may each open one more level without a group: `!!!!x`,
/// `A<A<A<…`, `return return …`.
const RUN: usize = 96;

/// The place where the tokens nest deeper than is read.
pub(super) fn too_deep(tokens: &TokenStream) -> Option<Span> {
    let mut stack: Vec<(token_stream::IntoIter, Run)> =
        vec![(tokens.clone().into_iter(), Run::default())];
    while let Some((level, run)) = stack.last_mut() {
        let Some(token) = level.next() else {
            stack.pop();
            continue;
        };
        if run.take(&token) > RUN {
            return Some(token.span());
        }
        if let TokenTree::Group(group) = token {
            if stack.len() > DEPTH {
                return Some(group.span());
            }
            stack.push((group.stream().into_iter(), Run::default()));
        }
    }
    None
}

/// Counts what may open a level since the argument began.
#[derive(Default)]
struct Run {
    opened: usize,
    after_operand: bool,
    generics: usize,
}

impl Run {
    fn take(&mut self, token: &TokenTree) -> usize {
        match token {
            TokenTree::Punct(punct) => match punct.as_char() {
                ',' | ';' => *self = Self::default(),
                '<' => self.generics += 1,
                '>' => self.generics = self.generics.saturating_sub(1),
                // Closures and assignments nest to the right whatever stands before them.
                '|' | '=' => self.opened += 1,
                _ if self.after_operand => self.after_operand = false,
                _ => self.opened += 1,
            },
            TokenTree::Ident(ident) => {
                if is_prefix(&ident.to_string()) {
                    self.opened += 1;
                } else {
                    self.after_operand = true;
                }
            }
            TokenTree::Group(_) | TokenTree::Literal(_) => self.after_operand = true,
        }
        self.opened + self.generics
    }
}

/// Keywords that stand before an expression or a type.
fn is_prefix(word: &str) -> bool {
    matches!(
        word,
        "return"
            | "break"
            | "move"
            | "mut"
            | "dyn"
            | "unsafe"
            | "async"
            | "const"
            | "static"
            | "if"
            | "else"
            | "match"
            | "loop"
            | "while"
            | "for"
            | "in"
            | "let"
            | "ref"
            | "impl"
            | "yield"
            | "become"
            | "raw"
            | "fn"
            | "extern"
            | "where"
    )
}

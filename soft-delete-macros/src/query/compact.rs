//! Tokens in a message.

use proc_macro2::{Delimiter, Group, Punct, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// Tokens as one would write them.
pub(super) fn compact(value: &impl ToTokens) -> String {
    let mut text = Compact::default();
    text.write(value.to_token_stream());
    // A message holds a name, not a program.
    match text.out.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text.out[..end]),
        None => text.out,
    }
}

/// Writes tokens with the spaces of names, types and short expressions.
#[derive(Default)]
struct Compact {
    out: String,
    /// The last token was a word, a literal or a group.
    after_word: bool,
    /// The last token wants a space, if another one follows.
    space: bool,
    /// The last token is a part of a longer operator.
    joint: bool,
}

impl Compact {
    fn write(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.group(&group),
                TokenTree::Punct(punct) => self.punct(&punct),
                TokenTree::Ident(_) | TokenTree::Literal(_) => self.word(&token.to_string()),
            }
        }
    }

    fn word(&mut self, text: &str) {
        if self.space || self.after_word {
            self.out.push(' ');
        }
        self.out.push_str(text);
        (self.after_word, self.space, self.joint) = (true, false, false);
    }

    fn punct(&mut self, punct: &Punct) {
        let mark = punct.as_char();
        let binary = matches!(mark, '+' | '-' | '*' | '/' | '=' | '|' | '%' | '^');
        let spaced = binary && self.after_word;
        if (self.space || spaced) && !matches!(mark, ',' | ';') {
            self.out.push(' ');
        }
        self.out.push(mark);
        let ends = punct.spacing() == Spacing::Alone;
        let arrow = self.joint && self.out.ends_with("=>");
        let colon = !self.joint && mark == ':';
        self.space = matches!(mark, ',' | ';') || (ends && (spaced || arrow || colon));
        (self.after_word, self.joint) = (false, !ends);
    }

    fn group(&mut self, group: &Group) {
        if self.space {
            self.out.push(' ');
        }
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{ ", " }"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => ("", ""),
        };
        self.out.push_str(open);
        (self.after_word, self.space, self.joint) = (false, false, false);
        self.write(group.stream());
        self.out.push_str(close);
        (self.after_word, self.space, self.joint) = (true, false, false);
    }
}

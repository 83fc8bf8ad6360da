//! Tokens stand in order, inside the text, on character boundaries.

use soft_delete_sql::syntax::lexer;

use super::{Outcome, input, oracle};

pub(super) fn run(data: &[u8]) -> Outcome {
    let Some((dialect, sql)) = input::text(data) else {
        return Outcome::Refused;
    };
    let tokens = match lexer::lex(dialect, sql) {
        Ok(tokens) => tokens,
        Err(fault) => {
            oracle::drawn(&fault, sql);
            return Outcome::Refused;
        }
    };
    let mut end = 0;
    for token in tokens {
        assert!(end <= token.start && token.start < token.end && token.end <= sql.len());
        assert!(sql.is_char_boundary(token.start) && sql.is_char_boundary(token.end));
        let _ = token.name(dialect, sql);
        end = token.end;
    }
    Outcome::Accepted
}

//! Tokens stand in order, inside the text, on character boundaries.
#![no_main]

use soft_delete_sql::syntax::lexer;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((dialect, sql)) = soft_delete_fuzz::input(data) else {
        return;
    };
    let Ok(tokens) = lexer::lex(dialect, sql) else {
        return;
    };
    let mut end = 0;
    for token in tokens {
        assert!(end <= token.start && token.start < token.end && token.end <= sql.len());
        assert!(sql.is_char_boundary(token.start) && sql.is_char_boundary(token.end));
        let _ = token.name(dialect, sql);
        end = token.end;
    }
});

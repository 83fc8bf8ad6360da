//! The parser ends, without a panic; what it refuses is drawn without one.
#![no_main]

use soft_delete_sql::syntax::parse;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((dialect, sql)) = soft_delete_fuzz::input(data) else {
        return;
    };
    if let Err(fault) = parse(dialect, sql) {
        let _ = fault.render(sql);
    }
});

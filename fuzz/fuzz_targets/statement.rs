#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = (test_fuzz::Target::by_name("statement").run)(data);
});

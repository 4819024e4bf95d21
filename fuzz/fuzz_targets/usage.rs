#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| modeldex_fuzz::run("usage", data));

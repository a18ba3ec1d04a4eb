#![no_main]

#[path = "../../tests/laws/dotenv.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::check(bytes));

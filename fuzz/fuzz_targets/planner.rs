#![no_main]

#[path = "../../tests/laws/planner.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|scenario: laws::Scenario| laws::check(&scenario));

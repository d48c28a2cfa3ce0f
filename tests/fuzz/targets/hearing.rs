#![no_main]

#[path = "../../decoders/targets.rs"]
#[allow(dead_code, reason = "one door of many")]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::hearing(bytes));

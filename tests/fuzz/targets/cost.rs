#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| wenwen_fuzz::cost(data));

// SPDX-License-Identifier: GPL-2.0

//! What could stand in the kernel's log, which programs write to as well.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sphere_core::component_list::Line;
use sphere_core::denial_line::Denial;
use sphere_core::denial_words::Sentence;
use sphere_core::kmsg::{RECORD_MAX, Record};

fuzz_target!(|data: &[u8]| {
    let mut buffer = [0; RECORD_MAX];
    if let Some(text) = Record::parse(data).and_then(|record| record.message(&mut buffer)) {
        read(text);
    }
    if let Ok(text) = std::str::from_utf8(data) {
        read(text);
    }
});

fn read(text: &str) {
    match Line::parse(text) {
        Line::Name(name) | Line::Tenant(name) => assert_safe(&name.to_string()),
        Line::Grant(words) | Line::Policy(words) => assert_safe(words),
        _ => {}
    }
    let Some(denial) = Denial::find(text) else {
        return;
    };
    let again = denial.to_string();
    assert_eq!(Denial::parse(&again), Some(denial));
    let sentence = Sentence {
        denial: &denial,
        name: None,
    };
    assert_safe(&sentence.to_string());
}

fn assert_safe(words: &str) {
    assert!(!words.contains(char::is_control), "{words:?}");
}

// SPDX-License-Identifier: GPL-2.0

//! What somebody could send as a manifest.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sphere::report::Report;
use sphere::{json, manifest};

fuzz_target!(|text: &str| {
    let mut report = Report::default();
    let manifest = json::parse("m.json", text, &mut report)
        .and_then(|root| manifest::parse(&root, &mut report));
    // What is not accepted is explained.
    assert!(manifest.is_some() || report.has_errors());
    for problem in report.problems() {
        assert!(problem.place.to_string().starts_with("m.json"));
        assert!(!problem.reason.is_empty());
    }
});

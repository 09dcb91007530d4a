// SPDX-License-Identifier: GPL-2.0

//! A policy is checked before the kernel is asked, and with the kernel's answer.

use sphere_core::{
    policy::{POLICY_MAX, PolicyError, Reason, STATEMENTS_MAX},
    policy_check::{At, InOrder, check, is_statement},
};

/// How many statements there are, and how many were given on.
fn counts(text: &str) -> Result<(usize, usize), PolicyError> {
    let mut kept = 0;
    let lines = check(text.as_bytes(), &mut |_, _| kept += 1)?;
    Ok((lines, kept))
}

#[test]
fn lines_are_counted_and_statements_given_on() {
    assert_eq!(counts("version 1\n"), Ok((1, 0)));
    let text = "# a policy\nversion 1\n\n  \t\n check gpio off # not here\n  # none\n\
                component * allow gpio c 0-99 in\nnobody allow tcp bind 80\n";
    // Two windows of one chip.
    assert_eq!(counts(text), Ok((4, 3)));
}

#[test]
fn the_first_mistake_is_named() {
    for (text, line, reason) in [
        ("", 0, Reason::Cut),
        ("version 1", 0, Reason::Cut),
        ("# no statement\n", 2, Reason::NoVersion),
        ("version 1\ncheck door on\n", 2, Reason::Gate),
        ("version 1\n\nnobody deny\nx\n", 3, Reason::Nobody),
        ("version 1\n\u{1b}\n", 2, Reason::NotText),
    ] {
        assert_eq!(counts(text), Err(PolicyError { line, reason }), "{text:?}");
    }
}

#[test]
fn the_limits_are_those_of_the_kernel() {
    let statement = "nobody allow tcp bind 80\n";
    // Shorter ones, as all have to fit.
    let many = |count| {
        format!(
            "version 1\n{}",
            "nobody allow gpio c 0,64,128,192,256,320,384,448 in\n".repeat(count)
        )
    };
    assert!(many(STATEMENTS_MAX / 8).len() < POLICY_MAX);
    assert!(counts(&many(STATEMENTS_MAX / 8)).is_ok());
    let line = 2 + STATEMENTS_MAX as u32 / 8;
    let reason = Reason::TooMany;
    assert_eq!(
        counts(&(many(STATEMENTS_MAX / 8) + statement)),
        Err(PolicyError { line, reason })
    );

    let long = format!("version 1\n#{}\n", "x".repeat(POLICY_MAX - 12));
    assert_eq!(counts(&long), Ok((1, 0)));
    let (line, reason) = (0, Reason::TooLarge);
    assert_eq!(
        counts(&format!("{long}\n")),
        Err(PolicyError { line, reason })
    );
}

#[test]
fn comments_are_no_statements() {
    for line in ["", " ", "\t", "#", " # version 1"] {
        assert!(!is_statement(line), "{line:?}");
    }
    for line in ["version 1", " x", "x # y"] {
        assert!(is_statement(line), "{line:?}");
    }
}

#[test]
fn results_are_said_with_the_file() {
    assert_eq!(InOrder("p", 1).to_string(), "p: ok, 1 statement");
    assert_eq!(InOrder("p", 0).to_string(), "p: ok, 0 statements");
    assert_eq!(At("p", 0).to_string(), "p");
    assert_eq!(At("p", 3).to_string(), "p:3");
}

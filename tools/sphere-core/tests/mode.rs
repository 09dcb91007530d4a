// SPDX-License-Identifier: GPL-2.0

//! Modes and their words.

use sphere_core::mode::Mode;

#[test]
fn each_mode_has_its_word() {
    for mode in Mode::ALL {
        assert_eq!(Mode::from_name(mode.name().as_bytes()), Some(mode));
    }
    // The kernel keeps the number.
    assert_eq!(Mode::ALL.map(|mode| mode as u32), [0, 1, 2]);
}

#[test]
fn other_words_are_none() {
    for word in [
        "",
        "Enforcing",
        "enforcing ",
        "enforcing\n",
        "dev",
        "developments",
        "0",
    ] {
        assert_eq!(Mode::from_name(word.as_bytes()), None, "{word:?}");
    }
}

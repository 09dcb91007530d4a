// SPDX-License-Identifier: GPL-2.0

//! Modes and their words.

use sphere_core::mode::Mode;

#[test]
fn each_mode_has_its_word() {
    for (number, &mode) in (0..).zip(Mode::ALL) {
        assert_eq!(Mode::from_name(mode.name().as_bytes()), Some(mode));
        // Which the kernel keeps.
        assert_eq!(mode as u32, number);
    }
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

// SPDX-License-Identifier: GPL-2.0

//! What the kernel or a dynamic loader maps to execute it.

const MAGIC: &[u8] = b"\x7fELF";
/// Which byte says in what order the bytes of numbers are, and what it says.
const ORDER: usize = 5;
const BIG_ENDIAN: u8 = 2;
/// Where the type is, which has two bytes.
const TYPE: usize = 16;
const EXECUTABLE: u16 = 2;
/// A shared library, or a program that can be loaded anywhere.
const SHARED: u16 = 3;

/// Whether a file is a program or a shared library, whatever its permissions are: libraries often
/// are executable by nobody. Object files and core dumps are ELF files, too, and are neither.
pub fn is_program(content: &[u8]) -> bool {
    let Some(kind) = content.get(TYPE..).and_then(|rest| rest.first_chunk()) else {
        return false;
    };
    let kind = if content[ORDER] == BIG_ENDIAN {
        u16::from_be_bytes(*kind)
    } else {
        u16::from_le_bytes(*kind)
    };
    content.starts_with(MAGIC) && matches!(kind, EXECUTABLE | SHARED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elf(order: u8, kind: [u8; 2]) -> Vec<u8> {
        let mut header = b"\x7fELF\x01".to_vec();
        header.push(order);
        header.resize(TYPE, 0);
        header.extend(kind);
        header
    }

    #[test]
    fn programs_and_libraries_are_known_in_both_byte_orders() {
        for (order, kind, expected) in [
            (1, [2, 0], true),
            (1, [3, 0], true),
            (2, [0, 3], true),
            (1, [0, 3], false),
            (1, [1, 0], false),
            (1, [4, 0], false),
        ] {
            assert_eq!(is_program(&elf(order, kind)), expected, "{order} {kind:?}");
        }
        assert!(!is_program(&elf(1, [2, 0])[..17]));
        assert!(!is_program(b"#!/bin/sh\necho \x02\x00\x02\x00"));
        assert!(!is_program(b""));
    }
}

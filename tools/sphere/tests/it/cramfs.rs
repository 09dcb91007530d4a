// SPDX-License-Identifier: GPL-2.0

//! Images of any files: written, and read back by our reader, by the rules that the kernel reads
//! them by, and by `fsck.cramfs`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use assert_cmd::Command;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use sphere::cramfs::format::{BLOCK, Inode, NAME_MAX, field, flag, kind, pointer};
use sphere::cramfs::{CramfsError, Directory, File, Limit, Map, Node, file, tree, write};

use crate::support::Sandbox;

const MAPS: [Map; 3] = [Map::All, Map::Programs, Map::None];

/// The start of an ELF file that is a program.
const PROGRAM: &[u8] = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0\x02\0";

fn image(root: &Directory, map: Map) -> Vec<u8> {
    write(root, "volume", map, || {}).expect("there is room for it")
}

fn number(image: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(image[at..at + 4].try_into().unwrap())
}

/// Contents around the borders of blocks; some compress, some do not, some have holes.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let size = prop_oneof![
        Just(0),
        1..100_usize,
        BLOCK - 2..BLOCK + 3,
        2 * BLOCK - 2..2 * BLOCK + 3,
        Just(3 * BLOCK),
        0..4 * BLOCK
    ];
    let style = 0..4_u8;
    (size, style, any::<u32>(), any::<bool>()).prop_map(|(size, style, seed, is_program)| {
        let mut state = seed | 1;
        let mut content: Vec<_> = (0..size)
            .map(|index| {
                // A generator of Marsaglia's, for what does not compress.
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                match style {
                    0 => state as u8,
                    1 => b"some text "[index % 10],
                    2 => 0,
                    _ if index / BLOCK % 2 == 0 => 0,
                    _ => state as u8,
                }
            })
            .collect();
        if is_program && size >= PROGRAM.len() {
            content[..PROGRAM.len()].copy_from_slice(PROGRAM);
        }
        content
    })
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    let byte = || any::<u8>().prop_filter("no byte of names", |byte| *byte != 0 && *byte != b'/');
    prop_oneof![
        prop::collection::vec(byte(), 1..9),
        "[a-c]{1,3}".prop_map(String::into_bytes),
        prop::collection::vec(byte(), NAME_MAX - 3..=NAME_MAX),
    ]
    .prop_filter("dots are no names", |name| name != b"." && name != b"..")
}

fn node() -> impl Strategy<Value = Node> {
    let file = (content(), any::<bool>()).prop_map(|(content, is_executable)| {
        Node::File(File {
            content,
            is_executable,
        })
    });
    let link = name().prop_map(Node::Link);
    let leaf = prop_oneof![4 => file, 1 => link];
    leaf.prop_recursive(3, 24, 6, |node| {
        prop::collection::btree_map(name(), node, 0..6)
            .prop_map(|entries| Node::Directory(Directory { entries }))
    })
}

pub fn directory() -> impl Strategy<Value = Directory> {
    prop::collection::btree_map(name(), node(), 0..6).prop_map(|entries| Directory { entries })
}

/// One entry of an image, as the kernel finds it.
struct Found {
    inode: Inode,
    name: Vec<u8>,
    owner: (u8, u8, u8),
}

/// The entries of a directory, and of those in it.
fn walk(image: &[u8], directory: Inode, found: &mut Vec<Found>) {
    let mut names: Vec<Vec<u8>> = Vec::new();
    let mut at = directory.offset;
    while at < directory.offset + directory.size {
        let bytes: [u8; Inode::SIZE] = image[at..at + Inode::SIZE].try_into().unwrap();
        let inode = Inode::decode(bytes);
        // A kernel that reads the flash directly wants to have this much in front of it.
        assert!(at + Inode::SIZE + NAME_MAX <= image.len());
        let start = at + Inode::SIZE;
        let name: Vec<_> = image[start..start + inode.name_len]
            .iter()
            .copied()
            .take_while(|byte| *byte != 0)
            .collect();
        assert_eq!(name.len().next_multiple_of(4), inode.name_len);
        names.push(name.clone());
        if inode.kind() == kind::DIRECTORY {
            walk(image, inode, found);
        }
        at = start + inode.name_len;
        let owner = (bytes[2], bytes[3], bytes[7]);
        found.push(Found { inode, name, owner });
    }
    assert_eq!(at, directory.offset + directory.size);
    assert!(names.is_sorted(), "{names:?}");
}

fn entries(image: &[u8]) -> Vec<Found> {
    let root = image[field::ROOT..].first_chunk().unwrap();
    let mut found = Vec::new();
    walk(image, Inode::decode(*root), &mut found);
    found
}

/// The pointers of a file in pages, without the last if that is a whole page: how
/// `cramfs_get_block_range` of the kernel wants them.
fn assert_mappable(image: &[u8], inode: Inode, content: &[u8]) {
    let direct = pointer::UNCOMPRESSED | pointer::DIRECT;
    let blocks = content.len().div_ceil(BLOCK);
    let first = number(image, inode.offset);
    assert_eq!(first & direct, direct);
    let start = (first & !pointer::FLAGS) as usize * 4;
    assert_eq!(start % BLOCK, 0);
    assert_ne!(start, 0);
    for block in 0..blocks {
        let pointer = number(image, inode.offset + block * 4);
        let expected = if (block + 1) * BLOCK == content.len() {
            (start + content.len()) as u32 | pointer::UNCOMPRESSED
        } else {
            first + (block * BLOCK / 4) as u32
        };
        assert_eq!(pointer, expected, "block {block} of {blocks}");
    }
    assert_eq!(&image[start..start + content.len()], content);
    // cramfs_last_page_is_shared
    let behind = &image[start + content.len()..start + blocks * BLOCK];
    assert!(behind.iter().all(|byte| *byte == 0));
}

/// The bytes of one block, by the rules of `cramfs_read_folio` in fs/cramfs/inode.c, with its
/// treatment of a last block that is a whole page.
fn block_as_the_kernel_reads(image: &[u8], inode: Inode, index: usize) -> Vec<u8> {
    let blocks = inode.size.div_ceil(BLOCK);
    let pointer = number(image, inode.offset + index * 4);
    let is_plain = pointer & pointer::UNCOMPRESSED != 0;
    let value = (pointer & !pointer::FLAGS) as usize;
    let (start, len) = if pointer & pointer::DIRECT != 0 {
        assert!(is_plain, "no such block is written");
        let is_last = index == blocks - 1;
        (value * 4, if is_last { inode.size % BLOCK } else { BLOCK })
    } else {
        let mut start = inode.offset + blocks * 4;
        if index > 0 {
            let before = number(image, inode.offset + index * 4 - 4);
            start = (before & !pointer::FLAGS) as usize;
            if before & pointer::DIRECT != 0 {
                start = start * 4 + BLOCK;
            }
        }
        (start, value - start)
    };
    let stored = &image[start..start + len];
    let mut bytes = match (stored, is_plain) {
        ([], _) => Vec::new(),
        (stored, true) => {
            assert!(stored.len() <= BLOCK);
            stored.to_vec()
        }
        (stored, false) => {
            assert!(stored.len() <= 2 * BLOCK);
            miniz_oxide::inflate::decompress_to_vec_zlib(stored).unwrap()
        }
    };
    bytes.resize(BLOCK, 0);
    bytes
}

fn as_the_kernel_reads(image: &[u8], inode: Inode) -> Vec<u8> {
    let blocks = inode.size.div_ceil(BLOCK);
    let mut content: Vec<_> = (0..blocks)
        .flat_map(|index| block_as_the_kernel_reads(image, inode, index))
        .collect();
    content.truncate(inode.size);
    content
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_written_is_read_back(root in directory()) {
        for map in MAPS {
            let image = image(&root, map);
            prop_assert_eq!(tree(&image, usize::MAX), Ok(root.clone()));
            for (name, node) in &root.entries {
                let Ok(name) = std::str::from_utf8(name) else { continue };
                let content = match node {
                    Node::File(file) => Some(file.content.clone()),
                    _ => None,
                };
                prop_assert_eq!(file(&image, &[name], usize::MAX), Ok(content));
            }
        }
    }

    #[test]
    fn an_image_is_what_the_kernel_wants(root in directory()) {
        for map in MAPS {
            let image = image(&root, map);
            prop_assert_eq!(&image, &self::image(&root, map));
            prop_assert_eq!(image.len() % BLOCK, 0);
            prop_assert_eq!(number(&image, field::SIZE) as usize, image.len());
            let entries = entries(&image);
            prop_assert_eq!(number(&image, field::FILES) as usize, entries.len() + 1);
            let mut inodes = BTreeMap::new();
            for Found { inode, owner, .. } in &entries {
                prop_assert_eq!(*owner, (0, 0, 0));
                prop_assert!(inode.size > 0 || inode.offset == 0);
                // What has the same place is the same inode.
                if inode.size > 0 {
                    let mode = inodes.entry(inode.offset).or_insert(inode.mode);
                    prop_assert_eq!(*mode, inode.mode);
                }
                let modes = match inode.kind() {
                    kind::DIRECTORY => [0o755, 0o755],
                    kind::LINK => [0o777, 0o777],
                    _ => [0o644, 0o755],
                };
                prop_assert!(modes.contains(&(inode.mode & 0o7777)));
            }
            let mut whole = image.clone();
            whole[field::CRC..field::CRC + 4].fill(0);
            prop_assert_eq!(number(&image, field::CRC), crc32fast::hash(&whole));
            if map == Map::None {
                let flags = flag::FSID_VERSION_2 | flag::SORTED_DIRS;
                prop_assert_eq!(number(&image, field::FLAGS), flags);
            }
        }
    }

    #[test]
    fn the_kernel_reads_what_was_written(content in content(), before in content()) {
        let mut root = Directory::default();
        let node = |content: &[u8]| Node::File(File::plain(content));
        root.insert(&[b"a"], node(&before));
        root.insert(&[b"b"], node(&content));
        for map in MAPS {
            let image = image(&root, map);
            let entries = entries(&image);
            for (found, content) in entries.iter().zip([&before, &content]) {
                prop_assert_eq!(&as_the_kernel_reads(&image, found.inode), content);
            }
        }
    }

    #[test]
    fn programs_can_be_mapped(content in content(), before in content()) {
        let mut program = content;
        program.splice(..0, PROGRAM.iter().copied());
        prop_assume!(program.len() != BLOCK);
        let mut root = Directory::default();
        root.insert(&[b"a"], Node::File(File::plain(before)));
        root.insert(&[b"b"], Node::File(File::plain(program.clone())));
        for map in [Map::All, Map::Programs] {
            let image = image(&root, map);
            let inode = entries(&image)[1].inode;
            assert_mappable(&image, inode, &program);
        }
    }

    #[test]
    fn damaged_images_do_no_harm(
        root in directory(),
        cut in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let whole = image(&root, Map::Programs);
        let _ = tree(&whole[..cut.index(whole.len())], 1 << 20);
        // Most of an image is contents. What can be wrong stands at its start.
        for span in [whole.len(), whole.len().min(512)] {
            let mut damaged = whole.clone();
            for (index, value) in &damage {
                damaged[index.index(span)] = *value;
            }
            let _ = tree(&damaged, 1 << 20);
            let _ = file(&damaged, &["a"], 1 << 20);
        }
    }
}

/// What `fsck.cramfs` has written.
fn extracted(folder: &Path) -> Directory {
    let entries = fs::read_dir(folder).unwrap().map(|entry| {
        let entry = entry.unwrap();
        let metadata = entry.metadata().unwrap();
        let node = if metadata.is_dir() {
            Node::Directory(extracted(&entry.path()))
        } else if metadata.is_symlink() {
            let target = fs::read_link(entry.path()).unwrap();
            Node::Link(target.into_os_string().into_vec())
        } else {
            Node::File(File {
                content: fs::read(entry.path()).unwrap(),
                is_executable: metadata.permissions().mode() & 0o100 != 0,
            })
        };
        (entry.file_name().as_bytes().to_vec(), node)
    });
    Directory {
        entries: entries.collect(),
    }
}

/// Files of all sorts, which do not depend on chance: fsck is a program of its own, which takes
/// time.
fn samples() -> Vec<Directory> {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = directory();
    (0..24)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .filter(|root| !root.entries.is_empty())
        .collect()
}

/// fsck.cramfs knows neither pointers with flags nor holes.
#[test]
fn another_reader_finds_the_same_files() {
    let fsck = "/sbin/fsck.cramfs";
    if !Path::new(fsck).exists() {
        println!("there is no {fsck}");
        return;
    }
    for root in samples() {
        let sandbox = Sandbox::new();
        fs::write(sandbox.path("img"), image(&root, Map::None)).unwrap();
        Command::new(fsck)
            .current_dir(sandbox.folder())
            .args(["--extract=files", "img"])
            .assert()
            .success();
        assert_eq!(extracted(&sandbox.path("files")), root);
    }
}

#[test]
fn same_contents_are_kept_once() {
    let file = |content: &[u8], is_executable| {
        let content = content.to_vec();
        Node::File(File {
            content,
            is_executable,
        })
    };
    let mut root = Directory::default();
    root.insert(&[b"a"], file(b"same", false));
    root.insert(&[b"b"], file(b"same", false));
    // Which is another inode, because it has another mode.
    root.insert(&[b"c"], file(b"same", true));
    root.insert(&[b"d"], Node::Link(b"same".to_vec()));
    let image = image(&root, Map::Programs);
    let places: Vec<_> = entries(&image)
        .iter()
        .map(|found| (found.name.clone(), found.inode.offset))
        .collect();
    assert_eq!(places[0].1, places[1].1, "{places:?}");
    assert_ne!(places[0].1, places[2].1, "{places:?}");
    assert_ne!(places[0].1, places[3].1, "{places:?}");
    assert_ne!(places[2].1, places[3].1, "{places:?}");
    assert_eq!(tree(&image, 100).as_ref(), Ok(&root));
}

#[test]
fn what_there_is_no_room_for_is_named() {
    let refused = |names: &[&[u8]], node: Node| {
        let mut root = Directory::default();
        root.insert(names, node);
        write(&root, "", Map::None, || {}).map_err(|error| (error.path, error.limit))
    };
    let empty = || Node::File(File::default());
    let long = [b'x'; NAME_MAX + 1];
    assert!(refused(&[&long[1..]], empty()).is_ok());
    let name = refused(&[b"d", &long], empty()).unwrap_err();
    assert_eq!(name.1, Limit::Name);
    assert!(name.0.to_string_lossy().starts_with("d/x"));
    let large = Node::File(File::plain(vec![0; 1 << 24]));
    assert_eq!(
        refused(&[b"d", b"f"], large).unwrap_err(),
        ("d/f".into(), Limit::File)
    );
    let deep = [b"d".as_slice(); 129];
    assert!(refused(&deep[1..], empty()).is_ok());
    assert_eq!(refused(&deep, empty()).unwrap_err().1, Limit::Depth);
    let entries = (0..70_000_u32).map(|index| {
        let name = format!("{index:0250}").into_bytes();
        (name, Node::File(File::default()))
    });
    let many = Node::Directory(Directory {
        entries: entries.collect(),
    });
    assert_eq!(
        refused(&[b"d"], many).unwrap_err(),
        ("d".into(), Limit::Directory)
    );
}

#[test]
fn an_image_without_files_is_one() {
    let image = image(&Directory::default(), Map::Programs);
    assert_eq!(image.len(), BLOCK);
    assert_eq!(tree(&image, 0), Ok(Directory::default()));
    assert_eq!(tree(&image[..BLOCK / 2], 0), Ok(Directory::default()));
    assert_eq!(tree(b"", 0), Err(CramfsError::BadMagic));
}

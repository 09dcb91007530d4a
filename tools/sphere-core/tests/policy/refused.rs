// SPDX-License-Identifier: GPL-2.0

//! What the language has not: every reason, and the line that it is given for.

use super::reader::{Owned, refusal};
use sphere_core::policy::{POLICY_MAX, PolicyError, Reason, STATEMENTS_MAX, Settings, parse, text};

const ID: &str = "0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a";

/// Puts each of these into a policy, and finds it refused where it stands.
fn all_refused(reason: Reason, statements: &[&str]) {
    for statement in statements {
        let policy = format!("version 1\n\n# fine\n{statement}\ncheck gpio on\nthis is wrong\n");
        assert_eq!(refusal(&policy), (4, reason), "{statement}");
        // The same as a last line that does not end, and with what else may separate words.
        let policy = format!("version 1\r\n\t{}# so", statement.replace(' ', " \t"));
        assert_eq!(refusal(&policy), (2, reason), "{statement}");
    }
}

#[test]
fn more_bytes_than_a_policy_has() {
    let mut policy = b"version 1\n".to_vec();
    policy.resize(POLICY_MAX, b'#');
    assert!(Owned::read(&policy).is_ok());
    policy.push(b'#');
    assert_eq!(refusal(&policy), (0, Reason::TooLarge));
    // Whatever else is wrong with it.
    assert_eq!(refusal([0xff; POLICY_MAX + 1]), (0, Reason::TooLarge));
}

#[test]
fn more_statements_than_are_kept() {
    let runs: Vec<_> = (0..=STATEMENTS_MAX).map(|i| (2 * i).to_string()).collect();
    let many = format!("version 1\n\nnobody allow gpio a {} in\n", runs.join(","));
    assert_eq!(refusal(&many), (3, Reason::TooMany));
    let last = STATEMENTS_MAX * 64;
    let long = format!("version 1\nnobody allow gpio a 0-{last} in\n");
    assert_eq!(refusal(&long), (2, Reason::TooMany));
    let all = "version 1\nnobody allow gpio a 0-4294967295 in\n";
    assert_eq!(refusal(all), (2, Reason::TooMany));
    let half = "nobody allow gpio a 0-32767 in\n";
    let halves = format!("version 1\n{half}{half}# full\n\nnobody allow mtd a read\n");
    assert_eq!(refusal(&halves), (6, Reason::TooMany));
}

/// What the kernel has against a statement, it is told for the line that has it, and reads no more.
#[test]
fn who_keeps_statements_can_end_the_reading() {
    let text = "version 1\ncomponent * quarantine\n\ncomponent * allow storage 1\nwrong\n";
    for (good, line) in [(0, 2), (1, 4)] {
        let mut kept = 0;
        let error = parse(text, &mut |_| {
            kept += 1;
            (kept <= good).then_some(()).ok_or(Reason::Unenforced)
        });
        let reason = Reason::Unenforced;
        assert_eq!(error, Err(PolicyError { line, reason }));
        assert_eq!(kept, good + 1);
    }
    // Also in the middle of a line.
    let mut kept = 0;
    let error = parse("version 1\nnobody allow gpio a 0,2,4,6 in\n", &mut |_| {
        kept += 1;
        (kept < 3).then_some(()).ok_or(Reason::TooMany)
    });
    assert_eq!(error.map_err(|error| error.line), Err(2));
    assert_eq!(kept, 3);
}

#[test]
fn no_text() {
    for (bytes, line) in [
        (&b"\xff"[..], 1),
        (b"version 1\n\n#\xc3\n", 3),
        // Cut off at the end.
        (b"version 1\n#\xe2\x82", 2),
        // A surrogate, and a byte written with more than it needs.
        (b"version 1\n# \xed\xa0\x80\n\n", 2),
        (b"version 1\n\n\n# \xc0\xaf", 4),
        (b"version 1\0", 1),
        (b"version 1\n\0", 2),
        (b"version 1\n#\x1b[31m\n", 2),
        (b"version 1\n#\x7f\n", 2),
        // Form feed and vertical tab separate nothing here.
        (b"version\x0c1\n", 1),
        (b"version 1\n\x0b\n", 2),
        // C1, of which one is a line end to some.
        (b"version 1\n\n#\xc2\x85\n", 3),
        // The first of two.
        (b"version 1\n\x01\n\xff", 2),
        (b"version 1\n\xff\n\x01", 2),
    ] {
        assert_eq!(refusal(bytes), (line, Reason::NotText), "{bytes:?}");
    }
    assert!(text("version 1\n# \u{a0}größe\t\r\n".as_bytes()).is_ok());
}

#[test]
fn no_version_first() {
    for (policy, line) in [
        ("", 1),
        ("\n", 2),
        ("# nothing", 1),
        ("# nothing\n\n# at all\n", 4),
        ("check gpio on\nversion 1\n", 1),
        ("\n\ncomponent\n", 3),
        ("version", 1),
        ("version 2\n", 1),
        ("version 01\n", 1),
        ("version one", 1),
        ("Version 1\n", 1),
        ("version1\n", 1),
        ("#version 1\n", 2),
        ("\u{feff}version 1\n", 1),
        ("version 1\nversion 2\n", 2),
        ("version 1\n\nversion\ncheck gpio on\n", 3),
    ] {
        assert_eq!(refusal(policy), (line, Reason::NoVersion), "{policy:?}");
    }
}

#[test]
fn no_statement() {
    all_refused(
        Reason::Subject,
        &[
            "allow",
            "Nobody",
            "gate gpio on",
            "components",
            "\u{a0}",
            "- -",
            "*",
            ID,
        ],
    );
}

#[test]
fn no_gate() {
    all_refused(
        Reason::Gate,
        &[
            "check",
            "check GPIO on",
            "check gpi off",
            "check on",
            "check *",
        ],
    );
    all_refused(
        Reason::Fixed,
        &["check exec off", "check trace off", "check trace off x"],
    );
    all_refused(
        Reason::OnOrOff,
        &[
            "check gpio",
            "check gpio ON",
            "check exec",
            "check exec Off",
            "check mtd 1",
        ],
    );
}

#[test]
fn no_numbers_of_reports() {
    all_refused(
        Reason::Reports,
        &[
            "reports",
            "reports 1",
            "reports 10001 1",
            "reports 1 0",
            "reports 1 3600001",
            "reports -1 1",
            "reports +1 1",
            "reports 1 1s",
            "reports 1,1",
            "reports 18446744073709551617 1",
            "reports 1 18446744073709551617",
            "reports 1 \u{661}",
        ],
    );
}

#[test]
fn no_component() {
    let nil = "00000000-0000-0000-0000-000000000000";
    for id in [
        "",
        "**",
        "nobody",
        nil,
        &ID.to_uppercase(),
        &ID.replace('-', ""),
        &format!("{ID}0"),
        &ID[1..],
        &format!("{{{ID}}}"),
        "0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0g",
    ] {
        all_refused(
            Reason::Component,
            &[
                &format!("component {id}"),
                &format!("component * allow peer {id}"),
            ],
        );
    }
    // Nobody talks to all.
    all_refused(Reason::Component, &["component * allow peer *"]);
}

#[test]
fn no_verb() {
    all_refused(
        Reason::Verb,
        &[
            "nobody",
            "nobody Allow",
            "component *",
            "component * grant",
            "component * *",
        ],
    );
    all_refused(Reason::Verb, &[&format!("component {ID} {ID}")]);
}

#[test]
fn not_for_tasks_without_identity() {
    all_refused(
        Reason::Nobody,
        &[
            "nobody deny",
            "nobody deny gpio a 1 in",
            "nobody limit storage 1",
            "nobody quarantine",
            "nobody allow storage 1",
            "nobody allow peer",
        ],
    );
}

#[test]
fn no_grant() {
    all_refused(
        Reason::Grant,
        &[
            "nobody allow",
            "nobody allow GPIO",
            "nobody allow *",
            "component * deny sctp",
            "component * allow all",
        ],
    );
}

#[test]
fn no_name() {
    let (chip, partition) = ("x".repeat(32), "%78".repeat(64));
    for name in [
        "", "-", "%", "%2", "a%2", "a%", "%zz", "%2g", "%%20", "%+1", "%é", &partition,
    ] {
        all_refused(Reason::Name, &[&format!("nobody allow mtd {name}")]);
    }
    for name in ["-", "%zz", &chip, &partition] {
        all_refused(
            Reason::Name,
            &[&format!("component * deny gpio {name} 1 in")],
        );
    }
}

#[test]
fn no_lines() {
    for lines in [
        ",",
        "0,",
        ",0",
        "0,,1",
        "-",
        "0-",
        "-1",
        "3-2",
        "0-3-4",
        "a",
        "0x1",
        "4294967296",
        "0-4294967296",
        "18446744073709551616",
        "1.5",
        "*",
        "0;1",
    ] {
        all_refused(Reason::Lines, &[&format!("nobody allow gpio a {lines} in")]);
    }
}

#[test]
fn no_direction_or_access() {
    all_refused(
        Reason::Direction,
        &[
            "nobody allow gpio a",
            "nobody allow gpio a 1",
            "nobody allow gpio a 1 input",
            "nobody allow gpio a 1 2 in",
        ],
    );
    all_refused(
        Reason::Access,
        &[
            "nobody allow mtd a",
            "component * deny mtd a rw",
            "nobody allow mtd a read,write",
        ],
    );
}

#[test]
fn no_action_or_ports() {
    all_refused(
        Reason::Action,
        &[
            "nobody allow tcp",
            "nobody allow udp listen 1",
            "nobody allow tcp 80",
        ],
    );
    for ports in [
        "", "0", "0-80", "65536", "80-65536", "81-80", "80-", "-80", "80,81", "http", "1-2-3",
    ] {
        all_refused(
            Reason::Ports,
            &[
                &format!("nobody allow tcp bind {ports}"),
                &format!("nobody allow udp connect ::1 {ports}"),
            ],
        );
    }
}

#[test]
fn no_address() {
    for address in [
        "",
        "localhost",
        "10",
        "10.0.0",
        "10.0.0.256",
        "010.0.0.1",
        "[::1]",
        "fe80::1%eth0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "::/129",
        "::1/-1",
        "10.0.0.0/8/8",
        "10.0.0.0/+8",
        "/8",
        // Bits beyond the prefix.
        "10.0.0.1/8",
        "10.0.0.1/31",
        "128.0.0.0/0",
        "::1/127",
        "fe80::1/10",
        // IPv4 is judged as such, by whatever socket.
        "::ffff:10.0.0.1",
        "::ffff:0:0/96",
        "::ffff:a00:0/104",
        // What stands for others.
        "0.0.0.0",
        "0.0.0.0/32",
        "::",
        "::/128",
    ] {
        all_refused(
            Reason::Address,
            &[&format!("nobody allow tcp connect {address} 80")],
        );
    }
}

#[test]
fn no_capability_or_bytes() {
    all_refused(
        Reason::Capability,
        &[
            "nobody allow capability",
            "nobody allow capability systemtime",
            "component * deny capability *",
            // Who traces whom is no matter of the policy.
            "nobody allow capability Debug",
            "component * allow capability Debug",
        ],
    );
    all_refused(
        Reason::Bytes,
        &[
            "component * allow storage",
            "component * allow storage 8K",
            "component * limit storage -1",
            "component * limit storage 18446744073709551616",
        ],
    );
}

#[test]
fn only_storage_has_a_limit_and_only_a_limit_takes_storage() {
    all_refused(
        Reason::Limit,
        &[
            "component * limit",
            "component * limit gpio a 1 in",
            "component * limit mtd a read",
            "component * deny storage 1",
            "component * deny storage",
        ],
    );
}

#[test]
fn no_more_behind_the_end() {
    for statement in [
        "version 1",
        "check gpio off",
        "reports 1 1",
        "component * quarantine",
        "component * limit storage 1",
        "nobody allow gpio a 1 in",
        "nobody allow mtd a read",
        "nobody allow tcp bind 80",
        "nobody allow udp connect ::1 80",
        "nobody allow capability HostName",
        &format!("component * allow peer {ID}"),
    ] {
        all_refused(
            Reason::Rest,
            &[&format!("{statement} x"), &format!("{statement} \u{a0}")],
        );
    }
    assert_eq!(refusal("version 1 1"), (1, Reason::Rest));
}

#[test]
fn errors_say_which_line() {
    let error = Owned::read(b"version 1\ncheck no off\n").unwrap_err();
    let expected = "line 2: no such gate: see the file denials for their names";
    assert_eq!(error.to_string(), expected);
    let error = Owned::read(&[b'#'; POLICY_MAX + 1]).unwrap_err();
    assert_eq!(error.to_string(), "the policy has more than 16384 bytes");
    let (line, reason) = (7, Reason::Wider);
    let error = PolicyError { line, reason };
    assert!(
        error
            .to_string()
            .starts_with("line 7: the policy is locked")
    );
}

/// The numbers in what people are told.
#[test]
fn limits_are_those_that_are_said() {
    assert!(Reason::TooLarge.text().contains(&POLICY_MAX.to_string()));
    assert!(Reason::TooMany.text().contains(&STATEMENTS_MAX.to_string()));
    let settings = parse("version 1", &mut |_| Ok(())).unwrap();
    assert_eq!(settings, Settings::DEFAULT);
}

// SPDX-License-Identifier: GPL-2.0

//! What the language has, and what is made of it.

use super::reader::{Owned, policy};
use super::said::{A, lines, said, what};
use proptest::collection::vec;
use proptest::prelude::*;
use sphere_core::capability::Capability;
use sphere_core::gate::Gate;
use sphere_core::policy::{
    DEFAULT, Grant, POLICY_MAX, Reports, STATEMENTS_MAX, Settings, Verb, Who,
};
use sphere_core::record::{MtdAccess, NetAction, NetRule, Prefix, Protocol};
use sphere_core::uuid::Uuid;

/// The id in most of what is below.
const ID: &str = "0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a";

/// The one grant that is allowed to tasks without identity here.
fn grant(words: &str) -> (Owned, Grant) {
    let policy = policy(&format!("nobody allow {words}\n"));
    assert_eq!(policy.statements.len(), 1, "{words}");
    let grant = policy.statements[0].grant;
    (policy, grant)
}

/// Base, inputs and outputs of each window.
fn windows(words: &str) -> Vec<(u32, u64, u64)> {
    let policy = policy(&format!("nobody allow gpio {words}\n"));
    let window = |statement: &sphere_core::policy::Statement| match statement.grant {
        Grant::Gpio {
            base,
            input,
            output,
            ..
        } => (base, input, output),
        other => panic!("{other:?}"),
    };
    policy.statements.iter().map(window).collect()
}

fn rule(words: &str) -> NetRule {
    match grant(words).1 {
        Grant::Net(rule) => rule,
        other => panic!("{other:?}"),
    }
}

fn prefix(address: &str) -> Prefix {
    match rule(&format!("tcp connect {address} 1")).action {
        NetAction::Connect(prefix) => prefix,
        NetAction::Bind => panic!("no prefix"),
    }
}

#[test]
fn a_version_alone_is_a_policy() {
    for text in [
        DEFAULT,
        "version 1",
        "\n\n  version\t1 \r\n",
        "# x\nversion 1#y",
    ] {
        let policy = Owned::read(text.as_bytes()).expect(text);
        assert_eq!(policy.settings, Settings::DEFAULT);
        assert!(policy.statements.is_empty());
    }
    // Said twice is no error.
    Owned::read(b"version 1\nversion 1\n").unwrap();
}

#[test]
fn everybody_is_spoken_of() {
    let policy = policy(&format!(
        "nobody allow capability HostName\n\
         component * deny capability HostName\n\
         component {ID} limit storage 7\n\
         component {ID} quarantine\n"
    ));
    let said: Vec<_> = policy
        .statements
        .iter()
        .map(|said| (said.who, said.verb, said.grant))
        .collect();
    let capability = Grant::Capability(Capability::HostName);
    let component = Who::Component(A);
    assert_eq!(
        said,
        [
            (Who::Nobody, Verb::Allow, capability),
            (Who::Everyone, Verb::Deny, capability),
            (component, Verb::Limit, Grant::Storage(7)),
            (component, Verb::Quarantine, Grant::All),
        ]
    );
}

/// As they are shown to who asks what applies to a component.
#[test]
fn statements_keep_their_words() {
    let policy = policy(&format!(
        "  component  {ID}\tdeny  gpio a 0-3,70 out \t # why\r\ncomponent * quarantine#\n\
         component * allow storage 1"
    ));
    let words: Vec<_> = policy
        .statements
        .iter()
        .map(|said| policy.part(said.words))
        .collect();
    let gpio = "deny  gpio a 0-3,70 out";
    assert_eq!(words, [gpio, gpio, "quarantine", "allow storage 1"]);
}

#[test]
fn lines_end_in_any_of_the_usual_ways() {
    let expected = policy("check gpio off\nreports 1 2\n").settings;
    for text in [
        "version 1\ncheck gpio off\nreports 1 2",
        "version 1\r\ncheck gpio off\r\nreports 1 2\r\n",
        "\tversion\t1\n\n\n\tcheck\t gpio  off\t\n \nreports 1 2 \n\n",
        "#\nversion 1 # check gpio on\n#\u{e9}\ncheck gpio off#\nreports 1 2#3",
    ] {
        assert_eq!(Owned::read(text.as_bytes()).unwrap().settings, expected);
    }
}

#[test]
fn gates_are_turned_off_one_by_one() {
    for &gate in Gate::ALL {
        let name = gate.name();
        assert!(
            !policy(&format!("check {name} on\n"))
                .settings
                .off
                .contains(gate)
        );
        if !gate.is_negotiable() {
            continue;
        }
        let settings = policy(&format!("check {name} off\n")).settings;
        for &other in Gate::ALL {
            assert_eq!(settings.off.contains(other), other == gate);
        }
        let again = format!("check {name} off\ncheck {name} on\n");
        assert_eq!(policy(&again).settings, Settings::DEFAULT);
    }
}

#[test]
fn reports_within_their_limits() {
    for (words, count, interval) in [
        ("0 1", 0, 1),
        ("10000 3600000", 10_000, 3_600_000),
        ("010 0005000", 10, 5000),
    ] {
        let settings = policy(&format!("reports 5 5\nreports {words}\n")).settings;
        assert_eq!(settings.reports, Reports { count, interval });
    }
    let default = Settings::DEFAULT.reports;
    assert_eq!((default.count, default.interval), (10, 5000));
}

#[test]
fn lines_are_split_into_windows() {
    assert_eq!(windows("a 0 in"), [(0, 1, 0)]);
    assert_eq!(windows("a 3 out"), [(0, 0, 8)]);
    assert_eq!(windows("a 63 inout"), [(0, 1 << 63, 1 << 63)]);
    assert_eq!(windows("a 0-63 in"), [(0, !0, 0)]);
    assert_eq!(windows("a 64-127 out"), [(64, 0, !0)]);
    assert_eq!(windows("a 63-64 in"), [(0, 1 << 63, 0), (64, 1, 0)]);
    assert_eq!(windows("a 0-3,7 in"), [(0, 0xf, 0), (0, 0x80, 0)]);
    assert_eq!(
        windows("a 7,0-3,7 in"),
        [(0, 0x80, 0), (0, 0xf, 0), (0, 0x80, 0)]
    );
    assert_eq!(
        windows("a 62-129 in"),
        [(0, 3 << 62, 0), (64, !0, 0), (128, 3, 0)]
    );
}

#[test]
fn the_last_line_that_there_can_be() {
    let last = u32::MAX - 63;
    assert_eq!(windows("a 4294967295 in"), [(last, 1 << 63, 0)]);
    assert_eq!(windows("a 4294967295-4294967295 in"), [(last, 1 << 63, 0)]);
    assert_eq!(windows("a 4294967232-4294967295 out"), [(last, 0, !0)]);
    assert_eq!(
        windows("a 4294967231-4294967232 in"),
        [(last - 64, 1 << 63, 0), (last, 1, 0)]
    );
}

#[test]
fn names_mean_what_they_decode_to() {
    for (word, name) in [
        ("a", c"a"),
        ("a%20b", c"a b"),
        ("%25", c"%"),
        ("%22", c"\""),
        ("\"", c"\""),
        ("%23", c"#"),
        ("%2D", c"-"),
        ("%2d", c"-"),
        ("--", c"--"),
        ("gr%C3%B6%C3%9fe", c"größe"),
        ("größe", c"größe"),
        ("%FF", c"\xff"),
        ("*", c"*"),
    ] {
        let policy = policy(&format!(
            "nobody allow gpio {word} 0 in\nnobody allow mtd {word} read\n"
        ));
        let grants = policy.grants(None);
        assert_eq!(grants.gpio_window(name, 0), (1, 0), "{word}");
        assert!(grants.has_gpio_chip(name), "{word}");
        assert!(grants.has_mtd(name, MtdAccess::Read), "{word}");
        for other in [c"", c"x", c"a%20b", c"%2D"] {
            assert!(!grants.has_gpio_chip(other) && !grants.has_mtd(other, MtdAccess::Read));
        }
    }
}

/// Bytes count, not what stands for them.
#[test]
fn names_as_long_as_can_be() {
    grant(&format!("mtd {} read", "%20".repeat(63)));
    assert_eq!(windows(&format!("{} 1 in", "%20".repeat(31))), [(0, 2, 0)]);
}

#[test]
fn ports_within_their_limits() {
    for (words, first, last) in [
        ("1", 1, 1),
        ("80", 80, 80),
        ("65535", 65535, 65535),
        ("1-65535", 1, 65535),
        ("8000-8000", 8000, 8000),
        ("0080", 80, 80),
    ] {
        for (name, protocol) in [("tcp", Protocol::Tcp), ("udp", Protocol::Udp)] {
            let expected = NetRule {
                action: NetAction::Bind,
                protocol,
                port_first: first,
                port_last: last,
            };
            assert_eq!(rule(&format!("{name} bind {words}")), expected);
        }
    }
}

#[test]
fn addresses_with_and_without_prefix() {
    assert_eq!(prefix("192.0.2.1"), Prefix::V4([192, 0, 2, 1], 32));
    assert_eq!(prefix("10.0.0.0/8"), Prefix::V4([10, 0, 0, 0], 8));
    assert_eq!(prefix("10.128.0.0/9"), Prefix::V4([10, 128, 0, 0], 9));
    assert_eq!(prefix("0.0.0.0/0"), Prefix::V4([0; 4], 0));
    assert_eq!(prefix("::/0"), Prefix::V6([0; 16], 0));
    let loopback = 1u128.to_be_bytes();
    assert_eq!(prefix("::1"), Prefix::V6(loopback, 128));
    assert_eq!(prefix("0:0:0:0:0:0:0:1/128"), Prefix::V6(loopback, 128));
    let local = (0xfe80u128 << 112).to_be_bytes();
    assert_eq!(prefix("FE80::/10"), Prefix::V6(local, 10));
}

#[test]
fn what_else_can_be_allowed() {
    for &capability in Capability::ALL {
        // Which is refused: see `no_capability_or_bytes`.
        if capability == Capability::Debug {
            continue;
        }
        let (_, said) = grant(&format!("capability {capability}"));
        assert_eq!(said, Grant::Capability(capability));
    }
    let (policy, said) = grant("mtd a write");
    match said {
        Grant::Mtd { partition, access } => {
            assert_eq!(policy.part(partition), "a");
            assert_eq!(access, MtdAccess::ReadWrite);
        }
        other => panic!("{other:?}"),
    }
    let last = "ffffffff-ffff-ffff-ffff-ffffffffffff";
    let policy = super::reader::policy(&format!(
        "component {last} allow peer {ID}\ncomponent * allow storage 18446744073709551615\n"
    ));
    assert_eq!(policy.statements[0].who, Who::Component(Uuid([0xff; 16])));
    assert_eq!(policy.statements[0].grant, Grant::Peer(A));
    assert_eq!(policy.statements[1].grant, Grant::Storage(u64::MAX));
}

#[test]
fn a_policy_as_large_as_can_be() {
    let mut text = String::from(DEFAULT);
    text += "component * quarantine\n";
    text += &"#".repeat(POLICY_MAX - text.len());
    assert_eq!(Owned::read(text.as_bytes()).unwrap().statements.len(), 1);
    // What is last is found as well as what is first.
    let last = "\nnobody allow mtd last read";
    text.truncate(POLICY_MAX - last.len());
    text += last;
    assert_eq!(text.len(), POLICY_MAX);
    let policy = Owned::read(text.as_bytes()).unwrap();
    assert!(policy.grants(None).has_mtd(c"last", MtdAccess::Read));
    let last = policy.statements.last().unwrap().words;
    assert_eq!(policy.part(last), "allow mtd last read");
}

#[test]
fn as_many_statements_as_can_be() {
    let lines = "component * quarantine\n".repeat(700);
    assert_eq!(policy(&lines[..23 * 700]).statements.len(), 700);
    // Each line of every second one is a statement of its own, and each window.
    let runs: Vec<_> = (0..STATEMENTS_MAX).map(|i| (2 * i).to_string()).collect();
    assert_eq!(
        windows(&format!("a {} in", runs.join(","))).len(),
        STATEMENTS_MAX
    );
    let last = STATEMENTS_MAX * 64 - 1;
    assert_eq!(windows(&format!("a 0-{last} in")).len(), STATEMENTS_MAX);
}

proptest! {
    /// In the order in which it was said, once, but for lines of several windows.
    #[test]
    fn what_is_said_is_what_is_read(said in vec(said(), 0..8)) {
        let policy = policy(&lines(&said));
        let mut words: Vec<_> = policy
            .statements
            .iter()
            .map(|statement| (statement.who, statement.verb, policy.part(statement.words)))
            .collect();
        words.dedup();
        let mut expected: Vec<_> = said
            .iter()
            .map(|said| (said.who, said.verb, said.to_string()))
            .collect();
        expected.dedup();
        prop_assert_eq!(words.len(), expected.len());
        for (read, said) in words.iter().zip(&expected) {
            prop_assert_eq!((read.0, read.1), (said.0, said.1));
            prop_assert!(said.2.ends_with(read.2), "{} {}", said.2, read.2);
        }
    }

    /// The last line ends at the end of the text as well as at a line feed.
    #[test]
    fn a_line_need_not_end(what in what()) {
        let line = format!("component * allow {what}");
        let (with, without) = (policy(&format!("{line}\n")), policy(&line));
        prop_assert_eq!(with.statements, without.statements);
    }
}

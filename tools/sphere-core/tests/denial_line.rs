// SPDX-License-Identifier: GPL-2.0

//! Lines that say what was denied: what is read, what is refused, and what people see.

use proptest::prelude::*;
use sphere_core::{
    denial_hint::Hint,
    denial_line::Denial,
    denial_object::{Lines, Target},
    denial_words::Sentence,
    gate::Gate,
    record::Protocol,
    role::Role,
    uuid::Uuid,
};

const ID: &str = "ed419d83-3c9d-4107-acb2-3a9815c2fcd1";

const LED: &str = "denied gate=gpio object=gpio-sim.0:3 right=out reason=output errno=13 \
                   component=ed419d83-3c9d-4107-acb2-3a9815c2fcd1 pid=12 comm=led";

/// A line with these words, of a component.
fn line(gate: &str, object: &str, right: &str, reason: &str) -> String {
    format!(
        "denied gate={gate} object={object} right={right} reason={reason} errno=13 \
         component={ID} pid=12 comm=led"
    )
}

fn words(line: &str) -> String {
    let denial = Denial::parse(line).expect(line);
    let sentence = Sentence {
        denial: &denial,
        name: Some(&"gas-valve"),
    };
    sentence.to_string()
}

#[test]
fn reads_every_key() {
    let denial = Denial::parse(LED).unwrap();
    assert!(!denial.permitted);
    assert_eq!(denial.gate, Gate::Gpio);
    assert_eq!(denial.object, "gpio-sim.0:3");
    assert_eq!((denial.right, denial.reason), ("out", "output"));
    assert_eq!((denial.errno, denial.pid, denial.missed), (13, 12, 0));
    assert_eq!(
        denial.component,
        Role::Application(Uuid::parse(ID).unwrap())
    );
    assert!(denial.comm.is(b"led"));
    let text = LED.replace("denied", "permitted") + " missed=7";
    let denial = Denial::parse(&text).unwrap();
    assert!(denial.permitted);
    assert_eq!(denial.missed, 7);
}

#[test]
fn is_found_where_logs_put_it() {
    let expected = Denial::parse(LED);
    for line in [
        format!("sphere: {LED}"),
        format!("[   12.345678] sphere: {LED}"),
        format!("<5>[   12.345678][   T12] sphere: {LED}\r\n"),
        format!("Nov 29 07:00:00 device kernel: sphere: {LED}"),
        format!("type=UNKNOWN[1490] msg=audit(1764399600.123:45): {LED}"),
        format!("audit: type=1490 audit(1764399600.123:45): {LED}"),
        format!("type=UNKNOWN[1490] msg=audit(1764399600.123:45): {LED}\u{1d}ARCH=x86_64"),
        LED.to_owned(),
    ] {
        assert_eq!(Denial::find(&line), expected, "{line}");
        assert!(expected.is_some());
    }
    assert_eq!(Denial::from_message(LED), None);
    assert_eq!(Denial::find(&format!("nosphere: {}", &LED[1..])), None);
}

#[test]
fn refuses_what_is_not_whole() {
    for broken in [
        LED.replace("denied ", "refused "),
        LED.replace("denied ", ""),
        LED.replace("gate=gpio", "gate=door"),
        LED.replace("gate=gpio ", ""),
        LED.replace(
            "object=gpio-sim.0:3 right=out",
            "right=out object=gpio-sim.0:3",
        ),
        LED.replace("object=gpio-sim.0:3", "object="),
        LED.replace("comm=led", "comm=a b"),
        LED.replace("comm=led", "comm=a\"b"),
        LED.replace("comm=led", "comm=\u{e4}"),
        LED.replace("comm=led", "comm=a%"),
        LED.replace("gpio-sim.0:3", "gpio%zz:3"),
        LED.replace("comm=led", "comm=\u{1b}[2J"),
        LED.replace("errno=13", "errno=0"),
        LED.replace("errno=13", "errno=-13"),
        LED.replace("errno=13", "errno=+13"),
        LED.replace("pid=12", "pid=99999999999"),
        LED.replace(ID, "everybody"),
        LED.replace(ID, &ID[1..]),
        LED.replace(" right", "  right"),
        format!("{LED} missed="),
        format!("{LED} missed=x"),
        format!("{LED} missed=1 missed=2"),
        LED[..LED.len() - 4].to_owned(),
    ] {
        assert_eq!(Denial::parse(&broken), None, "{broken}");
    }
}

#[test]
fn says_who_what_why_and_what_to_do() {
    assert_eq!(
        words(LED),
        "gas-valve (pid 12, comm led) may not drive line 3 of gpio-sim.0 (EACCES): \
         not granted to it as output; grant: gpio gpio-sim.0 3 out"
    );
    assert_eq!(
        words(&LED.replace("denied", "permitted")),
        "gas-valve (pid 12, comm led) was permitted to drive line 3 of gpio-sim.0, which \
         enforcing refuses (EACCES): not granted to it as output; grant: gpio gpio-sim.0 3 out"
    );
    let missed = words(&format!("{LED} missed=12"));
    assert!(missed.ends_with("; 12 more not said"), "{missed}");
}

#[test]
fn who_has_no_name_is_named_all_the_same() {
    for (component, expected) in [
        (ID, "component ed419d83-3c9d-4107-acb2-3a9815c2fcd1 (pid"),
        ("none", "a task without identity (pid"),
        ("manager", "a manager (pid"),
        ("kernel", "the kernel (pid"),
    ] {
        let text = LED.replace(ID, component);
        let denial = Denial::parse(&text).unwrap();
        let sentence = Sentence {
            denial: &denial,
            name: None,
        };
        let words = sentence.to_string();
        assert!(words.starts_with(expected), "{words}");
    }
}

#[test]
fn every_gate_has_words() {
    let other = "6e8f49f6-4633-46ba-a35e-c0287db4c785";
    for (gate, object, right, reason, what, end) in [
        (
            "capability",
            "SetTime",
            "SystemTime",
            "not-granted",
            "set the clock",
            "capability SystemTime",
        ),
        (
            "capability",
            "WriteSysctl",
            "manager",
            "manager-only",
            "write to a sysctl",
            "only a manager may",
        ),
        (
            "capability",
            "UserNamespace",
            "manager",
            "not-granted",
            "make a user namespace",
            "only a manager may",
        ),
        (
            "exec",
            "-",
            "exec",
            "gain",
            "execute a program",
            "from the file",
        ),
        (
            "exec",
            "-",
            "exec",
            "held",
            "execute a program",
            "not traced",
        ),
        (
            "exec",
            "-",
            "exec",
            "uid-in-use",
            "execute a program",
            "of its own",
        ),
        (
            "exec",
            "-",
            "setuid",
            "uid-kept",
            "change its user",
            "started with",
        ),
        (
            "exec",
            "-",
            "exec",
            "no-single-uid",
            "execute a program",
            "together",
        ),
        (
            "gpio",
            "a%20b",
            "look",
            "chip",
            "look at the GPIO chip a b",
            "a line of the chip",
        ),
        (
            "gpio",
            "c:0-3,7",
            "inout",
            "line",
            "read and drive lines 0-3,7 of c",
            "grant: gpio c 0-3,7 inout",
        ),
        (
            "gpio",
            "a:b:5",
            "in",
            "input",
            "read line 5 of a:b",
            "grant: gpio a:b 5 in",
        ),
        (
            "gpio",
            "c:5",
            "look",
            "line",
            "look at line 5 of c",
            "grant: gpio c 5 in",
        ),
        (
            "gpio",
            "c:5",
            "use",
            "owner",
            "use a file of line 5 of c",
            "itself",
        ),
        ("gpio", "c:5", "in", "too-many", "read line 5", "may have"),
        (
            "mount",
            "cramfs",
            "MountImage",
            "not-granted",
            "mount a file system of type cramfs",
            "grant: capability MountImage",
        ),
        (
            "mount",
            "jffs2",
            "manager",
            "not-granted",
            "type jffs2",
            "only a manager may",
        ),
        (
            "mount",
            "tmpfs",
            "MountImage",
            "no-image",
            "type tmpfs",
            "this type is none",
        ),
        (
            "mtd",
            "cal%C3%A4",
            "write",
            "not-granted",
            "write the flash partition cal\u{e4}",
            "grant: mtd cal%C3%A4 write",
        ),
        (
            "network",
            "tcp:80",
            "bind",
            "port",
            "bind to TCP port 80",
            "grant: tcp bind 80",
        ),
        (
            "network",
            "udp:53",
            "send",
            "port",
            "send from UDP port 53",
            "grant: udp bind 53",
        ),
        (
            "network",
            "tcp:10.0.0.1:443",
            "connect",
            "endpoint",
            "connect to 10.0.0.1 port 443 over TCP",
            "grant: tcp connect 10.0.0.1 443",
        ),
        (
            "network",
            "udp:[fe80::1]:53",
            "send",
            "endpoint",
            "send to fe80::1 port 53 over UDP",
            "grant: udp connect fe80::1 53",
        ),
        (
            "network",
            "socket:16:3:0",
            "create",
            "class",
            "create a socket of family 16, type 3, protocol 0",
            "capability NetworkConfig",
        ),
        (
            "network",
            "socket:2:1:6",
            "create",
            "class",
            "create a TCP socket (",
            "to listen on",
        ),
        (
            "network",
            "socket:10:2:0",
            "create",
            "class",
            "create a UDP socket (",
            "to listen on",
        ),
        (
            "network",
            "socket:2:3:1",
            "create",
            "class",
            "create a socket of family 2",
            "are granted to it",
        ),
        (
            "network",
            "option:1:26",
            "set",
            "option",
            "set the socket option 26 of level 1",
            "around the rules",
        ),
        (
            "network",
            "control:0:8",
            "carry",
            "option",
            "carry a control message 8 of level 0",
            "around the rules",
        ),
        (
            "network",
            "address:77",
            "bind",
            "family",
            "bind by an address of family 77",
            "not known",
        ),
        (
            "network",
            "address:2",
            "bind",
            "malformed",
            "family 2",
            "too short",
        ),
        (
            "network",
            "tcp:80",
            "use",
            "owner",
            "use TCP port 80",
            "itself",
        ),
        (
            "network",
            "new:thing",
            "use",
            "odd",
            "use new:thing",
            "the reason is odd",
        ),
        (
            "peer",
            other,
            "send",
            "not-mutual",
            other,
            "and the like to the other side",
        ),
        (
            "peer",
            "none",
            "receive",
            "not-mutual",
            "receive from a task without identity",
            "do not list each other",
        ),
        (
            "peer",
            other,
            "connect",
            "not-own",
            other,
            "made the socket",
        ),
        (
            "storage",
            "9000",
            "write",
            "quota",
            "have 9000 bytes on flash",
            "grant: storage 9000",
        ),
        (
            "storage",
            "9000",
            "write",
            "none",
            "write 9000 bytes to flash",
            "grant: storage 9000",
        ),
        (
            "storage",
            "9000",
            "write",
            "wear",
            "write 9000 bytes to flash",
            "larger budget",
        ),
        (
            "storage",
            "9000",
            "write",
            "owner",
            "write 9000 bytes to flash",
            "counts for another",
        ),
        (
            "syscall",
            "101",
            "call",
            "denied",
            "make system call 101",
            "gives calls back",
        ),
        (
            "syscall",
            "101",
            "call",
            "restricted",
            "make system call 101",
            "only a manager may",
        ),
        (
            "trace",
            other,
            "trace",
            "other-identity",
            "trace component",
            "same component",
        ),
        (
            "trace",
            "manager",
            "be-traced",
            "other-identity",
            "be traced by a manager",
            "same component",
        ),
        (
            "trace",
            other,
            "trace",
            "capabilities",
            "trace component",
            "capabilities that this one has not",
        ),
        (
            "trace",
            other,
            "receive",
            "file",
            "receive a file of component",
            "stays where it is",
        ),
    ] {
        let words = words(&line(gate, object, right, reason));
        assert!(words.contains(what), "{words}: {what}");
        assert!(words.ends_with(end), "{words}: {end}");
    }
}

#[test]
fn nobody_is_granted_by_the_policy() {
    let text = line("capability", "SetTime", "SystemTime", "not-granted").replace(ID, "none");
    let hint = Hint::of(&Denial::parse(&text).unwrap())
        .unwrap()
        .to_string();
    assert_eq!(hint, "policy: nobody allow capability SystemTime");
    let text = line("storage", "1", "write", "none").replace(ID, "none");
    assert_eq!(Hint::of(&Denial::parse(&text).unwrap()), None);
}

#[test]
fn objects_are_split() {
    let lines = |object| {
        let lines = Lines::of(object);
        (lines.chip, lines.ranges().collect::<Vec<_>>())
    };
    assert_eq!(lines("c:0-3,7"), ("c", vec![(0, 3), (7, 7)]));
    assert_eq!(lines("a:b:1"), ("a:b", vec![(1, 1)]));
    for chip in [
        "c",
        "c:",
        "c:x",
        "c:3-1",
        "c:1,,2",
        "c:+1",
        "c:1-",
        ":1",
        "c:4294967296",
    ] {
        assert_eq!(lines(chip), (chip, vec![]), "{chip}");
    }
    assert_eq!(
        Target::of("tcp:[::1]:443"),
        Target::Endpoint(Protocol::Tcp, "::1", 443)
    );
    for other in [
        "tcp",
        "tcp:",
        "tcp:65536",
        "tcp:+1",
        "tcp:1.2.3.4:x",
        "socket:1:2",
        "icmp:1",
    ] {
        assert_eq!(Target::of(other), Target::Other(other), "{other}");
    }
}

proptest! {
    #[test]
    fn any_text_does_not_panic(text in "\\PC{0,200}") {
        let _ = Denial::find(&text);
    }

    #[test]
    fn any_values_are_safe_to_say(
        gate in 0..Gate::ALL.len(),
        words in proptest::collection::vec("([!#-$&-~]|%[0-9A-Fa-f]{2}){1,20}", 4),
        errno in 1..u16::MAX,
        pid: u32,
        missed: u64,
        permitted: bool,
    ) {
        let word = if permitted { "permitted" } else { "denied" };
        let text = format!(
            "{word} gate={} object={} right={} reason={} errno={errno} component={ID} pid={pid} \
             comm={} missed={missed}",
            Gate::ALL[gate].name(), words[0], words[1], words[2], words[3],
        );
        let denial = Denial::parse(&text).unwrap();
        let again = denial.to_string();
        prop_assert_eq!(Denial::parse(&again), Some(denial));
        let name: Option<&dyn std::fmt::Display> = None;
        let sentence = Sentence { denial: &denial, name }.to_string();
        prop_assert!(!sentence.contains(char::is_control), "{sentence:?}");
    }
}

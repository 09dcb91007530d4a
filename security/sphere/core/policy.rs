// SPDX-License-Identifier: GPL-2.0

//! The policy: what changes about that which records grant, and which checks are made.
//!
//! `Documentation/admin-guide/LSM/sphere-policy.rst` describes the language.

use super::{
    capability::Capability,
    gate::{
        Gate,
        GateSet, //
    },
    record::{
        self,
        MtdAccess,
        NetAction,
        NetRule,
        Prefix,
        Protocol, //
    },
    uuid::Uuid,
    words::{
        self,
        Decoded, //
    }, //
};
use core::{
    fmt,
    net::IpAddr,
    str::{
        self,
        SplitAsciiWhitespace, //
    },
};

/// Bytes of the largest policy.
pub const POLICY_MAX: usize = 16384;
/// Statements of the largest policy, as they are kept: lines of a GPIO chip that are not in one run
/// of one window are several.
pub const STATEMENTS_MAX: usize = 1024;
/// The policy that changes nothing.
pub const DEFAULT: &str = "version 1\n";

/// A part of a policy's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    start: u16,
    len: u16,
}

impl Span {
    /// Where `part` is in the text of a policy, of which it is a part.
    fn new(text: &str, part: &str) -> Self {
        let start = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
        // Both are at most `POLICY_MAX`.
        Self {
            start: start as u16,
            len: part.len() as u16,
        }
    }

    /// That part of `text`.
    pub fn of(self, text: &[u8]) -> &[u8] {
        let start = usize::from(self.start);
        text.get(start..start + usize::from(self.len))
            .unwrap_or(&[])
    }
}

/// Whom a statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Tasks without identity.
    Nobody,
    /// Every component.
    Everyone,
    /// One component.
    Component(Uuid),
}

impl Who {
    /// Whether what is said of this is said of `other`.
    pub fn includes(self, other: Self) -> bool {
        self == other || (self == Self::Everyone && matches!(other, Self::Component(_)))
    }
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Grants something.
    Allow,
    /// Takes something away.
    Deny,
    /// Leaves at most so much.
    Limit,
    /// Takes all away.
    Quarantine,
}

impl Verb {
    /// Whether it takes something away.
    fn narrows(self) -> bool {
        self != Self::Allow
    }
}

/// What a statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Lines of one window of a GPIO chip.
    Gpio {
        /// The word that names the chip.
        chip: Span,
        /// Hardware offset of the window's first line.
        base: u32,
        /// Lines as inputs, bit n for `base + n`.
        input: u64,
        /// Lines as outputs.
        output: u64,
    },
    /// An MTD partition.
    Mtd {
        /// The word that names it.
        partition: Span,
        /// What may be done with it.
        access: MtdAccess,
    },
    /// Local ports or remote endpoints.
    Net(NetRule),
    /// A component to talk to.
    Peer(Uuid),
    /// An extended capability.
    Capability(Capability),
    /// Bytes of storage.
    Storage(u64),
    /// Everything.
    All,
}

/// One statement of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Whom it is about.
    pub who: Who,
    /// What it does.
    pub verb: Verb,
    /// To what.
    pub grant: Grant,
    /// The words from the verb on, of the whole line.
    pub words: Span,
}

/// How much one component may write to the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reports {
    /// Lines in each interval.
    pub count: u32,
    /// Milliseconds.
    pub interval: u32,
}

/// What a policy says that is about nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Gates that let everything pass.
    pub off: GateSet,
    /// The limit of what is reported.
    pub reports: Reports,
}

impl Reports {
    /// That of the policy that changes nothing.
    pub const DEFAULT: Self = Self {
        count: 10,
        interval: 5000,
    };
}

impl Settings {
    /// Those of the policy that changes nothing.
    pub const DEFAULT: Self = Self {
        off: GateSet::EMPTY,
        reports: Reports::DEFAULT,
    };
}

macro_rules! reasons {
    ($($variant:ident = $text:literal,)*) => {
        /// What is wrong with a policy.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Reason {
            $(#[doc = $text] $variant,)*
        }

        impl Reason {
            /// In words.
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

reasons! {
    TooLarge = "the policy has more than 16384 bytes",
    TooMany = "the policy has more than 1024 statements",
    Cut = "the last line has no end: a policy has to be written as a whole",
    NotText = "this is not UTF-8, or has a control character",
    NoVersion = "the first statement has to be 'version 1'",
    Subject = "a statement starts with version, check, reports, nobody or component",
    Gate = "no such gate: see the file denials for their names",
    Fixed = "this gate cannot be turned off",
    OnOrOff = "say on or off",
    Reports = "say how many (at most 10000) in how many milliseconds (1 to 3600000)",
    Component = "this is no component id: say one in lower case, or *",
    Verb = "say allow, deny, limit or quarantine",
    Nobody = "tasks without identity can only be allowed something, but no peers and no storage",
    Grant = "say gpio, mtd, tcp, udp, peer, capability or storage, and what of it",
    Name = "this name is empty, too long, or has a % without two hexadecimal digits",
    Lines = "this is no list of lines such as 0-3,7",
    Direction = "say in, out or inout",
    Access = "say read or write",
    Action = "say bind or connect",
    Ports = "this is no port (1 to 65535), or range of ports such as 8000-8010",
    Address = "this is no address such as 192.0.2.1, 192.0.2.0/24 or 2001:db8::/32",
    Capability = "no such capability, or none to be allowed",
    Bytes = "this is no number of bytes",
    Limit = "only storage can be limited; storage can be allowed and limited, not denied",
    Rest = "there is something behind the statement's end",
    Unenforced = "this kernel has no gate for that",
    Wider = "the policy is locked, and this allows more than the one in force",
}

/// Where a policy is wrong, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// The line, from 1; 0 when it is not about one.
    pub line: u32,
    /// What is wrong with it.
    pub reason: Reason,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(self.reason.text()),
            line => write!(f, "line {line}: {}", self.reason.text()),
        }
    }
}

impl core::error::Error for PolicyError {}

/// Takes statements one by one; what it has against one ends the reading.
pub type Keep<'a> = dyn FnMut(Statement) -> Result<(), Reason> + 'a;

/// The text of a policy, if it can be one.
///
/// # Errors
///
/// [`Reason::TooLarge`], [`Reason::NotText`].
pub fn text(bytes: &[u8]) -> Result<&str, PolicyError> {
    let error = |line, reason| Err(PolicyError { line, reason });
    if bytes.len() > POLICY_MAX {
        return error(0, Reason::TooLarge);
    }
    let is_wrong = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
    let (good, all) = match str::from_utf8(bytes) {
        Ok(text) => (text, Some(text)),
        Err(e) => {
            let good = bytes.get(..e.valid_up_to()).unwrap_or(&[]);
            (str::from_utf8(good).unwrap_or(""), None)
        }
    };
    let end = good.find(is_wrong);
    match (end, all) {
        (None, Some(text)) => Ok(text),
        _ => {
            let before = good.get(..end.unwrap_or(good.len())).unwrap_or("");
            error(1 + before.matches('\n').count() as u32, Reason::NotText)
        }
    }
}

/// The text of a policy that may come into force. As [`text`], but the last line has to end, too:
/// who writes a policy piece by piece should not have the first piece taken for all of it.
///
/// # Errors
///
/// As [`text`], and [`Reason::Cut`].
pub fn whole_text(bytes: &[u8]) -> Result<&str, PolicyError> {
    let text = text(bytes)?;
    if !text.ends_with('\n') {
        let (line, reason) = (0, Reason::Cut);
        return Err(PolicyError { line, reason });
    }
    Ok(text)
}

/// Reads a policy, and gives each of its statements to `keep`.
///
/// # Errors
///
/// The first thing that is wrong, in the order of the lines. What `keep` has got is of no use then.
pub fn parse(text: &str, keep: &mut Keep<'_>) -> Result<Settings, PolicyError> {
    let mut reader = Reader {
        text,
        settings: Settings::DEFAULT,
        has_version: false,
        keep,
    };
    let mut line = 0;
    for words in text.split('\n') {
        line += 1;
        let words = words.split_once('#').map_or(words, |(words, _)| words);
        reader
            .statement(words)
            .map_err(|reason| PolicyError { line, reason })?;
    }
    if !reader.has_version {
        let reason = Reason::NoVersion;
        return Err(PolicyError { line, reason });
    }
    Ok(reader.settings)
}

struct Reader<'a, 'k> {
    text: &'a str,
    settings: Settings,
    has_version: bool,
    keep: &'k mut Keep<'k>,
}

type Words<'a> = SplitAsciiWhitespace<'a>;

/// The next word, which is empty where there is none: that is wrong wherever a word is needed.
fn next<'a>(words: &mut Words<'a>) -> &'a str {
    words.next().unwrap_or("")
}

/// Fails unless the statement ends here.
fn end(words: &mut Words<'_>) -> Result<(), Reason> {
    words.next().map_or(Ok(()), |_| Err(Reason::Rest))
}

impl<'a> Reader<'a, '_> {
    fn statement(&mut self, line: &'a str) -> Result<(), Reason> {
        let words = &mut line.split_ascii_whitespace();
        let subject = next(words);
        if !self.has_version && !matches!(subject, "" | "version") {
            return Err(Reason::NoVersion);
        }
        match subject {
            "" => Ok(()),
            "version" => {
                self.has_version = next(words) == "1";
                self.has_version.then_some(()).ok_or(Reason::NoVersion)?;
                end(words)
            }
            "check" => self.check(words),
            "reports" => self.reports(words),
            "nobody" => self.about(Who::Nobody, line, words),
            "component" => {
                let who = match next(words) {
                    "*" => Who::Everyone,
                    id => Who::Component(component(id)?),
                };
                self.about(who, line, words)
            }
            _ => Err(Reason::Subject),
        }
    }

    fn check(&mut self, words: &mut Words<'_>) -> Result<(), Reason> {
        let gate = Gate::from_name(next(words)).ok_or(Reason::Gate)?;
        let is_off = match next(words) {
            "on" => false,
            "off" if gate.is_negotiable() => true,
            "off" => return Err(Reason::Fixed),
            _ => return Err(Reason::OnOrOff),
        };
        self.settings.off.set(gate, is_off);
        end(words)
    }

    fn reports(&mut self, words: &mut Words<'_>) -> Result<(), Reason> {
        let count = words::number(next(words), 10_000);
        let interval = words::number(next(words), 3_600_000).filter(|&interval| interval > 0);
        let (Some(count), Some(interval)) = (count, interval) else {
            return Err(Reason::Reports);
        };
        // Both fit, as they are limited.
        self.settings.reports = Reports {
            count: count as u32,
            interval: interval as u32,
        };
        end(words)
    }

    fn about(&mut self, who: Who, line: &'a str, words: &mut Words<'a>) -> Result<(), Reason> {
        let said = next(words);
        let verb = match said {
            "allow" => Verb::Allow,
            "deny" => Verb::Deny,
            "limit" => Verb::Limit,
            "quarantine" => Verb::Quarantine,
            _ => return Err(Reason::Verb),
        };
        if who == Who::Nobody && verb != Verb::Allow {
            return Err(Reason::Nobody);
        }
        let start = Span::new(line, said).start.into();
        let from_verb = line.get(start..).unwrap_or("").trim_ascii_end();
        let mut statement = Statement {
            who,
            verb,
            grant: Grant::All,
            words: Span::new(self.text, from_verb),
        };
        if verb == Verb::Quarantine {
            end(words)?;
            return (self.keep)(statement);
        }
        let kind = next(words);
        match (kind, verb, who) {
            ("peer" | "storage", _, Who::Nobody) => return Err(Reason::Nobody),
            ("storage", Verb::Deny, _) => return Err(Reason::Limit),
            ("storage", ..) => {}
            (_, Verb::Limit, _) => return Err(Reason::Limit),
            _ => {}
        }
        if kind == "gpio" {
            return self.gpio(statement, words);
        }
        statement.grant = match kind {
            "mtd" => self.mtd(words)?,
            "tcp" => Grant::Net(net(Protocol::Tcp, words)?),
            "udp" => Grant::Net(net(Protocol::Udp, words)?),
            "peer" => Grant::Peer(component(next(words))?),
            "capability" => Grant::Capability(capability(next(words), verb)?),
            "storage" => Grant::Storage(words::number(next(words), u64::MAX).ok_or(Reason::Bytes)?),
            _ => return Err(Reason::Grant),
        };
        end(words)?;
        (self.keep)(statement)
    }

    /// A word that stands for a name which fits into a field of `size` bytes.
    fn name(&self, word: &str, size: usize) -> Result<Span, Reason> {
        let mut length = 0;
        for byte in Decoded::of(word) {
            byte.map_err(|_| Reason::Name)?;
            length += 1;
        }
        if length == 0 || length >= size {
            return Err(Reason::Name);
        }
        Ok(Span::new(self.text, word))
    }

    fn mtd(&self, words: &mut Words<'a>) -> Result<Grant, Reason> {
        Ok(Grant::Mtd {
            partition: self.name(next(words), record::PARTITION_SIZE)?,
            access: match next(words) {
                "read" => MtdAccess::Read,
                "write" => MtdAccess::ReadWrite,
                _ => return Err(Reason::Access),
            },
        })
    }

    /// Gives on a statement for each run of lines in each window.
    fn gpio(&mut self, statement: Statement, words: &mut Words<'a>) -> Result<(), Reason> {
        let chip = self.name(next(words), record::CHIP_SIZE)?;
        let runs = next(words);
        let (input, output) = match next(words) {
            "in" => (true, false),
            "out" => (false, true),
            "inout" => (true, true),
            _ => return Err(Reason::Direction),
        };
        end(words)?;
        for run in runs.split(',') {
            let (first, last) = words::range(run, u32::MAX.into()).ok_or(Reason::Lines)?;
            // Both fit, as they are limited.
            let (mut first, last) = (first as u32, last as u32);
            loop {
                let base = first - first % record::WINDOW;
                let end = last.min(base | (record::WINDOW - 1));
                let lines = (u64::MAX >> (record::WINDOW - 1 - (end - first))) << (first - base);
                let grant = Grant::Gpio {
                    chip,
                    base,
                    input: if input { lines } else { 0 },
                    output: if output { lines } else { 0 },
                };
                (self.keep)(Statement { grant, ..statement })?;
                if end == last {
                    break;
                }
                first = end + 1;
            }
        }
        Ok(())
    }
}

fn component(word: &str) -> Result<Uuid, Reason> {
    Uuid::parse(word)
        .filter(|id| !id.is_nil())
        .ok_or(Reason::Component)
}

/// A policy makes no debugger: who may trace whom is decided by identities.
fn capability(word: &str, verb: Verb) -> Result<Capability, Reason> {
    Capability::from_name(word)
        .filter(|&capability| capability != Capability::Debug || verb != Verb::Allow)
        .ok_or(Reason::Capability)
}

fn net(protocol: Protocol, words: &mut Words<'_>) -> Result<NetRule, Reason> {
    let action = match next(words) {
        "bind" => NetAction::Bind,
        "connect" => NetAction::Connect(prefix(next(words)).ok_or(Reason::Address)?),
        _ => return Err(Reason::Action),
    };
    let (first, last) = words::range(next(words), u16::MAX.into()).ok_or(Reason::Ports)?;
    if first == 0 {
        return Err(Reason::Ports);
    }
    Ok(NetRule {
        action,
        protocol,
        // Both fit, as they are limited.
        port_first: first as u16,
        port_last: last as u16,
    })
}

/// Reads an address that has no bits beyond its prefix, as records have it.
fn prefix(word: &str) -> Option<Prefix> {
    let (address, bits) = match word.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (word, None),
    };
    let prefix = match address.parse().ok()? {
        IpAddr::V4(ip) => Prefix::V4(ip.octets(), bits.map_or(Some(32), |b| bits_of(b, 32))?),
        IpAddr::V6(ip) => Prefix::V6(ip.octets(), bits.map_or(Some(128), |b| bits_of(b, 128))?),
    };
    prefix.is_valid().then_some(prefix)
}

fn bits_of(word: &str, max: u8) -> Option<u8> {
    words::number(word, max.into()).map(|bits| bits as u8)
}

/// A policy as it is kept: its text, and the statements in it.
#[derive(Clone, Copy, Debug)]
pub struct Policy<'a> {
    /// The text.
    pub text: &'a [u8],
    /// What it says of nobody.
    pub settings: Settings,
    /// What it says of tasks.
    pub statements: &'a [Statement],
}

impl<'a> Policy<'a> {
    /// The words of what it says of a component, from the verb on.
    pub fn said_of(&self, component: Uuid) -> impl Iterator<Item = &'a [u8]> {
        let text = self.text;
        let mut last = None;
        self.statements.iter().filter_map(move |statement| {
            // Lines of a GPIO chip can be several statements of one line.
            let is_new = last.replace(statement.words) != Some(statement.words);
            let is_about = statement.who.includes(Who::Component(component));
            (is_new && is_about).then(|| statement.words.of(text))
        })
    }

    /// Whether it takes `peer` away from `component`.
    pub fn denies_peer(&self, component: Uuid, peer: Uuid) -> bool {
        self.statements.iter().any(|statement| {
            statement.who.includes(Who::Component(component))
                && match statement.verb {
                    Verb::Deny => statement.grant == Grant::Peer(peer),
                    Verb::Quarantine => true,
                    Verb::Allow | Verb::Limit => false,
                }
        })
    }

    /// Whether it allows nothing that `other` does not.
    ///
    /// Statements are compared one by one: what it allows must be in one that `other` has, and what
    /// `other` takes away in one of its own. So some policies that allow nothing more are not seen
    /// as such; never the other way round.
    pub fn is_within(&self, other: &Self) -> bool {
        let allowed = |new: &Statement| {
            new.verb.narrows()
                || other
                    .statements
                    .iter()
                    .any(|old| old.covers(other.text, new, self.text))
        };
        let kept = |old: &Statement| {
            !old.verb.narrows()
                || self
                    .statements
                    .iter()
                    .any(|new| new.covers(self.text, old, other.text))
        };
        self.settings.off.is_within(other.settings.off)
            && self.settings.reports == other.settings.reports
            && self.statements.iter().all(allowed)
            && other.statements.iter().all(kept)
    }
}

impl Statement {
    /// Whether it does all that `other` does. The texts are those of their policies.
    fn covers(&self, text: &[u8], other: &Self, other_text: &[u8]) -> bool {
        self.who.includes(other.who)
            && match self.verb {
                // Takes whatever can be taken.
                Verb::Quarantine => other.verb.narrows(),
                verb => {
                    verb == other.verb && self.grant.covers(verb, text, other.grant, other_text)
                }
            }
    }
}

impl Grant {
    /// Whether what `verb` does to this, it does to all of `other`. Where one grant is more than
    /// another, who allows more does more; who denies reading denies writing, too, and of two
    /// limits the smaller one takes more away.
    fn covers(self, verb: Verb, text: &[u8], other: Self, other_text: &[u8]) -> bool {
        let same = |a: Span, b: Span| Decoded::of(a.of(text)).eq(Decoded::of(b.of(other_text)));
        match (self, other) {
            (
                Self::Gpio {
                    chip: a,
                    base,
                    input,
                    output,
                },
                Self::Gpio {
                    chip: b,
                    base: at,
                    input: i,
                    output: o,
                },
            ) => same(a, b) && base == at && i & !input == 0 && o & !output == 0,
            (
                Self::Mtd {
                    partition: a,
                    access,
                },
                Self::Mtd {
                    partition: b,
                    access: other,
                },
            ) => {
                same(a, b)
                    && match verb {
                        Verb::Deny => other.includes(access),
                        _ => access.includes(other),
                    }
            }
            (Self::Net(rule), Self::Net(other)) => rule.covers(&other),
            (Self::Storage(bytes), Self::Storage(other)) => match verb {
                Verb::Limit => bytes <= other,
                _ => other <= bytes,
            },
            _ => self == other,
        }
    }
}

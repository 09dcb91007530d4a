// SPDX-License-Identifier: GPL-2.0

//! What `sphere check` finds: a problem, and a name for its kind that does not change.

use std::fmt;

use crate::report::{At, Problem, Severity};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// The kind of a finding. `MAP.md` says what each means and what to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name, which scripts may rely on.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

codes! {
    /// The board file or a hardware definition is wrong.
    InvalidBoard = "invalid-board",
    /// A manifest is wrong.
    InvalidManifest = "invalid-manifest",
    /// A manifest asks for what the board does not have.
    NotOnBoard = "not-on-board",
    /// No record or launch file can hold what an application asks for.
    TooMuch = "too-much",
    /// Two applications are the same component.
    SameComponent = "same-component",
    /// One resource, two applications.
    Conflict = "conflict",
    /// More storage than the board has.
    StorageExceeded = "storage-exceeded",
    /// A peer that does not list back.
    OneSidedPeer = "one-sided-peer",
    /// A peer that is no application of the set.
    AbsentPeer = "absent-peer",
    /// A component that lists itself as a peer.
    SelfPeer = "self-peer",
    /// A host name without an address.
    NoAddress = "no-address",
    /// `--resolve` for a name that no manifest lists.
    UnusedAddress = "unused-address",
    /// The same thing is granted twice.
    DuplicateGrant = "duplicate-grant",
    /// A connection that another one allows already.
    CoveredConnection = "covered-connection",
    /// Network configuration by who may not use the network.
    NoNetworkRule = "no-network-rule",
    /// Nothing in the kernel asks for the capability.
    NoGate = "no-gate",
    /// The board gives something to a component that is not in the set.
    AbsentComponent = "absent-component",
    /// Many server ports.
    BroadPorts = "broad-ports",
    /// An address that stands for many hosts.
    BroadAddress = "broad-address",
    /// All ports of a remote host.
    AllPorts = "all-ports",
    /// Lines that may be used in both directions.
    BothDirections = "both-directions",
    /// A capability that reaches beyond the application.
    BigPower = "big-power",
    /// Something of the board that nobody has.
    Unowned = "unowned",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing that was found.
#[derive(Clone, Debug)]
pub struct Finding {
    pub code: Code,
    pub problem: Problem,
}

impl Finding {
    /// What findings are ordered by: what matters most first, then as the files are read.
    pub fn key(&self) -> impl Ord + use<> {
        let (file, line, column) = match &self.problem.place {
            At::Place(place) => (place.file.to_string(), place.line, place.column),
            At::Name(name) => (name.clone(), 0, 0),
        };
        (self.problem.severity, file, line, column, self.code)
    }

    /// Whether it is one of severity `severity`.
    pub fn is(&self, severity: Severity) -> bool {
        self.problem.severity == severity
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = &self.problem;
        let (severity, code) = (problem.severity, self.code);
        write!(
            f,
            "{severity}[{code}]: {}: {}",
            problem.place, problem.reason
        )?;
        for note in &problem.notes {
            write!(f, "\n  note: {note}")?;
        }
        if let Some(hint) = &problem.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

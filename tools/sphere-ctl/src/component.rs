// SPDX-License-Identifier: GPL-2.0

//! One component in words, put together from the lines of its block.

use crate::grant_words::GrantWords;
use core::fmt::{self, Display};
use sphere_core::{
    component_list::{Line, Share},
    describe::Bytes,
    uuid::Uuid,
};
use sphere_device::text::Foreign;

/// What is known of a component while its block is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Block {
    component: Option<Uuid>,
    /// Whether it is one of those that are wanted, once that is clear.
    wanted: Option<bool>,
}

impl Block {
    /// Takes the next line of the list and hands what it says in words to `say`, if the component
    /// is called `wanted`, by its name or its id. Returns whether a component that is wanted
    /// begins with this line.
    pub fn add(&mut self, line: &Line<'_>, wanted: Option<&str>, say: Say<'_>) -> bool {
        match *line {
            Line::Component(id) => {
                *self = Self {
                    component: Some(id),
                    ..Self::default()
                };
                return false;
            }
            Line::Blank => {
                *self = Self::default();
                return false;
            }
            _ => {}
        }
        let begins = self.component.filter(|_| self.wanted.is_none());
        if let Some(id) = begins {
            let wanted = is_wanted(line, id, wanted);
            self.wanted = Some(wanted);
            if wanted {
                introduce(line, id, say);
            }
        }
        if self.wanted == Some(true) {
            detail(line, say);
        }
        begins.is_some() && self.wanted == Some(true)
    }
}

/// What takes a line of words.
pub type Say<'a> = &'a mut dyn FnMut(fmt::Arguments<'_>);

fn row(say: Say<'_>, label: &str, what: &dyn Display) {
    say(format_args!("  {label:<13}{what}"));
}

/// Says what one line of a block says.
fn detail(line: &Line<'_>, say: Say<'_>) {
    match *line {
        Line::Tenant(name) if !name.is_empty_name() => row(say, "tenant", &name),
        Line::Uid(uid) => row(say, "runs as", &format_args!("user {uid}")),
        Line::Grant(grant) => {
            let grant = GrantWords::of(grant);
            row(say, grant.label, &grant);
        }
        Line::Policy(statement) => row(say, "policy", &statement),
        Line::Used(Share { bytes, most }) => {
            let (used, quota) = (Bytes(bytes), Bytes(most));
            row(say, "on flash", &format_args!("{used} of {quota}"));
        }
        Line::Written(Share { bytes, most }) => {
            let percent = percent(bytes, most);
            let (written, budget) = (Bytes(bytes), Bytes(most));
            let words = format_args!("{written} of {budget} until reboot, {percent} %");
            row(say, "written", &words);
        }
        Line::Denied { gate, count } => {
            row(say, "denied", &format_args!("{gate}, {}", Times(count)));
        }
        Line::Missed(count) => {
            row(say, "not said", &format_args!("{count} of what was denied"));
        }
        Line::Other(text) => row(say, "", &Foreign(text.trim_ascii().as_bytes())),
        Line::Name(_) | Line::Tenant(_) | Line::Blank | Line::Component(_) => {}
    }
}

fn introduce(line: &Line<'_>, id: Uuid, say: Say<'_>) {
    match line {
        Line::Name(name) if !name.is_empty_name() => say(format_args!("{name}")),
        _ => say(format_args!("an application without a name")),
    }
    row(say, "component", &id);
}

/// The name is in the first line after that of the id.
fn is_wanted(line: &Line<'_>, id: Uuid, wanted: Option<&str>) -> bool {
    let Some(wanted) = wanted else {
        return true;
    };
    Uuid::parse(wanted) == Some(id)
        || matches!(line, Line::Name(name) if name.is(wanted.as_bytes()))
}

/// How many percent, rounded up: nothing is said to be left that is not.
fn percent(bytes: u64, most: u64) -> u64 {
    let percent = (u128::from(bytes) * 100).div_ceil(u128::from(most.max(1)));
    u64::try_from(percent).unwrap_or(u64::MAX)
}

/// How often.
pub struct Times(pub u64);

impl Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("once"),
            count => write!(f, "{count} times"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "\
component ed419d83-3c9d-4107-acb2-3a9815c2fcd1
 name gas-valve
 tenant -
 uid 1001
 grant gpio gpio-sim.0 3 out
 grant storage 8192
 policy deny gpio gpio-sim.0 3 out
 policy limit storage 4096
 used 1000 of 4096
 written 52100 of 8388608
 denied gpio 3
 denied exec 1
 missed 12

component 6e8f49f6-4633-46ba-a35e-c0287db4c785
 name a%20b%1B
 tenant building-7
 uid 1002
 later something
";

    /// What is said, and how many components were wanted.
    fn said(list: &str, wanted: Option<&str>) -> (String, usize) {
        let mut block = Block::default();
        let mut text = String::new();
        let mut count = 0;
        for line in list.lines() {
            let mut say = |words: fmt::Arguments<'_>| text += &format!("{words}\n");
            count += usize::from(block.add(&Line::parse(line), wanted, &mut say));
        }
        (text, count)
    }

    #[test]
    fn says_all_of_a_component() {
        let (text, count) = said(LIST, Some("gas-valve"));
        assert_eq!(count, 1);
        assert_eq!(
            text,
            "gas-valve
  component    ed419d83-3c9d-4107-acb2-3a9815c2fcd1
  runs as      user 1001
  GPIO lines   gpio-sim.0: 3 (output)
  own storage  8 KiB
  policy       deny gpio gpio-sim.0 3 out
  policy       limit storage 4096
  on flash     1000 bytes of 4 KiB
  written      52100 bytes of 8192 KiB until reboot, 1 %
  denied       gpio, 3 times
  denied       exec, once
  not said     12 of what was denied
"
        );
    }

    #[test]
    fn finds_components_by_name_and_id() {
        let second = "a b?
  component    6e8f49f6-4633-46ba-a35e-c0287db4c785
  tenant       building-7
  runs as      user 1002
               later something
";
        let (text, count) = said(LIST, Some("6e8f49f6-4633-46ba-a35e-c0287db4c785"));
        assert_eq!((text.as_str(), count), (second, 1));
        assert_eq!(said(LIST, Some("a b\u{1b}")).1, 1);
        assert_eq!(said(LIST, None).1, 2);
        assert_eq!(said(LIST, Some("valve")), (String::new(), 0));
    }

    #[test]
    fn hostile_lists_do_no_harm() {
        for list in [
            "",
            " name x\n",
            "\n\n name x\n uid 1\n",
            "component x\n name y\n",
            "component 6e8f49f6-4633-46ba-a35e-c0287db4c785\n",
        ] {
            assert_eq!(said(list, None), (String::new(), 0), "{list:?}");
        }
        let id = "component 6e8f49f6-4633-46ba-a35e-c0287db4c785\n";
        let (text, count) = said(&format!("{id} \u{1b}[2J\n"), None);
        assert_eq!(count, 1);
        assert!(
            text.starts_with("an application without a name\n"),
            "{text}"
        );
        assert!(!text.contains('\u{1b}'));
        let (text, _) = said(&format!("{id} written {0} of 0\n", u64::MAX), None);
        assert!(text.contains(&format!("{} %", u64::MAX)), "{text}");
    }
}

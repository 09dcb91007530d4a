// SPDX-License-Identifier: GPL-2.0

//! What the files of control groups hold, see Documentation/admin-guide/cgroup-v2.rst.

use core::fmt;
use sphere_core::limits::{Limit, Limits};
use sphere_device::text::Text;

/// What of an application's use of the machine a kernel can limit: the controllers that it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Controllers {
    memory: bool,
    pids: bool,
    cpu: bool,
}

impl Controllers {
    /// Reads `cgroup.controllers`: names with spaces between them.
    pub fn parse(list: &[u8]) -> Self {
        let has = |name: &str| {
            list.split(|byte| byte.is_ascii_whitespace())
                .any(|word| word == name.as_bytes())
        };
        Self {
            memory: has(controller(Limit::Memory)),
            pids: has(controller(Limit::Processes)),
            cpu: has(controller(Limit::Cpu)),
        }
    }

    /// Whether a limit can be set.
    pub fn has(self, limit: Limit) -> bool {
        match limit {
            Limit::Memory => self.memory,
            Limit::Processes => self.pids,
            Limit::Cpu => self.cpu,
        }
    }

    /// From now on, a limit cannot be set.
    pub fn lose(&mut self, limit: Limit) {
        match limit {
            Limit::Memory => self.memory = false,
            Limit::Processes => self.pids = false,
            Limit::Cpu => self.cpu = false,
        }
    }
}

/// The controller for a limit.
pub const fn controller(limit: Limit) -> &'static str {
    match limit {
        Limit::Memory => "memory",
        Limit::Processes => "pids",
        Limit::Cpu => "cpu",
    }
}

/// What a kernel has to be built with for a limit.
pub const fn option(limit: Limit) -> &'static str {
    match limit {
        Limit::Memory => "CONFIG_MEMCG",
        Limit::Processes => "CONFIG_CGROUP_PIDS",
        Limit::Cpu => "CONFIG_CGROUP_SCHED",
    }
}

/// A text for a file of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Name of the file.
    pub file: &'static str,
    /// What to write.
    pub value: Text<24>,
    /// Whether there are kernels without this file that know of the limit all the same.
    pub optional: bool,
}

impl Setting {
    fn new(file: &'static str, value: fmt::Arguments<'_>) -> Self {
        Self {
            file,
            // There is room for two numbers of 32 bits.
            value: Text::format(value).unwrap_or_default(),
            optional: false,
        }
    }

    fn optional(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }
}

/// All that is to be written for one limit.
pub fn settings(limit: Limit, limits: &Limits) -> [Option<Setting>; 3] {
    let value = limits.get(limit);
    match limit {
        Limit::Memory => [
            Some(Setting::new(
                "memory.max",
                format_args!("{}", u64::from(value) * 1024),
            )),
            // An application that is left half of its processes would be broken in its own way.
            Some(Setting::new("memory.oom.group", format_args!("1"))),
            // Memory on a disk is memory. Not there in a kernel without swapping.
            Some(Setting::new("memory.swap.max", format_args!("0")).optional()),
        ],
        Limit::Processes => [
            Some(Setting::new("pids.max", format_args!("{value}"))),
            None,
            None,
        ],
        // So many microseconds of each tenth of a second: nobody waits longer for its turn. Needs
        // CONFIG_CFS_BANDWIDTH. The share of who has to share needs CONFIG_FAIR_GROUP_SCHED.
        Limit::Cpu => [
            Some(Setting::new("cpu.max", format_args!("{} 100000", value * 1000)).optional()),
            Some(Setting::new("cpu.weight", format_args!("{value}")).optional()),
            None,
        ],
    }
}

/// The number after a key in a file such as `memory.events`: a key and a number in each line.
pub fn number_of(events: &[u8], key: &str) -> Option<u64> {
    core::str::from_utf8(events).ok()?.lines().find_map(|line| {
        let (name, value) = line.split_once(' ')?;
        (name == key).then(|| value.parse().ok())?
    })
}

/// Whose memory was used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Short {
    /// The group's own.
    Group,
    /// That of the machine: the group was within its limit.
    Machine,
}

/// What `memory.events` tells of why somebody was ended, if anybody was for memory.
pub fn short_of_memory(events: &[u8]) -> Option<Short> {
    let happened = |key| number_of(events, key).is_some_and(|count| count > 0);
    if !happened("oom_kill") && !happened("oom_group_kill") {
        return None;
    }
    Some(if happened("oom") {
        Short::Group
    } else {
        Short::Machine
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controllers_are_whole_words() {
        let all = Controllers::parse(b"cpuset cpu io memory pids\n");
        assert!(Limit::ALL.into_iter().all(|limit| all.has(limit)));
        let mut some = Controllers::parse(b"cpuset memory_x pids\n");
        let has = |some: Controllers| Limit::ALL.map(|limit| some.has(limit));
        assert_eq!(has(some), [false, true, false]);
        some.lose(Limit::Processes);
        assert_eq!(some, Controllers::parse(b""));
    }

    #[test]
    fn limits_become_what_the_kernel_reads() {
        let mut limits = Limits::NONE;
        limits.say(Limit::Memory, 4_194_303).unwrap();
        let lines = |limit| -> Vec<String> {
            settings(limit, &limits)
                .iter()
                .flatten()
                .map(|setting| format!("{} {}", setting.file, setting.value))
                .collect()
        };
        assert_eq!(
            lines(Limit::Memory),
            [
                "memory.max 4294966272",
                "memory.oom.group 1",
                "memory.swap.max 0"
            ]
        );
        assert_eq!(lines(Limit::Processes), ["pids.max 16"]);
        assert_eq!(lines(Limit::Cpu), ["cpu.max 50000 100000", "cpu.weight 50"]);
    }

    #[test]
    fn without_what_limits_nothing_starts() {
        let needed = |limit| {
            let all = settings(limit, &Limits::NONE);
            all.iter().flatten().any(|setting| !setting.optional)
        };
        assert_eq!(Limit::ALL.map(needed), [true, true, false]);
    }

    #[test]
    fn reads_what_has_happened() {
        let events = b"low 0\nhigh 0\nmax 5\noom 1\noom_kill 3\noom_group_kill 0\n";
        assert_eq!(number_of(events, "oom_kill"), Some(3));
        assert_eq!(number_of(events, "oom"), Some(1));
        assert_eq!(number_of(events, "kill"), None);
        assert_eq!(short_of_memory(events), Some(Short::Group));
        let of_others = b"max 5\noom 0\noom_kill 0\noom_group_kill 1\n";
        assert_eq!(short_of_memory(of_others), Some(Short::Machine));
        for nothing in [
            &b"oom 9\noom_kill 0\noom_group_kill 0\n"[..],
            b"",
            b"oom_kill \xff\n",
            b"oom_kill x\noom_kill\n",
        ] {
            assert_eq!(short_of_memory(nothing), None);
        }
    }
}

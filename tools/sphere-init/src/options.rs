// SPDX-License-Identifier: GPL-2.0

//! The command line, which the kernel hands on from its own, after `--`.

use crate::{
    command::{Command, Commands},
    interface::{Interface, Interfaces},
};
use core::ffi::CStr;
use sphere_device::args::Vector;

/// What `--help` prints.
pub const HELP: &str = "\
usage: sphere-init [OPTION]...        as the first process of a machine

Mounts the application images in slots of flash and in /apps that are signed by
a key in /etc/sphere/keys, starts each application with its identity, restarts
those that crash, and does what sphere-ctl asks for. Options stand on the
kernel's command line after `--`:

  --apps DIR             look for images (*.img) in DIR
  --data DIR             keep what applications store in DIR, and not in the flash
                         partition \"data\"
  --net INTERFACE=ADDRESS/PREFIX[,GATEWAY]
                         bring a network interface up, such as
                         eth0=192.0.2.5/24,192.0.2.1; up to 4 times. Without it,
                         nothing but the loopback is up
  --policy FILE          put the policy in FILE in force before anything starts
  --lock                 let nobody widen the policy until the machine restarts
  --manager COMMAND      start a program as manager beside the applications, such
                         as \"/bin/sphere-ctl denials --follow\"; up to 4 times
  --restart-limit N      give an application up after N restarts in a row
  --poweroff-when-idle   power off when no application runs any more, and no
                         manager
  --reboot-when-idle     restart the machine then
  --help                 print this and end

A manager may do everything: it may give identities, and replace the policy. Have
none on a device in the field but programs that you trust like sphere-init.";

/// What to do when no application runs and none waits to be restarted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum WhenIdle {
    /// Stay.
    Stay,
    /// Power off.
    PowerOff,
    /// Restart the machine.
    Reboot,
}

/// A command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options<'a> {
    /// Directory of the images.
    pub apps: &'a str,
    /// Directory for what applications store.
    pub data: Option<&'a str>,
    /// Network interfaces to bring up.
    pub interfaces: Interfaces<'a>,
    /// File with a policy to load.
    pub policy: Option<&'a str>,
    /// Whether the policy is to be locked.
    pub lock: bool,
    /// Programs to start as managers.
    pub managers: Commands<'a>,
    /// Restarts in a row after which an application is given up; none is no limit.
    pub restart_limit: Option<u32>,
    /// What to do when there is nothing left to do.
    pub when_idle: WhenIdle,
    /// Whether [`HELP`] was asked for.
    pub help: bool,
}

/// What was wrong with an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// It is not known.
    Unknown,
    /// It came without a value, or with one that makes no sense.
    BadValue,
    /// It has come as often as it may.
    TooOften,
}

impl<'a> Options<'a> {
    /// Reads a command line. An argument that makes no sense is handed to `ignore` and has no
    /// effect: the first process cannot give up, and the kernel also hands on words that were
    /// meant for itself.
    pub fn parse(argv: Vector<'a>, mut ignore: impl FnMut(&'a CStr, Ignored)) -> Self {
        let mut options = Self {
            apps: "/apps",
            data: None,
            interfaces: Interfaces::default(),
            policy: None,
            lock: false,
            managers: Commands::default(),
            restart_limit: None,
            when_idle: WhenIdle::Stay,
            help: false,
        };
        let mut args = argv.skip(1);
        while let Some(arg) = args.next() {
            if let Err(reason) = options.set(arg, &mut args) {
                ignore(arg, reason);
            }
        }
        options
    }

    fn set(
        &mut self,
        arg: &CStr,
        args: &mut impl Iterator<Item = &'a CStr>,
    ) -> Result<(), Ignored> {
        match arg.to_bytes() {
            b"--apps" => self.apps = value(args).ok_or(Ignored::BadValue)?,
            b"--data" => self.data = Some(value(args).ok_or(Ignored::BadValue)?),
            b"--net" => {
                let interface = value(args).and_then(Interface::parse);
                if !self.interfaces.add(interface.ok_or(Ignored::BadValue)?) {
                    return Err(Ignored::TooOften);
                }
            }
            b"--policy" => self.policy = Some(value(args).ok_or(Ignored::BadValue)?),
            b"--lock" => self.lock = true,
            b"--manager" => {
                let command = value(args).and_then(Command::new);
                if !self.managers.add(command.ok_or(Ignored::BadValue)?) {
                    return Err(Ignored::TooOften);
                }
            }
            b"--restart-limit" => {
                let limit = value(args).and_then(|text| text.parse().ok());
                self.restart_limit = Some(limit.ok_or(Ignored::BadValue)?);
            }
            b"--poweroff-when-idle" => self.when_idle = WhenIdle::PowerOff,
            b"--reboot-when-idle" => self.when_idle = WhenIdle::Reboot,
            b"--help" | b"-h" => self.help = true,
            b"--" => {}
            _ => return Err(Ignored::Unknown),
        }
        Ok(())
    }
}

fn value<'a>(args: &mut impl Iterator<Item = &'a CStr>) -> Option<&'a str> {
    args.next()?.to_str().ok().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sphere_device::args::ArgBuffer;

    fn parsed(args: &[&str]) -> (String, Vec<String>) {
        let mut argv = ArgBuffer::<16, 256>::new();
        argv.push("/init").unwrap();
        for arg in args {
            argv.push(arg).unwrap();
        }
        argv.with(|argv| {
            let mut ignored = Vec::new();
            let options = Options::parse(argv, |arg, reason| {
                ignored.push(format!("{} {reason:?}", arg.to_str().unwrap()));
            });
            let Options {
                apps,
                data,
                interfaces,
                policy,
                lock,
                managers,
                restart_limit,
                when_idle,
                help,
            } = options;
            let policy = policy.unwrap_or("-");
            let mut text = format!("{apps} {policy} {lock} {restart_limit:?} {when_idle:?} {help}");
            if let Some(data) = data {
                text += &format!(" data {data}");
            }
            for Interface { name, address, .. } in interfaces.iter() {
                text += &format!(" {name}={address}");
            }
            for manager in managers.iter() {
                let words: Vec<_> = manager.words().collect();
                text += &format!(" [{}]", words.join("|"));
            }
            (text, ignored)
        })
    }

    #[test]
    fn reads_options() {
        assert_eq!(
            parsed(&[]),
            ("/apps - false None Stay false".into(), vec![])
        );
        let args = [
            "--poweroff-when-idle",
            "--restart-limit",
            "3",
            "--apps",
            "/a",
        ];
        assert_eq!(
            parsed(&args),
            ("/a - false Some(3) PowerOff false".into(), vec![])
        );
        let args = ["--lock", "--policy", "/etc/policy"];
        let expected = "/apps /etc/policy true None Stay false";
        assert_eq!(parsed(&args), (expected.into(), vec![]));
        let args = ["--data", "/var"];
        let expected = "/apps - false None Stay false data /var";
        assert_eq!(parsed(&args), (expected.into(), vec![]));
        let args = ["--", "--reboot-when-idle", "--help"];
        assert_eq!(
            parsed(&args),
            ("/apps - false None Reboot true".into(), vec![])
        );
    }

    #[test]
    fn managers_are_up_to_four() {
        let args = ["--manager", "/bin/ctl denials --follow", "--manager", "/sh"];
        let expected = "/apps - false None Stay false [/bin/ctl|denials|--follow] [/sh]";
        assert_eq!(parsed(&args), (expected.into(), vec![]));
        let five = ["--manager", "/a"].repeat(5);
        let (options, ignored) = parsed(&five);
        assert_eq!(options.matches("[/a]").count(), 4, "{options}");
        assert_eq!(ignored, ["--manager TooOften"]);
        let args = ["--manager", "sh", "--manager", " ", "--manager"];
        assert_eq!(parsed(&args).1, ["--manager BadValue"; 3]);
    }

    #[test]
    fn interfaces_are_up_to_four() {
        let args = ["--net", "eth0=10.0.0.1/8", "--net", "lo:1=10.1.0.1/16"];
        let expected = "/apps - false None Stay false eth0=10.0.0.1 lo:1=10.1.0.1";
        assert_eq!(parsed(&args), (expected.into(), vec![]));
        let five = ["--net", "a=10.0.0.1/8"].repeat(5);
        assert_eq!(parsed(&five).1, ["--net TooOften"]);
        assert_eq!(parsed(&["--net", "eth0"]).1, ["--net BadValue"]);
    }

    #[test]
    fn goes_on_after_what_makes_no_sense() {
        let args = [
            "quiet",
            "--restart-limit",
            "x",
            "--poweroff-when-idle",
            "--policy",
            "",
            "--apps",
        ];
        let (options, ignored) = parsed(&args);
        assert_eq!(options, "/apps - false None PowerOff false");
        assert_eq!(
            ignored,
            [
                "quiet Unknown",
                "--restart-limit BadValue",
                "--policy BadValue",
                "--apps BadValue"
            ]
        );
    }
}

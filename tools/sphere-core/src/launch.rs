// SPDX-License-Identifier: GPL-2.0

//! The launch file: what starting an application needs beside its record.
//!
//! Lines of UTF-8, each a key, one space and a text without control characters:
//!
//! ```text
//! entry PATH         program in the image, once
//! arg TEXT           an argument of it; any number, in order
//! device TYPE NODE   a granted peripheral; any number
//! memory KIB         how much memory it may have, once or not at all
//! processes N        how many processes and threads; as above
//! cpu PERCENT        how much of one processor; as above
//! ```
//!
//! Of a limit that no line says, [`Limit::default`] holds.
//!
//! `sphere pack` writes it from a manifest on a host, so that no device has to read JSON.

use crate::limits::{Limit, Limits};
use core::fmt;

/// Bytes of the longest launch file.
pub const LAUNCH_MAX: usize = 4096;
/// Arguments that a launch file may hold.
pub const ARGS_MAX: usize = 32;

/// What a granted peripheral is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceType {
    /// Serial port.
    Uart,
    /// I2C bus.
    I2c,
    /// SPI bus.
    Spi,
    /// Pulse width modulator.
    Pwm,
    /// Analogue input.
    Adc,
    /// Audio bus.
    I2s,
}

impl DeviceType {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Uart,
        Self::I2c,
        Self::Spi,
        Self::Pwm,
        Self::Adc,
        Self::I2s,
    ];

    /// The word for it in a launch file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uart => "uart",
            Self::I2c => "i2c",
            Self::Spi => "spi",
            Self::Pwm => "pwm",
            Self::Adc => "adc",
            Self::I2s => "i2s",
        }
    }
}

/// A granted peripheral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device<'a> {
    /// What it is.
    pub kind: DeviceType,
    /// Its device node, a path below `/dev`.
    pub node: &'a str,
}

/// What is wrong with a launch file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaunchReason {
    /// It is longer than [`LAUNCH_MAX`].
    TooLong,
    /// It is not UTF-8.
    NotUtf8,
    /// There is a control character in a line.
    ControlCharacter,
    /// A line does not start with a known key and a space.
    UnknownKey,
    /// There is no entry line.
    NoEntry,
    /// There is more than one entry line.
    SecondEntry,
    /// The entry is not the path of something inside the image.
    BadEntry,
    /// There are more than [`ARGS_MAX`] arguments.
    TooManyArgs,
    /// The type of a device is not known.
    UnknownDeviceType,
    /// A device's node is not a path below `/dev`.
    BadNode,
    /// A limit is not a number in its range.
    BadLimit(Limit),
    /// There is more than one line for a limit.
    SecondLimit(Limit),
}

impl fmt::Display for LaunchReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl core::error::Error for LaunchReason {}

impl LaunchReason {
    const fn text(self) -> &'static str {
        match self {
            Self::TooLong => "the launch file is longer than 4096 bytes",
            Self::NotUtf8 => "this is not UTF-8",
            Self::ControlCharacter => "there is a control character",
            Self::UnknownKey => {
                "expected `entry PATH`, `arg TEXT`, `device TYPE NODE`, `memory KIB`, \
                 `processes N` or `cpu PERCENT`"
            }
            Self::NoEntry => "the file ends without an `entry` line",
            Self::SecondEntry => "there is more than one `entry`",
            Self::BadEntry => "the entry is not a path inside the image",
            Self::TooManyArgs => "there are more than 32 arguments",
            Self::UnknownDeviceType => "the device is not one of uart, i2c, spi, pwm, adc, i2s",
            Self::BadNode => "the device's node is not a path below /dev",
            Self::BadLimit(Limit::Memory) => "the memory is not a number of KiB from 64 to 4194303",
            Self::BadLimit(Limit::Processes) => "the processes are not a number from 1 to 32768",
            Self::BadLimit(Limit::Cpu) => "the cpu is not a number of percent from 1 to 100",
            Self::SecondLimit(Limit::Memory) => "there is more than one `memory`",
            Self::SecondLimit(Limit::Processes) => "there is more than one `processes`",
            Self::SecondLimit(Limit::Cpu) => "there is more than one `cpu`",
        }
    }
}

/// Where a launch file is wrong, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaunchError {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: LaunchReason,
}

impl fmt::Display for LaunchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl core::error::Error for LaunchError {}

/// One line.
#[derive(Clone, Copy)]
enum Item<'a> {
    Entry(&'a str),
    Arg(&'a str),
    Device(Device<'a>),
    Limit(Limit, u32),
}

/// A valid launch file, read in place.
///
/// # Invariants
///
/// Every line parses as an item, exactly one of them as an entry, at most [`ARGS_MAX`] as
/// arguments, and at most one as each limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Launch<'a>(&'a str);

impl<'a> Launch<'a> {
    /// Checks all of `bytes`.
    ///
    /// # Errors
    ///
    /// The first line that is wrong.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, LaunchError> {
        if bytes.len() > LAUNCH_MAX {
            return Err(LaunchError {
                line: 1,
                reason: LaunchReason::TooLong,
            });
        }
        let text = core::str::from_utf8(bytes).map_err(|error| LaunchError {
            line: line_of(bytes, error.valid_up_to()),
            reason: LaunchReason::NotUtf8,
        })?;
        check(text)?;
        // INVARIANT: `check` has just passed.
        Ok(Self(text))
    }

    /// Path of the program in the image, without a leading slash.
    pub fn entry(&self) -> &'a str {
        self.items()
            .find_map(|item| match item {
                Item::Entry(path) => Some(path),
                _ => None,
            })
            .unwrap_or("")
    }

    /// Arguments of the program, the program itself not among them.
    pub fn args(&self) -> impl Iterator<Item = &'a str> {
        self.items().filter_map(|item| match item {
            Item::Arg(text) => Some(text),
            _ => None,
        })
    }

    /// Granted peripherals.
    pub fn devices(&self) -> impl Iterator<Item = Device<'a>> {
        self.items().filter_map(|item| match item {
            Item::Device(device) => Some(device),
            _ => None,
        })
    }

    /// How much of the machine the application may use.
    pub fn limits(&self) -> Limits {
        let mut limits = Limits::NONE;
        for item in self.items() {
            if let Item::Limit(limit, value) = item {
                // A line parses only if it is in range.
                let _ = limits.say(limit, value);
            }
        }
        limits
    }

    fn items(&self) -> impl Iterator<Item = Item<'a>> {
        // `check` has seen every line parse.
        lines(self.0).filter_map(|line| item(line).ok())
    }
}

/// Splits at line feeds only, so that a carriage return is seen and refused.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    (!text.is_empty())
        .then(|| text.split('\n'))
        .into_iter()
        .flatten()
}

/// Number of the line that the byte at `offset` is in.
fn line_of(bytes: &[u8], offset: usize) -> usize {
    1 + bytes
        .iter()
        .take(offset)
        .filter(|&&byte| byte == b'\n')
        .count()
}

fn check(text: &str) -> Result<(), LaunchError> {
    let mut entries = 0;
    let mut args = 0;
    let mut limits = Limits::NONE;
    let mut count = 0;
    for line in lines(text) {
        count += 1;
        let fail = |reason| {
            Err(LaunchError {
                line: count,
                reason,
            })
        };
        match item(line) {
            Ok(Item::Entry(_)) if entries == 1 => return fail(LaunchReason::SecondEntry),
            Ok(Item::Entry(_)) => entries += 1,
            Ok(Item::Arg(_)) if args == ARGS_MAX => return fail(LaunchReason::TooManyArgs),
            Ok(Item::Arg(_)) => args += 1,
            Ok(Item::Device(_)) => {}
            Ok(Item::Limit(limit, _)) if limits.said(limit).is_some() => {
                return fail(LaunchReason::SecondLimit(limit));
            }
            Ok(Item::Limit(limit, value)) => {
                if limits.say(limit, value).is_err() {
                    return fail(LaunchReason::BadLimit(limit));
                }
            }
            Err(reason) => return fail(reason),
        }
    }
    if entries == 0 {
        return Err(LaunchError {
            line: count + 1,
            reason: LaunchReason::NoEntry,
        });
    }
    Ok(())
}

fn item(line: &str) -> Result<Item<'_>, LaunchReason> {
    if line.chars().any(char::is_control) {
        return Err(LaunchReason::ControlCharacter);
    }
    match line.split_once(' ') {
        Some(("entry", path)) => entry(path).map(Item::Entry),
        Some(("arg", text)) => Ok(Item::Arg(text)),
        Some(("device", rest)) => device(rest).map(Item::Device),
        Some((key, value)) => limit(key, value),
        None => Err(LaunchReason::UnknownKey),
    }
}

fn limit<'a>(key: &str, value: &str) -> Result<Item<'a>, LaunchReason> {
    let limit = Limit::ALL
        .into_iter()
        .find(|limit| limit.name() == key)
        .ok_or(LaunchReason::UnknownKey)?;
    number(value)
        .map(|value| Item::Limit(limit, value))
        .ok_or(LaunchReason::BadLimit(limit))
}

/// Digits and nothing else: `parse` takes a sign as well.
fn number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

/// Manifests write the entry point with and without a leading slash.
fn entry(path: &str) -> Result<&str, LaunchReason> {
    let path = path.strip_prefix('/').unwrap_or(path);
    if is_plain(path) {
        Ok(path)
    } else {
        Err(LaunchReason::BadEntry)
    }
}

fn device(text: &str) -> Result<Device<'_>, LaunchReason> {
    let (name, node) = text
        .split_once(' ')
        .ok_or(LaunchReason::UnknownDeviceType)?;
    let kind = DeviceType::ALL
        .into_iter()
        .find(|kind| kind.name() == name)
        .ok_or(LaunchReason::UnknownDeviceType)?;
    let node = self::node(node)?;
    Ok(Device { kind, node })
}

fn node(path: &str) -> Result<&str, LaunchReason> {
    match path.strip_prefix("/dev/") {
        Some(rest) if is_plain(rest) => Ok(path),
        _ => Err(LaunchReason::BadNode),
    }
}

/// Whether a relative path names something below where it starts, in one way only.
fn is_plain(path: &str) -> bool {
    path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// What to write into a launch file.
#[derive(Clone, Copy, Debug)]
pub struct LaunchSpec<'a, S> {
    /// Path of the program in the image.
    pub entry: &'a str,
    /// Its arguments.
    pub args: &'a [S],
    /// Granted peripherals.
    pub devices: &'a [Device<'a>],
    /// How much of the machine it may use. What is not said is not written.
    pub limits: Limits,
}

impl<S: AsRef<str>> LaunchSpec<'_, S> {
    /// Whether the values make a valid launch file.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong. Parsing the text would not do: a line break in a value would
    /// be taken for the end of its line.
    pub fn check(&self) -> Result<(), LaunchReason> {
        let nodes = self.devices.iter().map(|device| device.node);
        let mut texts = self.args.iter().map(AsRef::as_ref).chain(nodes);
        if self.entry.chars().any(char::is_control)
            || texts.any(|text| text.chars().any(char::is_control))
        {
            return Err(LaunchReason::ControlCharacter);
        }
        entry(self.entry)?;
        if self.args.len() > ARGS_MAX {
            return Err(LaunchReason::TooManyArgs);
        }
        for device in self.devices {
            node(device.node)?;
        }
        if self.size() > LAUNCH_MAX {
            return Err(LaunchReason::TooLong);
        }
        Ok(())
    }

    /// Bytes of the text.
    fn size(&self) -> usize {
        let mut counter = Counter(0);
        // A `Counter` takes everything.
        let _ = fmt::write(&mut counter, format_args!("{self}"));
        counter.0
    }
}

/// Counts the bytes that are written to it.
struct Counter(usize);

impl fmt::Write for Counter {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

/// The text of the launch file.
impl<S: AsRef<str>> fmt::Display for LaunchSpec<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "entry {}", self.entry)?;
        for arg in self.args {
            writeln!(f, "arg {}", arg.as_ref())?;
        }
        for device in self.devices {
            writeln!(f, "device {} {}", device.kind.name(), device.node)?;
        }
        for limit in Limit::ALL {
            if let Some(value) = self.limits.said(limit) {
                writeln!(f, "{} {value}", limit.name())?;
            }
        }
        Ok(())
    }
}

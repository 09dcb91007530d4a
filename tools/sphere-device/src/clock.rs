// SPDX-License-Identifier: GPL-2.0

//! Time.

use core::{fmt, time::Duration};
use syscalls::{Sysno, syscall};

/// `CLOCK_MONOTONIC`.
const MONOTONIC: usize = 1;

/// `struct __kernel_timespec`, 64 bits wide on every architecture.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

impl From<Duration> for Timespec {
    fn from(duration: Duration) -> Self {
        Self {
            seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
            nanoseconds: duration.subsec_nanos().into(),
        }
    }
}

/// Time since the kernel has a clock, which is early in the boot.
pub fn monotonic() -> Duration {
    #[cfg(target_pointer_width = "64")]
    const GETTIME: Sysno = Sysno::clock_gettime;
    #[cfg(target_pointer_width = "32")]
    const GETTIME: Sysno = Sysno::clock_gettime64;

    let mut now = Timespec::default();
    // SAFETY: the kernel writes to `now`. It does not fail: the clock exists everywhere.
    let _ = unsafe { syscall!(GETTIME, MONOTONIC, &raw mut now) };
    // Neither is negative.
    Duration::new(now.seconds as u64, now.nanoseconds as u32)
}

/// A time in seconds, to the nanosecond.
pub struct Seconds(pub Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09}", self.0.as_secs(), self.0.subsec_nanos())
    }
}

/// Does nothing for a while; a signal may cut it short.
pub fn sleep(duration: Duration) {
    #[cfg(target_pointer_width = "64")]
    const NANOSLEEP: Sysno = Sysno::clock_nanosleep;
    #[cfg(target_pointer_width = "32")]
    const NANOSLEEP: Sysno = Sysno::clock_nanosleep_time64;

    let duration = Timespec::from(duration);
    // SAFETY: the kernel reads `duration` and is not asked to write what remains.
    let _ = unsafe { syscall!(NANOSLEEP, MONOTONIC, 0, &raw const duration, 0) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_nine_digits() {
        assert_eq!(
            Seconds(Duration::new(12, 34_000)).to_string(),
            "12.000034000"
        );
    }

    #[test]
    fn sleeping_takes_time() {
        let before = monotonic();
        sleep(Duration::from_millis(20));
        assert!(monotonic() - before >= Duration::from_millis(20));
    }
}

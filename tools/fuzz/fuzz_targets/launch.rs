// SPDX-License-Identifier: GPL-2.0

//! What a broken image could hold as its launch file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sphere_core::launch::{Launch, LaunchSpec};

fuzz_target!(|data: &[u8]| {
    let Ok(launch) = Launch::parse(data) else {
        return;
    };
    let args: Vec<_> = launch.args().collect();
    let devices: Vec<_> = launch.devices().collect();
    let spec = LaunchSpec {
        entry: launch.entry(),
        args: &args,
        devices: &devices,
        limits: launch.limits(),
    };
    // Longer by a line feed at the end, perhaps too long by it.
    if spec.check().is_ok() {
        let text = spec.to_string();
        let again = Launch::parse(text.as_bytes()).expect("what was written can be read");
        assert_eq!(again.entry(), launch.entry());
        assert!(again.args().eq(launch.args()));
        assert!(again.devices().eq(launch.devices()));
        assert_eq!(again.limits(), launch.limits());
    }
});

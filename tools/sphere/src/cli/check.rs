// SPDX-License-Identifier: GPL-2.0

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use sphere::check::{Finding, Limits, check, json, summary};
use sphere::report::Severity;

use super::device;
use super::format::Format;

/// Find conflicts, useless grants and big powers in the manifests of a device
///
/// Each finding has a severity, a code, a place and what to do; MAP.md explains the codes. The exit
/// status is 1 if there is an error.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    device: device::Args,

    /// Make warnings errors
    #[arg(long)]
    strict: bool,

    /// Server ports of one protocol that are not too many for an application
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().ports)]
    ports_max: usize,

    /// How to write the findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Args {
    pub fn run(self) -> Result<ExitCode> {
        let limits = Limits {
            ports: self.ports_max,
        };
        let mut findings = check(self.device.request(), limits);
        if self.strict {
            make_warnings_errors(&mut findings);
        }
        let mut out = io::stdout().lock();
        match self.format {
            Format::Json => writeln!(out, "{}", json(&findings)?)?,
            Format::Text => {
                for finding in &findings {
                    writeln!(out, "{finding}")?;
                }
                writeln!(out, "{}", summary(&findings))?;
            }
        }
        let failed = findings.iter().any(|one| one.is(Severity::Error));
        Ok(ExitCode::from(u8::from(failed)))
    }
}

fn make_warnings_errors(findings: &mut [Finding]) {
    for finding in findings.iter_mut() {
        if finding.is(Severity::Warning) {
            finding.problem.severity = Severity::Error;
        }
    }
    findings.sort_by_cached_key(Finding::key);
}

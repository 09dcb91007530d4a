// SPDX-License-Identifier: GPL-2.0

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use sphere::policy::{Request, check};
use sphere::report::Report;
use sphere_core::policy_check::InOrder;

use super::input;

/// Check policies
///
/// A policy says on a device what changes about that which records grant, and which checks are
/// made. The kernel's documentation describes the language:
/// Documentation/admin-guide/LSM/sphere-policy.rst.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(CheckArgs),
}

/// Say what is wrong with a policy, as the kernel would
///
/// The exit status is 1 if the kernel would refuse it. Only the kernel knows which gates it was
/// built without, and whether a lock keeps the policy out.
#[derive(clap::Args)]
struct CheckArgs {
    /// Policy; - is standard input
    policy: PathBuf,

    /// Board file: GPIO chips and flash partitions that it does not have are warnings
    #[arg(long, value_name = "FILE")]
    board: Option<PathBuf>,
}

impl Args {
    pub fn run(self) -> Result<ExitCode> {
        match self.command {
            Command::Check(args) => args.run(),
        }
    }
}

impl CheckArgs {
    fn run(self) -> Result<ExitCode> {
        let mut report = Report::default();
        let request = Request {
            name: self.policy.display().to_string(),
            policy: input::read(&self.policy)?,
            board: self.board,
        };
        let count = check(&request, &mut report);
        for problem in report.problems() {
            eprintln!("{problem}");
        }
        let Some(count) = count else {
            return Ok(ExitCode::FAILURE);
        };
        println!("{}", InOrder(request.name, count));
        Ok(ExitCode::SUCCESS)
    }
}

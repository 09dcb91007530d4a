// SPDX-License-Identifier: GPL-2.0

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, ValueEnum};
use clap_complete::generate;

use super::Cli;

/// Write a script that completes command lines of sphere in a shell
///
/// For example: sphere completions bash > ~/.local/share/bash-completion/completions/sphere
#[derive(clap::Args)]
pub struct Args {
    /// For which shell
    #[arg(value_enum)]
    shell: Shell,
}

/// The shells that Debian has packages for completions of.
#[derive(Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Args {
    pub fn run(self) -> Result<ExitCode> {
        let shell = match self.shell {
            Shell::Bash => clap_complete::Shell::Bash,
            Shell::Zsh => clap_complete::Shell::Zsh,
            Shell::Fish => clap_complete::Shell::Fish,
        };
        // Into memory first: a closed pipe is an error to report, and no reason to panic.
        let mut script = Vec::new();
        generate(shell, &mut Cli::command(), "sphere", &mut script);
        io::stdout().write_all(&script)?;
        Ok(ExitCode::SUCCESS)
    }
}

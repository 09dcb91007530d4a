// SPDX-License-Identifier: GPL-2.0

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_mangen::Man;
use sphere::output;

use super::Cli;

/// Write the manual pages of sphere
///
/// Without a folder, that of sphere itself to standard output, such as for: sphere man | man -l -
#[derive(clap::Args)]
pub struct Args {
    /// Folder for one page of each command, such as ~/.local/share/man/man1
    folder: Option<PathBuf>,
}

impl Args {
    pub fn run(self) -> Result<ExitCode> {
        let pages = pages()?;
        let Some(folder) = self.folder else {
            if let Some((_, page)) = pages.first() {
                io::stdout().write_all(page)?;
            }
            return Ok(ExitCode::SUCCESS);
        };
        fs::create_dir_all(&folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        let files: Vec<_> = pages
            .iter()
            .map(|(name, page)| (folder.join(name), page.as_slice()))
            .collect();
        let files: Vec<_> = files
            .iter()
            .map(|(path, page)| (path.as_path(), *page))
            .collect();
        output::write_all(&files)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Names and texts of all pages, that of sphere itself first.
fn pages() -> Result<Vec<(String, Vec<u8>)>> {
    // Each command has a page of its own, so that none of help.
    let mut whole = Cli::command().disable_help_subcommand(true);
    whole.build();
    let mut pages = vec![page(whole.clone(), "sphere")?];
    add_commands(&whole, "sphere", &mut pages)?;
    Ok(pages)
}

/// Adds the pages of all commands of `command`, which is called `name`.
fn add_commands(
    command: &clap::Command,
    name: &str,
    pages: &mut Vec<(String, Vec<u8>)>,
) -> Result<()> {
    for command in command.get_subcommands() {
        let name = format!("{name}-{}", command.get_name());
        pages.push(page(command.clone(), &name)?);
        add_commands(command, &name, pages)?;
    }
    Ok(())
}

fn page(command: clap::Command, name: &str) -> Result<(String, Vec<u8>)> {
    let mut text = Vec::new();
    Man::new(command)
        .title(name)
        .manual("Sphere")
        .render(&mut text)?;
    Ok((format!("{name}.1"), text))
}

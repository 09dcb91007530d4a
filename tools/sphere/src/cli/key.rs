// SPDX-License-Identifier: GPL-2.0

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use sphere::key::{create, line, list, public};
use sphere::report::Report;
use sphere_store::keys::Trust;
use sphere_store::seal::Key;

use super::end;

/// Make and look at keys that images are signed with
///
/// Who has the private key signs images, and keeps it off every device. A device has a file with
/// lines of public keys, /etc/sphere/keys, and runs what these have signed.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    New(NewArgs),
    Show(ShowArgs),
    Check(CheckArgs),
}

/// Make a private key, and write the line for a device's file of keys
///
/// The key is Ed25519, in PEM (PKCS#8) as of openssl genpkey -algorithm ed25519, and not encrypted:
/// only the owner of the file can read it.
#[derive(clap::Args)]
struct NewArgs {
    /// Where to write the private key. A file that is there stays as it is
    file: PathBuf,
}

/// Write the line for a device's file of keys that belongs to a key
///
/// 64 hexadecimal digits, and the name of the file for people. To revoke a key, write revoked and a
/// space in front of it.
#[derive(clap::Args)]
struct ShowArgs {
    /// Private or public key: Ed25519, PEM (PKCS#8, or SubjectPublicKeyInfo)
    file: PathBuf,
}

/// Say what is wrong with a device's files of keys
///
/// Several files are checked together: a device has one in its root file system and one in its
/// mutable storage, which add up. The exit status is 1 if a device would refuse a file.
#[derive(clap::Args)]
struct CheckArgs {
    /// Files of keys
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

impl Args {
    pub fn run(self) -> Result<ExitCode> {
        let mut report = Report::default();
        match self.command {
            Command::New(args) => write_line(create(&args.file, &mut report), &args.file)?,
            Command::Show(args) => write_line(public(&args.file, &mut report), &args.file)?,
            Command::Check(args) => args.run(&mut report)?,
        }
        Ok(end(&report))
    }
}

fn write_line(key: Option<Key>, file: &Path) -> Result<()> {
    if let Some(key) = key {
        writeln!(io::stdout(), "{}", line(key, file))?;
    }
    Ok(())
}

impl CheckArgs {
    fn run(self, report: &mut Report) -> Result<()> {
        if let Some(keys) = list(&self.files, report) {
            let names: Vec<_> = self
                .files
                .iter()
                .map(|file| file.display().to_string())
                .collect();
            let count = |wanted| keys.iter().filter(|(_, trust)| *trust == wanted).count();
            let (trusted, revoked) = (count(Trust::Trusted), count(Trust::Revoked));
            let names = names.join(", ");
            writeln!(
                io::stdout(),
                "{names}: ok, {trusted} trusted, {revoked} revoked"
            )?;
        }
        Ok(())
    }
}

//! `completions`: prints shell completion scripts.

use super::failure::Failure;
use super::out::Out;
use clap::CommandFactory;
use clap_complete::Shell;
use std::io::Write;

/// Print the completion script of a shell
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Result<(), Failure> {
    // Generated into memory, because the generator panics on a closed pipe.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::Cli::command(), "modeldex", &mut script);
    Ok(out.write_all(&script)?)
}

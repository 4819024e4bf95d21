//! `completions`: prints shell completion scripts.

use super::failure::Failure;
use super::out::Out;
use clap::CommandFactory;
use clap_complete::Shell;
use std::io::Write;

/// Print a script that completes modeldex commands in a shell
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The shell that the script is for
    shell: Shell,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Result<(), Failure> {
    // The script is first generated in memory, because the generator panics if it writes to a closed pipe.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::Cli::command(), "modeldex", &mut script);
    Ok(out.write_all(&script)?)
}

//! The command line: `modeldex --help` says what it does. One command is one file under `cli/`.

mod cli;
mod config;
mod diff;
mod fetch;
mod files;

fn main() -> std::process::ExitCode {
    cli::main()
}

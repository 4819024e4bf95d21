//! The command line: defines all commands, and calls the module that runs each command.

mod audit;
mod auth;
mod catalog_source;
mod check;
mod completions;
mod config;
mod confirm;
mod conflicts;
mod cost;
mod diff;
mod emit;
mod evidence;
mod explain;
mod export;
mod failure;
mod files;
mod generate;
mod import;
mod json;
mod log_output;
mod message;
mod models_list;
mod models_show;
mod new;
mod origin;
mod out;
mod probe;
mod providers;
mod reference_pages;
mod request;
mod schema;
mod sections;
mod serve;
mod set;
mod stats;
mod table;
mod transaction;
mod units;
mod validation;
mod words;

use crate::BuiltIn;
use catalog_source::{CatalogArgs, CatalogSource};
use clap::{Parser, Subcommand};
use failure::Failure;
pub(crate) use files::note_wait;
use out::Out;
use std::io::Write;
use std::process::ExitCode;
use std::sync::LazyLock;

/// A catalog of AI providers and models
#[derive(Parser)]
#[command(name = "modeldex", bin_name = "modeldex", version, max_term_width = 100, after_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    source: CatalogArgs,
    #[command(subcommand)]
    command: Command,
}

/// The commands. A variant without a doc comment takes its help text from the doc comment of its `Args`.
#[derive(Subcommand)]
enum Command {
    /// List and show models
    #[command(subcommand)]
    Models(Models),
    /// List and show providers
    #[command(subcommand)]
    Providers(Providers),
    Cost(Box<cost::Args>),
    #[command(subcommand)]
    Config(config::Command),
    Check(check::Args),
    Audit(audit::Args),
    Diff(diff::Args),
    Import(import::Args),
    Reconcile(import::ReconcileArgs),
    Confirm(confirm::Args),
    Set(set::SetArgs),
    Unset(set::UnsetArgs),
    Evidence(evidence::Args),
    Conflicts(conflicts::Args),
    Stats(stats::Args),
    Explain(explain::Args),
    /// Show which providers have credentials
    #[command(subcommand)]
    Auth(Auth),
    /// Send a message to a model
    #[command(subcommand)]
    Message(Message),
    Probe(Box<probe::Args>),
    /// Create a catalog file from a template
    #[command(subcommand)]
    New(New),
    Emit(Box<emit::Args>),
    Serve(Box<serve::Args>),
    Export(export::Args),
    Generate(generate::Args),
    Schema(schema::Args),
    Completions(completions::Args),
}

#[derive(Subcommand)]
enum Models {
    List(Box<models_list::Args>),
    Show(models_show::Args),
}

#[derive(Subcommand)]
enum Providers {
    List(providers::ListArgs),
    Show(providers::ShowArgs),
}

#[derive(Subcommand)]
enum Auth {
    Status(auth::Args),
}

#[derive(Subcommand)]
enum Message {
    Send(Box<message::Args>),
}

#[derive(Subcommand)]
enum New {
    Provider(new::Args),
}

const EXAMPLES: &str = "\
Examples:
  modeldex models list --all --capability tool_call --min-context 200k
  modeldex models show kimi-coding/kimi-k2.5
  modeldex cost --model openai/gpt-5.5 --input 12000 --cache-read 8000 --output 900
  modeldex new provider acme && modeldex check
  modeldex probe kimi-coding --live
  modeldex message send --model kimi-coding/kimi-k2.5 --message Hello

Exit codes: 0 success, 1 failure or not found, 2 usage error, 130 interrupted
Environment variables:
  MODELDEX_CONFIG  Path of the configuration file
  MODELDEX_LOG     Log level: error, warn, info, debug or trace; debug also logs requests, without keys
  NO_COLOR         Disable color
  CLICOLOR_FORCE   Force color";

/// Parses the arguments, runs the command and returns the exit code.
#[must_use = "this is the exit code of the process"]
pub fn main(built_in: &'static LazyLock<BuiltIn>) -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // An error repeats arguments, which may be keys that were given in the wrong place. Help and version are no errors.
        Err(error) if error.use_stderr() => {
            out::report(&out::mask_arguments(&error.render().ansi().to_string()));
            return ExitCode::from(2);
        }
        Err(error) => error.exit(),
    };
    log_output::init();
    let CatalogArgs { catalog, overlay, strict } = cli.source;
    let source = CatalogSource { built_in, catalog, overlay, trusted_hosts: Vec::new(), references: |_| Vec::new(), strict };
    let mut out = Out::new();
    let result = run(cli.command, &source, &mut out);
    // Output written before a failure is printed before the error.
    let flushed = out.flush().map_err(Failure::from);
    match result.and(flushed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let is_unknown = matches!(failure, Failure::Unknown(_));
            let code = failure.report();
            // The reference may exist in the folder `catalog`, which was not read. On a terminal, `load` has already printed this note.
            if is_unknown && !out::stderr_is_terminal() {
                source.note_unread_folder();
            }
            code
        }
    }
}

impl Command {
    /// Whether the command has to work even if the built-in catalog has errors, because it checks or edits a catalog folder.
    const fn is_for_authors(&self) -> bool {
        matches!(
            self,
            Self::Check(_)
                | Self::Explain(_)
                | Self::New(_)
                | Self::Import(_)
                | Self::Reconcile(_)
                | Self::Confirm(_)
                | Self::Set(_)
                | Self::Unset(_)
        )
    }
}

fn run(command: Command, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    if !command.is_for_authors() {
        source.refuse_broken()?;
    }
    match command {
        Command::Models(Models::List(args)) => models_list::run(&args, source, out),
        Command::Models(Models::Show(args)) => models_show::run(&args, source, out),
        Command::Providers(Providers::List(args)) => providers::list(&args, source, out),
        Command::Providers(Providers::Show(args)) => providers::show(&args, source, out),
        Command::Cost(args) => cost::run(&args, source, out),
        Command::Config(command) => config::run(&command, source, out),
        Command::Check(args) => check::run(&args, source, out),
        Command::Audit(args) => audit::run(&args, source, out),
        Command::Diff(args) => diff::run(&args, source, out),
        Command::Import(args) => import::run(&args, source, out),
        Command::Reconcile(args) => import::reconcile(&args, source, out),
        Command::Confirm(args) => confirm::run(&args, source, out),
        Command::Set(args) => set::set(&args, source, out),
        Command::Unset(args) => set::unset(&args, source, out),
        Command::Evidence(args) => evidence::run(&args, source, out),
        Command::Conflicts(args) => conflicts::run(&args, source, out),
        Command::Stats(args) => stats::run(&args, source, out),
        Command::Auth(Auth::Status(args)) => auth::run(&args, source, out),
        Command::Message(Message::Send(args)) => message::run(&args, source, out),
        Command::Probe(args) => probe::run(&args, source, out),
        Command::Explain(args) => source.refuse("explain").and_then(|()| explain::run(&args, out)),
        Command::New(New::Provider(args)) => new::run(&args, source, out),
        Command::Emit(args) => emit::run(&args, source, out),
        Command::Serve(args) => serve::run(&args, source),
        Command::Export(args) => export::run(&args, source),
        Command::Generate(args) => generate::run(&args, source, out),
        Command::Schema(args) => source.refuse("schema").and_then(|()| schema::run(&args, out)),
        Command::Completions(args) => source.refuse("completions").and_then(|()| completions::run(&args, out)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clap_accepts_the_definition() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}

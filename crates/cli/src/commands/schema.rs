//! `schema`: the JSON Schemas of catalog files and of the configuration.

use super::failure::Failure;
use super::out::Out;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use modeldex_compile::{FileKind, schema};
use std::io::Write;

/// Print the JSON Schema of a catalog file, or of the configuration
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The kind of file
    #[arg(default_value = "provider", value_parser = kinds())]
    kind: String,
}

const KINDS: &[FileKind] = {
    use FileKind::{Held, Lab, Provider, ProviderMap, Routing, Sources, Usage, View};
    &[Provider, Lab, View, Usage, Sources, ProviderMap, Routing, Held]
};

pub(crate) fn run(args: &Args, out: &mut Out) -> Result<(), Failure> {
    let schema = match KINDS.iter().find(|kind| word(**kind) == args.kind) {
        Some(kind) => schema::published(*kind),
        None => crate::config::published_schema(),
    };
    Ok(writeln!(out, "{schema:#}")?)
}

/// Parses a kind of catalog file, by the name of its JSON Schema, or `config`.
fn kinds() -> impl TypedValueParser<Value = String> {
    let files = KINDS.iter().map(|kind| match kind.folder() {
        Some(folder) => PossibleValue::new(word(*kind)).help(format!("A file of the folder `{folder}/`")),
        None => PossibleValue::new(word(*kind)).help(format!("The file `{path}`", path = kind.path(""))),
    });
    PossibleValuesParser::new(files.chain([PossibleValue::new("config").help("The configuration file")]))
}

fn word(kind: FileKind) -> &'static str {
    kind.schema_file().trim_end_matches(".schema.json")
}

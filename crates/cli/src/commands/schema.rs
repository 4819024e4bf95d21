//! `schema`: the JSON Schemas by which files are judged.

use super::failure::Failure;
use super::out::Out;
use clap::ValueEnum;
use modeldex_compile::schema;
use std::io::Write;

/// Print the JSON Schema of a catalog file, or of the configuration
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The kind of file
    #[arg(default_value = "provider")]
    kind: Kind,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// A file of `providers/`
    Provider,
    /// A file of `models/`
    Lab,
    /// A file of `views/`
    View,
    /// A file of `usage/`
    Usage,
    /// `sources.yaml`
    Sources,
    /// `provider-map.yaml`
    ProviderMap,
    /// `routing.yaml`
    Routing,
    /// `imported/held.yaml`
    Held,
    /// The configuration
    Config,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Result<(), Failure> {
    let kind = match args.kind {
        Kind::Provider => modeldex_compile::FileKind::Provider,
        Kind::Lab => modeldex_compile::FileKind::Lab,
        Kind::View => modeldex_compile::FileKind::View,
        Kind::Usage => modeldex_compile::FileKind::Usage,
        Kind::Sources => modeldex_compile::FileKind::Sources,
        Kind::ProviderMap => modeldex_compile::FileKind::ProviderMap,
        Kind::Routing => modeldex_compile::FileKind::Routing,
        Kind::Held => modeldex_compile::FileKind::Held,
        Kind::Config => return Ok(writeln!(out, "{:#}", crate::config::published_schema())?),
    };
    Ok(writeln!(out, "{:#}", schema::schema(kind))?)
}

//! Entry point of the program `modeldex`, with the built-in catalog.

use modeldex_cli::BuiltIn;
use std::process::ExitCode;
use std::sync::LazyLock;

static CATALOG: LazyLock<BuiltIn> = LazyLock::new(|| BuiltIn {
    catalog: modeldex::catalog(),
    views: modeldex::VIEWS,
    usage: modeldex::CATALOG_USAGE_SHAPES,
    held: modeldex::CATALOG_HELD_CLAIMS,
    folder: None,
    report: "",
    is_broken: false,
});

fn main() -> ExitCode {
    modeldex_cli::main(&CATALOG)
}

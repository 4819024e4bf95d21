//! The command line over the built-in catalog.

fn main() -> std::process::ExitCode {
    modeldex_cli::main(modeldex_cli::BuiltIn {
        catalog: modeldex::catalog(),
        views: modeldex::VIEWS,
        usage: modeldex::CATALOG_USAGE,
        held: modeldex::CATALOG_HELD,
        report: modeldex::CATALOG_REPORT,
    })
}

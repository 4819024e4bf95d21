//! The command line for development: instead of built-in tables it compiles the catalog folder of the checkout, or that of `MODELDEX_CATALOG`, at
//! run time, so that an edit of the catalog needs no build. The installed program `modeldex` has the tables built in.

use modeldex_cli::BuiltIn;
use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;

static CATALOG: LazyLock<BuiltIn> = LazyLock::new(|| BuiltIn::of_folder(folder()));

fn main() -> ExitCode {
    modeldex_cli::main(&CATALOG)
}

/// The catalog folder, relative to the current folder if it is below it, so that diagnostics have short paths.
fn folder() -> PathBuf {
    if let Some(dir) = env::var_os("MODELDEX_CATALOG").filter(|dir| !dir.is_empty()) {
        return dir.into();
    }
    // Set by `cargo run`. The path at build time may be that of another checkout that shares the target folder.
    let Some(package) = env::var_os("CARGO_MANIFEST_DIR") else { return PathBuf::from("catalog") };
    let root = Path::new(&package).join("../..");
    let dir = root.canonicalize().unwrap_or(root).join("catalog");
    let relative = env::current_dir().ok().and_then(|here| dir.strip_prefix(here).map(Path::to_path_buf).ok());
    relative.unwrap_or(dir)
}

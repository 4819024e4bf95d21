//! The command line over the catalog of the checkout that `cargo run` is called for, or over the folder that `MODELDEX_CATALOG` names, which is
//! compiled when a command needs it: an edit of a file waits for no build. `modeldex`, the program to install, has the tables compiled in.

use modeldex_cli::BuiltIn;
use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;

static CATALOG: LazyLock<BuiltIn> = LazyLock::new(|| BuiltIn::of_folder(folder()));

fn main() -> ExitCode {
    modeldex_cli::main(&CATALOG)
}

/// The catalog's folder, relative where the program was started above it, as reports then name its files.
fn folder() -> PathBuf {
    if let Some(dir) = env::var_os("MODELDEX_CATALOG").filter(|dir| !dir.is_empty()) {
        return dir.into();
    }
    // `cargo run` states it. Where the package was as it was built may be another checkout, with which this one shares the target folder.
    let Some(package) = env::var_os("CARGO_MANIFEST_DIR") else { return PathBuf::from("catalog") };
    let root = Path::new(&package).join("../..");
    let dir = root.canonicalize().unwrap_or(root).join("catalog");
    let relative = env::current_dir().ok().and_then(|here| dir.strip_prefix(here).map(Path::to_path_buf).ok());
    relative.unwrap_or(dir)
}

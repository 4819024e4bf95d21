//! The command line for development. At startup, it compiles the catalog folder of the checkout or, if the variable `MODELDEX_CATALOG` is set, the
//! folder in this variable. An edit of the catalog therefore needs no build. The installed program `modeldex` contains the catalog as static tables.

use modeldex_cli::BuiltIn;
use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;

static CATALOG: LazyLock<BuiltIn> = LazyLock::new(|| BuiltIn::of_folder(folder()));

fn main() -> ExitCode {
    modeldex_cli::main(&CATALOG)
}

/// Returns the path of the catalog folder. It is relative to the current folder if the catalog folder is below it, so that diagnostics have short
/// paths.
fn folder() -> PathBuf {
    if let Some(dir) = env::var_os("MODELDEX_CATALOG").filter(|dir| !dir.is_empty()) {
        return dir.into();
    }
    // `cargo run` sets this variable. The value at build time is not used, because the build may be that of another checkout with the same target
    // folder.
    let Some(package) = env::var_os("CARGO_MANIFEST_DIR") else { return PathBuf::from("catalog") };
    let root = Path::new(&package).join("../..");
    let dir = root.canonicalize().unwrap_or(root).join("catalog");
    let relative = env::current_dir().ok().and_then(|here| dir.strip_prefix(here).map(Path::to_path_buf).ok());
    relative.unwrap_or(dir)
}

//! Compiles synthetic catalogs of 1,000, 10,000 and 100,000 models and prints what each size costs: the catalog's own compilation, the
//! Rust compiler's work on the tables, and the bytes that a model takes. `cargo run --release -p modeldex-benches --bin scale`

#![allow(clippy::print_stdout)]

use modeldex_benches::{SIZES, catalog};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

fn main() -> Result<(), Box<dyn Error>> {
    let table = table_library()?;
    println!("{:>8} {:>10} {:>14} {:>14} {:>12} {:>12}", "models", "check", "rustc", "rustc memory", "table bytes", "bytes/model");
    let empty = probe(&table, &compile_into(&env::temp_dir().join("modeldex-empty"), None)?)?;
    println!("{:>8} {:>10} {:>14} {:>14}", 0, "", shown(empty.0), megabytes(empty.1));
    for size in SIZES {
        let dir = catalog(size)?;
        let started = Instant::now();
        let compiled = modeldex_compile::compile(&dir);
        let check = started.elapsed();
        let models = compiled.catalog().models().len();
        let bytes = compiled.tables.size();
        let out = compile_into(&env::temp_dir().join(format!("modeldex-tables-{size}")), Some(&compiled))?;
        let (time, memory) = probe(&table, &out)?;
        println!(
            "{models:>8} {:>10} {:>14} {:>14} {bytes:>12} {:>12}",
            shown(check),
            shown(time),
            megabytes(memory),
            bytes / models.max(1)
        );
    }
    Ok(())
}

/// Writes the tables and a library that includes them, as a build script and its crate would.
fn compile_into(out: &Path, compiled: Option<&modeldex_compile::Compiled>) -> Result<PathBuf, Box<dyn Error>> {
    fs::create_dir_all(out)?;
    let empty = modeldex_compile::Compiled::default();
    modeldex_compile::emit::write_rust(compiled.unwrap_or(&empty), out)?;
    fs::write(out.join("lib.rs"), "#![no_std]\ninclude!(concat!(env!(\"OUT_DIR\"), \"/catalog.rs\"));\n")?;
    Ok(out.to_path_buf())
}

/// Runs rustc on the library in `out`; its wall time and its peak memory in kibibytes, read from the kernel while it runs.
fn probe(table: &Path, out: &Path) -> Result<(Duration, u64), Box<dyn Error>> {
    let started = Instant::now();
    let mut rustc = Command::new("rustc")
        .args(["--crate-type", "lib", "--edition", "2024", "--emit", "metadata,link", "--extern"])
        .arg(format!("modeldex_table={}", table.display()))
        .arg("-L")
        .arg(format!("dependency={}", table.parent().unwrap_or(Path::new(".")).join("deps").display()))
        .arg("--out-dir")
        .arg(out)
        .arg(out.join("lib.rs"))
        .env("OUT_DIR", out)
        .stdout(Stdio::null())
        .spawn()?;
    let status = PathBuf::from(format!("/proc/{}/status", rustc.id()));
    let mut peak = 0;
    loop {
        if let Some(done) = rustc.try_wait()? {
            if !done.success() {
                return Err("rustc failed on the tables".into());
            }
            return Ok((started.elapsed(), peak));
        }
        if let Ok(text) = fs::read_to_string(&status) {
            let high = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
            peak = peak.max(high.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0));
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Builds `modeldex-table` and finds its library.
fn table_library() -> Result<PathBuf, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let built = Command::new("cargo").args(["build", "-q", "-p", "modeldex-table"]).current_dir(&root).status()?;
    if !built.success() {
        return Err("modeldex-table does not build".into());
    }
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("debug").join("libmodeldex_table.rlib"))
}

fn shown(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1e3)
}

fn megabytes(kibibytes: u64) -> String {
    format!("{} MB", kibibytes * 1024 / 1_000_000)
}

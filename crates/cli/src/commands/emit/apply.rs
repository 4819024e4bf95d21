//! `emit openclaw --apply`: the models, merged into the file that openclaw reads.
//!
//! The file is replaced whole, under a lock that only this program knows; so it is read again just before, in case openclaw has written to
//! it. What it was stays beside it with the same permissions, since keys may be in it.

use super::super::failure::Failure;
use super::super::files::cannot;
use super::super::out::{self, Out};
use super::super::{catalog_source::shown, units};
use super::patch;
use modeldex_formats::EmitTarget;
use modeldex_formats::merge::{MergedConfig, merge_openclaw};
use modeldex_support::file::{self, Access};
use modeldex_table::{AuthKind, Catalog};
use serde_json::Value;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The most that the file may have: several times the whole catalog. What never ends is not to fill the memory.
const LONGEST: u64 = 64 << 20;

/// Fails when what is asked for is nothing that can be merged.
pub(super) fn refuse(target: &EmitTarget, everything: bool) -> Result<(), Failure> {
    if target.name != "openclaw" {
        let what = format!("`--apply` merges into an openclaw.json; `{}` is written whole, with `--out FILE`", target.name);
        return Err(Failure::Usage(what));
    }
    if everything {
        // Each provider names the variable of its key, and openclaw uses none of them while one is not set.
        let why = "openclaw uses no provider at all while the key of one is not set, so `--apply` wants to know which";
        return Err(Failure::Usage(format!("{why}: name them with `--provider` or `--model`, or take those with `--usable`")));
    }
    Ok(())
}

/// Merges `fragment` into `file`, or into the one that openclaw reads.
pub(super) fn run(file: Option<&Path>, dry_run: bool, fragment: &str, catalog: &Catalog<'_>, out: &mut Out) -> Result<(), Failure> {
    let fragment = set_variables(fragment, catalog)?;
    let path = file.map_or_else(usual, |path| Ok(path.to_path_buf()))?;
    // What is no file gets no lock beside it either.
    file::require_regular_file(&path).map_err(cannot(&path, "read"))?;
    // It is let go when the file is closed, and so also when this program is killed.
    let _lock = if dry_run { None } else { Some(file::lock(&path, Access::OwnerOnly).map_err(cannot(&path, "written"))?) };
    if !dry_run {
        file::remove_leftovers(&path).map_err(cannot(&path, "written"))?;
    }
    let before = read(&path)?;
    let merged = merge_openclaw(before.as_deref().unwrap_or_default(), &fragment);
    let merged = merged.map_err(|fault| Failure::Failed(format!("{}:{fault}", shown(&path))))?;
    if before.as_ref() == Some(&merged.text) {
        tell(&merged);
        out::note(format_args!("up to date: {}", shown(&path)));
        return Ok(());
    }
    if dry_run {
        tell(&merged);
        return Ok(patch::write(&shown(&path), before.as_deref().unwrap_or_default(), &merged.text, out)?);
    }
    let backup = before.as_deref().map(|before| back_up(&path, before)).transpose()?;
    if read(&path)? != before {
        let what = "another program changed it meanwhile, so nothing was written; try again";
        return Err(Failure::Failed(format!("`{}`: {what}", shown(&path))));
    }
    let access = if before.is_some() { Access::Inherited } else { Access::OwnerOnly };
    file::write_atomic(&path, &merged.text, access).map_err(cannot(&path, "written"))?;
    tell(&merged);
    match backup {
        Some(backup) => out::note(format_args!("written: {}; what it was: {}", shown(&path), shown(&backup))),
        None => out::note(format_args!("written: {}", shown(&path))),
    }
    Ok(())
}

/// The fragment with each key from the variable that is set here, where a provider's key may be in several. Without any provider there is
/// nothing to merge.
fn set_variables(fragment: &str, catalog: &Catalog<'_>) -> Result<String, Failure> {
    let mut fragment: Value = serde_json::from_str(fragment)?;
    let providers = fragment["models"]["providers"].as_object_mut().filter(|providers| !providers.is_empty());
    let Some(providers) = providers else {
        return Err(Failure::Failed("openclaw can be told of none of these models, so nothing is changed".to_owned()));
    };
    for (id, entry) in providers {
        let ways = catalog.provider(id).into_iter().flat_map(modeldex_table::Provider::auth).filter(|auth| auth.kind() == AuthKind::ApiKey);
        let written = |name: &str| entry["apiKey"] == format!("${{{name}}}");
        let names = ways.map(modeldex_table::Auth::env).find(|names| names.clone().next().is_some_and(written));
        if let Some(name) = names.and_then(|mut names| names.find(|name| is_set(name))) {
            entry["apiKey"] = format!("${{{name}}}").into();
        }
    }
    Ok(serde_json::to_string_pretty(&fragment)? + "\n")
}

/// The file that openclaw reads.
fn usual() -> Result<PathBuf, Failure> {
    match variable("OPENCLAW_CONFIG_PATH") {
        Some(path) => Ok(expanded(&path)),
        None => Ok(state_folder()?.join("openclaw.json")),
    }
}

fn state_folder() -> Result<PathBuf, Failure> {
    if let Some(folder) = variable("OPENCLAW_STATE_DIR") {
        return Ok(expanded(&folder));
    }
    let home = env::home_dir().filter(|home| home.is_absolute());
    let home = home.ok_or_else(|| Failure::Usage("nobody knows where your openclaw.json is; name it: `--apply FILE`".to_owned()))?;
    Ok(home.join(".openclaw"))
}

/// A path in which openclaw takes `~` for the home folder.
fn expanded(path: &str) -> PathBuf {
    let below = path.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with(['/', '\\']));
    match (below, env::home_dir()) {
        (Some(below), Some(home)) => home.join(below.trim_start_matches(['/', '\\'])),
        _ => PathBuf::from(path),
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The text of the file; none where it is not there.
fn read(path: &Path) -> Result<Option<String>, Failure> {
    let bytes = file::read(path, LONGEST).map_err(cannot(path, "read"))?;
    let text = bytes.map(String::from_utf8).transpose();
    text.map_err(|_| cannot(path, "read")("it is not UTF-8"))
}

/// Keeps what the file was, under a name that is new or has just that already.
fn back_up(path: &Path, text: &str) -> Result<PathBuf, Failure> {
    let day = units::now().to_string().replace(['-', ':'], "");
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = |number: u32| {
        let again = if number == 1 { String::new() } else { format!("-{number}") };
        path.with_file_name(format!("{name}.modeldex-backup-{day}{again}"))
    };
    let mut number = 1;
    while fs::symlink_metadata(beside(number)).is_ok() {
        if fs::read(beside(number)).is_ok_and(|kept| kept == text.as_bytes()) {
            return Ok(beside(number));
        }
        number += 1;
    }
    let backup = beside(number);
    let permissions = fs::metadata(path).map(|about| about.permissions());
    file::write_atomic(&backup, text, Access::OwnerOnly)
        .and_then(|()| fs::set_permissions(&backup, permissions?))
        .map_err(cannot(&backup, "written"))?;
    Ok(backup)
}

/// Tells what is not as somebody may expect, and what keeps openclaw from reading the file.
fn tell(merged: &MergedConfig) {
    merged.notes.iter().for_each(out::note);
    let kept = dotenv();
    let is_kept = |name: &str| kept.lines().any(|line| line.trim().trim_start_matches("export ").split('=').next() == Some(name));
    let unset: Vec<String> =
        merged.required_variables.iter().filter(|name| !is_set(name) && !is_kept(name)).map(|name| format!("`{name}`")).collect();
    if !unset.is_empty() {
        let are = if unset.len() == 1 { "is" } else { "are" };
        out::warning(&format!(
            "{} {are} not set: until then openclaw 2026.2.1 refuses the whole file, and 2026.9.6 finds no model of any provider",
            unset.join(", ")
        ));
    }
}

/// The variables that openclaw reads beside its file.
fn dotenv() -> String {
    state_folder().ok().and_then(|folder| read(&folder.join(".env")).ok().flatten()).unwrap_or_default()
}

/// Whether openclaw would find something in a variable.
fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

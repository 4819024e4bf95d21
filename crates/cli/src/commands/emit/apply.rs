//! `emit openclaw --apply`: merges the models into openclaw's configuration file.
//!
//! The file is replaced as a whole, under a lock. Because openclaw ignores the lock, the file is read again just before the replacement; if openclaw
//! has changed it, the command fails. The old file is kept as a backup; the backup has the same permissions, because the file may contain keys.

use super::super::failure::Failure;
use super::super::files::{cannot, note_wait};
use super::super::out::{self, Out};
use super::super::{catalog_source::shown, units};
use super::patch;
use modeldex_formats::EmitTarget;
use modeldex_formats::merge::{MergedConfig, merge_openclaw, provider_variables};
use modeldex_support::file::{self, Access};
use modeldex_table::{AuthKind, Catalog};
use serde_json::Value;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Maximum size of the file in bytes: several times the size of the models of the largest provider. The parsed file needs up to 100 times as much
/// memory.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Fails if the target is not openclaw, or if the selection is the whole catalog.
pub(super) fn refuse(target: &EmitTarget, everything: bool) -> Result<(), Failure> {
    if target.name != "openclaw" {
        let target = target.name;
        return Err(Failure::Usage(format!(
            "`--apply` supports only the format `openclaw`; write the format `{target}` with `--out FILE`"
        )));
    }
    if everything {
        // Each provider refers to the variable of its API key, and openclaw rejects all providers if one of these variables is not set.
        let message = "`--apply` requires a selection with `--provider`, `--model` or `--usable`: if the API key of one provider is not \
                       set, openclaw rejects all providers";
        return Err(Failure::Usage(message.to_owned()));
    }
    Ok(())
}

/// Merges `fragment` into `file`, or into the file that openclaw reads.
pub(super) fn run(file: Option<&Path>, dry_run: bool, fragment: &str, catalog: &Catalog<'_>, out: &mut Out) -> Result<(), Failure> {
    let fragment = set_variables(fragment, catalog)?;
    let path = file.map_or_else(default_path, |path| Ok(path.to_path_buf()))?;
    // A device must not get a lock file next to it.
    file::require_regular_file(&path).map_err(cannot(&path, "read"))?;
    // The lock is released when its file is closed, even if the process is killed.
    let _lock = if dry_run { None } else { Some(file::lock(&path, Access::OwnerOnly, note_wait).map_err(cannot(&path, "written"))?) };
    if !dry_run {
        file::remove_leftovers(&path).map_err(cannot(&path, "written"))?;
    }
    let before = read(&path)?;
    let merged = merge_openclaw(before.as_deref().unwrap_or_default(), &fragment, &provider_variables(catalog));
    let merged = merged.map_err(|fault| Failure::Failed(format!("{path}:{fault}", path = shown(&path))))?;
    if merged.text.len() as u64 > MAX_FILE_BYTES {
        let (path, limit) = (shown(&path), MAX_FILE_BYTES >> 20);
        return Err(Failure::Failed(format!("`{path}` would be larger than the limit of {limit} MiB; select fewer models")));
    }
    if before.as_ref() == Some(&merged.text) {
        print_remarks(&merged);
        out::note(format_args!("up to date: {path}", path = shown(&path)));
        return Ok(());
    }
    if dry_run {
        print_remarks(&merged);
        return Ok(patch::write(&shown(&path), before.as_deref().unwrap_or_default(), &merged.text, out)?);
    }
    let backup = before.as_deref().map(|before| back_up(&path, before)).transpose()?;
    if read(&path)? != before {
        let path = shown(&path);
        return Err(Failure::Failed(format!(
            "another program changed `{path}` at the same time; nothing was written; run the command again"
        )));
    }
    let access = if before.is_some() { Access::Inherited } else { Access::OwnerOnly };
    file::write_atomic(&path, &merged.text, access).map_err(cannot(&path, "written"))?;
    print_remarks(&merged);
    let path = shown(&path);
    match backup {
        Some(backup) => out::note(format_args!("written: {path}; backup of the old file: {backup}", backup = shown(&backup))),
        None => out::note(format_args!("written: {path}")),
    }
    Ok(())
}

/// Selects, for providers that accept several API-key variables, a variable that is set. Returns the changed fragment. Fails if the fragment has
/// no provider.
fn set_variables(fragment: &str, catalog: &Catalog<'_>) -> Result<String, Failure> {
    let mut fragment: Value = serde_json::from_str(fragment)?;
    let providers = fragment["models"]["providers"].as_object_mut().filter(|providers| !providers.is_empty());
    let Some(providers) = providers else {
        return Err(Failure::Failed("the format of openclaw cannot express any of the selected models; nothing was changed".to_owned()));
    };
    for (id, entry) in providers {
        let methods =
            catalog.provider(id).into_iter().flat_map(modeldex_table::Provider::auth).filter(|auth| auth.kind() == AuthKind::ApiKey);
        let written = |name: &str| entry["apiKey"] == format!("${{{name}}}");
        let names = methods.map(modeldex_table::Auth::env).find(|names| names.clone().next().is_some_and(written));
        if let Some(name) = names.and_then(|mut names| names.find(|name| is_set(name))) {
            entry["apiKey"] = format!("${{{name}}}").into();
        }
    }
    Ok(serde_json::to_string_pretty(&fragment)? + "\n")
}

/// The file that openclaw reads.
fn default_path() -> Result<PathBuf, Failure> {
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
    let home = home.ok_or_else(|| {
        Failure::Usage("cannot find openclaw.json, because the home directory is unknown; name the file with `--apply FILE`".to_owned())
    })?;
    Ok(home.join(".openclaw"))
}

/// Replaces a leading `~` with the home directory, as openclaw does.
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

/// The text of the file; `None` if the file does not exist.
fn read(path: &Path) -> Result<Option<String>, Failure> {
    let bytes = file::read(path, MAX_FILE_BYTES).map_err(cannot(path, "read"))?;
    let text = bytes.map(String::from_utf8).transpose();
    text.map_err(|_| cannot(path, "read")("the file is not UTF-8"))
}

/// Writes a backup of the file under a new name that contains the time. If a backup with this time has the same text, writes nothing. Returns the
/// path of the backup.
fn back_up(path: &Path, text: &str) -> Result<PathBuf, Failure> {
    let day = units::now().to_string().replace(['-', ':'], "");
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let backup_path = |number: u32| {
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        path.with_file_name(format!("{name}.modeldex-backup-{day}{suffix}"))
    };
    let mut number = 1;
    while fs::symlink_metadata(backup_path(number)).is_ok() {
        let kept = file::read(&backup_path(number), MAX_FILE_BYTES);
        if kept.is_ok_and(|kept| kept.as_deref() == Some(text.as_bytes())) {
            return Ok(backup_path(number));
        }
        number += 1;
    }
    let backup = backup_path(number);
    let permissions = fs::metadata(path).map(|about| about.permissions());
    file::write_atomic(&backup, text, Access::OwnerOnly)
        .and_then(|()| fs::set_permissions(&backup, permissions?))
        .map_err(cannot(&backup, "written"))?;
    Ok(backup)
}

/// Prints the remarks of the merge, and a warning about variables that openclaw requires and that are not set.
fn print_remarks(merged: &MergedConfig) {
    merged.notes.iter().for_each(out::note);
    let dotenv = dotenv();
    let is_in_dotenv = |name: &str| dotenv.lines().any(|line| line.trim().trim_start_matches("export ").split('=').next() == Some(name));
    let unset: Vec<String> =
        merged.required_variables.iter().filter(|name| !is_set(name) && !is_in_dotenv(name)).map(|name| format!("`{name}`")).collect();
    match &unset[..] {
        [] => {}
        [variable] => out::warning(&format!(
            "{variable} is not set; without this variable, openclaw 2026.2.1 rejects the whole file, and openclaw 2026.9.6 finds no models"
        )),
        _ => out::warning(&format!(
            "{variables} are not set; without these variables, openclaw 2026.2.1 rejects the whole file, and openclaw 2026.9.6 finds no \
             models",
            variables = unset.join(", ")
        )),
    }
}

/// The text of the `.env` file that openclaw reads.
fn dotenv() -> String {
    state_folder().ok().and_then(|folder| read(&folder.join(".env")).ok().flatten()).unwrap_or_default()
}

/// Whether openclaw treats a variable as set: the variable exists and is not empty.
fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

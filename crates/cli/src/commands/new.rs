//! `new provider`: writes a minimal valid provider file, with a comment at each field that the user has to fill in.

use super::catalog_source::{CatalogSource, USUAL_FOLDER, shown};
use super::failure::Failure;
use super::files;
use super::out::{self, Out};
use super::transaction::Transaction;
use std::io::Write;
use std::path::Path;

/// The template of the provider file, with the placeholders `<id>`, `<name>` and `<variable>`.
const TEMPLATE: &str = include_str!("new_provider.yaml.in");

/// Create a provider file with the required fields
///
/// Writes `providers/ID.yaml` in the folder of --catalog. Without --catalog, writes into the folder `catalog` in the current folder.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Id of the provider, which is also the name of its file: lowercase letters, digits, `.`, `_` and `-`
    id: String,
}

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let id = args.id.as_str();
    if !is_valid_id(id) {
        return Err(Failure::Usage(format!(
            "invalid provider id `{id}`: expected up to 64 lowercase letters, digits, `.`, `_` and `-`, starting with a letter or digit"
        )));
    }
    if !source.overlay.is_empty() {
        return Err(Failure::Usage(
            "`new provider` does not support `--overlay`; to write into an overlay, pass the overlay folder with `--catalog`".to_owned(),
        ));
    }
    let usual = Path::new(USUAL_FOLDER);
    let dir = match &source.catalog {
        Some(dir) => dir.as_path(),
        None => usual,
    };
    if !dir.is_dir() {
        let dir = shown(dir);
        return Err(Failure::Usage(format!(
            "there is no folder `{dir}`; create the folder with `mkdir {dir}`, or pass another catalog folder with `--catalog DIR`"
        )));
    }
    let _transaction = Transaction::begin_without_evidence(dir)?;
    let path = dir.join("providers").join(format!("{id}.yaml"));
    if path.symlink_metadata().is_ok() {
        return Err(Failure::Failed(format!("the file `{path}` already exists", path = shown(&path))));
    }
    files::replace_below(dir, &path, &text(id))?;
    writeln!(out, "{}", shown(&path))?;
    let is_usual = dir == usual;
    let is_built_in = source.built_in.folder == Some(dir);
    let dir = shown(dir);
    if !is_built_in {
        out::note(format_args!(
            "note: the file does not change the built-in catalog; to use the folder `{dir}`, add `--catalog {dir}` to a command"
        ));
    }
    out::note("Next: fill in the fields marked by comments, then check the file and list its models:");
    match is_usual {
        true => out::note("  modeldex check"),
        false => out::note(format_args!("  modeldex check --catalog {dir}")),
    }
    out::note(format_args!("  modeldex models list --all --provider {id} --catalog {dir}"));
    Ok(())
}

fn is_valid_id(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    id.bytes().next().is_some_and(is_plain) && id.bytes().all(|byte| is_plain(byte) || b"._-".contains(&byte)) && id.len() <= 64
}

fn text(id: &str) -> String {
    let words = id.split(['.', '_', '-']).filter(|word| !word.is_empty());
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    let name = words.map(capital).collect::<Vec<_>>().join(" ");
    TEMPLATE.replace("<id>", id).replace("<name>", &name).replace("<variable>", &variable(id))
}

fn variable(id: &str) -> String {
    let stem: String = id.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' }).collect();
    let first = if stem.starts_with(|first: char| first.is_ascii_digit()) { "_" } else { "" };
    format!("{first}{stem}_API_KEY")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_valid_file_names_and_variables_are_valid_names() {
        for id in ["acme", "302ai", "z.ai", "a_b-c"] {
            assert!(is_valid_id(id), "{id}");
        }
        for id in ["", "-a", ".a", "Acme", "a b", "a/b", "ä", "../a"] {
            assert!(!is_valid_id(id), "{id}");
        }
        assert_eq!(variable("z.ai-coding"), "Z_AI_CODING_API_KEY");
        assert_eq!(variable("302ai"), "_302AI_API_KEY");
    }
}

//! `new provider`: the smallest file that is valid, with comments that say what to fill in.

use super::catalog_source::{CatalogSource, USUAL_FOLDER, shown};
use super::failure::Failure;
use super::files;
use super::out::{self, Out};
use std::io::Write;
use std::path::Path;

/// The file, with `<id>`, `<name>` and `<variable>` in it.
const TEMPLATE: &str = include_str!("new_provider.yaml.in");

/// Write the smallest provider that is valid
///
/// The file goes into the folder of --catalog, else into `catalog` in the current folder.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The id of the provider, which becomes the file's name: lower-case letters, digits, `.`, `_` and `-`
    id: String,
}

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let id = args.id.as_str();
    if !is_legal(id) {
        let reason = "lower-case letters, digits, `.`, `_` and `-`, and begins with a letter or digit";
        return Err(Failure::Usage(format!("`{id}` cannot be an id: an id has {reason}")));
    }
    if !source.overlay.is_empty() {
        return Err(Failure::Usage("to write into an overlay, name it with `--catalog`".to_owned()));
    }
    let usual = Path::new(USUAL_FOLDER);
    let dir = match &source.catalog {
        Some(dir) => dir.as_path(),
        None => usual,
    };
    if !dir.is_dir() {
        let dir = shown(dir);
        let help = format!("`mkdir {dir}` begins a catalog, and `--catalog DIR` names another folder");
        return Err(Failure::Usage(format!("there is no folder `{dir}` to write into: {help}")));
    }
    let path = dir.join("providers").join(format!("{id}.yaml"));
    if path.symlink_metadata().is_ok() {
        return Err(Failure::Failed(format!("`{}` exists already", shown(&path))));
    }
    files::replace(&path, &text(id))?;
    writeln!(out, "{}", shown(&path))?;
    let option = if dir == usual { String::new() } else { format!(" --catalog {}", shown(dir)) };
    out::note(format_args!("`{id}` is in the catalog folder `{}`, and not in the built-in catalog.", shown(dir)));
    out::note("Next: fill in what the comments say, then see that it is right and that it is listed:");
    out::note(format_args!("  modeldex check{option}"));
    out::note(format_args!("  modeldex models list --all --provider {id} --catalog {}", shown(dir)));
    Ok(())
}

fn is_legal(id: &str) -> bool {
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
    fn ids_are_legal_file_names_and_variables_are_legal_names() {
        for id in ["acme", "302ai", "z.ai", "a_b-c"] {
            assert!(is_legal(id), "{id}");
        }
        for id in ["", "-a", ".a", "Acme", "a b", "a/b", "ä", "../a"] {
            assert!(!is_legal(id), "{id}");
        }
        assert_eq!(variable("z.ai-coding"), "Z_AI_CODING_API_KEY");
        assert_eq!(variable("302ai"), "_302AI_API_KEY");
    }
}

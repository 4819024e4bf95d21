//! Which file a path is. A server of files looks for the path as it is once its encoding is taken off, so a file has that very name, with
//! `:` and `@` and whatever else a file system takes. What it does not take, or would confuse with another file or a folder, lies under
//! [`FALLBACK`] by the hash of its path; the manifest says so, and whoever uploads the files can give it its path.

use crate::encode::sha256;
use std::collections::BTreeSet;

/// The folder of files that cannot have the name of their path.
pub(super) const FALLBACK: &str = "named/";
/// What file systems take is 255 bytes, and an ending may follow.
const LONGEST: usize = 246;
/// What the names on the way to a file may have altogether: Linux takes 4,096 with the folder that they are in.
const LONGEST_PATH: usize = 2_048;

/// The names that were given so far.
pub(super) struct Names {
    tells_case_apart: bool,
    files: BTreeSet<String>,
    folders: BTreeSet<String>,
}

impl Names {
    pub(super) fn new(tells_case_apart: bool) -> Self {
        Self { tells_case_apart, files: BTreeSet::new(), folders: BTreeSet::new() }
    }

    /// The file of a path that begins with a slash; each path has another.
    pub(super) fn file_of(&mut self, path: &str) -> String {
        let plain = path.trim_start_matches('/');
        // Only what is asked for as `.json` is called so already; a model's id may end in it, too.
        let is_whole = plain.ends_with(".json") && !plain.starts_with("models/") && !plain.starts_with("providers/");
        let name = if is_whole { plain.to_owned() } else { format!("{plain}.json") };
        if is_inside(&name) && self.take(&name) {
            return name;
        }
        let other = format!("{FALLBACK}{}.json", &sha256(path.as_bytes())[..32]);
        self.take(&other);
        other
    }

    /// Gives a name, unless a file or a folder has it already, or a file has that of a folder on its way.
    fn take(&mut self, name: &str) -> bool {
        let name = if self.tells_case_apart { name.to_owned() } else { name.to_lowercase() };
        let above = || name.match_indices('/').map(|(at, _)| &name[..at]);
        if self.folders.contains(&name) || above().any(|folder| self.files.contains(folder)) {
            return false;
        }
        let above: Vec<String> = above().map(str::to_owned).collect();
        if !self.files.insert(name) {
            return false;
        }
        self.folders.extend(above);
        true
    }
}

/// Whether a name is one that a file below the folder can have, on this system.
pub(super) fn is_inside(name: &str) -> bool {
    let is_odd = |letter: char| letter.is_control() || letter == '\\' || cfg!(windows) && "<>:\"|?*".contains(letter);
    let ends_oddly = |segment: &str| cfg!(windows) && segment.ends_with(['.', ' ']);
    let segment = |segment: &str| {
        let is_usual = !segment.is_empty() && !segment.starts_with('.') && segment.len() <= LONGEST;
        is_usual && !segment.contains(is_odd) && !ends_oddly(segment)
    };
    name.len() <= LONGEST_PATH && name.split('/').all(segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_has_a_file_of_its_own_inside() {
        let long = format!("/models/a/{}", "x".repeat(300));
        let deep = format!("/models/a/{}", "x/".repeat(1_500));
        let paths = [
            "/api.json",
            "/v2/providers",
            "/models",
            "/models/a/b",
            "/models/a/B",
            "/models/a/b/evidence",
            "/models/a/b.json",
            "/models/a/b.json/c",
            "/models/a/x@1:free",
            "/models/a/50%",
            "/models/a/..",
            "/models/a/../../etc/passwd",
            "/models/a/",
            "/models/a//b",
            "/models/a/.git",
            "/models/a/b\\c",
            "/models/a/\u{1}",
            "/models/a/é",
            &long,
            &deep,
        ];
        for tells_case_apart in [true, false] {
            let mut names = Names::new(tells_case_apart);
            let files: Vec<String> = paths.iter().map(|path| names.file_of(path)).collect();
            let different: BTreeSet<String> =
                files.iter().map(|file| if tells_case_apart { file.clone() } else { file.to_lowercase() }).collect();
            assert_eq!(different.len(), paths.len(), "{files:?}");
            assert!(files.iter().all(|file| is_inside(file)), "{files:?}");
            for (path, file) in paths.iter().zip(&files) {
                let is_other = file.starts_with(FALLBACK);
                let is_odd = [&long, &deep].contains(&&(*path).to_owned())
                    || path.contains("..")
                    || path.ends_with('/')
                    || path.contains("//")
                    || path.contains(['\\', '\u{1}'])
                    || path.contains("/.")
                    || (*path == "/models/a/B" && !tells_case_apart)
                    || *path == "/models/a/b.json/c" && files[7] == *file && is_other;
                assert_eq!(is_other, is_odd, "{path} is {file}");
            }
        }
        let mut names = Names::new(true);
        assert_eq!(
            [names.file_of("/models/a/b"), names.file_of("/models/a/b.json/c")].map(|file| file.starts_with(FALLBACK)),
            [false, true]
        );
        for outside in ["../x", "a/../../x", "/etc/passwd", "", "a//b", ".modeldex-export"] {
            assert!(!is_inside(outside), "{outside}");
        }
    }
}

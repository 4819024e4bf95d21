//! File names of an export.
//!
//! A static file server looks up a file by the percent-decoded URL path. Therefore the name of a file is the URL path, including `:`, `@` and other
//! characters that the file system accepts. If the file system does not accept the path, or if another file or folder already has the name, the
//! file is stored in [`FALLBACK_FOLDER`] under the hash of the path. The manifest maps each path to its file, so that a program that uploads the
//! export can serve the file at the path.

use crate::encode::sha256;
use std::collections::BTreeSet;

/// Folder of the files whose URL path cannot be the name of a file.
pub(super) const FALLBACK_FOLDER: &str = "named/";
/// Maximum length of a name, in bytes. File systems allow 255 bytes, and a suffix such as `.gz` may follow.
const MAX_NAME_BYTES: usize = 246;
/// Maximum length of a path below the export folder, in bytes. Linux allows 4,096 bytes, including the path of the export folder.
const MAX_PATH_BYTES: usize = 2_048;

/// Assigns file names to URL paths, and records the names that are in use.
pub(super) struct FileNames {
    is_case_sensitive: bool,
    files: BTreeSet<String>,
    folders: BTreeSet<String>,
}

impl FileNames {
    pub(super) fn new(is_case_sensitive: bool) -> Self {
        Self { is_case_sensitive, files: BTreeSet::new(), folders: BTreeSet::new() }
    }

    /// Assigns a file name to a URL path that begins with a slash. Different paths have different file names.
    pub(super) fn assign(&mut self, path: &str) -> String {
        let plain = path.trim_start_matches('/');
        // Only pages that cover the whole catalog have `.json` in their path. In other paths, `.json` may be the end of a model id.
        let has_suffix = plain.ends_with(".json") && !plain.starts_with("models/") && !plain.starts_with("providers/");
        let name = if has_suffix { plain.to_owned() } else { format!("{plain}.json") };
        if is_valid(&name) && self.take(&name) {
            return name;
        }
        let fallback = format!("{FALLBACK_FOLDER}{}.json", &sha256(path.as_bytes())[..32]);
        self.take(&fallback);
        fallback
    }

    /// Reserves a file name. Returns `false` if a file or folder already has the name, or if a file has the name of a folder that contains the new
    /// file.
    fn take(&mut self, name: &str) -> bool {
        let name = if self.is_case_sensitive { name.to_owned() } else { name.to_lowercase() };
        let parents = || name.match_indices('/').map(|(at, _)| &name[..at]);
        if self.folders.contains(&name) || parents().any(|folder| self.files.contains(folder)) {
            return false;
        }
        let parents: Vec<String> = parents().map(str::to_owned).collect();
        if !self.files.insert(name) {
            return false;
        }
        self.folders.extend(parents);
        true
    }
}

/// Returns whether this system accepts `name` as the name of a file below the export folder.
pub(super) fn is_valid(name: &str) -> bool {
    let is_invalid_char = |letter: char| letter.is_control() || letter == '\\' || cfg!(windows) && "<>:\"|?*".contains(letter);
    let has_invalid_end = |segment: &str| cfg!(windows) && segment.ends_with(['.', ' ']);
    let segment = |segment: &str| {
        let is_valid_name = !segment.is_empty() && !segment.starts_with('.') && segment.len() <= MAX_NAME_BYTES;
        is_valid_name && !segment.contains(is_invalid_char) && !has_invalid_end(segment)
    };
    name.len() <= MAX_PATH_BYTES && name.split('/').all(segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_has_its_own_valid_file_name() {
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
        for is_case_sensitive in [true, false] {
            let mut names = FileNames::new(is_case_sensitive);
            let files: Vec<String> = paths.iter().map(|path| names.assign(path)).collect();
            let different: BTreeSet<String> =
                files.iter().map(|file| if is_case_sensitive { file.clone() } else { file.to_lowercase() }).collect();
            assert_eq!(different.len(), paths.len(), "{files:?}");
            assert!(files.iter().all(|file| is_valid(file)), "{files:?}");
            for (path, file) in paths.iter().zip(&files) {
                let is_fallback = file.starts_with(FALLBACK_FOLDER);
                let is_unnameable = [&long, &deep].contains(&&(*path).to_owned())
                    || path.contains("..")
                    || path.ends_with('/')
                    || path.contains("//")
                    || path.contains(['\\', '\u{1}'])
                    || path.contains("/.")
                    || (*path == "/models/a/B" && !is_case_sensitive)
                    || *path == "/models/a/b.json/c" && files[7] == *file && is_fallback;
                assert_eq!(is_fallback, is_unnameable, "{path} is {file}");
            }
        }
        let mut names = FileNames::new(true);
        assert_eq!(
            [names.assign("/models/a/b"), names.assign("/models/a/b.json/c")].map(|file| file.starts_with(FALLBACK_FOLDER)),
            [false, true]
        );
        for outside in ["../x", "a/../../x", "/etc/passwd", "", "a//b", ".modeldex-export"] {
            assert!(!is_valid(outside), "{outside}");
        }
    }
}

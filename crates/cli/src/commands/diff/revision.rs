//! Catalogs of git revisions. Their files are read with git, written to a temporary folder, and compiled there.

use crate::commands::catalog_source::{USUAL_FOLDER, no_catalog, shown};
use crate::commands::failure::Failure;
use crate::commands::files::cannot;
use crate::commands::out::printable;
use memchr::memchr;
use modeldex_compile::diagnostic::SourceFiles;
use modeldex_compile::{Compiled, FileKind, IMPORTED_FOLDER, compile_named};
use modeldex_support::secret::mask;
use std::fs::{self, DirBuilder};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, process, thread};

/// Maximum size of the list of files of a revision in bytes. The 125,000 files that a catalog may have take about 12 MB.
const MAX_TREE_BYTES: u64 = 64 << 20;

/// Maximum size of the messages of git in bytes that are repeated.
const MAX_MESSAGE_BYTES: u64 = 64 << 10;

/// The compiled catalog of a revision.
pub(super) struct RevisionCatalog {
    pub(super) compiled: Compiled,
    /// The name for messages: `REV:path`.
    pub(super) name: String,
}

/// Compiles the catalog that `named` names: `REV:path` is a folder of a revision, and `REV` is the folder of `--catalog`, else the folder `catalog`,
/// in a revision.
pub(super) fn compile(named: &Path, catalog: Option<&Path>) -> Result<RevisionCatalog, Failure> {
    let tree = RevisionFolder::of(named, catalog)?;
    let files = tree.files(named)?;
    if files.is_empty() {
        return Err(no_catalog(&tree.name));
    }
    let folder = TempDir::new()
        .map_err(|error| Failure::Failed(format!("cannot create a temporary folder for `{revision}`: {error}", revision = tree.name)))?;
    tree.extract(&files, &folder)?;
    let mut compiled = compile_named(&folder.0, &tree.name);
    // Diagnostics refer to the path in git, because the temporary folder is removed before the diagnostics are printed.
    let place = shown(&folder.0);
    let mut sources = SourceFiles::default();
    for file in compiled.source_files.files() {
        let path = file.path.strip_prefix(&place).map_or_else(|| file.path.clone(), |rest| format!("{}{rest}", tree.name));
        sources.add(path, file.text.clone());
    }
    compiled.source_files = sources;
    Ok(RevisionCatalog { compiled, name: tree.name })
}

/// A folder in a revision.
struct RevisionFolder {
    /// The argument of `git ls-tree`.
    spec: String,
    /// The working directory of git.
    at: PathBuf,
    /// The name for messages: `REV:path`.
    name: String,
}

/// A catalog file of a revision.
struct TreeFile {
    /// The path relative to the catalog folder.
    path: PathBuf,
    /// The git object id of its contents.
    object: String,
}

impl RevisionFolder {
    fn of(named: &Path, catalog: Option<&Path>) -> Result<Self, Failure> {
        let printed = shown(named);
        let refused = |reason: &str| {
            let name = printable(&printed);
            Failure::Usage(format!("`{name}` is neither a catalog folder nor a git revision: {reason}"))
        };
        let Some(text) = named.to_str() else { return Err(refused("the name is not UTF-8")) };
        // Git would parse this name as an option.
        if text.starts_with('-') {
            return Err(refused("the name begins with `-`"));
        }
        // `:path` names an entry of the index, which is never a folder.
        if text.starts_with(':') {
            return Err(refused("there is no revision before `:`"));
        }
        if text.contains(':') {
            return Ok(Self { spec: text.to_owned(), at: PathBuf::from("."), name: printable(text).into_owned() });
        }
        let folder = catalog.unwrap_or(Path::new(USUAL_FOLDER));
        let path = shown(folder);
        if folder.is_absolute() && !folder.is_dir() {
            return Err(refused(&format!("the folder `{folder}` of `--catalog` does not exist", folder = printable(&path))));
        }
        let name = printable(&format!("{text}:{path}")).into_owned();
        Ok(if folder.is_absolute() {
            Self { spec: format!("{text}:./"), at: folder.to_path_buf(), name }
        } else {
            // The path is relative to the current folder, like all other paths, and not to the root of the repository.
            Self { spec: format!("{text}:./{path}"), at: PathBuf::from("."), name }
        })
    }

    /// Lists the catalog files. Symbolic links and submodules are ignored.
    fn files(&self, named: &Path) -> Result<Vec<TreeFile>, Failure> {
        let mut git = self.git(&["ls-tree", "-r", "-z", "--full-tree", &self.spec]);
        let mut git = git.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(no_git)?;
        // A thread reads the messages, so that git does not block on a full pipe.
        let messages = git.stderr.take().map(|mut stderr| {
            thread::spawn(move || {
                let mut text = Vec::new();
                let _ = stderr.by_ref().take(MAX_MESSAGE_BYTES).read_to_end(&mut text);
                let _ = io::copy(&mut stderr, &mut io::sink());
                text
            })
        });
        let mut listed = Vec::new();
        let stdout = git.stdout.take();
        stdout.map_or(Ok(0), |stdout| stdout.take(MAX_TREE_BYTES + 1).read_to_end(&mut listed)).map_err(no_git)?;
        if listed.len() as u64 > MAX_TREE_BYTES {
            // A few small tree objects can list more files than any memory holds.
            git.kill().and_then(|()| git.wait()).map_err(no_git)?;
            let (name, limit) = (&self.name, MAX_TREE_BYTES >> 20);
            return Err(Failure::Failed(format!("the list of the files of `{name}` is larger than {limit} MiB")));
        }
        let status = git.wait().map_err(no_git)?;
        if !status.success() {
            let messages = messages.and_then(|thread| thread.join().ok()).unwrap_or_default();
            let named = shown(named);
            let (name, spec, error) = (printable(&named), printable(&self.spec), one_line(&messages));
            let message = format!("`{name}` is neither a folder nor a git revision with a catalog: `git ls-tree {spec}` failed: {error}");
            return Err(Failure::Usage(if named == self.spec {
                message
            } else {
                format!("{message}; to compare a catalog in another folder, write REV:path/to/catalog")
            }));
        }
        Ok(listed.split(|byte| *byte == 0).filter_map(TreeFile::of).collect())
    }

    /// Reads the contents of `files` with git, and writes the files to `folder`.
    fn extract(&self, files: &[TreeFile], folder: &TempDir) -> Result<(), Failure> {
        let mut git = self.git(&["cat-file", "--batch"]);
        let mut git = git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(no_git)?;
        let requests: String = files.iter().map(|file| format!("{}\n", file.object)).collect();
        // Git writes answers before it has read all requests. A thread sends the requests, so that neither side blocks on a full pipe.
        let _writer = git.stdin.take().map(|mut stdin| thread::spawn(move || stdin.write_all(requests.as_bytes())));
        let output = git.wait_with_output().map_err(no_git)?;
        let mut answers = output.stdout.as_slice();
        for file in files {
            let contents = next_blob(&mut answers, &file.object).ok_or_else(|| {
                let line = answers.split(|byte| *byte == b'\n').next().unwrap_or_default();
                let reason = match output.stderr.as_slice() {
                    [] => format!("unexpected output of git: `{line}`", line = printable(&String::from_utf8_lossy(line))),
                    stderr => one_line(stderr),
                };
                let (path, revision) = (shown(&file.path), &self.name);
                Failure::Failed(format!("cannot read the file `{path}` of `{revision}` with git: {reason}"))
            })?;
            folder.write(&file.path, contents).map_err(cannot(&file.path, "written"))?;
        }
        Ok(())
    }

    fn git(&self, arguments: &[&str]) -> Command {
        let mut git = Command::new("git");
        // The configuration of a repository can name programs: one that lists changed files, and those with which git fetches missing objects. With no
        // allowed protocol, git fetches nothing, and versions that know `GIT_NO_LAZY_FETCH` do not try.
        git.args(["-c", "core.fsmonitor=false"]).args(arguments).current_dir(&self.at).stdin(Stdio::null());
        git.env("GIT_ALLOW_PROTOCOL", "none").env("GIT_NO_LAZY_FETCH", "1");
        // A replacement of an object could hide a change.
        git.env("GIT_NO_REPLACE_OBJECTS", "1");
        git
    }
}

impl TreeFile {
    /// Parses `<mode> <type> <object>\t<path>`. Returns `None` unless the path is a file that the catalog is compiled from: a file directly in a
    /// folder such as `providers/` or `imported/providers/`, `routing.yaml`, or `imported/held.yaml`.
    fn of(entry: &[u8]) -> Option<Self> {
        let (facts, path) = std::str::from_utf8(entry).ok()?.split_once('\t')?;
        let mut facts = facts.split(' ');
        let (mode, kind, object) = (facts.next()?, facts.next()?, facts.next()?);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        // A file name in the repository must not lead outside of the temporary folder.
        let is_plain = !name.contains(['/', '\\', ':']) && !matches!(name, "" | "." | "..");
        let is_ours = FileKind::ALL.iter().any(|kind| match kind.folder() {
            Some(own) => folder == own || kind.has_imported() && folder.strip_prefix(IMPORTED_FOLDER) == Some(&format!("/{own}")),
            None => matches!(kind, FileKind::Routing | FileKind::Held) && path == kind.path(""),
        });
        (kind == "blob" && mode.starts_with("100") && is_plain && is_ours)
            .then(|| Self { path: Path::new(folder).join(name), object: object.to_owned() })
    }
}

/// Reads the contents of `object` from the output of `git cat-file --batch`: a line `<object> blob <size>`, then the bytes.
fn next_blob<'a>(answers: &mut &'a [u8], object: &str) -> Option<&'a [u8]> {
    let (facts, rest) = answers.split_at_checked(memchr(b'\n', answers)?)?;
    let size: usize = std::str::from_utf8(facts).ok()?.strip_prefix(object)?.strip_prefix(" blob ")?.parse().ok()?;
    let (contents, rest) = rest[1..].split_at_checked(size)?;
    *answers = rest.strip_prefix(b"\n")?;
    Some(contents)
}

/// A temporary folder that is removed with its contents when dropped.
pub(super) struct TempDir(pub(super) PathBuf);

impl TempDir {
    /// Creates a new folder; on Unix only its owner can read it.
    pub(super) fn new() -> io::Result<Self> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let path = env::temp_dir().join(format!("modeldex-{}-{since}", process::id()));
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self(path))
    }

    /// Writes a file. Its parent folders are created here and not in advance, because an empty folder would count as part of the catalog.
    pub(super) fn write(&self, path: &Path, contents: impl AsRef<[u8]>) -> io::Result<()> {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&self.0))?;
        fs::write(path, contents)
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn no_git(error: io::Error) -> Failure {
    let why = match error.kind() {
        io::ErrorKind::NotFound => "git is not installed, but is required to read a git revision".to_owned(),
        _ => format!("cannot run git: {error}"),
    };
    Failure::Failed(why)
}

/// Joins the lines of git's stderr.
fn one_line(stderr: &[u8]) -> String {
    // Git quotes lines of its files, which a hostile repository can link to files of the user.
    let text = mask(&String::from_utf8_lossy(stderr));
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    printable(&lines.join("; ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_catalog_files_are_taken_from_a_tree() {
        let taken = |entry: &str| TreeFile::of(entry.as_bytes()).map(|file| shown(&file.path));
        for path in ["providers/a.yaml", "imported/models/a.yaml", "imported/held.yaml", "routing.yaml"] {
            assert_eq!(taken(&format!("100644 blob 1234\t{path}")).as_deref(), Some(path));
        }
        for entry in [
            "",
            "120000 blob 1234\tproviders/link.yaml",
            "160000 commit 1234\tproviders/module",
            "100644 blob 1234\tREADME.md",
            "100644 blob 1234\tother/a.yaml",
            "100644 blob 1234\tother/providers/a.yaml",
            "100644 blob 1234\timported/views/a.yaml",
            "100644 blob 1234\timported/a.yaml",
            "100644 blob 1234\tproviders/../a.yaml",
            "100644 blob 1234\tproviders/..",
            "100644 blob 1234\tproviders/sub/a.yaml",
            "100644 blob 1234\tproviders/..\\a.yaml",
            "100644 blob 1234\t/providers/a.yaml",
        ] {
            assert_eq!(taken(entry), None, "{entry}");
        }
    }

    #[test]
    fn arguments_with_a_leading_hyphen_are_rejected() {
        for named in ["-x", "--upload-pack=x", "-x:catalog"] {
            assert!(matches!(RevisionFolder::of(Path::new(named), None), Err(Failure::Usage(_))), "{named}");
        }
    }

    #[test]
    fn a_revision_without_a_path_uses_the_default_folder() {
        let spec =
            |catalog: Option<&str>| RevisionFolder::of(Path::new("HEAD~1"), catalog.map(Path::new)).map(|tree| (tree.spec, tree.name)).ok();
        assert_eq!(spec(None), Some(("HEAD~1:./catalog".to_owned(), "HEAD~1:catalog".to_owned())));
        assert_eq!(spec(Some("data/own")), Some(("HEAD~1:./data/own".to_owned(), "HEAD~1:data/own".to_owned())));
    }
}

//! Catalogs of git revisions: git is asked for the files, which are compiled from a folder that is removed afterwards.

use crate::commands::catalog_source::{USUAL_FOLDER, no_catalog, shown};
use crate::commands::failure::Failure;
use crate::commands::files::cannot;
use crate::commands::out::printable;
use memchr::memchr;
use modeldex_compile::diagnostic::SourceFiles;
use modeldex_compile::{Compiled, FileKind, IMPORTED_FOLDER, compile_named};
use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, process, thread};

/// A compiled catalog of a revision.
pub(super) struct Found {
    pub(super) compiled: Compiled,
    /// What it is called: `REV:path`.
    pub(super) name: String,
}

/// The catalog that `named` (`REV` or `REV:path`) stands for. For a revision alone the folder is `catalog`, or the usual one.
pub(super) fn compile(named: &Path, catalog: Option<&Path>) -> Result<Found, Failure> {
    let tree = Tree::of(named, catalog)?;
    let files = tree.files(named)?;
    if files.is_empty() {
        return Err(no_catalog(&tree.name));
    }
    let folder =
        Scratch::new().map_err(|error| Failure::Failed(format!("no folder for the files of `{}` can be made: {error}", tree.name)))?;
    tree.extract(&files, &folder)?;
    let mut compiled = compile_named(&folder.0, &tree.name);
    // What is wrong is told by the place in git, because the folder is gone when it is read.
    let place = shown(&folder.0);
    let mut sources = SourceFiles::default();
    for file in compiled.source_files.files() {
        let path = file.path.strip_prefix(&place).map_or_else(|| file.path.clone(), |rest| format!("{}{rest}", tree.name));
        sources.add(path, file.text.clone());
    }
    compiled.source_files = sources;
    Ok(Found { compiled, name: tree.name })
}

/// A folder of a revision.
struct Tree {
    /// What git is asked for.
    spec: String,
    /// Where git is asked.
    at: PathBuf,
    /// What it is called in answers.
    name: String,
}

/// A catalog file of a revision.
struct File {
    /// The path below the catalog.
    path: PathBuf,
    /// The name of its contents.
    object: String,
}

impl Tree {
    fn of(named: &Path, catalog: Option<&Path>) -> Result<Self, Failure> {
        let asked = shown(named);
        let refused = |why: &str| Failure::Usage(format!("`{}` is no catalog folder and no git revision: {why}", printable(&asked)));
        let Some(text) = named.to_str() else { return Err(refused("it is not UTF-8")) };
        // Git would take it for an option.
        if text.starts_with('-') {
            return Err(refused("it begins with `-`"));
        }
        if text.contains(':') {
            return Ok(Self { spec: text.to_owned(), at: PathBuf::from("."), name: printable(text).into_owned() });
        }
        let folder = catalog.unwrap_or(Path::new(USUAL_FOLDER));
        let path = shown(folder);
        if folder.is_absolute() && !folder.is_dir() {
            return Err(refused(&format!("the folder `{}` of `--catalog`, in which git is asked, is not there", printable(&path))));
        }
        let name = printable(&format!("{text}:{path}")).into_owned();
        Ok(if folder.is_absolute() {
            Self { spec: format!("{text}:./"), at: folder.to_path_buf(), name }
        } else {
            // From the current folder, as everywhere else, and not from the root of the repository.
            Self { spec: format!("{text}:./{path}"), at: PathBuf::from("."), name }
        })
    }

    /// The catalog files in it. Links and submodules are none.
    fn files(&self, named: &Path) -> Result<Vec<File>, Failure> {
        let output = self.git(&["ls-tree", "-r", "-z", "--full-tree", &self.spec]).output().map_err(no_git)?;
        if !output.status.success() {
            let named = shown(named);
            let elsewhere = if named == self.spec { "" } else { "; a catalog that is elsewhere is written REV:path/to/catalog" };
            return Err(Failure::Usage(format!(
                "`{}` is neither a folder nor a git revision with a catalog: `git ls-tree {}` says: {}{elsewhere}",
                printable(&named),
                printable(&self.spec),
                said(&output.stderr)
            )));
        }
        Ok(output.stdout.split(|byte| *byte == 0).filter_map(File::of).collect())
    }

    /// Writes the files below `folder`.
    fn extract(&self, files: &[File], folder: &Scratch) -> Result<(), Failure> {
        let mut git = self.git(&["cat-file", "--batch"]);
        let mut git = git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(no_git)?;
        let requests: String = files.iter().map(|file| format!("{}\n", file.object)).collect();
        // Git answers while it is still asked: a thread asks, so that neither side waits for the other to read.
        let _asking = git.stdin.take().map(|mut stdin| thread::spawn(move || stdin.write_all(requests.as_bytes())));
        let output = git.wait_with_output().map_err(no_git)?;
        let mut answers = output.stdout.as_slice();
        for file in files {
            let contents = next_blob(&mut answers, &file.object).ok_or_else(|| {
                let line = answers.split(|byte| *byte == b'\n').next().unwrap_or_default();
                let why = match output.stderr.as_slice() {
                    [] => format!("git answers `{}`", printable(&String::from_utf8_lossy(line))),
                    stderr => said(stderr),
                };
                Failure::Failed(format!("`{}` of `{}` cannot be read from git: {why}", shown(&file.path), self.name))
            })?;
            folder.write(&file.path, contents).map_err(cannot(&file.path, "written"))?;
        }
        Ok(())
    }

    fn git(&self, arguments: &[&str]) -> Command {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(&self.at).stdin(Stdio::null());
        git
    }
}

impl File {
    /// Reads `<mode> <type> <object>\t<path>`. Only what the tables are made from is one: a file directly in one of a catalog's folders, or in one
    /// of those that are imported, and the routing that confirms those.
    fn of(entry: &[u8]) -> Option<Self> {
        let (facts, path) = std::str::from_utf8(entry).ok()?.split_once('\t')?;
        let mut facts = facts.split(' ');
        let (mode, kind, object) = (facts.next()?, facts.next()?, facts.next()?);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        // What is written is below the folder that it is written to, whatever a repository calls its files.
        let is_plain = !name.contains(['/', '\\', ':']) && !matches!(name, "" | "." | "..");
        let is_ours = FileKind::ALL.iter().any(|kind| match kind.folder() {
            Some(own) => folder == own || kind.has_imported() && folder.strip_prefix(IMPORTED_FOLDER) == Some(&format!("/{own}")),
            None => matches!(kind, FileKind::Routing | FileKind::Held) && path == kind.path(""),
        });
        (kind == "blob" && mode.starts_with("100") && is_plain && is_ours)
            .then(|| Self { path: Path::new(folder).join(name), object: object.to_owned() })
    }
}

/// Takes the contents of `object` from the answers of `git cat-file --batch`: `<object> blob <size>`, and as many bytes on the lines below.
fn next_blob<'a>(answers: &mut &'a [u8], object: &str) -> Option<&'a [u8]> {
    let (facts, rest) = answers.split_at_checked(memchr(b'\n', answers)?)?;
    let size: usize = std::str::from_utf8(facts).ok()?.strip_prefix(object)?.strip_prefix(" blob ")?.parse().ok()?;
    let (contents, rest) = rest[1..].split_at_checked(size)?;
    *answers = rest.strip_prefix(b"\n")?;
    Some(contents)
}

/// A folder that is removed when it is let go, with all that is in it.
pub(super) struct Scratch(pub(super) PathBuf);

impl Scratch {
    /// Makes one that nobody else has, and on Unix one that nobody else can read.
    pub(super) fn new() -> io::Result<Self> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let path = env::temp_dir().join(format!("modeldex-{}-{since}", process::id()));
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self(path))
    }

    /// Writes a file. Folders are only made for files that are there: which ones there are tells what is missing.
    pub(super) fn write(&self, path: &Path, contents: impl AsRef<[u8]>) -> io::Result<()> {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&self.0))?;
        fs::write(path, contents)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn no_git(error: io::Error) -> Failure {
    let why = match error.kind() {
        io::ErrorKind::NotFound => "git was not found; it is needed to read a revision".to_owned(),
        _ => format!("git cannot be run: {error}"),
    };
    Failure::Failed(why)
}

/// What git wrote to stderr, in one line.
fn said(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    printable(&lines.join("; ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_catalog_files_are_taken_from_a_tree() {
        let taken = |entry: &str| File::of(entry.as_bytes()).map(|file| shown(&file.path));
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
    fn a_revision_is_never_an_option() {
        for named in ["-x", "--upload-pack=x", "-x:catalog"] {
            assert!(matches!(Tree::of(Path::new(named), None), Err(Failure::Usage(_))), "{named}");
        }
    }

    #[test]
    fn a_revision_alone_means_the_usual_folder() {
        let spec = |catalog: Option<&str>| Tree::of(Path::new("HEAD~1"), catalog.map(Path::new)).map(|tree| (tree.spec, tree.name)).ok();
        assert_eq!(spec(None), Some(("HEAD~1:./catalog".to_owned(), "HEAD~1:catalog".to_owned())));
        assert_eq!(spec(Some("data/own")), Some(("HEAD~1:./data/own".to_owned(), "HEAD~1:data/own".to_owned())));
    }
}

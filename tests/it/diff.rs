//! `diff`, run as a program on folders and git repositories created by each test.

#![cfg(feature = "cli")]

use crate::import::place::copy;
use crate::program::{self, Run, SCHEMA_LINE, finish, folder, quiet};
use expect_test::expect_file;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs in `folder` with only `PATH` and the folder for temporary files in its environment.
fn diff(folder: &Path, arguments: &[&str]) -> Run {
    let scratch = folder.join("tmp");
    fs::create_dir_all(&scratch).expect("a folder can be made");
    let mut command = quiet(folder);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("TMPDIR", &scratch).env("TEMP", &scratch);
    let run = finish(command.arg("diff").args(arguments));
    assert_eq!(fs::read_dir(&scratch).expect("the folder is there").count(), 0, "nothing is left behind");
    run
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("GIT_CONFIG_NOSYSTEM", "1");
    let run = finish(git.current_dir(folder).args(["-c", "user.name=A", "-c", "user.email=a@example.com"]).args(arguments));
    assert_eq!(run.code, 0, "git {arguments:?}: {}", run.err);
}

fn git_output(folder: &Path, arguments: &[&str]) -> String {
    let run = finish(Command::new("git").env("GIT_CONFIG_NOSYSTEM", "1").current_dir(folder).args(arguments));
    assert_eq!(run.code, 0, "git {arguments:?}: {}", run.err);
    run.out
}

fn write(path: &Path, text: &str) {
    program::write(path, format!("{SCHEMA_LINE}{text}"));
}

/// A case in `tests/diff/`: two catalogs, and their committed difference in each format.
fn committed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diff").join(name)
}

/// The YAML of a provider with one free model.
fn small(name: &str, model: &str) -> String {
    format!(
        "name: {name}\nendpoints:\n  - {{base_url: http://localhost:1, api: ollama}}\nauth:\n  - {{kind: none}}\nmodels:\n  - {{id: '{model}', billing: free}}\n"
    )
}

/// Creates a git repository with one commit, whose catalog has the provider `acme`.
fn repository(test: &str) -> PathBuf {
    let folder = folder("diff", test);
    write(&folder.join("catalog/providers/acme.yaml"), &small("Acme", "m"));
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-qm", "one"]);
    folder
}

/// Creates the catalogs `old` and `new` in a folder.
fn pair(test: &str) -> PathBuf {
    let folder = folder("diff", test);
    ["old", "new"].iter().for_each(|name| copy(&committed(name), &folder.join(name)));
    folder
}

#[test]
fn every_format_contains_every_difference() {
    let folder = pair("formats");
    for (name, format) in [("human.txt", None), ("markdown.md", Some("--markdown")), ("json.json", Some("--json"))] {
        let run = diff(&folder, &["old", "new"].into_iter().chain(format).collect::<Vec<_>>());
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{name}");
        expect_file![committed(name)].assert_eq(&run.out);
    }
}

#[test]
fn equal_catalogs_have_no_difference() {
    let folder = pair("same");
    for words in [&["old", "old"][..], &["built-in", "built-in"], &["new", "new", "--markdown"]] {
        let run = diff(&folder, words);
        assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "no difference\n", ""), "{words:?}");
    }
    let json: Value = serde_json::from_str(&diff(&folder, &["old", "old", "--json"]).out).expect("it is JSON");
    assert_eq!((&json["different"], &json["models"]["added"]), (&json!(false), &json!([])));
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog");
    let committed = diff(&folder, &["built-in", repository.to_str().expect("the folder's name is text")]);
    assert_eq!(committed.code, 0, "{}", committed.err);
}

#[test]
fn long_sections_are_truncated_and_counted() {
    let folder = pair("long");
    let models: String = (100..150).map(|at| format!("  - {{id: m{at}, billing: free}}\n")).collect();
    let text = small("Many", "m000");
    write(&folder.join("new/providers/many.yaml"), &format!("{text}{models}"));
    let cut = diff(&folder, &["old", "new"]).out;
    assert!(cut.contains("\nModels added (53)\nacme 1, fresh 1, many 51\nModel "), "{cut}");
    assert!(cut.contains("\n… and 33 more changes; `--all` prints all changes\n") && !cut.contains("many/m149"), "{cut}");
    let all = diff(&folder, &["old", "new", "--all"]).out;
    assert!(all.contains("many/m149") && !all.contains("more"), "{all}");
    let markdown = diff(&folder, &["old", "new", "--markdown"]).out;
    let folded = "`acme` 1, `fresh` 1, `many` 51\n\n<details>\n<summary>The first 20 of 53 changes</summary>\n\n| Model |";
    assert!(markdown.contains(folded) && markdown.contains("\n\n</details>\n\n… and 33 more changes\n"), "{markdown}");
    let whole = diff(&folder, &["old", "new", "--markdown", "--all"]).out;
    assert!(whole.contains("<summary>All 53 changes</summary>") && whole.contains("`many/m149`"), "{whole}");
}

#[test]
fn routing_changes_come_first_and_are_complete() {
    let folder = pair("routing");
    let provider = |at: usize, url: &str, env: &str| {
        let models: String = (100..160).map(|at| format!("  - {{id: m{at}, billing: free}}\n")).collect();
        format!(
            "name: P{at}\nendpoints:\n  - {{base_url: {url}/p{at}, api: openai-completions}}\nauth:\n  - {{kind: api-key, env: [{env}]}}\nmodels:\n{models}"
        )
    };
    let host = "https://a-host-with-a-name-that-is.far-too-long-for-a-column-of-a-narrow-terminal.example/and/a/path";
    for at in 10..70 {
        let key = format!("P{at}_API_KEY");
        write(&folder.join(format!("old/providers/p{at}.yaml")), &provider(at, "https://old.example", &key));
        write(&folder.join(format!("new/providers/p{at}.yaml")), &provider(at, host, &format!("{key}, OPENAI_API_KEY")));
        write(&folder.join(format!("new/providers/q{at}.yaml")), &provider(at, "https://added.example", &format!("Q{at}_API_KEY")));
    }
    // A hand-written file changes a header, and the endpoint of a model.
    let two = |headers: &str, endpoint: &str| {
        format!(
            "name: Two\nendpoints:\n  - {{id: a, base_url: https://a.example, api: openai-completions{headers}}}\n  - {{id: b, base_url: https://b.example, api: openai-completions}}\nauth:\n  - {{kind: api-key, env: [TWO_API_KEY], header: x-key}}\nmodels:\n  - {{id: m, billing: free, endpoints: [{endpoint}]}}\n"
        )
    };
    write(&folder.join("old/providers/two.yaml"), &two("", "a"));
    write(&folder.join("new/providers/two.yaml"), &two(", headers: {X-To: b}", "b"));
    for arguments in [&["old", "new"][..], &["old", "new", "--markdown"]] {
        let run = diff(&folder, arguments);
        assert_eq!(run.code, 0, "{}", run.err);
        let (start, end) = (run.out.find("Routing (").expect("a section"), run.out.find("Providers added (").expect("a section"));
        assert!(start < end && !run.out[..start].contains("added ("), "{}", run.out);
        let section = &run.out[start..end];
        // 60 changed providers and 60 added ones with an endpoint and a method each; `acme`, `fresh` and `two`.
        assert!(section.starts_with("Routing (245)"), "{section}");
        assert!(!section.contains("<details>") && !section.contains('…') && !section.contains("more change"), "{section}");
        for at in 10..70 {
            for text in [
                format!("- https://old.example/p{at} (openai-completions)"),
                format!("+ {host}/p{at} (openai-completions)"),
                format!("+ api-key (P{at}_API_KEY or OPENAI_API_KEY)"),
                format!("+ https://added.example/p{at} (openai-completions)"),
            ] {
                assert!(section.contains(&text), "{text}: {section}");
            }
        }
        assert!(
            section.contains("+ https://a.example (openai-completions, id a, header X-To: b)") && section.contains("two/m"),
            "{section}"
        );
        assert!(run.out.contains("more change"), "the rest is cut");
    }
    let json: Value = serde_json::from_str(&diff(&folder, &["old", "new", "--json"]).out).expect("it is JSON");
    let changed = json["providers"]["changed"].as_array().expect("a list");
    assert_eq!(changed.iter().filter(|row| row["fact"] == "endpoints").count(), 62);
}

#[test]
fn old_revisions_with_other_routing_are_compared() {
    let folder = folder("diff", "unconfirmed");
    git(&folder, &["init", "-q", "-b", "main"]);
    let imported = |url: &str| small("Acme", "m").replace("http://localhost:1", url);
    write(&folder.join("catalog/imported/providers/acme.yaml"), &imported("http://localhost:1/old"));
    let routing =
        "providers:\n  acme:\n    endpoints:\n      - {base_url: http://localhost:1, api: ollama}\n    auth:\n      - {kind: none}\n";
    let schema = SCHEMA_LINE.replace("../../", "../").replace("provider.schema", "routing.schema");
    program::write(&folder.join("catalog/routing.yaml"), format!("{schema}{routing}"));
    git(&folder, &["add", "catalog"]);
    git(&folder, &["commit", "-q", "-m", "old"]);
    write(&folder.join("catalog/imported/providers/acme.yaml"), &imported("http://localhost:1"));
    let run = diff(&folder, &["HEAD", "catalog"]);
    assert!(run.code == 0 && run.out.contains("Routing (1)"), "{}{}", run.out, run.err);
}

#[test]
fn many_providers_are_summarized() {
    let folder = pair("many-providers");
    for at in 10..40 {
        write(&folder.join(format!("new/providers/p{at}.yaml")), &small("P", "m"));
    }
    let cut = diff(&folder, &["old", "new"]).out;
    assert!(cut.contains("\nProviders added (31)\nProvider "), "{cut}");
    assert!(cut.contains("p27 1, … and 12 more providers\nModel "), "{cut}");
}

#[test]
fn git_revisions_are_compared() {
    let folder = folder("diff", "git");
    let catalog = folder.join("catalog");
    git(&folder, &["init", "-q", "-b", "main"]);
    copy(&committed("old"), &catalog);
    fs::write(catalog.join("README.md"), "no catalog file\n").expect("a file can be written");
    git(&folder, &["add", "catalog"]);
    git(&folder, &["commit", "-q", "-m", "old"]);
    copy(&committed("new"), &catalog);
    git(&folder, &["add", "-A", "catalog"]);
    git(&folder, &["commit", "-q", "-m", "new"]);
    let human = fs::read_to_string(committed("human.txt")).expect("a file can be read");
    let renamed = |old: &str, new: &str| human.replacen("old → new", &format!("{old} → {new}"), 1);
    for (old, new, shown) in [
        ("HEAD~1", "HEAD", ["HEAD~1:catalog", "HEAD:catalog"]),
        ("HEAD~1:catalog", "main", ["HEAD~1:catalog", "main:catalog"]),
        ("HEAD~1", "catalog", ["HEAD~1:catalog", "catalog"]),
    ] {
        let run = diff(&folder, &[old, new]);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{old} {new}");
        assert_eq!(run.out, renamed(shown[0], shown[1]));
    }
    // A catalog in another folder of the repository, with a relative and an absolute path.
    git(&folder, &["mv", "catalog", "data"]);
    git(&folder, &["commit", "-q", "-m", "moved"]);
    let whole = folder.join("data");
    for usual in ["data", whole.to_str().expect("the folder's name is text")] {
        let run = diff(&folder, &["HEAD", "HEAD~1:catalog", "--catalog", usual]);
        assert_eq!((run.code, run.out.as_str()), (0, "no difference\n"), "{}", run.err);
    }
    fs::create_dir(folder.join("within")).expect("a folder can be made");
    let run = diff(&folder.join("within"), &["HEAD", "HEAD:data", "--catalog", "../data"]);
    assert_eq!((run.code, run.out.as_str()), (0, "no difference\n"), "{}", run.err);
}

#[test]
fn errors_in_a_revision_have_their_path_in_git() {
    let folder = folder("diff", "broken");
    git(&folder, &["init", "-q", "-b", "main"]);
    write(&folder.join("catalog/providers/a.yaml"), "nmae: A\n");
    git(&folder, &["add", "catalog"]);
    git(&folder, &["commit", "-q", "-m", "broken"]);
    let run = diff(&folder, &["HEAD", "built-in"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.contains("unknown-key") && run.err.contains("HEAD:catalog/providers/a.yaml:2:1"), "{}", run.err);
}

#[test]
fn an_invalid_argument_lists_what_was_tried() {
    let folder = pair("wrong");
    fs::create_dir_all(folder.join("empty")).expect("a folder can be made");
    git(&folder, &["init", "-q", "-b", "main"]);
    git(&folder, &["commit", "-q", "--allow-empty", "-m", "nothing"]);
    for (words, parts) in [
        (
            &["nowhere", "new"][..],
            &["`nowhere` is neither a folder nor a git revision", "`git ls-tree nowhere:./catalog` failed: fatal: "][..],
        ),
        (&["new", "nowhere:catalog"], &["`git ls-tree nowhere:catalog` failed: fatal: "]),
        (&["HEAD", "new"], &["HEAD:./catalog", "REV:path/to/catalog"]),
        (&["HEAD:", "new"], &["`HEAD:` is not a catalog folder"]),
        (&["empty", "new"], &["`empty` is not a catalog folder"]),
        (&["-x", "new"], &["unexpected argument '-x'"]),
        (&["--", "-x", "new"], &["`-x` is neither a catalog folder nor a git revision: the name begins with `-`"]),
        (&["--", "--output=x", "new"], &["the name begins with `-`"]),
        (&["", "new"], &["a value is required"]),
        (&["HEAD", "new", "--catalog", "/no/such/folder"], &["`/no/such/folder` of `--catalog`"]),
        (&["old", "new", "--overlay", "new"], &["`--overlay`"]),
        (&["old", "new", "--json", "--markdown"], &["--markdown"]),
        (&["old"], &["<NEW>"]),
    ] {
        let run = diff(&folder, words);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{words:?}: {}", run.err);
        assert!(parts.iter().all(|part| run.err.contains(part)), "{words:?}: {}", run.err);
    }
}

#[test]
fn folders_are_compared_without_git() {
    let folder = pair("no-git");
    let empty = folder.join("empty");
    fs::create_dir_all(&empty).expect("a folder can be made");
    let at = |words: &[&str]| finish(quiet(&folder).env("PATH", &empty).arg("diff").args(words));
    expect_file![committed("human.txt")].assert_eq(&at(&["old", "new"]).out);
    let run = at(&["HEAD", "new"]);
    assert_eq!((run.code, run.err.as_str()), (1, "error: git is not installed, but is required to read a git revision\n"));
}

#[test]
fn control_characters_are_not_printed() {
    let folder = pair("control");
    write(&folder.join("new/providers/fresh.yaml"), &small("\"Fresh\\e[31m\\nRed\"", "m"));
    for words in [&["old", "new"][..], &["old", "new", "--markdown"], &["old", "new", "--json"]] {
        let run = diff(&folder, words);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{}", run.err);
        assert!(run.err.contains("hidden-character") && run.err.contains("Red") && !run.err.contains('\u{1b}'), "{}", run.err);
    }
}

#[test]
#[cfg(unix)]
fn a_revision_runs_no_program_of_the_repository() {
    use std::os::unix::fs::PermissionsExt;
    let folder = repository("no-program");
    git(&folder, &["tag", "v1"]);
    // Git fetches a missing object of a partial clone with the program of the configuration.
    let objects = folder.join(".git/objects");
    let parts = fs::read_dir(&objects).expect("a folder").filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let blobs =
        parts.filter(|path| path.file_name().is_some_and(|name| name.len() == 2)).flat_map(|part| fs::read_dir(part).expect("a folder"));
    let blob = git_output(&folder, &["rev-parse", "v1:catalog/providers/acme.yaml"]);
    let blobs = blobs.map(|entry| entry.expect("an entry").path());
    let missing: Vec<_> = blobs.filter(|path| blob.trim().ends_with(&*path.file_name().expect("a name").to_string_lossy())).collect();
    assert_eq!(missing.len(), 1);
    fs::remove_file(&missing[0]).expect("the object can be removed");
    let (program, mark) = (folder.join("evil.sh"), folder.join("mark"));
    fs::write(&program, format!("#!/bin/sh\ntouch '{}'\nexit 1\n", mark.display())).expect("a file can be written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("permissions can be set");
    git(&folder, &["config", "core.repositoryformatversion", "1"]);
    git(&folder, &["config", "extensions.partialClone", "o"]);
    git(&folder, &["config", "remote.o.promisor", "true"]);
    git(&folder, &["config", "core.sshCommand", &program.display().to_string()]);
    git(&folder, &["config", "protocol.ext.allow", "always"]);
    for url in ["ssh://x/y".to_owned(), format!("ext::{} %S x", program.display())] {
        git(&folder, &["config", "remote.o.url", &url]);
        let run = diff(&folder, &["v1", "catalog"]);
        assert!(run.code == 1 && run.err.contains("cannot read the file `providers/acme.yaml`"), "{url}: {}", run.err);
        assert!(!mark.exists(), "{url}: {}", run.err);
    }
    // Reading the index would run this program.
    git(&folder, &["config", "core.fsmonitor", &program.display().to_string()]);
    for revision in [":catalog", ":./catalog", ":0:catalog", "v1"] {
        let run = diff(&folder, &[revision, "catalog"]);
        assert!(run.code != 0 && !mark.exists(), "{revision}: {}", run.err);
    }
}

#[test]
#[cfg(unix)]
fn messages_of_git_contain_no_keys_of_linked_files() {
    let folder = repository("alternates");
    let key = "3f9a1c7e5b2d8046a1e9c3b7d5f20864";
    fs::write(folder.join(".env"), format!("AZURE_OPENAI_API_KEY={key}\n")).expect("a file can be written");
    std::os::unix::fs::symlink("../../../.env", folder.join(".git/objects/info/alternates")).expect("a link");
    let run = diff(&folder, &["HEAD~5", "catalog"]);
    assert!(run.code != 0 && run.err.contains("git") && !run.err.contains(key), "{}", run.err);
}

#[test]
fn a_replaced_object_hides_no_change() {
    let folder = repository("replace");
    write(&folder.join("catalog/providers/acme.yaml"), &small("Acme", "m").replace("localhost:1", "localhost:2"));
    git(&folder, &["commit", "-qam", "two"]);
    let path = "catalog/providers/acme.yaml";
    git(&folder, &["replace", &format!("HEAD:{path}"), &format!("HEAD~1:{path}")]);
    let run = diff(&folder, &["HEAD~1", "HEAD"]);
    assert!(run.out.contains("http://localhost:2"), "{}{}", run.out, run.err);
}

#[test]
fn a_tree_that_lists_too_many_files_is_refused() {
    let folder = repository("bomb");
    // Each tree has the previous one twice: 20 of them list a million files.
    let mut object = git_output(&folder, &["rev-parse", ":catalog/providers/acme.yaml"]).trim().to_owned();
    let mut entry = "100644 blob";
    for _ in 0..20 {
        let text = format!("{entry} {object}\ta{name}\n{entry} {object}\tb{name}\n", name = "x".repeat(60));
        fs::write(folder.join("tree"), text).expect("a file can be written");
        let tree = fs::File::open(folder.join("tree")).expect("the file is there");
        let run = finish(Command::new("git").current_dir(&folder).arg("mktree").stdin(tree));
        object = run.out.trim().to_owned();
        entry = "040000 tree";
    }
    let run = diff(&folder, &[&format!("{object}:"), "catalog"]);
    assert!(run.code == 1 && run.err.contains("is larger than 64 MiB"), "{}{}", run.out, run.err);
}

//! `export`: the responses of `serve` as files.

#![cfg(feature = "cli")]

use crate::program::{Run, TestFolder};
use crate::serve_program::Server;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const ODD: &str = "name: Odd\nsources:\n  - {url: https://odd.example}\n\
aliases:\n  - {id: strange, kind: legacy}\nendpoints:\n  - {base_url: https://odd.example/v1, api: openai-completions}\n\
auth:\n  - {kind: none}\nmodel_aliases:\n  - {id: uno, target: lab/one:free, kind: display}\n\
models:\n  - {id: \"lab/one:free\", billing: free}\n  - {id: \"x@1\", billing: free}\n  - {id: \"a+b~c\", billing: free}\n  \
- {id: \"Two\", billing: free}\n  - {id: two, billing: free}\n";

fn place(test: &str) -> TestFolder {
    let place = TestFolder::new("export", test);
    place.acme("openai-completions", "https://api.acme.example/v1").provider("odd", ODD);
    place
}

fn export(place: &TestFolder) -> Run {
    place.run(&["export", "--out", "out"])
}

/// Reads all files; symbolic links are not followed.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    fn read(dir: &Path, base: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(dir).expect("the folder is there").flatten() {
            let path = entry.path();
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                read(&path, base, into);
            } else {
                into.insert(
                    path.strip_prefix(base).expect("it is inside").to_string_lossy().into_owned(),
                    fs::read(&path).expect("it can be read"),
                );
            }
        }
    }
    let mut found = BTreeMap::new();
    read(dir, dir, &mut found);
    found
}

fn manifest(place: &TestFolder) -> Value {
    serde_json::from_slice(&fs::read(place.dir.join("out/manifest.json")).expect("it is there")).expect("it is JSON")
}

#[test]
fn files_equal_the_responses_of_the_server() {
    let place = place("same");
    let run = export(&place);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.messages().contains("0 up to date, 0 removed"), "{}", run.err);
    let server = Server::start(&place, &[]);
    let manifest = manifest(&place);
    let files = files(&place.dir.join("out"));
    let mut seen = 0;
    for entry in manifest["files"].as_array().expect("it lists files") {
        let (path, file) = (entry["path"].as_str().expect("a path"), entry["file"].as_str().expect("a file"));
        if entry["link"].is_string() {
            continue;
        }
        let bytes = &files[file];
        assert_eq!(entry["bytes"], bytes.len(), "{file}");
        if path.starts_with("/hashed/") || path == "/health" {
            continue;
        }
        let accept = format!("Accept-Encoding: {}", entry["encoding"].as_str().unwrap_or("identity"));
        let kind = if file == "index.html" { "Accept: text/html" } else { "Accept: application/json" };
        let answer = server.ask("GET", &path.replace('%', "%25"), &[&accept, kind]);
        assert_eq!((answer.status, &answer.body), (200, bytes), "{path} is {file}");
        assert_eq!(answer.header("content-type"), entry["type"].as_str(), "{path}");
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
    for file in [
        "api.json",
        "v1/models.json",
        "models.json",
        "models/acme/kimi-k2.5.json",
        "models/odd/lab/one:free.json",
        "models/odd/x@1.json",
        "models/odd/a+b~c.json",
        "models/odd/uno.json",
        "models/odd/Two.json",
        "models/odd/two.json",
        "providers/odd.json",
        "providers/strange.json",
    ] {
        assert!(files.contains_key(file), "{file}");
    }
    assert!(fs::read(place.dir.join("out/models/strange/two.json")).is_ok(), "an alias of a provider leads to its models");
    // The file name contains the hash.
    let of =
        |path: &str| manifest["files"].as_array().into_iter().flatten().find(|entry| entry["file"] == path).cloned().unwrap_or_default();
    let hashed = of("api.json")["hashed"].as_str().expect("it has another name").to_owned();
    assert_eq!(hashed, format!("hashed/api.{}.json", &of("api.json")["sha256"].as_str().expect("it has a hash")[..16]));
    assert_eq!(files[&hashed], files["api.json"]);
}

#[test]
fn a_second_export_changes_nothing_and_removes_stale_files() {
    let place = place("again");
    assert_eq!(export(&place).code, 0);
    let out = place.dir.join("out");
    let times = |dir: &Path| -> BTreeMap<String, _> {
        files(dir)
            .into_keys()
            .map(|file| (file.clone(), fs::metadata(dir.join(&file)).and_then(|found| found.modified()).expect("it has a time")))
            .collect()
    };
    let before = times(&out);
    std::thread::sleep(std::time::Duration::from_millis(20));
    let run = export(&place);
    assert!(run.messages().contains("; 0 written,"), "{}", run.err);
    assert_eq!(times(&out), before);
    // Other files are kept; a removed provider is deleted; a provider that became an alias is a link.
    fs::write(out.join("robots.txt"), "mine").expect("a file can be written");
    place.provider("odd", &ODD.replace("  - {id: \"x@1\", billing: free}\n", "").replace("strange", "weird"));
    let run = export(&place);
    assert_eq!(run.code, 0, "{}", run.err);
    let after = files(&out);
    assert!(!after.contains_key("models/odd/x@1.json") && !after.contains_key("providers/strange.json"));
    assert!(!out.join("models/strange").exists() && out.join("models/weird/two.json").exists());
    assert_eq!(after["robots.txt"], b"mine");
    fs::remove_file(place.dir.join("catalog/providers/odd.yaml")).expect("a file can be removed");
    place.provider("other", &ODD.replace("strange", "odd"));
    assert_eq!(export(&place).code, 0);
    assert!(
        out.join("models/odd").is_symlink() && out.join("models/other/two.json").is_file() && out.join("models/odd/two.json").is_file()
    );
    fs::remove_file(place.dir.join("catalog/providers/other.yaml")).expect("a file can be removed");
    assert_eq!(export(&place).code, 0);
    assert!(!out.join("models/other").exists() && !out.join("models/odd").exists());
}

#[test]
fn a_folder_with_other_files_is_refused() {
    let place = place("foreign");
    let out = place.dir.join("out");
    fs::create_dir_all(&out).expect("a folder can be made");
    fs::write(out.join("index.html"), "mine").expect("a file can be written");
    let run = export(&place);
    assert_eq!(run.code, 1);
    assert!(run.messages().contains("contains files that `modeldex export` did not write; choose an empty folder"), "{}", run.err);
    assert_eq!(files(&out).len(), 1);
    // An interrupted export is resumed.
    fs::remove_file(out.join("index.html")).expect("a file can be removed");
    fs::write(out.join(".modeldex-export"), "").expect("a file can be written");
    fs::write(out.join(".modeldex-export.tmp"), "half").expect("a file can be written");
    assert_eq!(export(&place).code, 0);
    assert!(!out.join(".modeldex-export.tmp").exists());
    // A manifest that lists files outside of the folder removes none.
    let text = fs::read_to_string(out.join("manifest.json")).expect("it is there");
    fs::write(place.dir.join("kept"), "mine").expect("a file can be written");
    let outside = "\"files\":[\n{\"path\":\"/x\",\"file\":\"../kept\"},\n{\"path\":\"/x\",\"file\":\"/etc/hostname\"},\n\
        {\"path\":\"/x\",\"file\":\"a/../../kept\"},";
    fs::write(out.join("manifest.json"), text.replacen("\"files\":[", outside, 1)).expect("a file can be written");
    assert_eq!(export(&place).code, 0);
    assert!(place.dir.join("kept").exists());
    // A path that even root cannot write to: a file is in the way.
    let run = place.run(&["export", "--out", "kept/out"]);
    assert_eq!(run.code, 1);
    assert!(run.messages().contains("kept/out` cannot be written"), "{}", run.err);
    assert_eq!(place.run(&["export"]).code, 2);
}

#[cfg(unix)]
#[test]
fn no_link_dangles_and_none_is_written_through() {
    let place = place("links");
    let out = place.dir.join("out");
    let dangling = |dir: &Path| {
        let entries = fs::read_dir(dir.join("models")).expect("the folder is there").flatten().map(|entry| entry.path());
        entries.filter(|path| path.is_symlink() && !path.exists()).collect::<Vec<_>>()
    };
    // A provider without models has no folder for its alias.
    let empty = "name: Empty\naliases:\n  - {id: void, kind: legacy}\nendpoints:\n  - {base_url: https://empty.example/v1, api: openai-completions}\nauth:\n  - {kind: none}\n";
    place.provider("empty", empty);
    assert_eq!(export(&place).code, 0);
    assert_eq!(dangling(&out), Vec::<std::path::PathBuf>::new());
    assert!(!out.join("models/void").is_symlink() && out.join("models/strange").is_symlink() && out.join("providers/void.json").is_file());
    // A provider that has lost its models.
    let (head, _) = ODD.split_once("model_aliases").expect("the models are last");
    place.provider("odd", head);
    assert_eq!(export(&place).code, 0);
    assert_eq!(dangling(&out), Vec::<std::path::PathBuf>::new());
    assert!(!fs::read_to_string(out.join("manifest.json")).expect("it is there").contains("\"link\""));
    // Links in place of files and folders are replaced.
    let theirs = place.dir.join("theirs");
    fs::create_dir(&theirs).expect("a folder can be made");
    for path in ["index.json", "health.json", "manifest.json"] {
        let same = fs::read(out.join(path)).expect("it is there");
        fs::write(theirs.join(path), same).expect("a file can be written");
        fs::remove_file(out.join(path)).expect("it can be removed");
        std::os::unix::fs::symlink(theirs.join(path), out.join(path)).expect("a link");
    }
    fs::rename(out.join("models/acme"), theirs.join("acme")).expect("it can be moved");
    std::os::unix::fs::symlink(theirs.join("acme"), out.join("models/acme")).expect("a link");
    let before = files(&theirs);
    place.acme("openai-completions", "https://other.acme.example/v1");
    assert_eq!(export(&place).code, 0);
    assert_eq!(files(&theirs), before);
    for path in ["index.json", "health.json", "manifest.json", "models/acme"] {
        assert!(!out.join(path).is_symlink() && out.join(path).exists(), "{path}");
    }
    // A link in place of the mark of an export.
    fs::remove_file(out.join(".modeldex-export")).expect("it can be removed");
    std::os::unix::fs::symlink(theirs.join("new"), out.join(".modeldex-export")).expect("a link");
    let run = export(&place);
    assert!(run.code == 1 && run.messages().contains("is a symbolic link"), "{}", run.err);
    assert!(!theirs.join("new").exists());
}

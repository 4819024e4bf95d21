//! Links in place of files and folders that commands write.

#![cfg(unix)]

use super::transaction::{IMPORT, first_difference, imported, tree};
use crate::program::{bare, finish};
use std::fs;
use std::os::unix::fs::symlink;

#[test]
fn generated_files_are_not_written_through_links() {
    for (path, target) in [
        ("evidence/acme.jsonl", "../theirs/file"),
        ("evidence/snapshots.json", "../theirs/file"),
        ("catalog/imported/providers/acme.yaml", "../../../theirs/file"),
        ("catalog/imported/providers", "../../theirs"),
        ("catalog/imported", "../theirs"),
    ] {
        let place = imported("links");
        fs::create_dir_all(place.0.join("theirs/providers")).expect("a folder");
        let link = place.0.join(path);
        let old = fs::read(&link);
        if link.is_dir() { fs::remove_dir_all(&link) } else { fs::remove_file(&link) }.expect("it can be removed");
        place.write("theirs/file", &String::from_utf8(old.unwrap_or_default()).expect("it is UTF-8"));
        symlink(target, &link).expect("a link");
        let before = tree(&place.0);
        let run = place.run(IMPORT);
        assert!(run.code == 1 && run.err.contains("is a symbolic link"), "{path}: {}{}", run.out, run.err);
        assert_eq!(first_difference(&before, &tree(&place.0)), None, "{path}");
    }
    // The files of `generate` and `export`.
    let place = imported("links-out");
    let generate = ["generate", "--catalog", "catalog", "--typescript", "out"];
    assert_eq!(place.run(&generate).code, 0);
    for (path, target) in [("out/package.json", "../theirs/file"), ("out/src/providers", "../../theirs")] {
        let _ = fs::remove_dir_all(place.0.join("theirs"));
        fs::create_dir_all(place.0.join("theirs")).expect("a folder");
        let link = place.0.join(path);
        let moved = place.0.join("moved");
        fs::rename(&link, &moved).expect("it can be moved");
        place.write("theirs/file", "modeldex generate --typescript, theirs");
        symlink(target, &link).expect("a link");
        let run = place.run(&generate);
        assert!(run.code == 1 && run.err.contains("is a symbolic link"), "{path}: {}{}", run.out, run.err);
        assert_eq!(tree(&place.0.join("theirs")).len(), 1, "{path}");
        assert_eq!(place.read("theirs/file"), "modeldex generate --typescript, theirs");
        fs::remove_file(&link).expect("the link can be removed");
        fs::rename(&moved, &link).expect("it can be moved back");
    }
}

#[test]
fn links_of_an_overlay_lead_no_command_to_other_files() {
    let place = imported("overlay-links");
    let provider = "name: Acme\nendpoints:\n  - {base_url: https://api.acme.example/v1, api: openai-completions}\nauth:\n  - {kind: none}\nmodels:\n  - {id: b, context_window: 1}\n  - {id: a}\n";
    fs::create_dir_all(place.0.join("mine/providers")).expect("a folder can be made");
    for link in ["file", "folder"] {
        let _ = fs::remove_dir_all(place.0.join("over"));
        fs::create_dir_all(place.0.join("over")).expect("a folder can be made");
        place.write("mine/providers/acme.yaml", provider);
        place.write("mine/providers/openai.yaml", "extends: openai\ncontext_window: 5\n");
        if link == "folder" {
            symlink("../mine/providers", place.0.join("over/providers")).expect("a link");
        } else {
            fs::create_dir_all(place.0.join("over/providers")).expect("a folder can be made");
            for name in ["acme", "openai"] {
                symlink(format!("../../mine/providers/{name}.yaml"), place.0.join(format!("over/providers/{name}.yaml"))).expect("a link");
            }
        }
        let before = tree(&place.0);
        for arguments in [
            &["set", "acme/b", "context_window", "7"][..],
            &["set", "openai/gpt-5.5", "context_window", "7"],
            &["unset", "acme/b", "context_window"],
            &["check", "--fix"],
        ] {
            let run = finish(bare(&place.0).args(arguments).args(["--overlay", "over"]));
            assert!(run.code == 1 && !run.err.is_empty(), "{link} {arguments:?}: {}{}", run.out, run.err);
            assert_eq!(first_difference(&before, &tree(&place.0)), None, "{link} {arguments:?}");
        }
        let run = finish(bare(&place.0).args(["unset", "acme/b", "context_window", "--overlay", "over"]));
        assert!(run.err.contains("is a symbolic link; replace the link"), "{link}: {}", run.err);
    }
}

#[test]
fn formats_are_not_written_through_links() {
    let place = imported("emit-links");
    place.write("precious.yaml", "precious");
    fs::create_dir_all(place.0.join("out")).expect("a folder can be made");
    symlink("../precious.yaml", place.0.join("out/config.yaml")).expect("a link");
    symlink("precious.yaml", place.0.join("out.json")).expect("a link");
    symlink("nowhere", place.0.join("new.json")).expect("a link");
    for arguments in [["aichat", "out"], ["models.dev", "out.json"], ["models.dev", "new.json"]] {
        let run = finish(bare(&place.0).args(["emit", arguments[0], "--out", arguments[1]]));
        assert!(run.code == 1 && run.err.contains("is a symbolic link; replace the link"), "{arguments:?}: {}", run.err);
        assert!(place.read("precious.yaml") == "precious" && !place.0.join("nowhere").exists(), "{arguments:?}");
    }
}

//! Tests that compiling arbitrary bytes terminates, does not panic and reports diagnostics.

use crate::folder::Folder;
use modeldex_compile::{Compiled, compile, render};
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The files of the committed catalog, as seeds for mutations.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let catalog = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    let mut seeds = Vec::new();
    for folder in ["providers", "models", "views", "usage"] {
        let mut paths: Vec<PathBuf> = fs::read_dir(catalog.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let name = format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap());
            // Long files slow the tests down without covering more than their beginning.
            let bytes: Vec<u8> = fs::read(&path).unwrap().into_iter().take(6_000).collect();
            seeds.push((name, bytes));
        }
    }
    seeds
}

/// Compiles, renders in every format, and checks the invariants of any result.
fn compile_and_check(files: &[(&str, &[u8])]) -> Compiled {
    let folder = Folder::new(files);
    let compiled = compile(&folder.0);
    for format in render::Format::ALL {
        let _ = render::render(&compiled.diagnostics, &compiled.source_files, *format, true);
    }
    // `positions` scans the file from its start, so only a few are checked.
    for diagnostic in compiled.diagnostics.iter().take(20) {
        let (from, to) = compiled.source_files.positions(diagnostic.span);
        assert!(from.line >= 1 && from.column >= 1 && from <= to, "{diagnostic:?}");
    }
    compiled.catalog().verify().unwrap();
    compiled
}

/// A mutation of the bytes of a file.
#[derive(Clone, Debug)]
enum Mutation {
    Truncate(prop::sample::Index),
    Flip(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
    Remove(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<prop::sample::Index>;
    // Prefer bytes that are significant in YAML.
    let piece = prop_oneof![
        prop::sample::select(vec![
            &b": "[..],
            b"- ",
            b"\n",
            b"\t",
            b"{",
            b"}",
            b"[",
            b"]",
            b"&a ",
            b"*a",
            b"!!str ",
            b"|\n",
            b">-\n",
            b"\"",
            b"'",
            b"#",
            b"? ",
            b"---\n",
            b"...\n",
            b"<<: ",
            b"\xff\xfe",
            b"\xc3",
            b"\r",
            b"\x00",
            b"~",
            b"null",
            b".nan",
            b"-1",
            b"1e999",
            b"0x1F",
            b"%YAML 1.2\n",
            b"\xef\xbb\xbf",
        ])
        .prop_map(<[u8]>::to_vec),
        prop::collection::vec(any::<u8>(), 1..8),
    ];
    prop_oneof![
        at().prop_map(Mutation::Truncate),
        (at(), 1_u8..).prop_map(|(at, bits)| Mutation::Flip(at, bits)),
        (at(), piece).prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        (at(), 1_usize..200).prop_map(|(at, len)| Mutation::Remove(at, len)),
        (at(), 1_usize..200).prop_map(|(at, len)| Mutation::Repeat(at, len)),
    ]
}

fn apply(bytes: &mut Vec<u8>, mutation: &Mutation) {
    if bytes.is_empty() {
        return;
    }
    let len = bytes.len();
    match mutation {
        Mutation::Truncate(at) => bytes.truncate(at.index(len)),
        Mutation::Flip(at, bits) => bytes[at.index(len)] ^= bits,
        Mutation::Insert(at, piece) => drop(bytes.splice(at.index(len)..at.index(len), piece.iter().copied()).collect::<Vec<_>>()),
        Mutation::Remove(at, count) => drop(bytes.drain(at.index(len)..(at.index(len) + count).min(len))),
        Mutation::Repeat(at, count) => {
            let piece = bytes[at.index(len)..(at.index(len) + count).min(len)].to_vec();
            bytes.extend(piece);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_files(seed in any::<prop::sample::Index>(), mutations in prop::collection::vec(mutation(), 1..6)) {
        let seeds = seeds();
        let (name, mut bytes) = seeds[seed.index(seeds.len())].clone();
        for mutation in &mutations {
            apply(&mut bytes, mutation);
        }
        compile_and_check(&[(&name, &bytes)]);
    }

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        compile_and_check(&[("providers/acme.yaml", &bytes), ("views/acme.yaml", &bytes), ("models/acme.yaml", &bytes)]);
    }
}

/// Files that are constructed to be slow or large. Each is far below the bounds, which detect quadratic steps.
#[test]
fn adversarial_files_stay_within_bounds() {
    let provider = |models: &str| format!("name: Acme\nmodels:\n{models}");
    let bomb = {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for level in 1..20 {
            let list = vec![format!("*a{}", level - 1); 9].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{list}]\n"));
        }
        text
    };
    let deep_block = (0..10_000).map(|depth| format!("{}a:\n", " ".repeat(depth.min(400)))).collect::<String>();
    let cases: Vec<(&str, String)> = vec![
        ("a scalar of 10 MB", format!("name: {}\n", "x".repeat(10 << 20))),
        ("a quoted scalar of 10 MB", format!("name: \"{}\"\n", "é".repeat(5 << 20))),
        ("a block scalar of 10 MB", format!("name: |\n{}", "  line of text\n".repeat(700_000))),
        ("a comment of 10 MB", format!("# {}\nname: x\n", "c".repeat(10 << 20))),
        ("a key of 10 MB", format!("{}: x\n", "k".repeat(10 << 20))),
        ("10,000 lists deep", format!("name: {}{}\n", "[".repeat(10_000), "]".repeat(10_000))),
        ("10,000 lists deep and open", format!("name: {}\n", "[".repeat(10_000))),
        ("10,000 mappings deep", format!("name: {}x{}\n", "{a: ".repeat(10_000), "}".repeat(10_000))),
        ("10,000 entries deep", format!("{}x\n", "- ".repeat(10_000))),
        ("10,000 blocks deep", deep_block),
        ("an alias bomb", bomb),
        ("10,000 unknown keys", (0..10_000).map(|key| format!("key_{key}: 1\n")).collect()),
        ("10,000 models without an id", provider(&"  - name: x\n".repeat(10_000))),
        ("10,000 models with the same id", provider(&"  - id: x\n".repeat(10_000))),
        ("10,000 wrong types", provider(&(0..10_000).map(|id| format!("  - id: m{id:05}\n    context_window: x\n")).collect::<String>())),
        ("100,000 entries in a list", format!("name: x\nomit_models: [{}]\n", "a, ".repeat(100_000))),
        ("1 MB of line ends", "\n".repeat(1 << 20)),
        ("1 MB of carriage returns", "\r".repeat(1 << 20)),
        ("1 MB of question marks", "? ".repeat(1 << 19)),
        ("1 MB of quotes", "\"\n'\n".repeat(1 << 18)),
    ];
    for (what, text) in cases {
        let started = Instant::now();
        let compiled = compile_and_check(&[("providers/acme.yaml", text.as_bytes())]);
        assert!(!compiled.diagnostics.is_empty(), "{what}: no diagnostics");
        // Two orders of magnitude above the measured time, so that only a different complexity fails.
        assert!(started.elapsed() < Duration::from_secs(120), "{what} took {:?}", started.elapsed());
    }
    if let Some(peak) = peak_memory() {
        assert!(peak < 3 << 30, "{peak} bytes at the peak");
    }
}

/// Each limit of a catalog file: a text at the limit is accepted, and a text above it is an error at its place.
#[test]
fn limits_of_files_are_errors_with_their_place() {
    let at = |text: &str| {
        let compiled = compile_and_check(&[("providers/acme.yaml", text.as_bytes())]);
        let first = compiled.diagnostics.iter().find(|found| found.code == "too-long" || found.code == "syntax");
        first.map(|found| {
            let (from, _) = compiled.source_files.positions(found.span);
            (found.code, from.line, from.column, found.message.clone())
        })
    };
    let nested = |depth: usize| format!("name: Acme\nkind: {}1{}\n", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(at(&nested(63)), None);
    let too_deep = |line, column| Some(("too-long", line, column, "the value is nested deeper than the limit of 64 levels".to_owned()));
    assert_eq!(at(&nested(64)), too_deep(2, 70));
    assert_eq!(at(&nested(100_000)), at(&nested(1_000)));
    assert_eq!(at(&format!("name: Acme\nkind: {}1\n", "{a: ".repeat(64))), too_deep(2, 7 + 63 * 4));
    assert_eq!(at(&format!("name: Acme\nkind:\n{}x\n", "- ".repeat(64))), too_deep(3, 1 + 63 * 2));
    let steps = (0..65).fold(String::new(), |text, level| text + &" ".repeat(level) + "a:\n");
    assert_eq!(at(&steps), too_deep(65, 65));
    assert_eq!(at(&format!("name: {}\n", "x".repeat(65_535))), None);
    let long = "a text of 65536 bytes is longer than the limit of 65535 bytes";
    assert_eq!(at(&format!("name: {}\n", "x".repeat(65_536))), Some(("too-long", 1, 7, long.to_owned())));
}

/// The report of a file with a hundred thousand problems has a fixed size, and states how many problems it leaves out.
#[test]
fn a_report_lists_a_limited_number_of_problems() {
    let unknown: String = (0..100_000).map(|key| format!("key_{key}: 1\n")).collect();
    let models: String = (0..60_000).map(|id| format!("  - {{id: m{id}, context_window: x}}\n")).collect();
    for (text, more) in [(format!("name: Acme\n{unknown}"), "99000 errors"), (format!("name: Acme\nmodels:\n{models}"), "59000 errors")] {
        let compiled = compile_and_check(&[("providers/acme.yaml", text.as_bytes())]);
        let last = compiled.diagnostics.last().unwrap();
        assert!(compiled.diagnostics.len() < 1_010, "{}", compiled.diagnostics.len());
        assert_eq!((last.message.as_str(), last.severity.as_str()), (format!("not listed in this report: {more}").as_str(), "error"));
        for format in render::Format::ALL {
            let report = render::render(&compiled.diagnostics, &compiled.source_files, *format, false);
            assert!(report.len() < 2 << 20 && report.contains(&format!("not listed in this report: {more}")), "{format}: {}", report.len());
        }
    }
}

/// Returns the peak memory of this process, if the system reports it.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

#[test]
fn reports_contain_no_secrets() {
    let key = format!("sk-{}", "a1B2c3".repeat(8));
    let texts = [
        format!("name: {key}\n"),
        format!("nmae: {key}\n"),
        format!("{key}: 1\n"),
        format!("name: [{key}\n"),
        format!("name: x\nauth:\n  - kind: api-key\n    env: [{key}]\n"),
        format!("name: x\nendpoints:\n  - base_url: https://u:{key}@h.example/?key={key}\n    api: {key}\n"),
        format!("name: x\nmodels:\n  - id: a\n    base: {key}\n    successor: {key}\n    release_date: {key}\n"),
        format!("# {key}\nname: x\nname: y\n"),
    ];
    for text in texts {
        let compiled = compile_and_check(&[("providers/acme.yaml", text.as_bytes())]);
        assert!(compiled.diagnostics.iter().any(|found| found.code == "secret"), "{text}");
        for format in render::Format::ALL {
            let report = render::render(&compiled.diagnostics, &compiled.source_files, *format, false);
            assert!(!report.contains("a1B2c3"), "{report}");
        }
        assert!(!format!("{:?}{:?}", compiled.diagnostics, compiled.source_files).contains("a1B2c3"));
    }
}

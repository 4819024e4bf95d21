//! Every text that the program prints for people, in one file: the help of each command, then each message in the code by file and function.
//! `UPDATE_EXPECT=1 cargo test --test it messages` writes `tests/messages.txt` again; a review reads its diff.

#![cfg(feature = "cli")]

use crate::program::{finish, quiet};
use expect_test::expect_file;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::fmt::Write;
use std::fs;
use std::iter::Peekable;
use std::path::{Path, PathBuf};

#[test]
fn every_message_is_in_one_file() {
    let mut text = "Texts that modeldex prints for people, collected by tests/it/messages.rs. Do not edit.\n".to_owned();
    help(&mut text, &[]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for path in sources(&root.join("crates")) {
        let mut messages = Messages::default();
        messages.read(fs::read_to_string(&path).unwrap().parse().unwrap(), "");
        if !messages.0.is_empty() {
            let file = path.strip_prefix(root).unwrap().display().to_string().replace('\\', "/");
            write!(text, "\n## {file}\n\n{}", messages.0).unwrap();
        }
    }
    expect_file![root.join("tests/messages.txt")].assert_eq(&text);
}

/// Adds the help of a command and of its subcommands.
fn help(text: &mut String, command: &[&str]) {
    let shown = finish(quiet(env!("CARGO_MANIFEST_DIR")).args(command).arg("--help")).out;
    write!(text, "\n## modeldex {}\n\n{shown}", [command, &["--help"]].concat().join(" ")).unwrap();
    let listed = shown.split_once("\nCommands:\n").map_or("", |(_, listed)| listed);
    for line in listed.lines().take_while(|line| !line.is_empty()) {
        // A description that takes several lines is indented further.
        match line.strip_prefix("  ").and_then(|line| line.split_whitespace().next().filter(|name| line.starts_with(name))) {
            Some("help") | None => {}
            Some(name) => help(text, &[command, &[name]].concat()),
        }
    }
}

/// The source files of the crates, without their tests, in order.
fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort_unstable();
    let is_skipped =
        |path: &Path| path.ends_with("tests") || path.ends_with("tests.rs") || path.ends_with("examples") || path.ends_with("benches");
    let mut files = Vec::new();
    for path in entries.into_iter().filter(|path| !is_skipped(path)) {
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The messages of one file, a line each: the function, and the text as it is written in the code.
#[derive(Default)]
struct Messages(String);

impl Messages {
    fn read(&mut self, tokens: TokenStream, function: &str) {
        let mut function = function.to_owned();
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(sign) if sign.as_char() == '#' => self.attribute(&mut tokens),
                TokenTree::Ident(word) if word == "fn" => {
                    if let Some(TokenTree::Ident(name)) = tokens.peek() {
                        function = name.to_string();
                    }
                }
                // What only a bug shows is no message.
                TokenTree::Ident(word)
                    if ["expect", "unreachable", "assert", "assert_eq", "debug_assert", "panic"].iter().any(|name| word == name) =>
                {
                    tokens.next_if(|next| matches!(next, TokenTree::Punct(sign) if sign.as_char() == '!'));
                    tokens.next_if(|next| matches!(next, TokenTree::Group(_)));
                }
                TokenTree::Group(group) => self.read(group.stream(), &function),
                TokenTree::Literal(literal) => self.literal(&literal.to_string(), &function),
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }

    /// Reads the message of `#[error("...")]`. Others have none, and what `#[cfg(test)]` stands before is left out.
    fn attribute(&mut self, tokens: &mut Peekable<impl Iterator<Item = TokenTree>>) {
        let Some(TokenTree::Group(attribute)) = tokens.next_if(|next| matches!(next, TokenTree::Group(_))) else { return };
        match attribute.stream().to_string().replace(' ', "").as_str() {
            "cfg(test)" => {
                let is_end = |token: &TokenTree| match token {
                    TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                    TokenTree::Punct(sign) => sign.as_char() == ';',
                    _ => false,
                };
                tokens.by_ref().find(is_end);
            }
            attribute_text if attribute_text.starts_with("error(") => self.read(attribute.stream(), "error"),
            _ => {}
        }
    }

    /// Adds a literal that is a text of two words or more.
    fn literal(&mut self, literal: &str, function: &str) {
        let Ok(text) = syn::parse_str::<syn::LitStr>(literal).map(|text| text.value()) else { return };
        let words =
            text.split_whitespace().filter(|word| word.trim_matches(|c: char| c.is_ascii_punctuation()).chars().any(char::is_alphabetic));
        if words.take(2).count() == 2 {
            writeln!(self.0, "{function}: {}", text.trim_end().escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'"))
                .unwrap();
        }
    }
}

//! The index of routes: JSON for programs, a page for people.

use crate::routes::{Answer, ROUTES};
use schemars::JsonSchema;
use serde::Serialize;

/// The index.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Index")]
pub(crate) struct Body<'a> {
    name: &'static str,
    version: &'static str,
    /// The hash of the content of the catalog.
    catalog: &'a str,
    paths: Vec<Entry>,
}

/// A path, and what it answers.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IndexEntry")]
struct Entry {
    path: &'static str,
    what: &'static str,
    /// A path that can be followed, where the other has a gap in it.
    example: Option<String>,
}

/// The index as JSON.
pub(crate) fn json<'a>(example: Option<&str>, version: &'a str) -> Body<'a> {
    Body { name: "modeldex", version: env!("CARGO_PKG_VERSION"), catalog: version, paths: entries(example) }
}

/// The index as a page.
pub(crate) fn html(example: Option<&str>, models: usize, providers: usize) -> String {
    let rows: String = entries(example)
        .iter()
        .map(|entry| {
            let link = entry.example.as_deref().unwrap_or(entry.path);
            format!("<tr><td><a href=\"{}\">{}</a></td><td>{}</td></tr>\n", escaped(link), escaped(entry.path), escaped(entry.what))
        })
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>modeldex</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>modeldex</h1>\n<p>A catalog of AI providers and models: {models} models of {providers} providers.</p>\n\
         <table>\n<thead><tr><th>Path</th><th>What it answers</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n\
         </main>\n</body>\n</html>\n"
    )
}

const STYLE: &str = "\
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #8884; }
a { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }
";

/// Every path but that of the index itself.
fn entries(example: Option<&str>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for route in ROUTES.iter().filter(|route| route.answer != Answer::Index) {
        let provider = || example.and_then(|reference| reference.split('/').next());
        let filled = match route.answer {
            Answer::Model | Answer::Evidence => example.map(|reference| route.path.replace("{ref}", reference)),
            Answer::Provider => provider().map(|id| route.path.replace("{id}", id)),
            _ => None,
        };
        entries.push(Entry { path: route.path, what: route.brief, example: filled });
        if route.answer == Answer::Models {
            entries.push(Entry {
                path: "/models?{query}",
                what: "those that a query asks for; the parameters are those of `modeldex models list`",
                example: Some("/models?capability=tool_call&min_context=200k&sort=price&limit=20".to_owned()),
            });
        }
    }
    entries
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

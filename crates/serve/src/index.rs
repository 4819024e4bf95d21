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
    let page = PAGE.replace("<models>", &models.to_string()).replace("<providers>", &providers.to_string());
    page.replace("<rows>", &rows)
}

/// The page, with `<models>`, `<providers>` and `<rows>` in it.
const PAGE: &str = include_str!("index.html.in");

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

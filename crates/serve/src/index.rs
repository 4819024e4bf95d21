//! What is there, for whoever comes to the front door: JSON for programs, a page for people.

use crate::fetched::FETCHED;
use serde_json::{Value, json};

/// A path, and what it answers.
struct Entry {
    path: &'static str,
    what: &'static str,
    /// A path that can be followed, where the other has a gap in it.
    example: Option<String>,
}

/// The index as JSON.
pub(crate) fn json(fetched: &[&str], example: Option<&str>, version: &str) -> Value {
    let entries = entries(fetched, example);
    let paths: Vec<Value> = entries.iter().map(|entry| json!({"path": entry.path, "what": entry.what, "example": entry.example})).collect();
    json!({"name": "modeldex", "version": env!("CARGO_PKG_VERSION"), "catalog": version, "paths": paths})
}

/// The index as a page.
pub(crate) fn html(fetched: &[&str], example: Option<&str>, models: usize, providers: usize) -> String {
    let rows: String = entries(fetched, example)
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

fn entries(fetched: &[&str], example: Option<&str>) -> Vec<Entry> {
    let entry = |path, what| Entry { path, what, example: None };
    let with = |path, what, example: Option<String>| Entry { path, what, example };
    let provider = example.and_then(|reference| reference.split('/').next());
    let own = [
        entry("/models", "every model"),
        with(
            "/models?{query}",
            "those that a query asks for; the parameters are those of `modeldex models list`",
            Some("/models?capability=tool_call&min_context=200k&sort=price&limit=20".to_owned()),
        ),
        with("/models/{ref}", "everything that is known of one", example.map(|reference| format!("/models/{reference}"))),
        with("/models/{ref}/evidence", "who says so", example.map(|reference| format!("/models/{reference}/evidence"))),
        entry("/providers", "every provider"),
        with("/providers/{id}", "everything that is known of one", provider.map(|id| format!("/providers/{id}"))),
        entry("/health", "how this server is"),
        entry("/openapi.json", "all of this as OpenAPI 3.1"),
    ];
    let others = FETCHED.iter().filter(|other| fetched.contains(&other.path)).map(|other| entry(other.path, other.what));
    own.into_iter().chain(others).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

//! Index of the server's routes, as JSON and as HTML.

use crate::routes::{ROUTES, RouteKind};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use schemars::JsonSchema;
use serde::Serialize;

/// Index of the routes.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Index")]
pub(crate) struct IndexBody<'a> {
    name: &'static str,
    version: &'static str,
    /// Hash of the catalog's content.
    catalog: &'a str,
    paths: Vec<Entry>,
}

/// Path of a route, with its description.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IndexEntry")]
struct Entry {
    /// Path of the route, with parameters in braces.
    path: &'static str,
    /// Content of the response.
    what: &'static str,
    /// Example of a path with values for the parameters; null if `path` has no parameters.
    example: Option<String>,
}

/// Returns the index as JSON.
pub(crate) fn json<'a>(example: Option<&str>, version: &'a str) -> IndexBody<'a> {
    IndexBody { name: "modeldex", version: env!("CARGO_PKG_VERSION"), catalog: version, paths: entries(example) }
}

/// Returns the index as HTML.
pub(crate) fn html(example: Option<&str>, models: usize, providers: usize) -> String {
    let rows: String = entries(example)
        .iter()
        .map(|entry| {
            let link = entry.example.as_deref().unwrap_or(entry.path);
            format!(
                "<tr><td><a href=\"{}\">{}</a></td><td>{}</td></tr>\n",
                escape_html(&encode_link(link)),
                escape_html(entry.path),
                escape_html(entry.what)
            )
        })
        .collect();
    let page = PAGE.replace("<models>", &models.to_string()).replace("<providers>", &providers.to_string());
    page.replace("<rows>", &rows)
}

/// HTML template of the index. The placeholders are `<models>`, `<providers>` and `<rows>`.
const PAGE: &str = include_str!("index.html.in");

/// Returns one entry for each route except the index.
fn entries(example: Option<&str>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for route in ROUTES.iter().filter(|route| route.kind != RouteKind::Index) {
        let provider = || example.and_then(|reference| reference.split('/').next());
        let filled = match route.kind {
            RouteKind::Model | RouteKind::Evidence => example.map(|reference| route.path.replace("{ref}", reference)),
            RouteKind::Provider => provider().map(|id| route.path.replace("{id}", id)),
            _ => None,
        };
        entries.push(Entry { path: route.path, what: route.brief, example: filled });
        if route.kind == RouteKind::Models {
            entries.push(Entry {
                path: "/models?{query}",
                what: "the models that match the query; the query parameters are the filters of `modeldex models list`",
                example: Some("/models?capability=tool_call&min_context=200k&sort=price&limit=20".to_owned()),
            });
        }
    }
    entries
}

/// Percent-encodes the characters of a path and query that would end the path, or that URLs do not allow. A `%` in an id is encoded too; the queries
/// of the examples contain no `%`.
fn encode_link(link: &str) -> String {
    const ENCODED: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'%')
        .add(b'\'')
        .add(b'<')
        .add(b'>')
        .add(b'\\')
        .add(b'^')
        .add(b'`')
        .add(b'{')
        .add(b'|')
        .add(b'}');
    let (path, query) = if link.starts_with("/models?") { link.split_once('?').unwrap_or((link, "")) } else { (link, "") };
    let encoded = utf8_percent_encode(path, ENCODED).to_string().replace('?', "%3F");
    if query.is_empty() { encoded } else { format!("{encoded}?{query}") }
}

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_change_the_page() {
        for id in [
            "<script>alert(1)</script>",
            "\"><img src=x onerror=alert(1)>",
            "' onclick='x",
            "javascript:alert(1)",
            "//evil.example",
            "a?b#c%2Fd",
            "<rows>",
            "<models>",
        ] {
            let plain = html(Some("acme/x"), 2, 1);
            let page = html(Some(&format!("acme/{id}")), 2, 1);
            for mark in ["<", ">", "\"", "'"] {
                assert_eq!(page.matches(mark).count(), plain.matches(mark).count(), "{id} adds {mark}");
            }
            let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
            assert!(links.into_iter().all(|link| link.starts_with('/') && !link.starts_with("//") && !link.contains('#')), "{id}");
        }
        let page = html(Some("acme/a?b#c%2Fd"), 2, 1);
        assert!(page.contains("href=\"/models/acme/a%3Fb%23c%252Fd\""), "{page}");
        assert!(page.contains("href=\"/models?capability=tool_call&amp;min_context=200k"), "{page}");
    }
}

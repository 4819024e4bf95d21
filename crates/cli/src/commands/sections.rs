//! Sections of text output shared by several commands: headings, lists, aliases, authentication, sources.

use super::catalog_source::is_set;
use super::out::{Out, Tone, printable};
use modeldex_compile::authored::held::HeldFact;
use modeldex_table::{AliasKind, Auth, Date, Endpoint, Source, WireFeature};
use std::fmt::Display;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// Writes the heading of a section with `count` rows. Writes nothing and returns false if `count` is 0.
pub(crate) fn heading(out: &mut Out, text: &str, count: usize) -> io::Result<bool> {
    if count > 0 {
        let style = out.style(Tone::Heading);
        writeln!(out, "\n{style}{text}{style:#}")?;
    }
    Ok(count > 0)
}

/// Writes a heading and rows with aligned columns. Writes nothing if there are no rows.
pub(crate) fn rows<const N: usize>(out: &mut Out, title: &str, rows: &[[String; N]]) -> io::Result<()> {
    heading(out, title, rows.len())?;
    aligned(out, rows)
}

/// Formats `head` followed by comma-separated words, wrapped at `width` columns; continuation lines are indented by `indent` spaces.
pub(crate) fn wrapped(head: &str, indent: usize, width: Option<usize>, words: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let (mut text, mut column) = (head.to_owned(), head.width());
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        let word = format!("{}{}", printable(word.as_ref()), if words.peek().is_some() { ", " } else { "" });
        if column > indent && width.is_some_and(|width| column + word.trim_end().width() > width) {
            text.truncate(text.trim_end().len());
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            column = indent;
        }
        column += word.width();
        text.push_str(&word);
    }
    text.truncate(text.trim_end().len());
    text
}

/// Lists unconfirmed routing claims and the command that confirms them.
pub(crate) fn held(out: &mut Out, held: &[HeldFact]) -> io::Result<()> {
    if held.is_empty() {
        return Ok(());
    }
    let rows: Vec<[String; 4]> = held
        .iter()
        .map(|fact| {
            let by = format!("{} since {}", fact.sources.join(", "), fact.since.0);
            [fact.provider.as_str(), fact.fact.as_str(), &fact.value, &by].map(str::to_owned)
        })
        .collect();
    self::rows(out, &format!("Held ({count})", count = held.len()), &rows)?;
    let dim = out.style(Tone::Dim);
    writeln!(out, "{dim}These claims are not confirmed, so no request uses them. `modeldex confirm PROVIDER` confirms them.{dim:#}")
}

/// Writes rows with aligned columns.
pub(crate) fn aligned<const N: usize>(out: &mut Out, rows: &[[String; N]]) -> io::Result<()> {
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    for row in rows {
        let padded: String = row.iter().zip(widths).map(|(cell, width)| format!("  {cell:width$}")).collect();
        writeln!(out, "{}", printable(padded.trim_end()))?;
    }
    Ok(())
}

pub(crate) fn endpoints<'a>(out: &mut Out, endpoints: impl Iterator<Item = Endpoint<'a>> + Clone) -> io::Result<()> {
    let name = |endpoint: Endpoint<'_>| if endpoint.id().is_empty() { "default" } else { endpoint.id() }.to_owned();
    let list: Vec<[String; 4]> = endpoints
        .clone()
        .map(|endpoint| {
            let more = [endpoint.region().map(|region| format!("region {region}")), endpoint.plan().map(|plan| format!("plan {plan}"))];
            let more = more.into_iter().flatten().collect::<Vec<_>>().join(", ");
            [name(endpoint), endpoint.base_url().to_owned(), endpoint.api().to_string(), more]
        })
        .collect();
    rows(out, "Endpoints", &list)?;
    let requests: Vec<[String; 2]> =
        endpoints.flat_map(|endpoint| request_settings(endpoint).map(move |line| [name(endpoint), line])).collect();
    rows(out, "Requests", &requests)
}

/// Formats the settings in which requests to an endpoint differ from its wire protocol: one line for the supported request fields, and one for each
/// header.
fn request_settings(endpoint: Endpoint<'_>) -> impl Iterator<Item = String> {
    let features = WireFeature::ALL.iter().filter_map(|word| Some(format!("{}{word}", if endpoint.supports(*word)? { "" } else { "no " })));
    let takes: Vec<String> = endpoint.max_tokens_field().map(|field| field.to_string()).into_iter().chain(features).collect();
    let headers = endpoint.headers().map(|(name, value)| format!("{name}: {value}"));
    (!takes.is_empty()).then(|| takes.join(", ")).into_iter().chain(headers)
}

/// Writes the authentication methods, and whether each variable is set. Values of variables are not printed.
pub(crate) fn auth<'a>(out: &mut Out, methods: impl ExactSizeIterator<Item = Auth<'a>>) -> io::Result<()> {
    heading(out, if methods.len() > 1 { "Auth (one of these is enough)" } else { "Auth" }, methods.len())?;
    for method in methods {
        write!(out, "  {}", method.kind())?;
        variables(out, "  ", method.env())?;
        if let Some(place) = place(method) {
            write!(out, "  in {}", printable(&place))?;
        }
        writeln!(out)?;
        for needed in method.variables() {
            write!(out, "    {}  ", needed.role())?;
            variables(out, "", needed.env())?;
            match needed.default() {
                Some(default) => write!(out, ", default {}", printable(default))?,
                None if needed.is_optional() => write!(out, ", optional")?,
                None => {}
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

/// Describes in which header or query parameter the key is sent; `None` if the wire protocol determines it.
fn place(method: Auth<'_>) -> Option<String> {
    let header = method.header().map(|header| match method.scheme() {
        Some(scheme) => format!("the header {header}: {scheme}"),
        None => format!("the header {header}"),
    });
    header.or_else(|| method.query().map(|query| format!("the query parameter {query}")))
}

/// Lists the pages from which facts were taken. Each page comes with the object that it is about, such as `this model`.
pub(crate) fn sources<'a>(out: &mut Out, sources: impl Iterator<Item = (Source<'a>, &'static str)>) -> io::Result<()> {
    let checked = |date: Option<Date>| date.map(|date| format!("checked {date}")).unwrap_or_default();
    let list: Vec<[String; 3]> = sources.map(|(source, of)| [of.to_owned(), source.url().to_owned(), checked(source.checked())]).collect();
    rows(out, "Sources", &list)
}

/// Lists the aliases of a model or provider. The text of each alias is its reason and end date, as [`why`] formats them.
pub(crate) fn aliases<'a>(out: &mut Out, aliases: impl Iterator<Item = (&'a str, AliasKind, String)>) -> io::Result<()> {
    let list: Vec<[String; 3]> = aliases.map(|(id, kind, why)| [id.to_owned(), kind.to_string(), why]).collect();
    rows(out, "Aliases", &list)
}

/// Formats the reason why an alias exists, and the date after which the alias may be removed. Empty if both are unknown.
pub(crate) fn why(reason: Option<&str>, until: Option<Date>) -> String {
    [reason.map(str::to_owned), until.map(|date| format!("the alias may be removed after {date}"))]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
}

/// Describes an alias: its kind, its target and the reason why it exists, as [`why`] formats it.
pub(crate) fn describe_alias(name: &str, kind: AliasKind, target: &str, why: &str) -> String {
    let sentence = match kind {
        AliasKind::Legacy => format!("`{name}` is a legacy alias of {target}; the server no longer accepts `{name}`"),
        AliasKind::Pinned => format!("`{name}` is a pinned alias of {target}"),
        AliasKind::Moving => format!("`{name}` is a moving alias of {target}"),
        AliasKind::Display => format!("`{name}` is an alias of {target}"),
    };
    if why.is_empty() { sentence } else { format!("{sentence} ({why})") }
}

/// Writes the first line of the output about a model or provider: its reference and its name.
pub(crate) fn title(out: &mut Out, reference: impl Display, name: &str) -> io::Result<()> {
    let heading = out.style(Tone::Heading);
    writeln!(out, "{heading}{}{heading:#}  {}", printable(&reference.to_string()), printable(name))
}

/// Formats a dimmed remark in parentheses.
pub(crate) fn parenthesized(out: &Out, text: &str) -> String {
    let style = out.style(Tone::Dim);
    format!("{style}({}){style:#}", printable(text))
}

fn variables<'a>(out: &mut Out, before: &str, names: impl Iterator<Item = &'a str>) -> io::Result<()> {
    for (at, name) in names.enumerate() {
        let (tone, state) = if is_set(name) { (Tone::Good, "set") } else { (Tone::Warning, "not set") };
        let style = out.style(tone);
        write!(out, "{}{} ({style}{state}{style:#})", if at == 0 { before } else { " or " }, printable(name))?;
    }
    Ok(())
}

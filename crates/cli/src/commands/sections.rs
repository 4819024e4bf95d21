//! The parts that several commands write for people: headings, lists, aliases, authentication, sources.

use super::catalog_source::is_set;
use super::out::{Out, Tone, printable};
use modeldex_compile::authored::held::HeldFact;
use modeldex_table::{AliasKind, Auth, Date, Endpoint, Source, WireFeature};
use std::fmt::Display;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// Writes a heading, unless nothing comes under it. Returns whether something does.
pub(crate) fn heading(out: &mut Out, text: &str, count: usize) -> io::Result<bool> {
    if count > 0 {
        let style = out.style(Tone::Heading);
        writeln!(out, "\n{style}{text}{style:#}")?;
    }
    Ok(count > 0)
}

/// Writes a heading and lines whose cells but the last stand under each other; nothing where there are none.
pub(crate) fn rows<const N: usize>(out: &mut Out, title: &str, rows: &[[String; N]]) -> io::Result<()> {
    heading(out, title, rows.len())?;
    aligned(out, rows)
}

/// Words with commas between them behind `head`, in lines of at most `width` columns; those after the first begin with `indent` spaces.
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
    self::rows(out, &format!("Held ({})", held.len()), &rows)?;
    let aside = out.style(Tone::Aside);
    writeln!(out, "{aside}Unconfirmed claims; no request uses them. `modeldex confirm PROVIDER` confirms them.{aside:#}")
}

/// Writes lines whose cells but the last stand under each other.
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
    let requests: Vec<[String; 2]> = endpoints.flat_map(|endpoint| compat(endpoint).map(move |line| [name(endpoint), line])).collect();
    rows(out, "Requests", &requests)
}

/// How a request to an endpoint is written, as far as it is not as everywhere: one line for what it takes, one for each header.
fn compat(endpoint: Endpoint<'_>) -> impl Iterator<Item = String> {
    let features = WireFeature::ALL.iter().filter_map(|word| Some(format!("{}{word}", if endpoint.supports(*word)? { "" } else { "no " })));
    let takes: Vec<String> = endpoint.max_tokens_field().map(|field| field.to_string()).into_iter().chain(features).collect();
    let headers = endpoint.headers().map(|(name, value)| format!("{name}: {value}"));
    (!takes.is_empty()).then(|| takes.join(", ")).into_iter().chain(headers)
}

/// Writes the ways to authenticate, and of each variable whether it is set. What it holds is not shown.
pub(crate) fn auth<'a>(out: &mut Out, ways: impl ExactSizeIterator<Item = Auth<'a>>) -> io::Result<()> {
    heading(out, if ways.len() > 1 { "Auth, any one of" } else { "Auth" }, ways.len())?;
    for way in ways {
        write!(out, "  {}", way.kind())?;
        variables(out, "  ", way.env())?;
        if let Some(place) = place(way) {
            write!(out, "  in {}", printable(&place))?;
        }
        writeln!(out)?;
        for needed in way.variables() {
            write!(out, "    {}  ", needed.role())?;
            variables(out, "", needed.env())?;
            match needed.default() {
                Some(default) => write!(out, ", else {}", printable(default))?,
                None if needed.is_optional() => write!(out, ", optional")?,
                None => {}
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

/// Where the key goes, where that is not the usual place of the protocol.
fn place(way: Auth<'_>) -> Option<String> {
    let scheme = way.scheme().map(|scheme| format!(": {scheme}")).unwrap_or_default();
    let header = way.header().map(|header| format!("the header {header}{scheme}"));
    header.or_else(|| way.query().map(|query| format!("the query as {query}")))
}

/// Writes where facts are published, and which facts those are.
pub(crate) fn sources<'a>(out: &mut Out, sources: impl Iterator<Item = (Source<'a>, &'static str)>) -> io::Result<()> {
    let checked = |date: Option<Date>| date.map(|date| format!("checked {date}")).unwrap_or_default();
    let list: Vec<[String; 3]> = sources.map(|(source, of)| [of.to_owned(), source.url().to_owned(), checked(source.checked())]).collect();
    rows(out, "Sources", &list)
}

/// Lists the aliases of a model or provider, each with its kind and why it exists.
pub(crate) fn aliases<'a>(out: &mut Out, aliases: impl Iterator<Item = (&'a str, AliasKind, String)>) -> io::Result<()> {
    let list: Vec<[String; 3]> = aliases.map(|(id, kind, why)| [id.to_owned(), kind.to_string(), why]).collect();
    rows(out, "Aliases", &list)
}

/// Why an alias exists, and how long.
pub(crate) fn why(reason: Option<&str>, until: Option<Date>) -> String {
    [reason.map(str::to_owned), until.map(|until| format!("until {until}"))].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// States of which model or provider a name is an alias, and why.
pub(crate) fn detour(name: &str, kind: AliasKind, target: &str, why: &str) -> String {
    let kind = match kind {
        AliasKind::Legacy => "a legacy alias, dead on the wire, of",
        AliasKind::Pinned => "a pinned alias of",
        AliasKind::Moving => "a moving alias of",
        AliasKind::Display => "an alias of",
    };
    format!("`{name}` is {kind} {target}{}{why}", if why.is_empty() { "" } else { ": " })
}

/// Writes the first line of a page: the reference, and the name.
pub(crate) fn title(out: &mut Out, reference: impl Display, name: &str) -> io::Result<()> {
    let heading = out.style(Tone::Heading);
    writeln!(out, "{heading}{}{heading:#}  {}", printable(&reference.to_string()), printable(name))
}

/// Something beside the point, in brackets.
pub(crate) fn aside(out: &Out, text: &str) -> String {
    let style = out.style(Tone::Aside);
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

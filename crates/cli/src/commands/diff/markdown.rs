//! Prints the difference of two catalogs as Markdown, for a pull request.

use super::Names;
use super::sections::{Cell, Section, counted};
use crate::commands::out::{Out, printable};
use crate::commands::table::{Align, Column};
use modeldex_compile::authored::held::HeldFact;
use std::fmt::Display;
use std::io::{self, Write};

/// Maximum number of rows of a table that is not folded.
const MAX_UNFOLDED_ROWS: usize = 10;

pub(super) fn write(names: &Names, all: &[Section], out: &mut Out) -> io::Result<()> {
    writeln!(out, "Changes in the catalog from {old} to {new}:\n", old = code(&names[0]), new = code(&names[1]))?;
    for section in all {
        writeln!(out, "- {}", counted(section))?;
    }
    for section in all {
        writeln!(out, "\n### {} ({})\n", section.title, section.count)?;
        let by_provider = section.counts(code);
        if !by_provider.is_empty() {
            writeln!(out, "{}\n", by_provider.join(", "))?;
        }
        let is_folded = section.rows.len() > MAX_UNFOLDED_ROWS && !section.is_uncut;
        if is_folded {
            let shown = section.count - section.left_out;
            let summary = match section.count {
                1 => "1 change".to_owned(),
                count if section.left_out == 0 => format!("All {count} changes"),
                count => format!("The first {shown} of {count} changes"),
            };
            writeln!(out, "<details>\n<summary>{summary}</summary>\n")?;
        }
        table(section, out)?;
        if is_folded {
            writeln!(out, "\n</details>")?;
        }
        if section.left_out > 0 {
            writeln!(out, "\n… and {more_changes}", more_changes = section.more_changes())?;
        }
    }
    Ok(())
}

/// Writes the section of unconfirmed routing claims, if there are any.
pub(super) fn held(held: &[HeldFact], out: &mut Out) -> io::Result<()> {
    if held.is_empty() {
        return Ok(());
    }
    writeln!(out, "### Held ({})\n", held.len())?;
    writeln!(
        out,
        "These routing claims are unconfirmed; no request uses them.\n\n| Provider | Fact | Value | Claimed by | Since |\n|---|---|---|---|---|"
    )?;
    for fact in held {
        let cell = |text: &str| code(text).replace('|', "\\|");
        let by = escaped(&fact.sources.join(", "));
        writeln!(out, "| {} | {} | {} | {by} | {} |", cell(&fact.provider), fact.fact, cell(&fact.value), fact.since.0)?;
    }
    writeln!(out)
}

fn table(section: &Section, out: &mut Out) -> io::Result<()> {
    let line = |column: &Column| if column.align == Align::Right { "---:" } else { "---" };
    row(out, section.columns.iter().map(|column| column.name))?;
    row(out, section.columns.iter().map(line))?;
    section.rows.iter().try_for_each(|cells| row(out, cells.iter().map(text)))
}

fn row(out: &mut Out, cells: impl Iterator<Item: Display>) -> io::Result<()> {
    for cell in cells {
        write!(out, "| {cell} ")?;
    }
    writeln!(out, "|")
}

fn text(cell: &Cell) -> String {
    match (cell.words.as_str(), cell.code.as_str()) {
        ("", "") => String::new(),
        (words, "") => escaped(words),
        // An unescaped bar ends a table cell, even inside code.
        ("", inside) => code(inside).replace('|', "\\|"),
        (words, inside) => format!("{} {}", escaped(words), code(inside).replace('|', "\\|")),
    }
}

/// Formats text as inline code. The fence is longer than any run of backticks in the text. Inside code, no other markup applies, such as `$` for
/// math and `@` for mentions.
fn code(text: &str) -> String {
    let text = printable(text);
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Escapes all markup in a text.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in printable(text).chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '|' | '*' | '_' | '[' | ']' | '~' | '$' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::out::Tone;

    #[test]
    fn nothing_of_a_catalog_is_markup() {
        assert_eq!(escaped("a|b `c` <d> & [e](f)\n"), "a\\|b \\`c\\` &lt;d&gt; &amp; \\[e\\](f) ");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`a"), "`` `a ``");
        let cell = Cell { tone: Tone::Plain, words: "was_so".to_owned(), code: "a|b<c>".to_owned() };
        assert_eq!(text(&cell), "was\\_so `a\\|b<c>`");
    }
}

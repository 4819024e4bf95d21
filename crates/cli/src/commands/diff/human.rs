//! A difference on a terminal.

use super::Names;
use super::sections::{Section, counted};
use crate::commands::out::{Out, Tone, printable};
use crate::commands::sections;
use crate::commands::table::Table;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

pub(super) fn write(names: &Names, all: &[Section], out: &mut Out) -> io::Result<()> {
    let heading = out.style(Tone::Heading);
    writeln!(out, "{heading}{} → {}{heading:#}", printable(&names.old), printable(&names.new))?;
    wrapped(out, &all.iter().map(counted).collect::<Vec<_>>())?;
    for section in all {
        sections::heading(out, &format!("{} ({})", section.title, section.count), section.count)?;
        let by_provider = section.counts(str::to_owned);
        if !by_provider.is_empty() {
            wrapped(out, &by_provider)?;
        }
        let mut table = Table::new(section.columns);
        for cell in section.rows.iter().flatten() {
            let space = if cell.words.is_empty() || cell.code.is_empty() { "" } else { " " };
            table.toned_cell(cell.tone, format_args!("{}{space}{}", cell.words, cell.code));
        }
        table.write(out, section.narrower)?;
        if section.left_out > 0 {
            let aside = out.style(Tone::Aside);
            writeln!(out, "{aside}… and {} more; `--all` shows them{aside:#}", section.left_out)?;
        }
    }
    Ok(())
}

/// Writes a list with commas, in lines as wide as the terminal.
fn wrapped(out: &mut Out, parts: &[String]) -> io::Result<()> {
    let width = out.width().unwrap_or(usize::MAX);
    let mut line = String::new();
    for (at, part) in parts.iter().enumerate() {
        let comma = if at + 1 < parts.len() { "," } else { "" };
        let part = format!("{}{comma}", printable(part));
        if !line.is_empty() && line.width() + 1 + part.width() > width {
            writeln!(out, "{line}")?;
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&part);
    }
    writeln!(out, "{line}")
}

//! Prints the difference of two catalogs as text for a terminal.

use super::Names;
use super::sections::{Section, counted};
use crate::commands::out::{Out, Tone, printable};
use crate::commands::sections;
use crate::commands::table::Table;
use std::io::{self, Write};

pub(super) fn write(names: &Names, all: &[Section], out: &mut Out) -> io::Result<()> {
    let heading = out.style(Tone::Heading);
    writeln!(out, "{heading}{} → {}{heading:#}", printable(&names[0]), printable(&names[1]))?;
    writeln!(out, "{}", sections::wrapped("", 0, out.width(), all.iter().map(counted)))?;
    for section in all {
        sections::heading(out, &format!("{} ({})", section.title, section.count), section.count)?;
        let by_provider = section.counts(str::to_owned);
        if !by_provider.is_empty() {
            writeln!(out, "{}", sections::wrapped("", 0, out.width(), by_provider))?;
        }
        let mut table = Table::new(section.columns);
        for cell in section.rows.iter().flatten() {
            let space = if cell.words.is_empty() || cell.code.is_empty() { "" } else { " " };
            table.toned_cell(cell.tone, format_args!("{}{space}{}", cell.words, cell.code));
        }
        table.write(out, section.narrowing_steps)?;
        if section.left_out > 0 {
            let dim = out.style(Tone::Dim);
            writeln!(out, "{dim}… and {more_changes}; `--all` prints all changes{dim:#}", more_changes = section.more_changes())?;
        }
    }
    Ok(())
}

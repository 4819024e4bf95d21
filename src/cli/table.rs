//! Tables on a terminal: as wide as what they hold, and no wider than the terminal.

use super::out::{HEADING, Out, printable};
use anstyle::Style;
use std::fmt::{Display, Write as _};
use std::io::{self, Write};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Rows of cells. All text is in one string, so that ten thousand rows cost three allocations.
pub(crate) struct Table {
    columns: &'static [Column],
    text: String,
    cells: Vec<Cell>,
}

/// A column.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) align: Align,
    pub(crate) shorten: Shorten,
}

/// To which side cells are moved.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// How a cell that is too wide is shortened.
#[derive(Clone, Copy)]
pub(crate) enum Shorten {
    /// The end goes.
    End,
    /// The middle goes, for text whose both ends tell something; the end tells more.
    Middle,
    /// Whole words of a list with commas go, and their number is told.
    List,
}

/// Something that can be done to make a table narrower: the first of a list of steps is done first, and only as far as needed.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    /// Makes a column narrower, down to this many characters.
    Shrink(usize, usize),
    /// Leaves a column out.
    Drop(usize),
}

struct Cell {
    end: usize,
    width: usize,
    style: Style,
}

const GAP: &str = "  ";

impl Table {
    pub(crate) fn new(columns: &'static [Column]) -> Self {
        Self { columns, text: String::new(), cells: Vec::new() }
    }

    /// Adds the next cell, from left to right and from top to bottom.
    pub(crate) fn cell(&mut self, value: impl Display) {
        self.styled_cell(Style::new(), value);
    }

    /// Adds the next cell in a style.
    pub(crate) fn styled_cell(&mut self, style: Style, value: impl Display) {
        let start = self.text.len();
        // Writing to a string never fails.
        let _ = write!(self.text, "{value}");
        let safe = printable(&self.text[start..]);
        if let std::borrow::Cow::Owned(safe) = safe {
            self.text.truncate(start);
            self.text.push_str(&safe);
        }
        let width = width(&self.text[start..]);
        self.cells.push(Cell { end: self.text.len(), width, style });
    }

    /// Writes the header and every row.
    pub(crate) fn write(&self, out: &mut Out, steps: &[Step]) -> io::Result<()> {
        let mut natural: Vec<usize> = self.columns.iter().map(|column| width(column.name)).collect();
        for row in self.cells.chunks(self.columns.len()) {
            for (natural, cell) in natural.iter_mut().zip(row) {
                *natural = (*natural).max(cell.width);
            }
        }
        let widths = layout(&natural, steps, out.width());
        let heading = out.style(HEADING);
        let names: Vec<_> = self.columns.iter().map(|column| (column.name, width(column.name), heading)).collect();
        self.write_row(out, &widths, &names)?;
        let mut start = 0;
        let mut row = Vec::with_capacity(self.columns.len());
        for cells in self.cells.chunks(self.columns.len()) {
            row.clear();
            for cell in cells {
                row.push((&self.text[start..cell.end], cell.width, out.style(cell.style)));
                start = cell.end;
            }
            self.write_row(out, &widths, &row)?;
        }
        Ok(())
    }

    fn write_row(&self, out: &mut Out, widths: &[Option<usize>], row: &[(&str, usize, Style)]) -> io::Result<()> {
        let last = widths.iter().rposition(Option::is_some).unwrap_or(0);
        // Spaces are owed until something follows them, so that no line ends in any.
        let mut owed = 0;
        for (at, ((column, room), &(text, wide, style))) in self.columns.iter().zip(widths).zip(row).enumerate() {
            let &Some(room) = room else { continue };
            let shortened;
            let (text, wide) = if wide > room {
                shortened = column.shorten.to(text, room);
                (shortened.as_str(), width(&shortened))
            } else {
                (text, wide)
            };
            let rest = room.saturating_sub(wide);
            if column.align == Align::Right {
                owed += rest;
            }
            if !text.is_empty() {
                write!(out, "{:owed$}{style}{text}{style:#}", "")?;
                owed = 0;
            }
            if column.align == Align::Left {
                owed += rest;
            }
            if at < last {
                owed += GAP.len();
            }
        }
        writeln!(out)
    }
}

impl Column {
    /// A column of text that is shortened at its end.
    pub(crate) const fn text(name: &'static str) -> Self {
        Self { name, align: Align::Left, shorten: Shorten::End }
    }

    /// A column of numbers.
    pub(crate) const fn number(name: &'static str) -> Self {
        Self { name, align: Align::Right, shorten: Shorten::End }
    }

    /// A column of text that is shortened in another way.
    pub(crate) const fn shortened(name: &'static str, shorten: Shorten) -> Self {
        Self { name, align: Align::Left, shorten }
    }
}

impl Shorten {
    /// `text` in at most `room` columns, with a mark where something is missing.
    fn to(self, text: &str, room: usize) -> String {
        match self {
            Self::End => format!("{}…", head(text, room.saturating_sub(1))),
            Self::Middle => {
                let kept = room.saturating_sub(1);
                format!("{}…{}", head(text, kept / 3), tail(text, kept - kept / 3))
            }
            Self::List => {
                let words: Vec<&str> = text.split(',').collect();
                let shorter = (1..words.len()).rev().map(|kept| format!("{},+{}", words[..kept].join(","), words.len() - kept));
                shorter.into_iter().find(|shorter| width(shorter) <= room).unwrap_or_else(|| Self::End.to(text, room))
            }
        }
    }
}

/// The width of each column so that all fit into `limit`, as far as `steps` allow; `None` for one that is left out.
fn layout(natural: &[usize], steps: &[Step], limit: Option<usize>) -> Vec<Option<usize>> {
    let mut widths: Vec<Option<usize>> = natural.iter().copied().map(Some).collect();
    let Some(limit) = limit else { return widths };
    for step in steps {
        let shown = widths.iter().flatten();
        let total = shown.clone().sum::<usize>() + GAP.len() * shown.count().saturating_sub(1);
        let Some(over) = total.checked_sub(limit).filter(|over| *over > 0) else { break };
        match *step {
            Step::Shrink(column, to) => {
                if let Some(width) = widths.get_mut(column).and_then(Option::as_mut) {
                    *width = width.saturating_sub(over).max(to).min(*width);
                }
            }
            Step::Drop(column) => {
                if let Some(width) = widths.get_mut(column) {
                    *width = None;
                }
            }
        }
    }
    widths
}

/// The columns that a text takes on a terminal.
fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

fn head(text: &str, room: usize) -> &str {
    text.find(overflow(room)).map_or(text, |end| &text[..end])
}

fn tail(text: &str, room: usize) -> &str {
    text.rfind(overflow(room)).map_or(text, |at| &text[at + text[at..].chars().next().map_or(0, char::len_utf8)..])
}

/// Finds the character for which no room is left.
fn overflow(room: usize) -> impl FnMut(char) -> bool {
    let mut left = Some(room);
    move |letter| {
        left = left.and_then(|left| left.checked_sub(letter.width().unwrap_or(0)));
        left.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_shorten_fits_and_says_so() {
        for (how, text, room, short) in [
            (Shorten::End, "kimi-k2.5", 5, "kimi…"),
            (Shorten::Middle, "openrouter/moonshotai/kimi-k2.5", 16, "openr…/kimi-k2.5"),
            (Shorten::List, "text,image,video", 13, "text,image,+1"),
            (Shorten::List, "text,image,video", 12, "text,+2"),
            (Shorten::List, "embedding", 5, "embe…"),
            (Shorten::Middle, "模型模型模型", 8, "模…模型"),
            (Shorten::End, "abc", 0, "…"),
        ] {
            assert_eq!(how.to(text, room), short);
        }
    }

    #[test]
    fn steps_are_done_in_order_and_only_as_far_as_needed() {
        let steps = [Step::Shrink(1, 4), Step::Drop(1), Step::Shrink(0, 5)];
        assert_eq!(layout(&[10, 10], &steps, None), [Some(10), Some(10)]);
        assert_eq!(layout(&[10, 10], &steps, Some(22)), [Some(10), Some(10)]);
        assert_eq!(layout(&[10, 10], &steps, Some(20)), [Some(10), Some(8)]);
        assert_eq!(layout(&[10, 10], &steps, Some(15)), [Some(10), None]);
        assert_eq!(layout(&[10, 10], &steps, Some(7)), [Some(7), None]);
        assert_eq!(layout(&[10, 10], &steps, Some(1)), [Some(5), None]);
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(width("模型"), 4);
        assert_eq!(head("模型", 3), "模");
        assert_eq!(tail("模型", 3), "型");
        assert_eq!(tail("abc", 2), "bc");
    }
}

//! Tables in text output, no wider than the terminal.

use super::out::{self, Out, Tone, printable};
use std::fmt::{Display, Write as _};
use std::io::{self, Write};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A table. One string contains the text of all cells, so that ten thousand rows take three allocations.
pub(crate) struct Table {
    columns: &'static [Column],
    text: String,
    cells: Vec<Cell>,
}

/// The name and format of a table column.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) align: Align,
    pub(crate) shorten: Shorten,
}

/// Alignment of a column.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// How a cell that is too wide is truncated.
#[derive(Clone, Copy)]
pub(crate) enum Shorten {
    /// Truncates the end.
    End,
    /// Truncates the middle, keeping more of the end than of the start.
    Middle,
    /// Drops items from the end of a comma-separated list, and appends their number.
    List,
}

/// A step that makes a table narrower. The steps of a list are applied in order, until the table is narrow enough.
///
/// Columns are identified by name; a step for a column that the table does not have does nothing.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    /// Shrinks a column as much as needed, but not below this width.
    Shrink(&'static str, usize),
    /// Drops a column.
    Drop(&'static str),
}

/// A table cell: the end of its text in [`Table`], its width and its tone. The types are small, because tables have many cells.
struct Cell {
    end: u32,
    width: u16,
    tone: Tone,
}

/// Number of spaces between two columns.
const GAP: usize = 2;

/// Spaces from which padding is copied. Most padding is shorter than this text.
const SPACES: &str = "                                                                ";

impl Table {
    pub(crate) fn new(columns: &'static [Column]) -> Self {
        Self { columns, text: String::new(), cells: Vec::new() }
    }

    /// Adds the next cell of the current row. A row ends with the cell of the last column.
    pub(crate) fn cell(&mut self, value: impl Display) {
        self.toned_cell(Tone::Plain, value);
    }

    /// Adds the next cells of the current row.
    pub(crate) fn cells(&mut self, values: &[&dyn Display]) {
        values.iter().for_each(|value| self.cell(value));
    }

    /// Adds the next cell of the current row, in a tone.
    pub(crate) fn toned_cell(&mut self, tone: Tone, value: impl Display) {
        let start = self.text.len();
        // Writing to a string never fails.
        let _ = write!(self.text, "{value}");
        // All bytes are checked without an early exit, which the compiler can vectorize.
        let is_plain = self.text.as_bytes()[start..].iter().fold(true, |plain, byte| plain & (b' '..=b'~').contains(byte));
        if !is_plain {
            let safe = printable(&self.text[start..]).into_owned();
            self.text.truncate(start);
            self.text.push_str(&safe);
        }
        let wide = if is_plain { self.text.len() - start } else { self.text[start..].width() };
        let (end, width) = (u32::try_from(self.text.len()).unwrap_or(u32::MAX), u16::try_from(wide).unwrap_or(u16::MAX));
        self.cells.push(Cell { end, width, tone });
    }

    /// Writes the header and all rows.
    pub(crate) fn write(&self, out: &mut Out, steps: &[Step]) -> io::Result<()> {
        let (width, color) = (out.width(), out.color());
        self.write_to(out, width, color, steps)
    }

    /// Formats the header and all rows for stderr.
    pub(crate) fn report(&self, steps: &[Step]) -> String {
        let mut bytes = Vec::new();
        // Writing to memory never fails.
        let _ = self.write_to(&mut bytes, out::stderr_width(), out::stderr_color(), steps);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn write_to(&self, out: &mut impl Write, width: Option<usize>, color: bool, steps: &[Step]) -> io::Result<()> {
        let mut natural: Vec<usize> = self.columns.iter().map(|column| column.name.width()).collect();
        for row in self.cells.chunks(self.columns.len()) {
            for (natural, cell) in natural.iter_mut().zip(row) {
                *natural = (*natural).max(usize::from(cell.width));
            }
        }
        let widths = layout(self.columns, &natural, steps, width);
        let mut line = String::new();
        let names = self.columns.iter().map(|column| (column.name, column.name.width(), Tone::Heading));
        self.write_row(out, color, &widths, &mut line, names)?;
        let mut start = 0;
        for row in self.cells.chunks(self.columns.len()) {
            let cells = row.iter().map(|cell| {
                let end = cell.end as usize;
                let text = self.text.get(start..end).unwrap_or_default();
                start = end;
                (text, usize::from(cell.width), cell.tone)
            });
            self.write_row(out, color, &widths, &mut line, cells)?;
        }
        Ok(())
    }

    fn write_row<'t>(
        &self,
        out: &mut impl Write,
        color: bool,
        widths: &[Option<usize>],
        line: &mut String,
        row: impl Iterator<Item = (&'t str, usize, Tone)>,
    ) -> io::Result<()> {
        line.clear();
        // Padding is written before the next text, so that no line ends with spaces.
        let mut padding = 0;
        for ((column, room), (text, wide, tone)) in self.columns.iter().zip(widths).zip(row) {
            let &Some(room) = room else { continue };
            let shortened;
            let (text, wide) = if wide > room {
                shortened = column.shorten.to(text, room);
                (shortened.as_str(), shortened.width())
            } else {
                (text, wide)
            };
            let rest = room.saturating_sub(wide);
            let (before, after) = if column.align == Align::Right { (rest, 0) } else { (0, rest) };
            padding += before;
            if !text.is_empty() {
                // Copied from a constant: pushing single spaces took a seventh of the time of a long list.
                while padding > 0 {
                    let some = padding.min(SPACES.len());
                    line.push_str(&SPACES[..some]);
                    padding -= some;
                }
                let style = tone.style_if(color);
                if style.is_plain() {
                    line.push_str(text);
                } else {
                    let _ = write!(line, "{style}{text}{style:#}");
                }
            }
            padding += after + GAP;
        }
        line.push('\n');
        out.write_all(line.as_bytes())
    }
}

impl Column {
    /// A column of text, truncated at its end.
    pub(crate) const fn text(name: &'static str) -> Self {
        Self { name, align: Align::Left, shorten: Shorten::End }
    }

    /// A column of numbers.
    pub(crate) const fn number(name: &'static str) -> Self {
        Self { name, align: Align::Right, shorten: Shorten::End }
    }

    /// A column of text, truncated as given.
    pub(crate) const fn shortened(name: &'static str, shorten: Shorten) -> Self {
        Self { name, align: Align::Left, shorten }
    }
}

impl Shorten {
    /// Truncates `text` to `room` columns, with `…` or a number in place of the missing part.
    fn to(self, text: &str, room: usize) -> String {
        match self {
            Self::End => format!("{}…", head(text, room.saturating_sub(1))),
            Self::Middle => {
                let remaining = room.saturating_sub(1);
                format!("{}…{}", head(text, remaining / 3), tail(text, remaining - remaining / 3))
            }
            Self::List => {
                let words: Vec<&str> = text.split(',').collect();
                let shorter =
                    (1..words.len()).rev().map(|remaining| format!("{},+{}", words[..remaining].join(","), words.len() - remaining));
                shorter.into_iter().find(|shorter| shorter.width() <= room).unwrap_or_else(|| Self::End.to(text, room))
            }
        }
    }
}

/// Computes the widths of the columns. Applies `steps` until the table is at most `limit` characters wide. The width of a dropped column is `None`.
pub(crate) fn layout(columns: &[Column], natural: &[usize], steps: &[Step], limit: Option<usize>) -> Vec<Option<usize>> {
    let mut widths: Vec<Option<usize>> = natural.iter().copied().map(Some).collect();
    let Some(limit) = limit else { return widths };
    for step in steps {
        let shown = widths.iter().flatten();
        let total = shown.clone().sum::<usize>() + GAP * shown.count().saturating_sub(1);
        let Some(over) = total.checked_sub(limit).filter(|over| *over > 0) else { break };
        let (Step::Shrink(name, _) | Step::Drop(name)) = *step;
        let Some(at) = columns.iter().position(|column| column.name == name) else { continue };
        widths[at] = match *step {
            Step::Shrink(_, to) => widths[at].map(|width| width.saturating_sub(over).max(to).min(width)),
            Step::Drop(_) => None,
        };
    }
    widths
}

fn head(text: &str, room: usize) -> &str {
    text.find(overflow(room)).map_or(text, |end| &text[..end])
}

fn tail(text: &str, room: usize) -> &str {
    text.rfind(overflow(room)).map_or(text, |at| &text[at + text[at..].chars().next().map_or(0, char::len_utf8)..])
}

/// Matches the first character that does not fit into `room` columns.
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
    fn truncated_text_fits_and_is_marked() {
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
    fn steps_are_applied_in_order_and_only_as_far_as_needed() {
        let columns = [Column::text("A"), Column::text("B")];
        let steps = [Step::Shrink("B", 4), Step::Drop("C"), Step::Drop("B"), Step::Shrink("A", 5)];
        for (limit, widths) in [
            (None, [Some(10), Some(10)]),
            (Some(22), [Some(10), Some(10)]),
            (Some(20), [Some(10), Some(8)]),
            (Some(15), [Some(10), None]),
            (Some(7), [Some(7), None]),
            (Some(1), [Some(5), None]),
        ] {
            assert_eq!(layout(&columns, &[10, 10], &steps, limit), widths);
        }
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!("模型".width(), 4);
        assert_eq!(head("模型", 3), "模");
        assert_eq!(tail("模型", 3), "型");
        assert_eq!(tail("abc", 2), "bc");
    }
}

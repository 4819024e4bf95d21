//! Cuts a stream into pieces, wherever the network cut it before.

use super::Framing;

/// A piece of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The event's name; empty where it has none.
    pub(crate) event: String,
    /// Its data.
    pub(crate) data: String,
}

/// A stream that is being cut.
#[derive(Debug)]
pub(crate) struct Frames {
    framing: Framing,
    /// What came after the last whole line.
    rest: Vec<u8>,
    /// What stands of an event that is not whole yet.
    event: String,
    data: Option<String>,
    /// Whether the last byte was a carriage return, whose line feed may come with the next bytes.
    after_return: bool,
}

/// A piece larger than this is no piece of an answer.
pub(crate) const LARGEST: usize = 8 << 20;

impl Frames {
    pub(crate) fn new(framing: Framing) -> Self {
        Self { framing, rest: Vec::new(), event: String::new(), data: None, after_return: false }
    }

    /// Takes bytes in; the pieces that are whole now go to `each`. `false` when one is larger than any may be.
    pub(crate) fn push(&mut self, bytes: &[u8], frames: &mut Vec<Frame>) -> bool {
        for &byte in bytes {
            let after_return = std::mem::replace(&mut self.after_return, byte == b'\r');
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' => {
                    let line = std::mem::take(&mut self.rest);
                    self.line(&String::from_utf8_lossy(&line), frames);
                }
                _ => self.rest.push(byte),
            }
            if self.rest.len() + self.data.as_ref().map_or(0, String::len) > LARGEST {
                return false;
            }
        }
        true
    }

    /// What is left when no more bytes come. Servers often forget the empty line at the end.
    pub(crate) fn finish(&mut self, frames: &mut Vec<Frame>) {
        let line = std::mem::take(&mut self.rest);
        if !line.is_empty() {
            self.line(&String::from_utf8_lossy(&line), frames);
        }
        if self.framing == Framing::Events {
            self.line("", frames);
        }
    }

    fn line(&mut self, line: &str, frames: &mut Vec<Frame>) {
        // A byte order mark may stand before the first line.
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        if self.framing == Framing::Lines {
            if !line.trim().is_empty() {
                frames.push(Frame { event: String::new(), data: line.to_owned() });
            }
            return;
        }
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            if let Some(data) = self.data.take() {
                frames.push(Frame { event, data });
            }
            return;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event),
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                data => *data = Some(value.to_owned()),
            },
            // Comments keep a connection open; ids and delays are for clients that come back.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(framing: Framing, pieces: &[&[u8]]) -> Vec<(String, String)> {
        let (mut frames, mut found) = (Frames::new(framing), Vec::new());
        for piece in pieces {
            assert!(frames.push(piece, &mut found));
        }
        frames.finish(&mut found);
        found.into_iter().map(|frame| (frame.event, frame.data)).collect()
    }

    #[test]
    fn events_come_out_the_same_however_they_are_cut() {
        let text = "\u{feff}: hello\nevent: a\r\ndata: {\"x\":\"é😀\"}\r\n\r\ndata:1\ndata: 2\rid: 3\r\rdata: [DONE]".as_bytes();
        let whole = cut(Framing::Events, &[text]);
        let expected = [("a", "{\"x\":\"é😀\"}"), ("", "1\n2"), ("", "[DONE]")];
        assert_eq!(whole, expected.map(|(event, data)| (event.to_owned(), data.to_owned())));
        for at in 0..text.len() {
            assert_eq!(cut(Framing::Events, &[&text[..at], &text[at..]]), whole, "cut at {at}");
        }
        let bytes = text.chunks(1).collect::<Vec<_>>();
        assert_eq!(cut(Framing::Events, &bytes), whole);
    }

    #[test]
    fn lines_are_values_and_empty_ones_nothing() {
        assert_eq!(cut(Framing::Lines, &[b"{\"a\":1}\n\n{\"b\"", b":2}"]).len(), 2);
    }

    #[test]
    fn a_piece_without_an_end_is_refused() {
        let mut frames = Frames::new(Framing::Events);
        let piece = vec![b'x'; 1 << 20];
        assert!((0..16).any(|_| !frames.push(&piece, &mut Vec::new())));
    }
}

//! Splits the bytes of a streamed response into frames: server-sent events, or lines.

use super::Framing;

/// Frame of a streamed response: one server-sent event, or one line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Name of the event; empty for an event without name, and for a line.
    pub(crate) event: String,
    /// Data of the event, or the line.
    pub(crate) data: String,
}

/// Incremental parser of a streamed response. The result does not depend on how the network splits the bytes.
#[derive(Debug)]
pub(crate) struct FrameReader {
    framing: Framing,
    /// Bytes after the last complete line.
    partial_line: Vec<u8>,
    /// Name of the event that is not complete yet.
    event: String,
    /// Data of the event that is not complete yet.
    data: Option<String>,
    /// Whether the last byte was a carriage return. A line feed that follows belongs to the same line end.
    after_return: bool,
}

/// Maximum size of a frame in bytes.
pub(crate) const MAX_FRAME_BYTES: usize = 8 << 20;

impl FrameReader {
    pub(crate) fn new(framing: Framing) -> Self {
        Self { framing, partial_line: Vec::new(), event: String::new(), data: None, after_return: false }
    }

    /// Parses the next `bytes` of the response and appends complete frames to `frames`. Returns `false` if a frame exceeds [`MAX_FRAME_BYTES`].
    pub(crate) fn push(&mut self, bytes: &[u8], frames: &mut Vec<Frame>) -> bool {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (line, from_end) = rest.split_at(end);
            rest = &from_end[1..];
            let is_return = from_end[0] == b'\r';
            if std::mem::replace(&mut self.after_return, is_return) && !is_return && line.is_empty() {
                continue;
            }
            if self.partial_line.is_empty() && self.framing == Framing::Events && line.first() == Some(&b':') {
                // A comment.
                continue;
            }
            if !self.fits(line) {
                return false;
            }
            if self.partial_line.is_empty() {
                self.take_line(&String::from_utf8_lossy(line), frames);
            } else {
                let mut whole = std::mem::take(&mut self.partial_line);
                whole.extend_from_slice(line);
                self.take_line(&String::from_utf8_lossy(&whole), frames);
            }
        }
        if !rest.is_empty() {
            self.after_return = false;
            self.partial_line.extend_from_slice(rest);
        }
        self.fits(&[])
    }

    /// Returns whether the frame does not exceed [`MAX_FRAME_BYTES`] with the next bytes of its line.
    fn fits(&self, bytes: &[u8]) -> bool {
        self.partial_line.len() + bytes.len() + self.data.as_ref().map_or(0, String::len) <= MAX_FRAME_BYTES
    }

    /// Ends the response and appends the last frame to `frames`, because servers often omit the empty line after the last event.
    pub(crate) fn finish(&mut self, frames: &mut Vec<Frame>) {
        let line = std::mem::take(&mut self.partial_line);
        if !line.is_empty() {
            self.take_line(&String::from_utf8_lossy(&line), frames);
        }
        if self.framing == Framing::Events {
            self.take_line("", frames);
        }
    }

    fn take_line(&mut self, line: &str, frames: &mut Vec<Frame>) {
        // The first line may begin with a byte order mark.
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        if self.framing == Framing::Lines {
            if !line.trim().is_empty() {
                frames.push(Frame { event: String::new(), data: line.to_owned() });
            }
            return;
        }
        if line.is_empty() {
            match self.data.take() {
                Some(data) => frames.push(Frame { event: std::mem::take(&mut self.event), data }),
                None => self.event.clear(),
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
            // Ignored: comments, which only keep the connection open, and the fields `id` and `retry`, which are for clients that reconnect.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(framing: Framing, chunks: &[&[u8]]) -> Vec<(String, String)> {
        let (mut reader, mut frames) = (FrameReader::new(framing), Vec::new());
        for chunk in chunks {
            assert!(reader.push(chunk, &mut frames));
        }
        reader.finish(&mut frames);
        frames.into_iter().map(|frame| (frame.event, frame.data)).collect()
    }

    #[test]
    fn events_do_not_depend_on_chunk_boundaries() {
        let text = "\u{feff}: hello\nevent: a\r\ndata: {\"x\":\"é😀\"}\r\n\r\ndata:1\ndata: 2\rid: 3\r\rdata: [DONE]".as_bytes();
        let whole = parse(Framing::Events, &[text]);
        let expected = [("a", "{\"x\":\"é😀\"}"), ("", "1\n2"), ("", "[DONE]")];
        assert_eq!(whole, expected.map(|(event, data)| (event.to_owned(), data.to_owned())));
        for at in 0..text.len() {
            assert_eq!(parse(Framing::Events, &[&text[..at], &text[at..]]), whole, "cut at {at}");
        }
        let bytes = text.chunks(1).collect::<Vec<_>>();
        assert_eq!(parse(Framing::Events, &bytes), whole);
    }

    #[test]
    fn empty_lines_are_skipped() {
        assert_eq!(parse(Framing::Lines, &[b"{\"a\":1}\n\n{\"b\"", b":2}"]).len(), 2);
    }

    #[test]
    fn an_event_over_the_size_limit_fails() {
        let mut reader = FrameReader::new(Framing::Events);
        let chunk = vec![b'x'; 1 << 20];
        assert!((0..16).any(|_| !reader.push(&chunk, &mut Vec::new())));
    }
}

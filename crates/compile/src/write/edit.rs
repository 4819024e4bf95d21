//! Sets or removes one value in the text of a hand-written file, and keeps all other bytes.
//!
//! To find the place of the value, the text is cut into the entries of its mappings and lists. The edited text is parsed again. If the parsed values
//! are not exactly the desired values, the edit fails. A flow collection is rewritten on its line; a flow collection over several lines is not
//! supported.

use super::cut::{Cut, Cutter, by_rank, comment_start, flow_parts, quote_end, schema_of, with_final_line_end};
use super::parse;
use super::render::{self, ModelStyle};
use super::scalar;
use crate::order::{self, LISTS_SORTED_BY_ID};
use crate::pointer;
use crate::read::FileKind;
use crate::read::marks;
use serde_json::{Map, Value, json};
use std::fmt;
use std::ops::Range;

/// A segment of the path to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathSegment<'p> {
    /// The value of this key of a mapping.
    Key(&'p str),
    /// The list entry whose `id` is this text.
    Entry(&'p str),
}

/// The reason why an edit failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditError {
    /// The text is not a single YAML mapping, or it contains duplicate keys, anchors or tags.
    NotACatalogFile,
    /// The value is in a flow collection over several lines, or in other YAML syntax that cannot be edited safely.
    UnsupportedSyntax,
    /// The edit would replace lines that contain comments.
    WouldDropComments,
}

/// Sets the value at `path`, or removes the value if `value` is `None`.
///
/// If a removal leaves a mapping or list empty, this mapping or list is removed as well, and so on up to the top. A list entry with no key except
/// `id` counts as empty. [`edit_keeping_empty`] keeps such a list entry.
///
/// A new key is inserted in the order of the schema. A new entry of a sorted list is inserted in the order of ids. Comments above a removed value are
/// kept.
///
/// ```
/// # use modeldex_compile::{FileKind, write::{PathSegment, edit}};
/// let text = "name: A\nmodels:\n  - id: a-1\n    context_window: 1000 # as measured\n";
/// let path = [PathSegment::Key("models"), PathSegment::Entry("a-1"), PathSegment::Key("context_window")];
/// assert_eq!(edit(text, FileKind::Lab, &path, Some(&2000.into())).unwrap(), text.replace("1000", "2000"));
/// let bare = text.replace(" # as measured", "");
/// assert_eq!(edit(&bare, FileKind::Lab, &path, None).unwrap(), "name: A\n");
/// ```
///
/// # Errors
/// Fails if the value cannot be changed without changing other parts of the text.
pub fn edit(text: &str, kind: FileKind, path: &[PathSegment<'_>], value: Option<&Value>) -> Result<String, EditError> {
    apply(text, kind, path, value, true)
}

/// Sets or removes a value like [`edit`], but keeps a list entry that has only its `id` left, because such an entry of `models` is still a model.
///
/// # Errors
/// Fails if the value cannot be changed without changing other parts of the text.
pub fn edit_keeping_empty(text: &str, kind: FileKind, path: &[PathSegment<'_>], value: Option<&Value>) -> Result<String, EditError> {
    apply(text, kind, path, value, false)
}

fn apply(text: &str, kind: FileKind, path: &[PathSegment<'_>], value: Option<&Value>, removes_empty: bool) -> Result<String, EditError> {
    let schema = schema_of(kind);
    let (whole, added) = with_final_line_end(text);
    let marks = marks::scan(&whole);
    let is_blank = whole.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
    let current = if is_blank { json!({}) } else { parse(&whole).ok().filter(Value::is_object).ok_or(EditError::NotACatalogFile)? };
    if !is_blank && !marks.problems.is_empty() {
        return Err(EditError::NotACatalogFile);
    }
    let path = if value.is_some() || !removes_empty { path } else { widen_to_empty(&current, path) };
    let mut desired = current.clone();
    put(&mut desired, path, value);
    if desired == current {
        return Ok(text.to_owned());
    }
    let editor = Editor { text: &whole, cutter: Cutter { text: &whole, marks: &marks } };
    let (place, new) = if is_blank {
        let mut new = String::new();
        render::push_block(&mut new, "", &desired, schema, 0, ModelStyle::Blocks);
        (whole.len()..whole.len(), new)
    } else {
        editor.splice(0, 0..whole.len(), &current, schema, "", path, value)?
    };
    let new = if whole.contains("\r\n") { new.replace('\n', "\r\n") } else { new };
    let edited = format!("{}{new}{}", &whole[..place.start], &whole[place.end..]);
    let read = parse(&edited).ok().filter(|read| !read.is_null()).unwrap_or_else(|| json!({}));
    if scalar::as_read(&read, schema) != scalar::as_read(&desired, schema) {
        return Err(EditError::UnsupportedSyntax);
    }
    Ok(edited.strip_suffix(added).unwrap_or(&edited).to_owned())
}

/// Returns the path to remove instead of `path`, so that no mapping or list remains that is empty or has only an id.
fn widen_to_empty<'p>(value: &Value, path: &'p [PathSegment<'p>]) -> &'p [PathSegment<'p>] {
    let Some(last) = path.len().checked_sub(1) else { return path };
    let has_more = match at(value, &path[..last]) {
        Some(Value::Object(object)) => object.keys().any(|key| key != "id" && PathSegment::Key(key) != path[last]),
        Some(Value::Array(list)) => list.len() > 1,
        _ => true,
    };
    if has_more || last == 0 { path } else { widen_to_empty(value, &path[..last]) }
}

/// Returns the value at a path.
fn at<'v>(value: &'v Value, path: &[PathSegment<'_>]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, segment| match segment {
        PathSegment::Key(key) => value.get(key),
        PathSegment::Entry(id) => value.as_array()?.iter().find(|entry| order::id(entry) == *id),
    })
}

/// Sets or removes the value at a path.
fn put(value: &mut Value, path: &[PathSegment<'_>], new: Option<&Value>) {
    let [segment, rest @ ..] = path else {
        if let Some(new) = new {
            *value = new.clone();
        }
        return;
    };
    let is_removal = rest.is_empty() && new.is_none();
    match segment {
        PathSegment::Key(key) => {
            if !value.is_object() && new.is_some() {
                *value = json!({});
            }
            let Some(object) = value.as_object_mut() else { return };
            if is_removal {
                object.shift_remove(*key);
            } else if new.is_some() || object.contains_key(*key) {
                put(object.entry(*key).or_insert(Value::Null), rest, new);
            }
        }
        PathSegment::Entry(id) => {
            if !value.is_array() && new.is_some() {
                *value = json!([]);
            }
            let Some(list) = value.as_array_mut() else { return };
            let index = list.iter().position(|entry| order::id(entry) == *id);
            match index {
                Some(index) if is_removal => {
                    list.remove(index);
                }
                Some(index) => put(&mut list[index], rest, new),
                None if new.is_none() => {}
                None => {
                    let index = list.iter().position(|entry| order::id(entry) > *id).unwrap_or(list.len());
                    list.insert(index, json!({"id": id}));
                    put(&mut list[index], rest, new);
                }
            }
        }
    }
}

/// Computes the replacement for an edit.
struct Editor<'t> {
    text: &'t str,
    cutter: Cutter<'t>,
}

/// A byte range to replace, and its new text.
type Splice = (Range<usize>, String);

impl Editor<'_> {
    /// Computes the replacement within `range`, in which `value` begins at `start`.
    #[allow(clippy::too_many_arguments, reason = "the position in the text, in the schema and in the value")]
    fn splice(
        &self,
        start: usize,
        range: Range<usize>,
        value: &Value,
        schema: &Value,
        pointer: &str,
        path: &[PathSegment<'_>],
        new: Option<&Value>,
    ) -> Result<Splice, EditError> {
        let [segment, rest @ ..] = path else { return Err(EditError::UnsupportedSyntax) };
        if self.text[start..].starts_with(['{', '[']) {
            let mut desired = value.clone();
            put(&mut desired, path, new);
            return Ok((self.flow(start)?, inline(&desired, schema)));
        }
        match (segment, value) {
            (PathSegment::Key(key), Value::Object(object)) => {
                let cut = self.cutter.mapping(&range, object, pointer).ok_or(EditError::UnsupportedSyntax)?;
                let below = &schema["properties"][*key];
                let below = if below.is_null() { &schema["additionalProperties"] } else { below };
                let Some(index) = object.keys().position(|other| other == key) else {
                    let mut text = String::new();
                    render::push_field(&mut text, key, &new_value(rest, new), below, cut.column, ModelStyle::Blocks);
                    return Ok((self.insertion_point(&cut, self.index_of_new_key(object, key, schema)), text));
                };
                let piece = &cut.pieces[index];
                match (rest, new) {
                    ([], None) => self.remove(piece.start, piece.end, cut.is_after_dash && index == 0),
                    ([], Some(new)) => self.replace(piece.key_end..piece.end, piece.value, &object[*key], key, new, below, cut.column),
                    _ => {
                        let pointer = pointer::key(pointer, key);
                        self.splice(piece.value, piece.key_end..piece.end, &object[*key], below, &pointer, rest, new)
                    }
                }
            }
            (PathSegment::Entry(id), Value::Array(list)) => {
                let cut = self.cutter.list(&range, list, pointer).ok_or(EditError::UnsupportedSyntax)?;
                let below = &schema["items"];
                let Some(index) = list.iter().position(|entry| order::id(entry) == *id) else {
                    let index = list.iter().position(|entry| order::id(entry) > *id).unwrap_or(list.len());
                    let mut entry = json!({"id": id});
                    put(&mut entry, rest, new);
                    let mut text = String::new();
                    if let Some(object) = entry.as_object() {
                        render::push_entry(&mut text, object, below, cut.column, cut.column + 2);
                    }
                    return Ok((self.insertion_point(&cut, index), text));
                };
                let piece = &cut.pieces[index];
                if rest.is_empty() {
                    // A comment in an entry may concern the whole entry.
                    let has_comment = self.text[piece.start..piece.end].lines().any(|line| comment_start(line).is_some());
                    return if has_comment {
                        Err(EditError::WouldDropComments)
                    } else {
                        self.remove(self.cutter.line_start(piece.start), piece.end, false)
                    };
                }
                let pointer = pointer::entry(pointer, index);
                self.splice(piece.start, piece.start..piece.end, &list[index], below, &pointer, rest, new)
            }
            _ => Err(EditError::UnsupportedSyntax),
        }
    }

    /// Returns the index at which to insert a new key: in the order of the schema, or by name if the schema does not define the key.
    fn index_of_new_key(&self, object: &Map<String, Value>, key: &str, schema: &Value) -> usize {
        let mut with_key = object.clone();
        with_key.insert(key.to_owned(), Value::Null);
        let new = object.len();
        let is_known = |key: &str| order::rank(schema, key) != usize::MAX;
        if is_known(key) {
            let order = by_rank(&with_key, schema);
            return order.iter().skip_while(|index| **index != new).nth(1).copied().unwrap_or(new);
        }
        object.keys().position(|other| !is_known(other) && other.as_str() > key).unwrap_or(new)
    }

    /// Returns the empty range before the entry with an index, after the comments of its predecessor.
    fn insertion_point(&self, cut: &Cut, index: usize) -> Range<usize> {
        let at = match index.checked_sub(1) {
            Some(before) => cut.pieces.get(before).map_or(cut.end(), |piece| piece.end),
            None => cut.pieces.first().map_or(cut.head.end, |piece| piece.above.start),
        };
        at..at
    }

    /// Removes the lines of a key or entry.
    fn remove(&self, start: usize, end: usize, is_after_dash: bool) -> Result<Splice, EditError> {
        let start = self.cutter.line_start(start);
        let mut lines = self.text[start..end].lines();
        // A comment after the only line of a key concerns its value and is removed with it.
        let is_single_line = lines.clone().count() == 1;
        let concerns_more = |line: &str| comment_start(line).is_some_and(|at| !is_single_line || line[..at].trim().is_empty());
        if is_after_dash || lines.any(concerns_more) { Err(EditError::WouldDropComments) } else { Ok((start..end, String::new())) }
    }

    /// Replaces a value. A value on one line is replaced within the line, so that a comment after it is kept.
    #[allow(clippy::too_many_arguments, reason = "the old and the new value, and their positions")]
    fn replace(
        &self,
        range: Range<usize>,
        start: usize,
        old: &Value,
        key: &str,
        new: &Value,
        schema: &Value,
        column: usize,
    ) -> Result<Splice, EditError> {
        let is_flow = self.text[start..].starts_with(['{', '[']);
        let on_one_line = is_flow || !(old.is_object() || old.is_array());
        if on_one_line && !(render::is_block(new) && LISTS_SORTED_BY_ID.contains(&key)) {
            let place = if is_flow { self.flow(start)? } else { self.scalar(&range, start)? };
            return Ok((place, inline(new, schema)));
        }
        if self.text[range.clone()].lines().any(|line| comment_start(line).is_some()) {
            return Err(EditError::WouldDropComments);
        }
        let mut text = String::new();
        render::push_field(&mut text, key, new, schema, column, ModelStyle::Blocks);
        let line = self.cutter.line_start(range.start);
        let replacement = text.trim_start_matches(' ').to_owned();
        // Keep the dash before a key.
        let start = line + self.text[line..range.start].find(|letter: char| !matches!(letter, ' ' | '-')).unwrap_or(0);
        Ok((start..range.end, replacement))
    }

    /// Returns the range of a scalar on the line of its key.
    fn scalar(&self, range: &Range<usize>, start: usize) -> Result<Range<usize>, EditError> {
        let line = self.text[start..range.end].lines().next().unwrap_or_default();
        let is_quoted = line.starts_with(['"', '\'']);
        let is_block = line.starts_with(['|', '>']);
        let end = match (is_quoted, is_block) {
            (_, true) => return Err(EditError::UnsupportedSyntax),
            (true, _) => quote_end(line.as_bytes(), 0, line.as_bytes()[0]).ok_or(EditError::UnsupportedSyntax)? + 1,
            (false, _) => comment_start(line).unwrap_or(line.len()),
        };
        let value = line.get(..end).ok_or(EditError::UnsupportedSyntax)?.trim_end();
        Ok(start..start + value.len())
    }

    /// Returns the range of a flow collection on one line.
    fn flow(&self, start: usize) -> Result<Range<usize>, EditError> {
        let line = self.text[start..].lines().next().unwrap_or_default();
        let (_, len) = flow_parts(line).ok_or(EditError::UnsupportedSyntax)?;
        Ok(start..start + len)
    }
}

/// Returns the value that results from setting `new` at `path` in an empty value.
fn new_value(path: &[PathSegment<'_>], new: Option<&Value>) -> Value {
    let mut value = Value::Null;
    put(&mut value, path, new);
    value
}

fn inline(value: &Value, schema: &Value) -> String {
    let mut text = String::new();
    render::push_inline(&mut text, &scalar::as_read(value, schema), schema);
    text
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotACatalogFile => "the file does not consist of a single YAML mapping; run `modeldex check` to see the errors",
            Self::UnsupportedSyntax => "the value is in YAML syntax that modeldex cannot edit safely; edit the file by hand",
            Self::WouldDropComments => "the change would remove comments from the file; edit the file by hand",
        })
    }
}

impl std::error::Error for EditError {}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# yaml-language-server: $schema=../../schema/provider.schema.json
# Ours.
name: Acme # so it is
endpoints:
  - {base_url: https://a.example/v1, api: openai-completions}

# What it sells.
models:
  # The small one.
  - id: b
    name: \"B: small\" # quoted
    context_window: 1000
    # Measured.
    prices:
      - {input: 1, output: 2}
  - {id: d, name: D}
";

    fn model<'p>(id: &'p str, key: &'p str) -> [PathSegment<'p>; 3] {
        [PathSegment::Key("models"), PathSegment::Entry(id), PathSegment::Key(key)]
    }

    fn set(path: &[PathSegment<'_>], value: Value) -> String {
        edit(FILE, FileKind::Provider, path, Some(&value)).unwrap()
    }

    #[test]
    fn only_the_value_is_replaced() {
        assert_eq!(set(&[PathSegment::Key("name")], json!("Bolt")), FILE.replace("name: Acme", "name: Bolt"));
        assert_eq!(set(&model("b", "name"), json!("B")), FILE.replace("\"B: small\"", "B"));
        assert_eq!(set(&model("b", "context_window"), json!(2000)), FILE.replace("1000", "2000"));
        assert_eq!(set(&model("b", "prices"), json!([{"input": 3}])), FILE.replace("{input: 1, output: 2}", "{input: 3}"));
        assert_eq!(set(&model("d", "name"), json!("E")), FILE.replace("{id: d, name: D}", "{id: d, name: E}"));
        assert_eq!(set(&[PathSegment::Key("name")], json!("Acme")), FILE);
    }

    #[test]
    fn new_keys_and_entries_are_inserted_in_order() {
        assert_eq!(set(&[PathSegment::Key("kind")], json!("lab")), FILE.replace("so it is\n", "so it is\nkind: lab\n"));
        assert_eq!(set(&model("b", "max_output_tokens"), json!(10)), FILE.replace("1000\n", "1000\n    max_output_tokens: 10\n"));
        assert_eq!(set(&model("d", "status"), json!("retired")), FILE.replace("{id: d, name: D}", "{id: d, status: retired, name: D}"));
        let whole = "  - id: a\n    context_window: 5\n";
        assert_eq!(set(&model("a", "context_window"), json!(5)), FILE.replace("  # The small", &format!("{whole}  # The small")));
        let whole = whole.replace("id: a", "id: c");
        assert_eq!(set(&model("c", "context_window"), json!(5)), FILE.replace("  - {id: d", &format!("{whole}  - {{id: d")));
        assert_eq!(set(&model("e", "context_window"), json!(5)), format!("{FILE}{}", whole.replace("id: c", "id: e")));
        let head = FILE.lines().next().unwrap();
        let new = edit(&format!("{head}\n"), FileKind::Provider, &model("a", "context_window"), Some(&json!(5))).unwrap();
        assert_eq!(new, format!("{head}\nmodels:\n  - id: a\n    context_window: 5\n"));
        let routing = "providers:\n  a:\n    auth:\n      - {kind: none}\n  c:\n    auth:\n      - {kind: none}\n";
        let path = [PathSegment::Key("providers"), PathSegment::Key("b")];
        let new = edit(routing, FileKind::Routing, &path, Some(&json!({"auth": [{"kind": "oauth"}]}))).unwrap();
        assert_eq!(new, routing.replace("  c:", "  b:\n    auth:\n      - {kind: oauth}\n  c:"));
    }

    #[test]
    fn empty_entries_and_lists_are_removed() {
        let unset = |path: &[PathSegment<'_>]| edit(FILE, FileKind::Provider, path, None).unwrap();
        assert_eq!(unset(&model("b", "context_window")), FILE.replace("    context_window: 1000\n", ""));
        assert_eq!(unset(&model("d", "name")), FILE.replace("  - {id: d, name: D}\n", ""));
        assert_eq!(unset(&model("x", "name")), FILE);
        assert_eq!(edit(FILE, FileKind::Provider, &[PathSegment::Key("models")], None), Err(EditError::WouldDropComments));
        let two = "models:\n  - id: a\n    name: A\n";
        assert_eq!(edit(two, FileKind::Provider, &model("a", "name"), None).unwrap(), "");
    }

    #[test]
    fn unsafe_edits_fail() {
        let refused = |text: &str, path: &[PathSegment<'_>]| edit(text, FileKind::Provider, path, Some(&json!(5))).unwrap_err();
        assert_eq!(refused("a: [", &[PathSegment::Key("name")]), EditError::NotACatalogFile);
        assert_eq!(refused("name: &a x\nkind: *a\n", &[PathSegment::Key("name")]), EditError::NotACatalogFile);
        assert_eq!(refused("models: [{id: a,\n  name: A}]\n", &model("a", "context_window")), EditError::UnsupportedSyntax);
        assert_eq!(refused("name: |\n  A\n", &[PathSegment::Key("name")]), EditError::UnsupportedSyntax);
        let tabbed = "models:\n  - id: a\n    context_window: 5\t# measured\n    prices:\n      - {input: 1}\t# May\n";
        assert_eq!(
            edit(tabbed, FileKind::Provider, &model("a", "context_window"), Some(&json!(6))).unwrap(),
            tabbed.replace("window: 5", "window: 6")
        );
        assert_eq!(edit(tabbed, FileKind::Provider, &model("a", "prices"), Some(&json!([]))), Err(EditError::WouldDropComments));
        let commented = "models:\n  - id: a\n    prices:\n      # Why.\n      - {input: 1}\n";
        assert_eq!(edit(commented, FileKind::Provider, &model("a", "prices"), Some(&json!([]))), Err(EditError::WouldDropComments));
    }

    #[test]
    fn line_ends_are_kept() {
        let windows = FILE.replace('\n', "\r\n");
        let edited = edit(&windows, FileKind::Provider, &model("b", "max_output_tokens"), Some(&json!(10))).unwrap();
        assert_eq!(edited, set(&model("b", "max_output_tokens"), json!(10)).replace('\n', "\r\n"));
        assert_eq!(edit("name: A", FileKind::Provider, &[PathSegment::Key("kind")], Some(&json!("lab"))).unwrap(), "name: A\nkind: lab");
    }
}

//! Sets or removes one value in the text of a hand-written file, and leaves every other byte as it was.
//!
//! The place is found by cutting the text into the entries of its mappings and lists, and the outcome is read again: where it has other values
//! than were wanted, nothing is changed. A collection in brackets is written anew, on its line; over several lines it is left to its author.

use super::cut::{Cut, Cutter, by_rank, comment, ended, flow_parts, quoted, schema_of};
use super::parse;
use super::render::{self, Models};
use super::scalar;
use crate::order::{self, SORTED};
use crate::pointer;
use crate::read::FileKind;
use crate::read::marks;
use serde_json::{Map, Value, json};
use std::fmt;
use std::ops::Range;

/// A step from a mapping or list into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'p> {
    /// The value of a key.
    Key(&'p str),
    /// The entry of a list with this id.
    Entry(&'p str),
}

/// Why a text was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is not one YAML mapping without duplicate keys, anchors and tags.
    NotACatalogFile,
    /// The value is part of a collection in brackets that takes several lines, or of a key or entry that is written in a rare way.
    Form,
    /// Comments are between the lines that would be replaced.
    Comments,
}

/// Sets the value at `path`, or removes it when `value` is `None`, with entries and lists that are empty without it: see [`edit_alone`].
///
/// A key that is new is written where the schema has it, an entry of a sorted list in the order of ids. Comments above what is removed stay.
///
/// ```
/// # use modeldex_compile::{FileKind, write::{Step, edit}};
/// let text = "name: A\nmodels:\n  - id: a-1\n    context_window: 1000 # as measured\n";
/// let path = [Step::Key("models"), Step::Entry("a-1"), Step::Key("context_window")];
/// assert_eq!(edit(text, FileKind::Lab, &path, Some(&2000.into())).unwrap(), text.replace("1000", "2000"));
/// let bare = text.replace(" # as measured", "");
/// assert_eq!(edit(&bare, FileKind::Lab, &path, None).unwrap(), "name: A\n");
/// ```
///
/// # Errors
/// When the change cannot be made without touching anything else.
pub fn edit(text: &str, kind: FileKind, path: &[Step<'_>], value: Option<&Value>) -> Result<String, Refused> {
    changed(text, kind, path, value, true)
}

/// As [`edit`], but what is empty after a removal stays: an entry that states its id alone is still a model.
///
/// # Errors
/// As [`edit`].
pub fn edit_alone(text: &str, kind: FileKind, path: &[Step<'_>], value: Option<&Value>) -> Result<String, Refused> {
    changed(text, kind, path, value, false)
}

fn changed(text: &str, kind: FileKind, path: &[Step<'_>], value: Option<&Value>, takes_empty: bool) -> Result<String, Refused> {
    let schema = schema_of(kind);
    let (whole, added) = ended(text);
    let marks = marks::scan(&whole);
    let is_blank = whole.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
    let now = if is_blank { json!({}) } else { parse(&whole).ok().filter(Value::is_object).ok_or(Refused::NotACatalogFile)? };
    if !is_blank && !marks.problems.is_empty() {
        return Err(Refused::NotACatalogFile);
    }
    let path = if value.is_some() || !takes_empty { path } else { emptied(&now, path) };
    let mut wanted = now.clone();
    put(&mut wanted, path, value);
    if wanted == now {
        return Ok(text.to_owned());
    }
    let editor = Editor { text: &whole, cutter: Cutter { text: &whole, marks: &marks } };
    let (place, new) = if is_blank {
        let mut new = String::new();
        render::push_block(&mut new, "", &wanted, schema, 0, Models::Blocks);
        (whole.len()..whole.len(), new)
    } else {
        editor.splice(0, 0..whole.len(), &now, schema, "", path, value)?
    };
    let new = if whole.contains("\r\n") { new.replace('\n', "\r\n") } else { new };
    let edited = format!("{}{new}{}", &whole[..place.start], &whole[place.end..]);
    let read = parse(&edited).ok().filter(|read| !read.is_null()).unwrap_or_else(|| json!({}));
    if scalar::as_read(&read, schema) != scalar::as_read(&wanted, schema) {
        return Err(Refused::Form);
    }
    Ok(edited.strip_suffix(added).unwrap_or(&edited).to_owned())
}

/// The path to what is empty, but for an id, once the value at `path` is removed.
fn emptied<'p>(value: &Value, path: &'p [Step<'p>]) -> &'p [Step<'p>] {
    let Some(last) = path.len().checked_sub(1) else { return path };
    let holds_more = match at(value, &path[..last]) {
        Some(Value::Object(object)) => object.keys().any(|key| key != "id" && Step::Key(key) != path[last]),
        Some(Value::Array(list)) => list.len() > 1,
        _ => true,
    };
    if holds_more || last == 0 { path } else { emptied(value, &path[..last]) }
}

/// The value at a path.
fn at<'v>(value: &'v Value, path: &[Step<'_>]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Entry(id) => value.as_array()?.iter().find(|entry| order::id(entry) == *id),
    })
}

/// Sets or removes the value at a path.
fn put(value: &mut Value, path: &[Step<'_>], new: Option<&Value>) {
    let [step, rest @ ..] = path else {
        if let Some(new) = new {
            *value = new.clone();
        }
        return;
    };
    let is_removal = rest.is_empty() && new.is_none();
    match step {
        Step::Key(key) => {
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
        Step::Entry(id) => {
            if !value.is_array() && new.is_some() {
                *value = json!([]);
            }
            let Some(list) = value.as_array_mut() else { return };
            let place = list.iter().position(|entry| order::id(entry) == *id);
            match place {
                Some(place) if is_removal => {
                    list.remove(place);
                }
                Some(place) => put(&mut list[place], rest, new),
                None if new.is_none() => {}
                None => {
                    let place = list.iter().position(|entry| order::id(entry) > *id).unwrap_or(list.len());
                    list.insert(place, json!({"id": id}));
                    put(&mut list[place], rest, new);
                }
            }
        }
    }
}

struct Editor<'t> {
    text: &'t str,
    cutter: Cutter<'t>,
}

type Splice = (Range<usize>, String);

impl Editor<'_> {
    /// What is replaced, and by what: in `range`, in which `value` begins at `start`.
    #[allow(clippy::too_many_arguments, reason = "where the value is, three times over: in the text, in the schema and in the tree")]
    fn splice(
        &self,
        start: usize,
        range: Range<usize>,
        value: &Value,
        schema: &Value,
        pointer: &str,
        path: &[Step<'_>],
        new: Option<&Value>,
    ) -> Result<Splice, Refused> {
        let [step, rest @ ..] = path else { return Err(Refused::Form) };
        if self.text[start..].starts_with(['{', '[']) {
            let mut wanted = value.clone();
            put(&mut wanted, path, new);
            return Ok((self.flow(start)?, inline(&wanted, schema)));
        }
        match (step, value) {
            (Step::Key(key), Value::Object(object)) => {
                let cut = self.cutter.mapping(&range, object, pointer).ok_or(Refused::Form)?;
                let below = &schema["properties"][*key];
                let below = if below.is_null() { &schema["additionalProperties"] } else { below };
                let Some(index) = object.keys().position(|other| other == key) else {
                    let mut text = String::new();
                    render::push_field(&mut text, key, &built(rest, new), below, cut.column, Models::Blocks);
                    return Ok((self.before(&cut, self.place_of(object, key, schema)), text));
                };
                let piece = &cut.pieces[index];
                match (rest, new) {
                    ([], None) => self.removed(piece.start, piece.end, cut.behind_dash && index == 0),
                    ([], Some(new)) => self.replaced(piece.key_end..piece.end, piece.value, &object[*key], key, new, below, cut.column),
                    _ => {
                        let pointer = pointer::key(pointer, key);
                        self.splice(piece.value, piece.key_end..piece.end, &object[*key], below, &pointer, rest, new)
                    }
                }
            }
            (Step::Entry(id), Value::Array(list)) => {
                let cut = self.cutter.list(&range, list, pointer).ok_or(Refused::Form)?;
                let below = &schema["items"];
                let Some(index) = list.iter().position(|entry| order::id(entry) == *id) else {
                    let place = list.iter().position(|entry| order::id(entry) > *id).unwrap_or(list.len());
                    let mut entry = json!({"id": id});
                    put(&mut entry, rest, new);
                    let mut text = String::new();
                    if let Some(object) = entry.as_object() {
                        render::push_entry(&mut text, object, below, cut.column, cut.column + 2);
                    }
                    return Ok((self.before(&cut, place), text));
                };
                let piece = &cut.pieces[index];
                if rest.is_empty() {
                    // A comment behind an entry is about all of it.
                    let is_noted = self.text[piece.start..piece.end].lines().any(|line| comment(line).is_some());
                    return if is_noted {
                        Err(Refused::Comments)
                    } else {
                        self.removed(self.cutter.line_start(piece.start), piece.end, false)
                    };
                }
                let pointer = pointer::entry(pointer, index);
                self.splice(piece.start, piece.start..piece.end, &list[index], below, &pointer, rest, new)
            }
            _ => Err(Refused::Form),
        }
    }

    /// Where a new key goes: in the order of the schema, and by name where that knows no order.
    fn place_of(&self, object: &Map<String, Value>, key: &str, schema: &Value) -> usize {
        let mut with_key = object.clone();
        with_key.insert(key.to_owned(), Value::Null);
        let new = object.len();
        let is_known = |key: &str| order::rank(schema, key) != usize::MAX;
        if is_known(key) {
            let places = by_rank(&with_key, schema);
            return places.iter().skip_while(|place| **place != new).nth(1).copied().unwrap_or(new);
        }
        object.keys().position(|other| !is_known(other) && other.as_str() > key).unwrap_or(new)
    }

    /// The empty range before an entry, behind the comments of the one before it.
    fn before(&self, cut: &Cut, place: usize) -> Range<usize> {
        let at = match place.checked_sub(1) {
            Some(before) => cut.pieces.get(before).map_or(cut.end(), |piece| piece.end),
            None => cut.pieces.first().map_or(cut.head.end, |piece| piece.above.start),
        };
        at..at
    }

    /// The lines of a key or entry, which go.
    fn removed(&self, start: usize, end: usize, is_behind_dash: bool) -> Result<Splice, Refused> {
        let start = self.cutter.line_start(start);
        let mut lines = self.text[start..end].lines();
        // A comment behind the only line of a key is about its value, which goes.
        let is_one = lines.clone().count() == 1;
        let is_about_more = |line: &str| comment(line).is_some_and(|at| !is_one || line[..at].trim().is_empty());
        if is_behind_dash || lines.any(is_about_more) { Err(Refused::Comments) } else { Ok((start..end, String::new())) }
    }

    /// A value in place of another. What is on one line is replaced there, so that a comment behind it stays.
    #[allow(clippy::too_many_arguments, reason = "the old value and the new one, and where they are")]
    fn replaced(
        &self,
        range: Range<usize>,
        start: usize,
        old: &Value,
        key: &str,
        new: &Value,
        schema: &Value,
        column: usize,
    ) -> Result<Splice, Refused> {
        let is_flow = self.text[start..].starts_with(['{', '[']);
        let on_one_line = is_flow || !(old.is_object() || old.is_array());
        if on_one_line && !(render::is_block(new) && SORTED.contains(&key)) {
            let place = if is_flow { self.flow(start)? } else { self.scalar(&range, start)? };
            return Ok((place, inline(new, schema)));
        }
        if self.text[range.clone()].lines().any(|line| comment(line).is_some()) {
            return Err(Refused::Comments);
        }
        let mut text = String::new();
        render::push_field(&mut text, key, new, schema, column, Models::Blocks);
        let line = self.cutter.line_start(range.start);
        let behind = text.trim_start_matches(' ').to_owned();
        // A key behind a dash keeps what is before it.
        let start = line + self.text[line..range.start].find(|letter: char| !matches!(letter, ' ' | '-')).unwrap_or(0);
        Ok((start..range.end, behind))
    }

    /// Where a scalar on the line of its key ends.
    fn scalar(&self, range: &Range<usize>, start: usize) -> Result<Range<usize>, Refused> {
        let line = self.text[start..range.end].lines().next().unwrap_or_default();
        let is_quoted = line.starts_with(['"', '\'']);
        let multiline = line.starts_with(['|', '>']);
        let end = match (is_quoted, multiline) {
            (_, true) => return Err(Refused::Form),
            (true, _) => quoted(line.as_bytes(), 0, line.as_bytes()[0]).ok_or(Refused::Form)? + 1,
            (false, _) => comment(line).unwrap_or(line.len()),
        };
        let value = line.get(..end).ok_or(Refused::Form)?.trim_end();
        Ok(start..start + value.len())
    }

    /// Where a collection in brackets is, on one line.
    fn flow(&self, start: usize) -> Result<Range<usize>, Refused> {
        let line = self.text[start..].lines().next().unwrap_or_default();
        let (_, len) = flow_parts(line).ok_or(Refused::Form)?;
        Ok(start..start + len)
    }
}

/// The value that setting `new` at `path` makes of nothing.
fn built(path: &[Step<'_>], new: Option<&Value>) -> Value {
    let mut value = Value::Null;
    put(&mut value, path, new);
    value
}

fn inline(value: &Value, schema: &Value) -> String {
    let mut text = String::new();
    render::push_inline(&mut text, &scalar::as_read(value, schema), schema);
    text
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotACatalogFile => "the file is not one YAML mapping; `modeldex check` reports why",
            Self::Form => "the value is written in a form that cannot be changed safely; edit the file by hand",
            Self::Comments => "there are comments between the lines that would be replaced; edit the file by hand",
        })
    }
}

impl std::error::Error for Refused {}

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

    fn model<'p>(id: &'p str, key: &'p str) -> [Step<'p>; 3] {
        [Step::Key("models"), Step::Entry(id), Step::Key(key)]
    }

    fn set(path: &[Step<'_>], value: Value) -> String {
        edit(FILE, FileKind::Provider, path, Some(&value)).unwrap()
    }

    #[test]
    fn a_value_is_replaced_and_nothing_else() {
        assert_eq!(set(&[Step::Key("name")], json!("Bolt")), FILE.replace("name: Acme", "name: Bolt"));
        assert_eq!(set(&model("b", "name"), json!("B")), FILE.replace("\"B: small\"", "B"));
        assert_eq!(set(&model("b", "context_window"), json!(2000)), FILE.replace("1000", "2000"));
        assert_eq!(set(&model("b", "prices"), json!([{"input": 3}])), FILE.replace("{input: 1, output: 2}", "{input: 3}"));
        assert_eq!(set(&model("d", "name"), json!("E")), FILE.replace("{id: d, name: D}", "{id: d, name: E}"));
        assert_eq!(set(&[Step::Key("name")], json!("Acme")), FILE);
    }

    #[test]
    fn what_is_new_goes_where_it_belongs() {
        assert_eq!(set(&[Step::Key("kind")], json!("lab")), FILE.replace("so it is\n", "so it is\nkind: lab\n"));
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
        let path = [Step::Key("providers"), Step::Key("b")];
        let new = edit(routing, FileKind::Routing, &path, Some(&json!({"auth": [{"kind": "oauth"}]}))).unwrap();
        assert_eq!(new, routing.replace("  c:", "  b:\n    auth:\n      - {kind: oauth}\n  c:"));
    }

    #[test]
    fn what_is_removed_takes_what_it_leaves_empty_with_it() {
        let unset = |path: &[Step<'_>]| edit(FILE, FileKind::Provider, path, None).unwrap();
        assert_eq!(unset(&model("b", "context_window")), FILE.replace("    context_window: 1000\n", ""));
        assert_eq!(unset(&model("d", "name")), FILE.replace("  - {id: d, name: D}\n", ""));
        assert_eq!(unset(&model("x", "name")), FILE);
        assert_eq!(edit(FILE, FileKind::Provider, &[Step::Key("models")], None), Err(Refused::Comments));
        let two = "models:\n  - id: a\n    name: A\n";
        assert_eq!(edit(two, FileKind::Provider, &model("a", "name"), None).unwrap(), "");
    }

    #[test]
    fn what_cannot_be_changed_safely_is_refused() {
        let refused = |text: &str, path: &[Step<'_>]| edit(text, FileKind::Provider, path, Some(&json!(5))).unwrap_err();
        assert_eq!(refused("a: [", &[Step::Key("name")]), Refused::NotACatalogFile);
        assert_eq!(refused("name: &a x\nkind: *a\n", &[Step::Key("name")]), Refused::NotACatalogFile);
        assert_eq!(refused("models: [{id: a,\n  name: A}]\n", &model("a", "context_window")), Refused::Form);
        assert_eq!(refused("name: |\n  A\n", &[Step::Key("name")]), Refused::Form);
        let tabbed = "models:\n  - id: a\n    context_window: 5\t# measured\n    prices:\n      - {input: 1}\t# May\n";
        assert_eq!(
            edit(tabbed, FileKind::Provider, &model("a", "context_window"), Some(&json!(6))).unwrap(),
            tabbed.replace("window: 5", "window: 6")
        );
        assert_eq!(edit(tabbed, FileKind::Provider, &model("a", "prices"), Some(&json!([]))), Err(Refused::Comments));
        let commented = "models:\n  - id: a\n    prices:\n      # Why.\n      - {input: 1}\n";
        assert_eq!(edit(commented, FileKind::Provider, &model("a", "prices"), Some(&json!([]))), Err(Refused::Comments));
    }

    #[test]
    fn ends_of_lines_and_of_the_file_stay() {
        let windows = FILE.replace('\n', "\r\n");
        let edited = edit(&windows, FileKind::Provider, &model("b", "max_output_tokens"), Some(&json!(10))).unwrap();
        assert_eq!(edited, set(&model("b", "max_output_tokens"), json!(10)).replace('\n', "\r\n"));
        assert_eq!(edit("name: A", FileKind::Provider, &[Step::Key("kind")], Some(&json!("lab"))).unwrap(), "name: A\nkind: lab");
    }
}

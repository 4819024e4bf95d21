//! Every change becomes one or two splices of the text. One pass finds the places, one reading at the end holds the result against the
//! values that were wanted, and where they differ the changes are tried in halves until what is to blame is alone.

use super::cut::{Cut, Cutter, flow_parts, flow_value, parse, ranks, schema_of};
use super::{render, scalar};
use crate::order;
use crate::pointer;
use crate::read::FileKind;
use crate::read::marks;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::ops::Range;

/// Applies changes to the text of a catalog file, one after the other, and leaves every other byte as it was.
///
/// A key that is new stands where the schema has it, before the first key that comes later, whatever order people chose. A new entry of
/// `models` stands before the first one with a greater id. A change that cannot be made without a loss is refused, and the rest is made.
/// What already is as a change wants it is left alone, quotes and spaces included.
///
/// ```
/// # use modeldex_compile::{FileKind, write::{Change, Entry, edit}};
/// let text = "name: A\nmodels:\n  # Cheap.\n  - id: a-1\n    context_window: 1000 # as measured\n";
/// let change = Change::Set { entry: Entry::Model("a-1".into()), key: "context_window".into(), value: 2000.into() };
/// let edited = edit(text, FileKind::Lab, &[change]);
/// assert!(edited.refused.is_empty());
/// assert_eq!(edited.text, text.replace("1000", "2000"));
/// ```
#[must_use]
pub fn edit(text: &str, kind: FileKind, changes: &[Change]) -> Edited {
    let (mark, body) = text.strip_prefix(BYTE_ORDER_MARK).map_or(("", text), |body| (BYTE_ORDER_MARK, body));
    let line_end = if body.contains("\r\n") { "\r\n" } else { "\n" };
    let ended = body.ends_with('\n') || body.is_empty();
    let whole = if ended { body.to_owned() } else { format!("{body}{line_end}") };
    let mut editor = Editor { kind, line_end, left: MOST_BYTES.saturating_add(whole.len()), refused: Vec::new() };
    let numbered: Vec<(usize, &Change)> = changes.iter().enumerate().collect();
    let mut edited = editor.apply(whole, &numbered);
    if !ended && edited.ends_with(line_end) {
        edited.truncate(edited.len() - line_end.len());
    }
    let mut refused = editor.refused;
    refused.sort_by_key(|refused| refused.change);
    refused.dedup_by_key(|refused| refused.change);
    Edited { text: format!("{mark}{edited}"), refused }
}

/// One change to a catalog file.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Gives a key a value, whether it had one or not.
    Set {
        /// Where the key stands.
        entry: Entry,
        /// The key.
        key: String,
        /// Its value.
        value: Value,
    },
    /// Removes a key with its lines; comments above it stay. A key that is not there is no fault.
    Remove {
        /// Where the key stands.
        entry: Entry,
        /// The key.
        key: String,
    },
    /// Adds an entry of `models`.
    Add {
        /// The whole entry, with an `id` that no other has.
        value: Value,
    },
    /// Deletes an entry of `models` with its lines; comments above it stay. An entry that is not there is no fault.
    Delete {
        /// The id of the entry.
        id: String,
    },
}

/// What a key belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// The file itself.
    File,
    /// The entry of `models` with this id.
    Model(String),
}

/// A text after changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The text, with every change that was not refused.
    pub text: String,
    /// The changes that were not made, in order.
    pub refused: Vec<Refused>,
}

/// A change that was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which one, counted from 0.
    pub change: usize,
    /// Why.
    pub why: Why,
}

/// Why a change was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The text is not one YAML mapping without duplicate keys, anchors and tags.
    Unreadable,
    /// No entry of `models` has the id.
    NoEntry,
    /// Several entries of `models` have the id.
    Ambiguous,
    /// An entry of `models` has the id already.
    Exists,
    /// A new entry is no mapping with an id.
    NoId,
    /// An entry keeps its id, and `models` is changed entry by entry.
    Fixed,
    /// A comment stands within the lines that would go.
    Comment,
    /// The lines are written in a way that is not changed automatically.
    Style,
    /// The text would not be read back as it should.
    Unsafe,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreadable => "the file is not one plain YAML mapping",
            Self::NoEntry => "no model of the file has this id",
            Self::Ambiguous => "several models of the file have this id",
            Self::Exists => "a model of the file has this id already",
            Self::NoId => "a new model is a mapping with an id",
            Self::Fixed => "an entry keeps its id, and `models` is changed entry by entry",
            Self::Comment => "a comment stands within the lines that would go",
            Self::Style => "the lines are written in a way that is not changed automatically",
            Self::Unsafe => "the text would not be read back as it should",
        })
    }
}

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// How much text is read again at the most to find out which changes are to blame for a result that is not as wanted.
const MOST_BYTES: usize = 64 << 20;

const MODELS: &str = "models";

struct Editor {
    kind: FileKind,
    line_end: &'static str,
    /// How many bytes may still be read.
    left: usize,
    refused: Vec<Refused>,
}

impl Editor {
    /// Makes what can be made of `changes`.
    fn apply(&mut self, text: String, changes: &[(usize, &Change)]) -> String {
        if changes.is_empty() {
            return text;
        }
        let affordable = self.left >= text.len();
        self.left = self.left.saturating_sub(text.len().max(1));
        if affordable && let Some((text, refused)) = round(&text, self.kind, self.line_end, changes) {
            self.refused.extend(refused);
            return text;
        }
        if !affordable || changes.len() == 1 {
            self.refused.extend(changes.iter().map(|(change, _)| Refused { change: *change, why: Why::Unsafe }));
            return text;
        }
        let (first, rest) = changes.split_at(changes.len() / 2);
        let text = self.apply(text, first);
        self.apply(text, rest)
    }
}

/// Makes all changes at once. `None` when they get in each other's way or when the result is not read back as it should.
fn round(text: &str, kind: FileKind, line_end: &str, changes: &[(usize, &Change)]) -> Option<(String, Vec<Refused>)> {
    let unreadable = || {
        let refused = changes.iter().map(|(change, _)| Refused { change: *change, why: Why::Unreadable }).collect();
        Some((text.to_owned(), refused))
    };
    // A carriage return alone ends a line for YAML, and for nothing here.
    if text.bytes().zip(text.bytes().skip(1).chain([0])).any(|(byte, next)| byte == b'\r' && next != b'\n') {
        return unreadable();
    }
    let marks = marks::scan(text);
    let value = if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        Value::Object(Map::new())
    } else {
        parse(text).unwrap_or_default()
    };
    let (Value::Object(file), true) = (value, marks.problems.is_empty()) else { return unreadable() };
    let cutter = Cutter { text, marks: &marks };
    let mut round = Round { text, line_end, cutter, schema: schema_of(kind), splices: Vec::new(), refused: Vec::new() };
    let expected = round.plan(&file, changes);
    let refused = round.refused;
    let spliced = splice(text, round.splices)?;
    if spliced == text {
        return (expected == file).then_some((spliced, refused));
    }
    let read = match parse(&spliced) {
        Some(Value::Object(read)) => read,
        Some(Value::Null) => Map::new(),
        _ => return None,
    };
    (read == expected).then_some((spliced, refused))
}

/// A piece of the text that is replaced.
struct Splice {
    range: Range<usize>,
    text: String,
    level: Level,
}

/// In which order splices come that insert at the same place: what continues a key, then what ends an entry, a list, the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Value,
    Key(usize, String),
    Entry(usize),
    FileKey(usize, String),
}

/// Replaces the pieces. `None` when two of them overlap.
fn splice(text: &str, mut splices: Vec<Splice>) -> Option<String> {
    splices.sort_by(|one, other| (one.range.start, one.range.end, &one.level).cmp(&(other.range.start, other.range.end, &other.level)));
    let mut spliced = String::with_capacity(text.len() + splices.iter().map(|splice| splice.text.len()).sum::<usize>());
    let mut from = 0;
    for splice in &splices {
        spliced.push_str(text.get(from..splice.range.start)?);
        spliced.push_str(&splice.text);
        from = splice.range.end;
    }
    spliced.push_str(text.get(from..)?);
    Some(spliced)
}

/// What a key shall become, and the changes that want it so; the last one of them says what.
struct Wish<'c> {
    value: Option<Cow<'c, Value>>,
    by: Vec<usize>,
}

type Wishes<'c> = BTreeMap<&'c str, Wish<'c>>;

fn wish<'c>(wishes: &mut Wishes<'c>, key: &'c str, value: Option<&'c Value>, change: usize) {
    let wish = wishes.entry(key).or_insert(Wish { value: None, by: Vec::new() });
    wish.value = value.map(Cow::Borrowed);
    wish.by.push(change);
}

/// A mapping that is changed.
struct Target<'m> {
    object: &'m Map<String, Value>,
    schema: &'m Value,
    pointer: &'m str,
    /// Where its lines are.
    range: Range<usize>,
    /// Where it begins, unless the file has no value.
    start: Option<usize>,
}

struct Round<'t> {
    text: &'t str,
    line_end: &'t str,
    cutter: Cutter<'t>,
    schema: &'static Value,
    splices: Vec<Splice>,
    refused: Vec<Refused>,
}

impl Round<'_> {
    /// Plans the splices for `changes` and returns the value that they lead to.
    fn plan<'c>(&mut self, file: &Map<String, Value>, changes: &[(usize, &'c Change)]) -> Map<String, Value> {
        let models: &[Value] = file.get(MODELS).and_then(Value::as_array).map_or(&[], Vec::as_slice);
        let entry_schema = &self.schema["properties"][MODELS]["items"];
        let list = self.list(file, models, changes);
        let mut by_id: HashMap<&str, Option<usize>> = HashMap::with_capacity(models.len());
        for (index, entry) in models.iter().enumerate() {
            by_id.entry(order::id(entry)).and_modify(|known| *known = None).or_insert(Some(index));
        }
        let mut file_wishes = Wishes::new();
        let mut wishes: BTreeMap<usize, Wishes<'c>> = BTreeMap::new();
        let mut added: BTreeMap<String, (Value, Vec<usize>)> = BTreeMap::new();
        let mut deleted: HashSet<usize> = HashSet::new();
        let no_list = |models: &[Value]| !models.is_empty() && list.is_none();

        for &(number, change) in changes {
            let found = |id: &str, deleted: &HashSet<usize>| match by_id.get(id).filter(|_| !id.is_empty()) {
                Some(Some(index)) if !deleted.contains(index) => Ok(*index),
                Some(None) => Err(Why::Ambiguous),
                _ => Err(Why::NoEntry),
            };
            let done = match change {
                Change::Set { entry: Entry::File, key, .. } | Change::Remove { entry: Entry::File, key } if key == MODELS => {
                    Err(Why::Fixed)
                }
                Change::Set { entry: Entry::Model(_), key, .. } | Change::Remove { entry: Entry::Model(_), key } if key == "id" => {
                    Err(Why::Fixed)
                }
                Change::Set { entry: Entry::File, key, value } => {
                    wish(&mut file_wishes, key, Some(value), number);
                    Ok(())
                }
                Change::Remove { entry: Entry::File, key } => {
                    wish(&mut file_wishes, key, None, number);
                    Ok(())
                }
                Change::Set { entry: Entry::Model(id), key, value } => match (added.get_mut(id), found(id, &deleted)) {
                    (Some((entry, by)), _) => {
                        entry[key.as_str()] = value.clone();
                        by.push(number);
                        Ok(())
                    }
                    (None, Ok(_)) if no_list(models) => Err(Why::Style),
                    (None, found) => found.map(|index| wish(wishes.entry(index).or_default(), key, Some(value), number)),
                },
                Change::Remove { entry: Entry::Model(id), key } => match (added.get_mut(id), found(id, &deleted)) {
                    (Some((entry, by)), _) => {
                        entry.as_object_mut().map(|entry| entry.shift_remove(key));
                        by.push(number);
                        Ok(())
                    }
                    (None, Ok(_)) if no_list(models) => Err(Why::Style),
                    (None, found) => found.map(|index| wish(wishes.entry(index).or_default(), key, None, number)),
                },
                Change::Add { value } => match (order::id(value), found(order::id(value), &deleted)) {
                    ("", _) => Err(Why::NoId),
                    (id, Ok(_) | Err(Why::Ambiguous)) if by_id.contains_key(id) => Err(Why::Exists),
                    (id, _) if added.contains_key(id) => Err(Why::Exists),
                    _ if no_list(models) => Err(Why::Style),
                    (id, _) => {
                        added.insert(id.to_owned(), (value.clone(), vec![number]));
                        Ok(())
                    }
                },
                Change::Delete { id } => match (added.remove(id), found(id, &deleted), &list) {
                    (Some(_), _, _) | (None, Err(Why::NoEntry), _) => Ok(()),
                    (None, Err(why), _) => Err(why),
                    (None, Ok(_), None) => Err(Why::Style),
                    (None, Ok(index), Some(list)) => self.deletable(&list.pieces[index], &models[index], index).map(|()| {
                        deleted.insert(index);
                    }),
                },
            };
            if let Err(why) = done {
                self.refused.push(Refused { change: number, why });
            }
        }

        // A list that is not there yet, or that has nothing in it, is written like any other value.
        if models.is_empty() && !added.is_empty() {
            let (entries, by): (Vec<Value>, Vec<Vec<usize>>) = std::mem::take(&mut added).into_values().unzip();
            file_wishes.insert(MODELS, Wish { value: Some(Cow::Owned(Value::Array(entries))), by: by.concat() });
        }
        let mut expected = file.clone();
        if let (Some(list), Some(Value::Array(entries))) = (list, expected.get_mut(MODELS)) {
            self.entries(&list, models, entry_schema, wishes, added, &deleted, entries);
            if entries.is_empty() {
                self.empty_list();
            }
        }
        let start = self.cutter.mark("").map(|mark| mark.value.start).filter(|_| !file.is_empty());
        let target = Target { object: file, schema: self.schema, pointer: "", range: 0..self.text.len(), start };
        self.fields(&target, &file_wishes, &mut expected);
        expected
    }

    /// The cut of `models`, where a change asks for it and it can be cut.
    fn list(&self, file: &Map<String, Value>, models: &[Value], changes: &[(usize, &Change)]) -> Option<Cut> {
        let of_file =
            |change: &Change| matches!(change, Change::Set { entry: Entry::File, .. } | Change::Remove { entry: Entry::File, .. });
        if models.is_empty() || changes.iter().all(|(_, change)| of_file(change)) {
            return None;
        }
        let cut = self.cutter.mapping(&(0..self.text.len()), file, "")?;
        let piece = &cut.pieces[file.keys().position(|key| key == MODELS)?];
        self.cutter.list(&(piece.key_end..piece.end), models, "/models")
    }

    /// Plans what becomes of the entries of `models`, and does the same to `expected`.
    #[allow(clippy::too_many_arguments, reason = "what was gathered is used once, here")]
    fn entries(
        &mut self,
        list: &Cut,
        models: &[Value],
        schema: &Value,
        wishes: BTreeMap<usize, Wishes<'_>>,
        added: BTreeMap<String, (Value, Vec<usize>)>,
        deleted: &HashSet<usize>,
        expected: &mut Vec<Value>,
    ) {
        for (index, wishes) in wishes.into_iter().filter(|(index, _)| !deleted.contains(index)) {
            let piece = &list.pieces[index];
            let (Some(object), Some(expected)) = (models[index].as_object(), expected[index].as_object_mut()) else { continue };
            let mut pointer = format!("/{MODELS}");
            pointer::push_index(&mut pointer, index);
            let target = Target { object, schema, pointer: &pointer, range: piece.start..piece.end, start: Some(piece.start) };
            self.fields(&target, &wishes, expected);
        }
        for index in deleted {
            let piece = &list.pieces[*index];
            self.push(self.cutter.line_start(piece.start)..piece.end, String::new(), Level::Value);
        }
        // The greatest id up to each entry: the first that is greater than a new one is where an entry with a greater id stands first.
        let greatest: Vec<&str> = models
            .iter()
            .scan("", |greatest, entry| {
                *greatest = order::id(entry).max(greatest);
                Some(*greatest)
            })
            .collect();
        // New entries are indented as the first one is, unless that one is in brackets.
        let first = list.pieces.first().filter(|piece| !self.text[piece.start..].starts_with('{'));
        let column = first.map_or(list.column + 2, |piece| piece.start - self.cutter.line_start(piece.start));
        let mut kept = std::mem::take(expected).into_iter().enumerate();
        let mut taken = 0;
        for (place, (id, (value, _))) in added.into_iter().enumerate() {
            let before = greatest.partition_point(|known| *known <= id.as_str());
            let value = scalar::as_read(&value, schema);
            if let Value::Object(object) = &value {
                let mut text = String::new();
                render::push_entry(&mut text, object, schema, list.column, column);
                let at = list.pieces.get(before).map_or(list.end(), |piece| piece.above.start);
                self.push(at..at, text, Level::Entry(place));
            }
            expected.extend(kept.by_ref().take(before - taken).filter(|(index, _)| !deleted.contains(index)).map(|(_, entry)| entry));
            taken = before;
            expected.push(value);
        }
        expected.extend(kept.filter(|(index, _)| !deleted.contains(index)).map(|(_, entry)| entry));
    }

    /// Writes `[]` behind `models:`, which has lost its last entry.
    fn empty_list(&mut self) {
        if let Some(key) = self.cutter.mark("/models").and_then(|mark| mark.key.clone())
            && let Some(behind) = self.behind_colon(key.end)
        {
            self.push(behind..behind, " []".to_owned(), Level::Value);
        }
    }

    fn deletable(&self, piece: &super::cut::Piece, entry: &Value, index: usize) -> Result<(), Why> {
        let pointer = pointer::pointer!(MODELS, index);
        if self.has_comment(piece.start..piece.end, entry, &pointer) { Err(Why::Comment) } else { Ok(()) }
    }

    /// Plans what becomes of the keys of a mapping, and does the same to `expected`.
    fn fields(&mut self, target: &Target<'_>, wishes: &Wishes<'_>, expected: &mut Map<String, Value>) {
        // What is as it is wanted stays as it is written.
        let wanted: Vec<(&str, Option<Value>, &[usize])> = wishes
            .iter()
            .filter_map(|(key, wish)| {
                let schema = &target.schema["properties"][*key];
                let value = wish.value.as_ref().map(|value| scalar::as_read(value, schema));
                let before = target.object.get(*key);
                let same = before == value.as_ref() || before.map(|before| scalar::as_read(before, schema)) == value;
                (!same).then_some((*key, value, wish.by.as_slice()))
            })
            .collect();
        if wanted.is_empty() {
            return;
        }
        if let Some(start) = target.start.filter(|start| self.text[*start..].starts_with('{')) {
            let line = self.text[start..].lines().next().unwrap_or_default();
            match flow_fields(line, target, &wanted) {
                Some((len, text)) => {
                    self.push(start..start + len, text, Level::Value);
                    wanted.into_iter().for_each(|(key, value, _)| become_(expected, key, value));
                }
                None => wanted.iter().for_each(|(_, _, by)| self.refuse(by, Why::Style)),
            }
            return;
        }
        let cut = match target.start {
            Some(_) => self.cutter.mapping(&target.range, target.object, target.pointer),
            None => Some(Cut { head: target.range.clone(), pieces: Vec::new(), column: 0, behind_dash: false }),
        };
        let Some(cut) = cut else { return wanted.iter().for_each(|(_, _, by)| self.refuse(by, Why::Style)) };
        let ranks = ranks(target.object, target.schema);
        for (key, value, by) in wanted {
            let place = target.object.keys().position(|other| other == key);
            let done = match (place, &value) {
                (Some(place), Some(value)) => self.replace(target, &cut, place, key, value),
                (Some(place), None) => self.remove(target, &cut, place, key),
                (None, Some(value)) => {
                    self.insert(target, &cut, &ranks, key, value);
                    Ok(())
                }
                (None, None) => Ok(()),
            };
            match done {
                Ok(()) => become_(expected, key, value),
                Err(why) => self.refuse(by, why),
            }
        }
    }

    fn insert(&mut self, target: &Target<'_>, cut: &Cut, ranks: &[usize], key: &str, value: &Value) {
        let rank = order::rank(target.schema, key);
        let mut text = String::new();
        render::push_field(&mut text, key, value, &target.schema["properties"][key], cut.column);
        let at = match ranks.iter().position(|other| *other > rank) {
            Some(0) if cut.behind_dash => {
                // It takes the place behind the dash, and the key that stood there comes below.
                text = format!("{}{}", text.trim_start(), " ".repeat(cut.column));
                cut.pieces[0].start
            }
            Some(place) => cut.pieces[place].above.start,
            None => cut.end(),
        };
        let level = if target.pointer.is_empty() { Level::FileKey(rank, key.to_owned()) } else { Level::Key(rank, key.to_owned()) };
        self.push(at..at, text, level);
    }

    fn remove(&mut self, target: &Target<'_>, cut: &Cut, place: usize, key: &str) -> Result<(), Why> {
        let piece = &cut.pieces[place];
        // A comment behind the key is a person's as much as one below it.
        let mut pointer = target.pointer.to_owned();
        pointer::push(&mut pointer, key);
        if self.has_comment(piece.key_end..piece.end, &target.object[key], &pointer) {
            return Err(Why::Comment);
        }
        if place == 0 && cut.behind_dash {
            // The next key comes behind the dash, where no comment can stand before it.
            let next = cut.pieces.get(1).ok_or(Why::Style)?;
            if self.text[next.above.clone()].contains('#') {
                return Err(Why::Comment);
            }
            self.push(piece.start..next.start, String::new(), Level::Value);
        } else {
            self.push(self.cutter.line_start(piece.start)..piece.end, String::new(), Level::Value);
        }
        Ok(())
    }

    fn replace(&mut self, target: &Target<'_>, cut: &Cut, place: usize, key: &str, value: &Value) -> Result<(), Why> {
        let piece = &cut.pieces[place];
        let before = &target.object[key];
        let schema = &target.schema["properties"][key];
        let mut pointer = target.pointer.to_owned();
        pointer::push(&mut pointer, key);
        let behind = self.behind_colon(piece.key_end).ok_or(Why::Style)?;
        let below = self.cutter.next_line(behind);
        let rest = self.text[behind..below].trim();
        let (mut inline, mut block) = (String::new(), String::new());
        if render::is_block(value) {
            render::push_block(&mut block, key, value, schema, cut.column + 2);
        } else {
            inline.push(' ');
            render::push_inline(&mut inline, value, schema);
        }
        if let Some(old) = self.inline(behind..below, before, &pointer) {
            // The first space stays with the new value, and goes with the old one where the new one stands below.
            let range = if inline.is_empty() { behind..old.end } else { old };
            let text = if range.start == behind { inline } else { inline.trim_start().to_owned() };
            self.push(range, text, Level::Value);
            self.push(below..below, block, Level::Value);
        } else if rest.is_empty() || rest.starts_with('#') {
            // The value, if there is one, is in the lines below. A comment behind the key is about the key.
            let lines = if before.is_null() { below..below } else { below..piece.end };
            if self.has_comment(lines.clone(), before, &pointer) {
                return Err(Why::Comment);
            }
            self.push(behind..behind, inline, Level::Value);
            self.push(lines, block, Level::Value);
        } else if before.is_null() {
            return Err(Why::Style);
        } else {
            if self.has_comment(behind..piece.end, before, &pointer) {
                return Err(Why::Comment);
            }
            self.push(behind..piece.end, format!("{inline}\n{block}"), Level::Value);
        }
        Ok(())
    }

    /// Where a value stands that is on one line with its key.
    fn inline(&self, line: Range<usize>, value: &Value, pointer: &str) -> Option<Range<usize>> {
        let mark = self.cutter.mark(pointer)?.value.clone();
        if mark.start < line.start || mark.end > line.end || mark.is_empty() {
            return None;
        }
        let text = &self.text[mark.start..line.end];
        let len = match value {
            Value::Array(list) if list.is_empty() => empty_flow(text, ['[', ']'])?,
            Value::Object(object) if object.is_empty() => empty_flow(text, ['{', '}'])?,
            Value::Array(_) | Value::Object(_) => flow_parts(text.lines().next().filter(|text| text.starts_with(['[', '{']))?)?.1,
            _ if text.starts_with(['|', '>']) => return None,
            _ => mark.len(),
        };
        (mark.start + len <= line.end).then_some(mark.start..mark.start + len)
    }

    /// Where the value of a key may begin.
    fn behind_colon(&self, key_end: usize) -> Option<usize> {
        let rest = &self.text[key_end..];
        let trimmed = rest.trim_start_matches(' ');
        trimmed.starts_with(':').then(|| key_end + (rest.len() - trimmed.len()) + 1)
    }

    /// Whether a comment stands in `range`, in which nothing else is but `value`.
    fn has_comment(&self, range: Range<usize>, value: &Value, pointer: &str) -> bool {
        let bytes = self.text.as_bytes();
        let begins = |at: &usize| bytes[*at] == b'#' && (*at == 0 || bytes[*at - 1].is_ascii_whitespace());
        let candidates: Vec<usize> = range.filter(begins).collect();
        if candidates.is_empty() {
            return false;
        }
        let mut texts = Vec::new();
        self.texts(value, &mut pointer.to_owned(), &mut texts);
        candidates.iter().any(|at| !texts.iter().any(|text| text.start < *at && *at < text.end))
    }

    /// Where the texts in a value stand.
    fn texts(&self, value: &Value, pointer: &mut String, texts: &mut Vec<Range<usize>>) {
        let len = pointer.len();
        match value {
            Value::Object(object) => {
                for (key, below) in object {
                    pointer::push(pointer, key);
                    self.texts(below, pointer, texts);
                    pointer.truncate(len);
                }
            }
            Value::Array(list) => {
                for (index, below) in list.iter().enumerate() {
                    pointer::push_index(pointer, index);
                    self.texts(below, pointer, texts);
                    pointer.truncate(len);
                }
            }
            Value::String(_) => texts.extend(self.cutter.mark(pointer).map(|mark| mark.value.clone())),
            _ => {}
        }
    }

    fn push(&mut self, range: Range<usize>, text: String, level: Level) {
        if range.is_empty() && text.is_empty() {
            return;
        }
        let text = if self.line_end == "\n" { text } else { text.replace('\n', self.line_end) };
        self.splices.push(Splice { range, text, level });
    }

    fn refuse(&mut self, by: &[usize], why: Why) {
        self.refused.extend(by.iter().map(|change| Refused { change: *change, why }));
    }
}

fn become_(object: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    match value {
        Some(value) => drop(object.insert(key.to_owned(), value)),
        None => drop(object.shift_remove(key)),
    }
}

/// How long the empty collection at the beginning of `text` is.
fn empty_flow(text: &str, [open, close]: [char; 2]) -> Option<usize> {
    let rest = text.strip_prefix(open)?;
    let trimmed = rest.trim_start_matches(' ');
    trimmed.starts_with(close).then(|| 1 + (rest.len() - trimmed.len()) + 1)
}

/// The mapping in brackets at the beginning of `line` with other fields, and how long it was. What stands between fields stays.
fn flow_fields(line: &str, target: &Target<'_>, wanted: &[(&str, Option<Value>, &[usize])]) -> Option<(usize, String)> {
    let (parts, len) = flow_parts(line).filter(|(parts, _)| parts.len() == target.object.len())?;
    let ranks = ranks(target.object, target.schema);
    let inline = |key: &str, value: &Value| {
        let mut text = String::new();
        render::push_inline(&mut text, value, &target.schema["properties"][key]);
        text
    };
    let mut new: Vec<(usize, usize, String)> = Vec::new();
    for (key, value, _) in wanted.iter().filter(|(key, _, _)| !target.object.contains_key(*key)) {
        let Some(value) = value else { continue };
        let rank = order::rank(target.schema, key);
        let mut text = String::new();
        scalar::push_str(&mut text, key);
        text.push_str(": ");
        text.push_str(&inline(key, value));
        new.push((ranks.iter().position(|other| *other > rank).unwrap_or(parts.len()), rank, text));
    }
    new.sort_by_key(|(place, rank, _)| (*place, *rank));
    let mut new = new.into_iter().peekable();
    let mut fields: Vec<(&str, Cow<'_, str>)> = Vec::new();
    for (place, (part, key)) in parts.iter().zip(target.object.keys()).enumerate() {
        while let Some((_, _, text)) = new.next_if(|(before, _, _)| *before == place) {
            fields.push((", ", text.into()));
        }
        let text = &line[part.clone()];
        let gap = place.checked_sub(1).map_or(", ", |before| &line[parts[before].end..part.start]);
        match wanted.iter().find(|(other, _, _)| other == key) {
            Some((_, Some(value), _)) => {
                let start = flow_value(text).filter(|start| *start < text.len())?;
                fields.push((gap, format!("{}{}", &text[..start], inline(key, value)).into()));
            }
            Some((_, None, _)) => {}
            None => fields.push((gap, text.into())),
        }
    }
    fields.extend(new.map(|(_, _, text)| (", ", text.into())));
    let mut text = line[..parts.first()?.start].to_owned();
    for (place, (gap, field)) in fields.iter().enumerate() {
        text.push_str(if place == 0 { "" } else { gap });
        text.push_str(field);
    }
    text.push_str(&line[parts.last()?.end..len]);
    Some((len, text))
}

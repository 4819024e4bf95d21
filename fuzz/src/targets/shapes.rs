//! Reads a usage shape, and a usage object with it. A byte 0 separates the JSON text of the shape and the object; the shape is for every protocol.
//!
//! Shapes are serialized and parsed without a change.

use super::usage;
use modeldex_table::Api;
use modeldex_usage::{NamedShapes, Shape, Shapes, parse_shapes, shapes_to_json};

pub(crate) fn run(input: &[u8]) {
    let mut parts = input.splitn(2, |byte| *byte == 0);
    let mut text = || String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let (shape, object) = (text(), text());
    let Ok(mut shape) = serde_json::from_str::<Shape>(&shape) else { return };
    shape.apis = Api::ALL.to_vec();
    let shapes: NamedShapes = [("fuzzed".to_owned(), shape)].into();
    assert_eq!(parse_shapes(&shapes_to_json(&shapes)), shapes);
    let is_valid = shapes["fuzzed"].verify().is_ok();
    let compiled = Shapes::new(shapes);
    assert_eq!(compiled.is_ok(), is_valid, "{:?}", compiled.err());
    let Ok(shapes) = compiled else { return };
    for api in [Api::OpenaiCompletions, Api::AnthropicMessages] {
        if let Ok(read) = shapes.read(Some(api), &object) {
            usage::check_costs(&read.usage, read.tier.unwrap_or(None));
        }
    }
}

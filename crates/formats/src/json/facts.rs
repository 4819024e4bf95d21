//! Facts of a model as keys of its JSON. Values and schemas are derived from the declarations of the facts, so a new fact appears in the details of
//! a model without further code.

use super::price::PriceEntries;
use super::provider::{EndpointJson, SourceJson};
use crate::schema::{vocabulary_properties, vocabulary_reference, with_description};
use modeldex_table::{Capabilities, Capability, Fact, FactGroup, FactType, Model};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::ser::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// Facts of a section, serialized as keys of an object.
pub(super) struct FactFields<'a>(pub(super) Model<'a>, pub(super) FactSection);

/// Consecutive facts in the JSON of a model.
#[derive(Clone, Copy)]
pub(super) enum FactSection {
    /// In lists and details, before the price.
    Row,
    /// In lists and details, after the price.
    RowEnd,
    /// In details only, the first keys.
    DetailsStart,
    /// In details only, all other facts.
    Details,
}

/// Facts of [`FactSection::Row`]. They include only the limits that every model is expected to have. A change also changes the OpenAPI document.
static ROW: LazyLock<Vec<Fact>> = LazyLock::new(|| {
    let limits = Fact::ALL.iter().copied().filter(|fact| fact.group() == FactGroup::Limits && fact.is_expected());
    [Fact::Name, Fact::Input, Fact::Output].into_iter().chain(limits).chain([Fact::Billing]).collect()
});

/// Facts of [`FactSection::Details`]: the facts in no other section, except lists of objects, which have their own fields.
static DETAILS: LazyLock<Vec<Fact>> = LazyLock::new(|| {
    let others = [FactSection::Row, FactSection::RowEnd, FactSection::DetailsStart].map(FactSection::facts).concat();
    let objects = [Fact::Prices, Fact::Endpoints, Fact::Sources];
    Fact::ALL.iter().copied().filter(|fact| !others.contains(fact) && !objects.contains(fact)).collect()
});

impl FactSection {
    fn facts(self) -> &'static [Fact] {
        match self {
            Self::Row => &ROW,
            Self::RowEnd => &[Fact::Status],
            Self::DetailsStart => &[Fact::Kind, Fact::Family],
            Self::Details => &DETAILS,
        }
    }
}

impl Serialize for FactFields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.1.facts().iter().map(|&fact| (fact.as_str(), FactValue(self.0, fact))))
    }
}

/// The value of a fact. Unknown values are null; unknown lists and objects are empty.
struct FactValue<'a>(Model<'a>, Fact);

impl Serialize for FactValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(model, fact) = *self;
        if let Some(value) = model.value(fact) {
            return value.serialize(serializer);
        }
        match fact.fact_type() {
            FactType::Words(_) | FactType::Urls => serializer.collect_seq([(); 0]),
            FactType::Capabilities => Capabilities::default().serialize(serializer),
            FactType::Prices => PriceEntries::all(model).serialize(serializer),
            FactType::Endpoints => serializer.collect_seq(model.endpoints().map(EndpointJson::from)),
            FactType::Sources => serializer.collect_seq(model.sources().map(SourceJson::from)),
            _ => serializer.serialize_none(),
        }
    }
}

/// Returns the schema of a fact: its type and documentation.
fn value_schema(fact: Fact, generator: &mut SchemaGenerator) -> Value {
    let list = |items: Value| json!({"type": "array", "items": items});
    let (schema, more) = match fact.fact_type() {
        FactType::Text if fact == Fact::Name => (json!({"type": "string"}), " If no source states a name, this is the model id."),
        FactType::Text | FactType::Reference => (json!({"type": ["string", "null"]}), ""),
        FactType::Flag => (json!({"type": ["boolean", "null"]}), ""),
        FactType::Tokens => (json!({"type": ["integer", "null"], "minimum": 1}), ""),
        FactType::Date => (json!({"type": ["string", "null"]}), " The format is YYYY, YYYY-MM or YYYY-MM-DD, as precise as the source."),
        FactType::Word(vocabulary) => (vocabulary_reference(vocabulary, generator), ""),
        FactType::Words(vocabulary) => (list(vocabulary_reference(vocabulary, generator)), ""),
        FactType::Urls => (list(json!({"type": "string"})), ""),
        FactType::Capabilities => {
            let words = vocabulary_properties(Capability::VOCABULARY, &json!({"type": "boolean"}));
            (json!({"type": "object", "properties": words}), "")
        }
        FactType::Prices => (generator.subschema_for::<PriceEntries<'_>>().into(), ""),
        FactType::Endpoints => (list(generator.subschema_for::<EndpointJson<'_>>().into()), ""),
        FactType::Sources => (list(generator.subschema_for::<SourceJson<'_>>().into()), ""),
    };
    with_description(schema, &format!("{documentation}{more}", documentation = fact.documentation()))
}

/// Returns the schema of a section, as an object.
fn schema(group: FactSection, generator: &mut SchemaGenerator) -> Schema {
    let properties = group.facts().iter().map(|&fact| (fact.to_string(), value_schema(fact, generator)));
    let properties: Map<String, Value> = properties.collect();
    let required: Vec<&str> = group.facts().iter().map(|fact| fact.as_str()).collect();
    json_schema!({"type": "object", "properties": properties, "required": required})
}

pub(super) fn row(generator: &mut SchemaGenerator) -> Schema {
    schema(FactSection::Row, generator)
}

pub(super) fn row_end(generator: &mut SchemaGenerator) -> Schema {
    schema(FactSection::RowEnd, generator)
}

pub(super) fn details_start(generator: &mut SchemaGenerator) -> Schema {
    schema(FactSection::DetailsStart, generator)
}

pub(super) fn details(generator: &mut SchemaGenerator) -> Schema {
    schema(FactSection::Details, generator)
}

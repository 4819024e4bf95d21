//! The facts of a model as keys of its JSON. Their values and schemas follow from their declaration; a new fact is in the details.

use super::price::Entries;
use super::provider::{Endpoint, Source};
use crate::schema::{described, enumeration, keyed};
use modeldex_table::{Capabilities, Capability, Fact, FactGroup, FactType, Model};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::ser::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// The facts of a group, as keys of an object.
pub(super) struct Facts<'a>(pub(super) Model<'a>, pub(super) Group);

/// Facts that follow each other in the JSON of a model.
#[derive(Clone, Copy)]
pub(super) enum Group {
    /// In rows of lists, before the price.
    Row,
    /// In rows of lists, after the price.
    RowEnd,
    /// The first keys that lists leave out.
    DetailsStart,
    /// All others.
    Details,
}

/// The facts of [`Group::Row`]: of limits those that every model has. The OpenAPI document shows when that changes.
static ROW: LazyLock<Vec<Fact>> = LazyLock::new(|| {
    let limits = Fact::ALL.iter().copied().filter(|fact| fact.group() == FactGroup::Limits && fact.is_expected());
    [Fact::Name, Fact::Input, Fact::Output].into_iter().chain(limits).chain([Fact::Billing]).collect()
});

/// The facts of [`Group::Details`]: those that are in no other group, and have no field of their own because they are lists of objects.
static DETAILS: LazyLock<Vec<Fact>> = LazyLock::new(|| {
    let others = [Group::Row, Group::RowEnd, Group::DetailsStart].map(Group::facts).concat();
    let objects = [Fact::Prices, Fact::Endpoints, Fact::Sources];
    Fact::ALL.iter().copied().filter(|fact| !others.contains(fact) && !objects.contains(fact)).collect()
});

impl Group {
    fn facts(self) -> &'static [Fact] {
        match self {
            Self::Row => &ROW,
            Self::RowEnd => &[Fact::Status],
            Self::DetailsStart => &[Fact::Kind, Fact::Family],
            Self::Details => &DETAILS,
        }
    }
}

impl Serialize for Facts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.1.facts().iter().map(|&fact| (fact.as_str(), FactValue(self.0, fact))))
    }
}

/// The value of a fact; null when it is unknown, and empty where it is a list or an object.
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
            FactType::Prices => Entries::all(model).serialize(serializer),
            FactType::Endpoints => serializer.collect_seq(model.endpoints().map(Endpoint::from)),
            FactType::Sources => serializer.collect_seq(model.sources().map(Source::from)),
            _ => serializer.serialize_none(),
        }
    }
}

/// The schema of a fact: what its type makes of it, and its documentation.
fn value_schema(fact: Fact, generator: &mut SchemaGenerator) -> Value {
    let list = |items: Value| json!({"type": "array", "items": items});
    let (schema, more) = match fact.fact_type() {
        FactType::Text if fact == Fact::Name => (json!({"type": "string"}), " The id where no source has one."),
        FactType::Text | FactType::Reference => (json!({"type": ["string", "null"]}), ""),
        FactType::Flag => (json!({"type": ["boolean", "null"]}), ""),
        FactType::Tokens => (json!({"type": ["integer", "null"], "minimum": 1}), ""),
        FactType::Date => (json!({"type": ["string", "null"]}), " A year, a month or a day: as precise as its source."),
        FactType::Word(vocabulary) => (enumeration(vocabulary, generator), ""),
        FactType::Words(vocabulary) => (list(enumeration(vocabulary, generator)), ""),
        FactType::Urls => (list(json!({"type": "string"})), ""),
        FactType::Capabilities => {
            let words = keyed(Capability::VOCABULARY, &json!({"type": "boolean"}));
            (json!({"type": "object", "properties": words}), "")
        }
        FactType::Prices => (generator.subschema_for::<Entries<'_>>().into(), ""),
        FactType::Endpoints => (list(generator.subschema_for::<Endpoint<'_>>().into()), ""),
        FactType::Sources => (list(generator.subschema_for::<Source<'_>>().into()), ""),
    };
    described(schema, &format!("{}{more}", fact.documentation()))
}

/// The schema of a group of facts as keys of an object.
fn schema(group: Group, generator: &mut SchemaGenerator) -> Schema {
    let properties = group.facts().iter().map(|&fact| (fact.to_string(), value_schema(fact, generator)));
    let properties: Map<String, Value> = properties.collect();
    let required: Vec<&str> = group.facts().iter().map(|fact| fact.as_str()).collect();
    json_schema!({"type": "object", "properties": properties, "required": required})
}

pub(super) fn row(generator: &mut SchemaGenerator) -> Schema {
    schema(Group::Row, generator)
}

pub(super) fn row_end(generator: &mut SchemaGenerator) -> Schema {
    schema(Group::RowEnd, generator)
}

pub(super) fn details_start(generator: &mut SchemaGenerator) -> Schema {
    schema(Group::DetailsStart, generator)
}

pub(super) fn details(generator: &mut SchemaGenerator) -> Schema {
    schema(Group::Details, generator)
}

use super::price::known;
use super::{Facts, PartialDate, Price, Source};
use modeldex_table::{AliasKind, Fact, FactType};
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// A lab: a maker of models, and the facts about each that are the same whoever sells it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lab {
    /// The name on screen; the id where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub name: Option<String>,
    /// Where the facts in this file come from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// Its models, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<BaseModel>,
}

/// What a lab published about a model once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BaseModel {
    /// The id that `base: lab/id` names.
    pub id: String,
    /// Facts of the imported base model that are not taken over.
    pub omit: Vec<Fact>,
    /// The facts.
    pub facts: Facts,
    /// Sources of these facts, where they are not the file's own `sources`.
    pub sources: Vec<Source>,
}

/// A model as one provider sells it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// The id on the wire, exactly.
    pub id: String,
    /// The base model to inherit facts from, as `lab/model`. What is written here wins.
    pub base: Option<String>,
    /// Facts that are not inherited.
    pub omit: Vec<Fact>,
    /// Why its status is another than that of the same model at the same base URL under another provider.
    pub reason: Option<String>,
    /// The facts.
    pub facts: Facts,
    /// The ids of the endpoints that serve it; all of the provider's where none is named.
    pub endpoints: Vec<String>,
    /// Its price list. The first entry always holds; later ones name conditions and the rates that they change.
    pub prices: Vec<Price>,
    /// Sources of these facts, where they are not the file's own `sources`.
    pub sources: Vec<Source>,
}

/// Facts that hold for each model of a provider that does not state them itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defaults {
    /// The facts.
    pub facts: Facts,
}

/// Another id that resolves to a model of the same provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ModelAlias {
    /// The other id.
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = super::field_schema::MODEL_ID)))]
    pub id: String,
    /// The id it resolves to: a model's, or another alias's.
    pub target: String,
    /// Why it resolves.
    pub kind: AliasKind,
    /// Why it exists, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The day after which it may go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<PartialDate>,
}

/// Which of the three kinds of entry with facts is read or written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    Model,
    Base,
    Defaults,
}

impl Entry {
    fn states(self, fact: Fact) -> bool {
        match self {
            Self::Model => true,
            Self::Base => fact.is_inherited(),
            Self::Defaults => fact.is_allowed_in_defaults(),
        }
    }
}

/// Reads an entry as a model, which has all that the other two have.
struct EntryVisitor(Entry);

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Model;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping of facts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Model, A::Error> {
        let mut model = Model::default();
        let mut has_id = self.0 == Entry::Defaults;
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            let is_model = self.0 == Entry::Model;
            match key.as_ref() {
                "id" if self.0 != Entry::Defaults => (model.id, has_id) = (map.next_value()?, true),
                "base" if is_model => model.base = Some(map.next_value()?),
                "omit" if self.0 != Entry::Defaults => model.omit = map.next_value()?,
                "reason" if is_model => model.reason = Some(map.next_value()?),
                "endpoints" if is_model => model.endpoints = map.next_value()?,
                "prices" if is_model => model.prices = map.next_value()?,
                "sources" if self.0.states(Fact::Sources) => model.sources = map.next_value()?,
                key => {
                    if !model.facts.read(key, &mut map, |fact| self.0.states(fact))? {
                        return Err(A::Error::custom(format_args!("unknown key `{key}`")));
                    }
                }
            }
        }
        if has_id { Ok(model) } else { Err(A::Error::missing_field("id")) }
    }
}

/// Writes an entry, given as a model with what it has, in the order of YAML.
fn write_entry<S: Serializer>(entry: Entry, model: &Model, serializer: S) -> Result<S::Ok, S::Error> {
    let Model { id, base, omit, reason, facts, endpoints, prices, sources } = model;
    let mut map = serializer.serialize_map(None)?;
    known(&mut map, "id", (entry != Entry::Defaults).then_some(id))?;
    known(&mut map, "base", base.as_ref())?;
    known(&mut map, "omit", Some(omit).filter(|omit| !omit.is_empty()))?;
    known(&mut map, "reason", reason.as_ref())?;
    for &fact in Fact::YAML_ORDER.iter().filter(|fact| entry.states(**fact)) {
        match fact.fact_type() {
            FactType::Endpoints => known(&mut map, fact.as_str(), Some(endpoints).filter(|list| !list.is_empty()))?,
            FactType::Prices => known(&mut map, fact.as_str(), Some(prices).filter(|list| !list.is_empty()))?,
            FactType::Sources => known(&mut map, fact.as_str(), Some(sources).filter(|list| !list.is_empty()))?,
            _ => facts.write(fact, &mut map)?,
        }
    }
    map.end()
}

impl<'de> Deserialize<'de> for Model {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntryVisitor(Entry::Model))
    }
}

impl<'de> Deserialize<'de> for BaseModel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Model { id, omit, facts, sources, .. } = deserializer.deserialize_map(EntryVisitor(Entry::Base))?;
        Ok(Self { id, omit, facts, sources })
    }
}

impl<'de> Deserialize<'de> for Defaults {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Model { facts, .. } = deserializer.deserialize_map(EntryVisitor(Entry::Defaults))?;
        Ok(Self { facts })
    }
}

impl Serialize for Model {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_entry(Entry::Model, self, serializer)
    }
}

impl Serialize for BaseModel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { id, omit, facts, sources } = self.clone();
        write_entry(Entry::Base, &Model { id, omit, facts, sources, ..Model::default() }, serializer)
    }
}

impl Serialize for Defaults {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_entry(Entry::Defaults, &Model { facts: self.facts.clone(), ..Model::default() }, serializer)
    }
}

impl BaseModel {
    /// Whether a fact is stated.
    #[must_use]
    pub fn states(&self, fact: Fact) -> bool {
        match fact.fact_type() {
            FactType::Sources => !self.sources.is_empty(),
            _ => self.facts.states(fact),
        }
    }
}

impl Model {
    /// Whether a fact is stated. Prices state how the model is paid for.
    #[must_use]
    pub fn states(&self, fact: Fact) -> bool {
        match fact {
            Fact::Billing => self.facts.states(fact) || !self.prices.is_empty(),
            Fact::Prices => !self.prices.is_empty(),
            Fact::Endpoints => !self.endpoints.is_empty(),
            Fact::Sources => !self.sources.is_empty(),
            fact => self.facts.states(fact),
        }
    }
}

#[cfg(feature = "schemars")]
mod schema {
    use super::{BaseModel, Defaults, Entry, Model, Price, Source};
    use crate::authored::PartialDate;
    use crate::schema::CITABLE;
    use modeldex_table::{Capability, Fact, FactType, Vocabulary};
    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
    use serde_json::{Map, Value, json};
    use std::borrow::Cow;

    /// A closed mapping of what comes before the facts, and the facts.
    fn entry(generator: &mut SchemaGenerator, entry: Entry, description: &str, before: Vec<(&str, Value)>) -> Schema {
        let required: Vec<&str> = before.iter().map(|(key, _)| *key).filter(|key| *key == "id").collect();
        let mut properties: Map<String, Value> = before.into_iter().map(|(key, schema)| (key.to_owned(), schema)).collect();
        // What holds for all models of a file is said of none of them.
        let citable = entry != Entry::Defaults;
        for &fact in Fact::YAML_ORDER.iter().filter(|fact| entry.states(**fact)) {
            if matches!(fact.fact_type(), FactType::Capabilities) {
                for &(word, documentation) in Capability::VOCABULARY.words {
                    properties.insert(word.to_owned(), with_citations(json!({"type": "boolean", "description": documentation}), citable));
                }
                continue;
            }
            let mut schema = of_type(generator, fact.fact_type());
            schema["description"] = match fact.fact_type() {
                FactType::Reference => {
                    format!("{} An id or alias of the same provider, or a whole reference.", fact.documentation()).into()
                }
                _ => fact.documentation().into(),
            };
            let schema = with_citations(schema, citable && fact != Fact::Sources);
            properties.insert(fact.as_str().to_owned(), schema);
        }
        json_schema!({"description": description, "type": "object", "properties": properties, "required": required})
    }

    fn with_citations(mut schema: Value, citable: bool) -> Value {
        if citable {
            schema[CITABLE] = true.into();
        }
        schema
    }

    fn of_type(generator: &mut SchemaGenerator, fact_type: FactType) -> Value {
        match fact_type {
            FactType::Text => json!({"type": "string", "minLength": 1}),
            FactType::Reference => json!({"type": "string"}),
            FactType::Flag => json!({"type": "boolean"}),
            FactType::Tokens => json!({"type": "integer", "format": "uint32", "x-code": "limit", "minimum": 1}),
            FactType::Date => generator.subschema_for::<PartialDate>().to_value(),
            FactType::Word(vocabulary) => words(vocabulary),
            FactType::Words(vocabulary) => json!({"type": "array", "items": words(vocabulary)}),
            FactType::Urls => json!({"type": "array", "items": {"type": "string", "pattern": "^https?://"}}),
            FactType::Endpoints => json!({"type": "array", "items": {"type": "string"}, "maxItems": 32}),
            FactType::Prices => generator.subschema_for::<Vec<Price>>().to_value(),
            FactType::Sources => generator.subschema_for::<Vec<Source>>().to_value(),
            FactType::Capabilities => json!({}),
        }
    }

    /// As schemars writes an enum with documented variants.
    fn words(vocabulary: &Vocabulary) -> Value {
        let word = |(word, documentation): &(&str, &str)| json!({"type": "string", "const": word, "description": documentation});
        json!({"description": vocabulary.documentation, "oneOf": vocabulary.words.iter().map(word).collect::<Vec<_>>()})
    }

    fn id(description: &str) -> (&'static str, Value) {
        ("id", json!({"description": description, "type": "string", "pattern": crate::authored::field_schema::MODEL_ID}))
    }

    fn omitted(generator: &mut SchemaGenerator, description: &str) -> (&'static str, Value) {
        let facts = generator.subschema_for::<Vec<Fact>>().to_value();
        ("omit", json!({"description": description, "type": "array", "items": facts["items"]}))
    }

    impl JsonSchema for Model {
        fn schema_name() -> Cow<'static, str> {
            "Model".into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            let before = vec![
                id("The id on the wire, exactly."),
                (
                    "base",
                    json!({"description": "The base model to inherit facts from, as `lab/model`. What is written here wins.", "type": "string"}),
                ),
                omitted(generator, "Facts that are not taken over, from the base model or from the imported model."),
                (
                    "reason",
                    json!({
                        "description": "Why the status is another than that of the same model at the same base URL under another provider.",
                        "type": "string", "minLength": 1,
                    }),
                ),
            ];
            entry(generator, Entry::Model, "A model as one provider sells it.", before)
        }
    }

    impl JsonSchema for BaseModel {
        fn schema_name() -> Cow<'static, str> {
            "BaseModel".into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            let description = "What a lab published about a model once.";
            let omit = omitted(generator, "Facts of the imported base model that are not taken over.");
            entry(generator, Entry::Base, description, vec![id("The id that `base: lab/id` names."), omit])
        }
    }

    impl JsonSchema for Defaults {
        fn schema_name() -> Cow<'static, str> {
            "Defaults".into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            entry(generator, Entry::Defaults, "Facts that hold for each model of a provider that does not state them itself.", Vec::new())
        }
    }
}

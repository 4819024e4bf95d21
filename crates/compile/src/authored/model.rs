use super::price::write_known;
use super::{Facts, PartialDate, Price, SourceLink};
use modeldex_table::{AliasKind, Fact, FactType};
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// A lab: an organisation that trains models. The file of a lab states the facts of its base models. These facts hold for every provider that offers
/// the models.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lab {
    /// Display name; by default the id of the lab, which is the file name without extension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub name: Option<String>,
    /// Pages that state the facts in this file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceLink>,
    /// Base models of the lab, sorted by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<BaseModel>,
}

/// A base model: the facts that a lab publishes about a model. Models of providers inherit these facts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BaseModel {
    /// The id. A model refers to the base model by `base: lab/id`.
    pub id: String,
    /// Facts that this base model does not inherit from the imported base model with the same id.
    pub omit: Vec<Fact>,
    /// The facts that the base model states.
    pub facts: Facts,
    /// Pages that state the facts of this base model, if they differ from the `sources` of the whole file.
    pub sources: Vec<SourceLink>,
}

/// A model as one provider offers it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// The exact id of the model in requests to the provider.
    pub id: String,
    /// The base model from which the model inherits facts, as `lab/model`. Facts that the model states itself take precedence.
    pub base: Option<String>,
    /// Facts that the model does not inherit, although its base model, or the imported model with the same id, states them.
    pub omit: Vec<Fact>,
    /// Reason why the status of the model differs from its status under another provider that has the same base URL.
    pub reason: Option<String>,
    /// The facts that the model states; for a resolved model, also the inherited facts.
    pub facts: Facts,
    /// Ids of the endpoints that serve the model; all endpoints of the provider by default.
    pub endpoints: Vec<String>,
    /// The price list. The first entry has no conditions; each later entry states conditions, and the rates that differ under these conditions.
    pub prices: Vec<Price>,
    /// Pages that state the facts of this model, if they differ from the `sources` of the whole file.
    pub sources: Vec<SourceLink>,
}

/// Default facts in the file of a provider. A default fact applies to every model in the file that does not state the fact itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defaults {
    /// The default facts.
    pub facts: Facts,
}

/// An alias: an alternative id of a model of this provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ModelAlias {
    /// Alternative id.
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = super::field_schema::MODEL_ID)))]
    pub id: String,
    /// Id of the model to which the alias resolves, or id of another alias of this model.
    pub target: String,
    /// Kind of alias.
    pub kind: AliasKind,
    /// Reason for the alias, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Date after which the alias may be removed from the catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<PartialDate>,
}

/// The three kinds of entries that state facts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum EntryKind {
    Model,
    Base,
    Defaults,
}

impl EntryKind {
    /// Returns whether entries of this kind may state a fact.
    fn allows(self, fact: Fact) -> bool {
        match self {
            Self::Model => true,
            Self::Base => fact.is_inherited(),
            Self::Defaults => fact.is_allowed_in_defaults(),
        }
    }
}

/// Deserializes an entry of any kind as a [`Model`], which has the fields of all kinds of entries.
struct EntryVisitor(EntryKind);

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Model;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping with the facts of a model")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Model, A::Error> {
        let mut model = Model::default();
        let mut has_id = self.0 == EntryKind::Defaults;
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            let is_model = self.0 == EntryKind::Model;
            match key.as_ref() {
                "id" if self.0 != EntryKind::Defaults => (model.id, has_id) = (map.next_value()?, true),
                "base" if is_model => model.base = Some(map.next_value()?),
                "omit" if self.0 != EntryKind::Defaults => model.omit = map.next_value()?,
                "reason" if is_model => model.reason = Some(map.next_value()?),
                "endpoints" if is_model => model.endpoints = map.next_value()?,
                "prices" if is_model => model.prices = map.next_value()?,
                "sources" if self.0.allows(Fact::Sources) => model.sources = map.next_value()?,
                key => {
                    if !model.facts.read(key, &mut map, |fact| self.0.allows(fact))? {
                        return Err(A::Error::custom(format_args!("unknown key `{key}`")));
                    }
                }
            }
        }
        if has_id { Ok(model) } else { Err(A::Error::missing_field("id")) }
    }
}

/// Serializes an entry of any kind, which is given as a [`Model`]. The keys are in the order of the schema.
fn write_entry<S: Serializer>(entry: EntryKind, model: &Model, serializer: S) -> Result<S::Ok, S::Error> {
    let Model { id, base, omit, reason, facts, endpoints, prices, sources } = model;
    let mut map = serializer.serialize_map(None)?;
    write_known(&mut map, "id", (entry != EntryKind::Defaults).then_some(id))?;
    write_known(&mut map, "base", base.as_ref())?;
    write_known(&mut map, "omit", Some(omit).filter(|omit| !omit.is_empty()))?;
    write_known(&mut map, "reason", reason.as_ref())?;
    for &fact in Fact::YAML_ORDER.iter().filter(|fact| entry.allows(**fact)) {
        match fact.fact_type() {
            FactType::Endpoints => write_known(&mut map, fact.as_str(), Some(endpoints).filter(|list| !list.is_empty()))?,
            FactType::Prices => write_known(&mut map, fact.as_str(), Some(prices).filter(|list| !list.is_empty()))?,
            FactType::Sources => write_known(&mut map, fact.as_str(), Some(sources).filter(|list| !list.is_empty()))?,
            _ => facts.write(fact, &mut map)?,
        }
    }
    map.end()
}

impl<'de> Deserialize<'de> for Model {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntryVisitor(EntryKind::Model))
    }
}

impl<'de> Deserialize<'de> for BaseModel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Model { id, omit, facts, sources, .. } = deserializer.deserialize_map(EntryVisitor(EntryKind::Base))?;
        Ok(Self { id, omit, facts, sources })
    }
}

impl<'de> Deserialize<'de> for Defaults {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Model { facts, .. } = deserializer.deserialize_map(EntryVisitor(EntryKind::Defaults))?;
        Ok(Self { facts })
    }
}

impl Serialize for Model {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_entry(EntryKind::Model, self, serializer)
    }
}

impl Serialize for BaseModel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { id, omit, facts, sources } = self.clone();
        write_entry(EntryKind::Base, &Model { id, omit, facts, sources, ..Model::default() }, serializer)
    }
}

impl Serialize for Defaults {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_entry(EntryKind::Defaults, &Model { facts: self.facts.clone(), ..Model::default() }, serializer)
    }
}

impl BaseModel {
    /// Returns whether the base model states `fact`.
    #[must_use]
    pub fn states(&self, fact: Fact) -> bool {
        match fact.fact_type() {
            FactType::Sources => !self.sources.is_empty(),
            _ => self.facts.states(fact),
        }
    }
}

impl Model {
    /// Returns whether the model states `fact`. A model with prices also states the fact `billing`: its billing is `metered`.
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
    use super::{BaseModel, Defaults, EntryKind, Model, Price, SourceLink};
    use crate::authored::PartialDate;
    use crate::schema::CITABLE;
    use modeldex_table::{Capability, Fact, FactType, Vocabulary};
    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
    use serde_json::{Map, Value, json};
    use std::borrow::Cow;

    /// Returns the schema of a mapping that has the keys in `before`, and after them a key for each fact.
    fn entry(generator: &mut SchemaGenerator, entry: EntryKind, description: &str, before: Vec<(&str, Value)>) -> Schema {
        let required: Vec<&str> = before.iter().map(|(key, _)| *key).filter(|key| *key == "id").collect();
        let mut properties: Map<String, Value> = before.into_iter().map(|(key, schema)| (key.to_owned(), schema)).collect();
        // Defaults have no citations, because they are not statements about a single model.
        let citable = entry != EntryKind::Defaults;
        for &fact in Fact::YAML_ORDER.iter().filter(|fact| entry.allows(**fact)) {
            if matches!(fact.fact_type(), FactType::Capabilities) {
                for &(word, documentation) in Capability::VOCABULARY.words {
                    properties.insert(word.to_owned(), with_citations(json!({"type": "boolean", "description": documentation}), citable));
                }
                continue;
            }
            let mut schema = of_type(generator, fact.fact_type());
            schema["description"] = match fact.fact_type() {
                FactType::Reference => format!(
                    "{documentation} The value is `provider/model`, or the id or an alias of a model of the same provider.",
                    documentation = fact.documentation()
                )
                .into(),
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
            FactType::Urls => json!({"type": "array", "items": {"type": "string", "pattern": crate::authored::field_schema::WEB_URL}}),
            FactType::Endpoints => json!({"type": "array", "items": {"type": "string"}, "maxItems": 32}),
            FactType::Prices => generator.subschema_for::<Vec<Price>>().to_value(),
            FactType::Sources => generator.subschema_for::<Vec<SourceLink>>().to_value(),
            FactType::Capabilities => json!({}),
        }
    }

    /// Returns the schema of a vocabulary, in the form in which schemars writes an enum with documented variants.
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
            let base =
                "Base model from which the model inherits facts, as `lab/model`. Facts that the model states itself take precedence.";
            let before = vec![
                id("Exact id of the model in requests to the provider."),
                ("base", json!({"description": base, "type": "string"})),
                omitted(
                    generator,
                    "Facts that the model does not inherit from its base model or from the imported model with the same id.",
                ),
                (
                    "reason",
                    json!({
                        "description": "Reason why the status of the model differs from its status under another provider that has the same base URL.",
                        "type": "string", "minLength": 1,
                    }),
                ),
            ];
            entry(generator, EntryKind::Model, "A model as one provider offers it.", before)
        }
    }

    impl JsonSchema for BaseModel {
        fn schema_name() -> Cow<'static, str> {
            "BaseModel".into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            let description = "A base model: the facts that a lab publishes about a model. Models of providers inherit these facts.";
            let omit = omitted(generator, "Facts that this base model does not inherit from the imported base model with the same id.");
            entry(
                generator,
                EntryKind::Base,
                description,
                vec![id("Id of the base model. Models refer to the base model with `base: lab/id`."), omit],
            )
        }
    }

    impl JsonSchema for Defaults {
        fn schema_name() -> Cow<'static, str> {
            "Defaults".into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            entry(
                generator,
                EntryKind::Defaults,
                "Default facts for the models in this file. A fact that a model states itself takes precedence.",
                Vec::new(),
            )
        }
    }
}

//! Prints the difference of two catalogs as a JSON object with stable keys. Rates are exact decimals as strings, per million tokens or per unit.
//! Unknown values are null.

use super::Names;
use crate::commands::failure::Failure;
use crate::commands::out::Out;
use crate::diff::{Difference, EntryChange, FactChange, PriceChange, StatusChange, Unmatched};
use modeldex_compile::authored::held::HeldFact;
use modeldex_formats::json::{ConditionJson, display_or_null};
use modeldex_table::{Currency, CurrentRates, Fact, FactGroup, Meter, Model, PriceEntry, Provider, Rate};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

pub(super) fn write(names: &Names, difference: &Difference<'_>, held: &[HeldFact], out: &mut Out) -> Result<(), Failure> {
    let model = |changed: &FactChange<Model<'_>>| fact("ref", display_or_null(Some(changed.subject.reference())), changed);
    let provider = |changed: &FactChange<Provider<'_>>| fact("provider", changed.subject.id().into(), changed);
    let head = |key: &str, value: Value| format!("  {}: {value},\n", json!(key));
    let (old, new) = (head("old", names[0].as_str().into()), head("new", names[1].as_str().into()));
    write!(out, "{{\n{old}{new}{}", head("different", (!difference.is_empty()).into()))?;
    if !held.is_empty() {
        write!(out, "{}", head("held", json!(held)))?;
    }
    write!(out, "  \"providers\": {{")?;
    list(out, "", "added", &difference.providers_added, |only| only_provider(only, "was_alias_of"))?;
    list(out, ",", "removed", &difference.providers_removed, |only| only_provider(only, "now_alias_of"))?;
    list(out, ",", "changed", &difference.providers, provider)?;
    list(out, ",", "sources", &difference.provider_sources, provider)?;
    write!(out, "\n  }},\n  \"models\": {{")?;
    list(out, "", "added", &difference.added, |only| only_model(only, "was_alias_of"))?;
    list(out, ",", "removed", &difference.removed, |only| only_model(only, "now_alias_of"))?;
    list(out, ",", "status", &difference.statuses, change)?;
    list(out, ",", "prices", &difference.prices, price)?;
    list(out, ",", "limits", &difference.limits, model)?;
    list(out, ",", "capabilities", &difference.capabilities, model)?;
    list(out, ",", "facts", &difference.facts, model)?;
    list(out, ",", "sources", &difference.sources, model)?;
    Ok(writeln!(out, "\n  }}\n}}")?)
}

/// Writes a list with one object per line, like `models list --json`. Objects are built one at a time.
fn list<T>(out: &mut Out, comma: &str, key: &str, items: &[T], value: impl Fn(&T) -> Value) -> io::Result<()> {
    write!(out, "{comma}\n    \"{key}\": [")?;
    for (at, item) in items.iter().enumerate() {
        // Writing one string is faster than the many small writes of the serializer.
        let line = value(item).to_string();
        write!(out, "{}      {line}", if at == 0 { "\n" } else { ",\n" })?;
    }
    write!(out, "{}]", if items.is_empty() { "" } else { "\n    " })
}

fn only_provider(only: &Unmatched<Provider<'_>>, alias: &str) -> Value {
    json!({
        "id": only.item.id(),
        "name": only.item.name(),
        "models": only.item.models().len(),
        alias: only.alias_of.map(Provider::id),
    })
}

fn only_model(only: &Unmatched<Model<'_>>, alias: &str) -> Value {
    let model = only.item;
    let conditions = model.prices().iter().filter(|price| !price.is_always());
    let mut object = json!({
        "ref": display_or_null(Some(model.reference())),
        "name": model.name(),
        "kind": model.kind().as_str(),
        "status": model.status().as_str(),
    });
    add_facts(&mut object, model, |fact| fact.group() == FactGroup::Limits);
    object["price"] = side(model);
    object["conditions"] = conditions.map(entry).collect();
    object[alias] = display_or_null(only.alias_of.map(Model::reference));
    object
}

fn change(change: &StatusChange<'_>) -> Value {
    let model = change.model;
    let mut object = json!({
        "ref": display_or_null(Some(model.reference())),
        "old": change.old.as_str(),
        "new": change.new.as_str(),
    });
    add_facts(&mut object, model, |fact| fact.group() == FactGroup::Status && !fact.always_has_value());
    object
}

/// Adds the selected facts of a model; unknown facts are null.
fn add_facts(object: &mut Value, model: Model<'_>, is_selected: impl Fn(Fact) -> bool) {
    for &fact in Fact::ALL.iter().filter(|fact| is_selected(**fact)) {
        object[fact.as_str()] = json!(model.value(fact));
    }
}

fn price(change: &PriceChange<'_>) -> Value {
    let condition = |changed: &EntryChange<'_>| {
        let kind = match (changed.old, changed.new) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        };
        let when = changed.new.or(changed.old).map(|price| json!(ConditionJson(price.condition())));
        json!({"change": kind, "when": when, "old": changed.old.map(listed), "new": changed.new.map(listed)})
    };
    json!({
        "ref": display_or_null(Some(change.new.reference())),
        // Rounded to two decimals to keep the number short.
        "percent": change.percent().map(|percent| (percent * 100.0).round() / 100.0),
        "old": side(change.old),
        "new": side(change.new),
        "conditions": change.entries.iter().map(condition).collect::<Value>(),
        "reordered": change.is_reordered,
    })
}

/// The billing of a model, and its unconditional rates.
fn side(model: Model<'_>) -> Value {
    let always = CurrentRates::always(model.prices());
    json!({
        "billing": model.billing().as_str(),
        "currency": always.map(|always| always.currency().as_str()),
        "rates": always.map(|always| rates(always.iter())),
    })
}

/// A price-list entry with its condition.
fn entry(price: PriceEntry<'_>) -> Value {
    let mut object = listed(price);
    object["when"] = json!(ConditionJson(price.condition()));
    object
}

/// A price-list entry without its condition.
fn listed(price: PriceEntry<'_>) -> Value {
    let currency: Currency = price.currency();
    json!({"currency": currency.as_str(), "rates": rates(price.rates().map(|(meter, rate)| (meter, rate.authored(meter))))})
}

fn rates(rates: impl Iterator<Item = (Meter, Rate)>) -> Map<String, Value> {
    rates.map(|(meter, rate)| (meter.to_string(), display_or_null(Some(rate)))).collect()
}

/// The old and new value of a fact; `key` is the JSON key of the provider or model.
fn fact<T>(key: &str, of: Value, changed: &FactChange<T>) -> Value {
    json!({key: of, "fact": changed.fact, "old": changed.old, "new": changed.new})
}

//! Usage objects whose keys are the names of meters. An unknown key is an error, since its count would not be charged.

use crate::count::CountValue;
use crate::object;
use crate::{ParsedUsage, Tier, UsageError};
use modeldex_table::{Meter, Usage, nearest::nearest};
use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// The count of each meter, and the first key that is not the name of a meter.
#[derive(Default)]
struct MeterCounts {
    counts: [CountValue; Meter::ALL.len()],
    unknown: Option<String>,
}

/// Parses a usage object whose keys are the names of meters. The default of `request` is 1, that of all other meters 0.
pub(crate) fn read(raw: &str) -> Result<ParsedUsage, UsageError> {
    let mut counts = MeterCounts::default();
    object::read(raw, |json| json.deserialize_any(&mut counts))?;
    if let Some(unknown) = counts.unknown {
        let near = nearest(&unknown, Meter::ALL.iter().map(|meter| meter.as_str()));
        return Err(UsageError::UnknownMeter(unknown, near));
    }
    if !counts.counts.iter().any(|count| count.is_present()) {
        return Err(UsageError::MissingCounts("`input`, `output` or another meter".to_owned()));
    }
    let mut usage = Usage::request();
    for (meter, count) in Meter::ALL.iter().zip(counts.counts) {
        if let Some(count) = count.value(meter.as_str())? {
            usage.set(*meter, count);
        }
    }
    Ok(ParsedUsage { usage, tier: Tier::Unstated })
}

impl<'de> Visitor<'de> for &mut MeterCounts {
    type Value = CountValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<CountValue, E> {
        Ok(CountValue::Null)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CountValue, A::Error> {
        while let Some(name) = map.next_key()? {
            match name {
                MeterKey::Meter(meter) => {
                    let count = &mut self.counts[usize::from(meter.code())];
                    if count.is_present() {
                        return Err(A::Error::custom(format_args!("duplicate key `{meter}`")));
                    }
                    *count = map.next_value()?;
                }
                MeterKey::Unknown(name) => {
                    self.unknown.get_or_insert(name);
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(CountValue::Count(1))
    }
}

enum MeterKey {
    Meter(Meter),
    Unknown(String),
}

impl<'de> Deserialize<'de> for MeterKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MeterKeyVisitor;
        impl Visitor<'_> for MeterKeyVisitor {
            type Value = MeterKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a meter")
            }

            fn visit_str<E>(self, name: &str) -> Result<MeterKey, E> {
                Ok(Meter::parse(name).map_or_else(|| MeterKey::Unknown(name.to_owned()), MeterKey::Meter))
            }
        }
        deserializer.deserialize_str(MeterKeyVisitor)
    }
}

//! modeldex's own names: those of the meters. A name that is none would be charged nothing, so it is an error here.

use super::count::Count;
use super::{Read, Tier, UsageError};
use modeldex_table::{Meter, Usage, nearest::nearest};
use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// A count for each meter, and the first name that is no meter's.
#[derive(Default)]
pub(super) struct Own {
    counts: [Count; Meter::ALL.len()],
    unknown: Option<String>,
}

/// `request` is 1 where nothing is said.
pub(super) fn read(own: Own) -> Result<Read, UsageError> {
    if let Some(unknown) = own.unknown {
        let near = nearest(&unknown, Meter::ALL.iter().map(|meter| meter.as_str()));
        return Err(UsageError::UnknownMeter(unknown, near));
    }
    if !own.counts.iter().any(|count| count.is_there()) {
        return Err(UsageError::Missing("its counts, such as `input` or `output`"));
    }
    let mut usage = Usage::request();
    for (meter, count) in Meter::ALL.iter().zip(own.counts) {
        if let Some(count) = count.said(meter.as_str())? {
            usage.set(*meter, count);
        }
    }
    Ok(Read { usage, tier: Tier::Unsaid })
}

impl<'de> Deserialize<'de> for Own {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Counts)
    }
}

struct Counts;

impl<'de> Visitor<'de> for Counts {
    type Value = Own;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of counts by meter")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Own, A::Error> {
        let mut own = Own::default();
        while let Some(name) = map.next_key()? {
            match name {
                Name::Meter(meter) => {
                    let count = &mut own.counts[usize::from(meter.code())];
                    if count.is_there() {
                        return Err(A::Error::custom(format_args!("`{meter}` is there twice")));
                    }
                    *count = map.next_value()?;
                }
                Name::Unknown(name) => {
                    own.unknown.get_or_insert(name);
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(own)
    }
}

enum Name {
    Meter(Meter),
    Unknown(String),
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Named;
        impl Visitor<'_> for Named {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a meter")
            }

            fn visit_str<E>(self, name: &str) -> Result<Name, E> {
                Ok(Meter::parse(name).map_or_else(|| Name::Unknown(name.to_owned()), Name::Meter))
            }
        }
        deserializer.deserialize_str(Named)
    }
}

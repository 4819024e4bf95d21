//! modeldex's own names: those of the meters. A name that is none would be charged nothing, so it is an error here.

use crate::count::Count;
use crate::object;
use crate::{Read, Tier, UsageError};
use modeldex_table::{Meter, Usage, nearest::nearest};
use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// A count for each meter, and the first name that is no meter's.
#[derive(Default)]
struct Own {
    counts: [Count; Meter::ALL.len()],
    unknown: Option<String>,
}

/// `request` is 1 where nothing is said.
pub(crate) fn read(raw: &str) -> Result<Read, UsageError> {
    let mut own = Own::default();
    object::read(raw, |json| json.deserialize_any(&mut own))?;
    if let Some(unknown) = own.unknown {
        let near = nearest(&unknown, Meter::ALL.iter().map(|meter| meter.as_str()));
        return Err(UsageError::UnknownMeter(unknown, near));
    }
    if !own.counts.iter().any(|count| count.is_there()) {
        return Err(UsageError::Missing("its counts, such as `input` or `output`".to_owned()));
    }
    let mut usage = Usage::request();
    for (meter, count) in Meter::ALL.iter().zip(own.counts) {
        if let Some(count) = count.said(meter.as_str())? {
            usage.set(*meter, count);
        }
    }
    Ok(Read { usage, tier: Tier::Unsaid })
}

impl<'de> Visitor<'de> for &mut Own {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<Count, E> {
        Ok(Count::Null)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Count, A::Error> {
        while let Some(name) = map.next_key()? {
            match name {
                Name::Meter(meter) => {
                    let count = &mut self.counts[usize::from(meter.code())];
                    if count.is_there() {
                        return Err(A::Error::custom(format_args!("`{meter}` is there twice")));
                    }
                    *count = map.next_value()?;
                }
                Name::Unknown(name) => {
                    self.unknown.get_or_insert(name);
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Count::Is(1))
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

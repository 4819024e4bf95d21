//! Price lists, and the cost of the usage of a request.

mod condition;
mod cost;
mod current;
mod list;
mod rates;

pub use condition::{ALWAYS_ROW, Condition, ConditionKey, Hours, RequestContext};
pub use cost::{Cost, CostLine, PriceError};
pub use current::CurrentRates;
pub use list::{PriceEntry, PriceList};
pub use rates::Rates;

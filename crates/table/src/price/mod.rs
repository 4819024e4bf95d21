//! Prices: lists of rates under conditions, and what a usage costs by them.

mod condition;
mod cost;
mod list;
mod rates;
mod today;

pub use condition::{ALWAYS_ROW, Circumstances, Condition, Hours, Terms};
pub use cost::{Cost, Line, PriceError};
pub use list::{Price, Prices};
pub use rates::Rates;
pub use today::Today;

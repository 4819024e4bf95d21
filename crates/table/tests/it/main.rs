//! What holds of all facts and of every price list.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod facts;
mod price;

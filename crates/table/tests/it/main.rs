//! Integration tests of facts and price lists.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod decimal;
mod facts;
mod price;

//! What readers take from files of other tools, what is written of small catalogs, and what becomes of files that are merged into.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod merge;
mod openclaw_and_pi;
mod readers;

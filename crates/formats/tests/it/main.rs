//! Tests of readers, of output formats with small catalogs, and of merges into existing files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod merge;
mod openclaw_and_pi;
mod readers;

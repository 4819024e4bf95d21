//! The tests of the whole: what runs the program, or looks at the built-in catalog, all in one binary, since each one links the whole program's
//! crates again. What has `cfg(feature = "cli")` is left out of `cargo test -p modeldex --no-default-features`, which tests the library alone.
//!
//! They run as threads of one process: no test changes its environment or current folder, each has a folder of its own, and each server
//! takes whichever port is free.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod audit;
mod auth;
mod catalog;
mod cli;
mod config;
mod cost;
mod diagnostics;
mod diff;
mod docs;
mod drift;
mod emit;
mod emit_apply;
mod emit_cli;
mod evidence;
mod export;
mod import;
mod litellm;
mod message;
mod message_faults;
mod message_keys;
mod price;
mod probe;
mod program;
mod serve;
mod serve_life;
mod serve_limits;
mod serve_program;
mod server;
mod units;
mod vectors;

//! Integration tests of the program and the built-in catalog, in one binary, because each binary links all crates of the program again. Modules
//! with `cfg(feature = "cli")` are excluded from `cargo test -p modeldex --no-default-features`, which tests the library alone.
//!
//! They run as threads of one process: no test changes its environment or current folder, each test has its own folder, and each server uses a
//! free port.

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
mod messages;
mod price;
mod probe;
mod program;
mod routes;
mod serve;
mod serve_access;
mod serve_life;
mod serve_limits;
mod serve_program;
mod server;
mod units;
mod vectors;

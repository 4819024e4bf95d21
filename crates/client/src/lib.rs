//! From a model reference to an answer.
//!
//! The catalog says where a model is asked and how; this crate finds the [`credential`], speaks the wire protocol, tells what is wrong in words
//! that name the next step, and returns the usage object, which `modeldex_usage` reads so that it can be priced.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let catalog = modeldex_table::Catalog::default(); // that of `modeldex`, or one of your own
//! use modeldex_client::ask::{Client, Event};
//! use modeldex_client::credential::Places;
//! use modeldex_client::http::{Cancel, Limits};
//! use modeldex_client::target::{Choice, Target};
//! use modeldex_client::wire::{Message, Request, Role};
//! use modeldex_table::RequestContext;
//!
//! let model = catalog.model("kimi-coding/kimi-k2.5").map_err(|unknown| unknown.to_string())?;
//! let endpoint = Choice::default().of(model)?;
//! let environment = |name: &str| std::env::var(name).ok();
//! let places = Places { argument: None, environment: &environment, config: &|_| None };
//! let target = Target::find(model.provider(), endpoint, &places)?; // or which variable is missing
//!
//! let client = Client::new(Limits::default(), 3, Cancel::default());
//! let messages = [Message { role: Role::User, text: "Hello" }];
//! let request = Request { model: model.id(), messages: &messages, max_tokens: Some(500), stream: true };
//! let answer = client.ask(&target, &request, &mut |event| {
//!     if let Event::Text(text) = event {
//!         print!("{text}");
//!     }
//! })?; // or what went wrong, and what to do
//!
//! if let Some(raw) = answer.usage {
//!     let used = modeldex_usage::read_value(Some(endpoint.api()), &raw)?.usage;
//!     match model.price(&used, &RequestContext::default()) {
//!         Ok(cost) => println!("{} {}", cost.amount(), cost.currency()), // exact
//!         Err(error) => println!("{error}"), // unpriced is not 0
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! It is a crate of its own so that an edit of the catalog, after which `modeldex` is compiled again, does not compile it again.

pub mod ask;
pub mod credential;
pub mod http;
pub mod limits;
pub mod probe;
pub mod problem;
mod proxy;
pub mod secret;
pub mod target;
pub mod telegram;
pub mod wire;

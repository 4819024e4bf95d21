//! HTTP client for model APIs: credentials, wire protocols, error classification and endpoint probes.
//!
//! The catalog states the base URL, wire protocol and authentication of each endpoint. [`credential`] finds the API key, [`endpoint`] replaces the
//! variables of the base URL, [`generate`] sends a request and streams the response, and [`error`] names the cause of a failure and the next step.
//! The response contains the usage object as the provider sent it. The crate `modeldex_usage` parses usage objects, so that the cost of a request can
//! be computed.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let catalog = modeldex_table::Catalog::default(); // `modeldex::catalog()`, or a catalog that you compiled
//! use modeldex_client::generate::{Client, StreamEvent};
//! use modeldex_client::credential::CredentialLookup;
//! use modeldex_client::http::{CancelToken, HttpLimits};
//! use modeldex_client::endpoint::{EndpointSelector, ResolvedEndpoint};
//! use modeldex_client::wire::{GenerateRequest, Message, Role};
//! use modeldex_table::RequestContext;
//!
//! let model = catalog.model("kimi-coding/kimi-k2.5").map_err(|unknown| unknown.to_string())?;
//! let endpoint = EndpointSelector::default().for_model(model)?;
//! let environment = |name: &str| std::env::var(name).ok();
//! let lookup = CredentialLookup { argument: None, environment: &environment, config: &|_| None };
//! let target = ResolvedEndpoint::resolve(model.provider(), endpoint, &lookup)?; // the error names the missing variable
//!
//! let client = Client::new(HttpLimits::default(), 3, CancelToken::default());
//! let messages = [Message { role: Role::User, text: "Hello" }];
//! let request = GenerateRequest { model: model.id(), messages: &messages, max_tokens: Some(500), stream: true };
//! let response = client.generate(&target, &request, &mut |event| {
//!     if let StreamEvent::Text(text) = event {
//!         print!("{text}");
//!     }
//! })?; // the error states the cause and the next step
//!
//! if let Some(raw) = response.usage {
//!     let used = modeldex_usage::read_value(Some(endpoint.api()), &raw)?.usage;
//!     match model.price(&used, &RequestContext::default()) {
//!         Ok(cost) => println!("{} {}", cost.amount(), cost.currency()), // exact
//!         Err(error) => println!("{error}"), // the price is unknown, which does not mean free
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The client is a separate crate: after an edit of the catalog, Cargo recompiles the crate `modeldex`, but not the client.

pub mod credential;
pub mod endpoint;
pub mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod generate;
pub mod http;
pub mod probe;
mod proxy;
pub mod secret;
pub mod telegram;
pub mod token_limits;
mod url;
pub mod wire;

//! Health of a server.
//!
//! The HTTP status is 200 while a catalog is served, even if a newer catalog is invalid. The served catalog is still valid, and a load balancer
//! that reacts to the status would remove every server with the same folder. The field `status` of the body distinguishes the two cases.

use crate::site::Site;
use modeldex_table::Moment;
use schemars::JsonSchema;
use serde::Serialize;

/// State of a server, in addition to its site.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// Time when the served catalog was loaded.
    pub loaded_at: Option<Moment>,
    /// Failure to load the current content of the folders; `None` if the server serves this content.
    pub load_failure: Option<LoadFailure>,
}

/// Failure to load a catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadFailure {
    /// Time of the failure.
    pub at: Moment,
    /// Reason, in one line.
    pub reason: String,
}

/// Health of the server.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Health")]
pub(crate) struct Body<'a> {
    status: State,
    version: &'static str,
    catalog: ServedCatalog<'a>,
}

/// Whether the served catalog is the current content of the catalog's folders.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "HealthStatus")]
enum State {
    /// The current content is served.
    Ok,
    /// The current content is invalid; the last valid catalog is served.
    Degraded,
}

/// Catalog that is served.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ServedCatalog")]
struct ServedCatalog<'a> {
    /// Hash of the content.
    version: &'a str,
    /// Number of providers.
    providers: usize,
    /// Number of models.
    models: usize,
    /// Time for which the prices are valid.
    prices_as_of: String,
    /// Time when the catalog was loaded.
    loaded: Option<String>,
    failed: Option<CatalogFailure<'a>>,
}

/// Failure to load the current content of the catalog's folders.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CatalogFailure")]
struct CatalogFailure<'a> {
    at: String,
    reason: &'a str,
}

impl Health {
    /// Returns the body of `/health`.
    pub(crate) fn body<'a>(&'a self, site: &'a Site) -> Body<'a> {
        Body {
            status: if self.load_failure.is_none() { State::Ok } else { State::Degraded },
            version: env!("CARGO_PKG_VERSION"),
            catalog: ServedCatalog {
                version: site.catalog_version(),
                providers: site.provider_count(),
                models: site.model_count(),
                prices_as_of: site.prices_as_of().to_string(),
                loaded: self.loaded_at.map(|at| at.to_string()),
                failed: self.load_failure.as_ref().map(|failure| CatalogFailure { at: failure.at.to_string(), reason: &failure.reason }),
            },
        }
    }
}

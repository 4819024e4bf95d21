//! Health of the server, at the path `/health`.
//!
//! If the folders of the catalog become invalid, the server continues to respond with the last valid catalog, and `/health` still has the HTTP
//! status 200. With another status, a load balancer would remove all servers that read the same folders. The field `status` of the body states
//! whether the folders are valid.
//!
//! Everybody who can reach the server can read the response. Therefore the response contains neither text of the catalog's files nor paths.

use crate::site::Site;
use modeldex_table::Moment;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// Health of the server: when the catalog was loaded, and whether a later reload failed.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// Time at which the server loaded the catalog that it serves; `None` in an export.
    pub loaded_at: Option<Moment>,
    /// Last failure to reload the catalog; `None` if the server serves the current content of the catalog's folders.
    pub load_failure: Option<LoadFailure>,
}

/// Failure to reload the catalog after a change of its folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadFailure {
    /// Time of the failure.
    pub at: Moment,
    /// Code of each error, such as `unknown-key`.
    pub codes: Vec<&'static str>,
}

/// Health of the server.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Health")]
pub(crate) struct HealthBody<'a> {
    status: State,
    version: &'static str,
    catalog: ServedCatalog<'a>,
}

/// Whether the server serves the current content of the catalog's folders.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "HealthStatus")]
enum State {
    /// The server serves the current content.
    Ok,
    /// The current content is invalid, and the server serves the last valid catalog.
    Degraded,
}

/// Catalog that the server serves.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ServedCatalog")]
struct ServedCatalog<'a> {
    /// Hash of the catalog's content.
    version: &'a str,
    /// Number of providers.
    providers: usize,
    /// Number of models.
    models: usize,
    /// Time at which the prices are valid. Some prices change at a stated date.
    prices_as_of: String,
    /// Time at which the server loaded the catalog; null in an export.
    loaded: Option<String>,
    /// Last failure to reload the catalog; null if the server serves the current content of the catalog's folders.
    failed: Option<CatalogFailure>,
}

/// Failure to load the current content of the catalog's folders.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CatalogFailure")]
struct CatalogFailure {
    /// Time of the failure.
    at: String,
    /// Reason for the failure, in one line. The details are in the log of the server, because they contain text of the catalog's files.
    reason: String,
    /// Number of errors.
    errors: usize,
    /// Codes of the errors, such as `unknown-key`, in alphabetical order. `modeldex explain CODE` explains a code.
    codes: Vec<&'static str>,
}

impl CatalogFailure {
    fn new(failure: &LoadFailure) -> Self {
        let codes: BTreeSet<&'static str> = failure.codes.iter().copied().collect();
        let errors = failure.codes.len();
        let count = if errors == 1 { "1 error".to_owned() } else { format!("{errors} errors") };
        let reason = format!("the catalog has {count}; the log of the server has the details");
        Self { at: failure.at.to_string(), reason, errors, codes: codes.into_iter().collect() }
    }
}

impl Health {
    /// Returns the body of `/health`.
    pub(crate) fn body<'a>(&'a self, site: &'a Site) -> HealthBody<'a> {
        HealthBody {
            status: if self.load_failure.is_none() { State::Ok } else { State::Degraded },
            version: env!("CARGO_PKG_VERSION"),
            catalog: ServedCatalog {
                version: site.catalog_version(),
                providers: site.provider_count(),
                models: site.model_count(),
                prices_as_of: site.prices_as_of().to_string(),
                loaded: self.loaded_at.map(|at| at.to_string()),
                failed: self.load_failure.as_ref().map(CatalogFailure::new),
            },
        }
    }
}

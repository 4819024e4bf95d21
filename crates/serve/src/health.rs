//! How a server is. It answers 200 as long as it serves a catalog at all, also where a newer one is broken: what it serves is still right,
//! and a check that takes it out of service for that takes out every one that has the same folder. `status` says which of the two it is.

use crate::site::Site;
use modeldex_table::Moment;
use schemars::JsonSchema;
use serde::Serialize;

/// What is known besides what is served.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// Since when this catalog is served.
    pub loaded: Option<Moment>,
    /// Why what is in the folders now is not what is served.
    pub failed: Option<Failed>,
}

/// A catalog that could not be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// When that was.
    pub at: Moment,
    /// Why, in a line.
    pub reason: String,
}

/// The state of a server.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Health")]
pub(crate) struct Body<'a> {
    status: State,
    version: &'static str,
    catalog: Served<'a>,
}

/// Whether what is served is what is in the catalog's folders.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "HealthStatus")]
enum State {
    /// It is.
    Ok,
    /// What is in the catalog's folders now cannot be served. The last good catalog still is.
    Degraded,
}

/// The catalog that is served.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ServedCatalog")]
struct Served<'a> {
    /// The hash of its content.
    version: &'a str,
    /// The number of providers.
    providers: usize,
    /// The number of models.
    models: usize,
    /// The moment whose prices are served.
    prices_as_of: String,
    /// Since when it is served.
    loaded: Option<String>,
    failed: Option<Failure<'a>>,
}

/// Why what is in the catalog's folders now cannot be served.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CatalogFailure")]
struct Failure<'a> {
    at: String,
    reason: &'a str,
}

impl Health {
    /// The answer.
    pub(crate) fn body<'a>(&'a self, site: &'a Site) -> Body<'a> {
        Body {
            status: if self.failed.is_none() { State::Ok } else { State::Degraded },
            version: env!("CARGO_PKG_VERSION"),
            catalog: Served {
                version: site.version(),
                providers: site.providers(),
                models: site.models(),
                prices_as_of: site.at().to_string(),
                loaded: self.loaded.map(|at| at.to_string()),
                failed: self.failed.as_ref().map(|failed| Failure { at: failed.at.to_string(), reason: &failed.reason }),
            },
        }
    }
}

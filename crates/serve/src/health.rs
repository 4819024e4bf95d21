//! How a server is. It answers 200 as long as it serves a catalog at all, also where a newer one is broken: what it serves is still right,
//! and whoever takes it out of service for that takes out every one that has the same folder. `status` says which of the two it is.

use crate::site::Site;
use modeldex_table::Moment;
use serde_json::{Value, json};

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

impl Health {
    /// The answer.
    pub(crate) fn json(&self, site: &Site) -> Value {
        let failed = self.failed.as_ref().map(|failed| json!({"at": failed.at.to_string(), "reason": failed.reason}));
        json!({
            "status": if failed.is_none() { "ok" } else { "degraded" },
            "version": env!("CARGO_PKG_VERSION"),
            "catalog": {
                "version": site.version(),
                "providers": site.providers(),
                "models": site.models(),
                "prices_as_of": site.at().to_string(),
                "loaded": self.loaded.map(|at| at.to_string()),
                "failed": failed,
            },
        })
    }
}

//! Selection of the page for the path and query of a request.

use crate::encode::CompressionLevel;
use crate::listing;
use crate::page::{CachePolicy, ContentType, Page};
use crate::problem::Problem;
use crate::query::{self, ModelQuery};
use crate::routes;
use crate::site::{ModelEvidence, Site};
use hyper::StatusCode;
use modeldex_table::{Catalog, Model};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// Page for a request.
pub(crate) enum FoundPage<'s> {
    /// Page that the site caches.
    Cached(&'s Page),
    /// Page that was rendered for this request only.
    Rendered(Box<Page>),
}

/// Returns whether `path` is the path of one model or one provider. Rendering the page then takes microseconds.
pub(crate) fn is_single_item(site: &Site, path: &str) -> bool {
    let catalog = site.catalog();
    let is_known = |prefix: &str, lookup: &dyn Fn(&str) -> bool| {
        path.strip_prefix(prefix).and_then(|name| percent_decode(name).ok()).is_some_and(|name| lookup(&name))
    };
    is_known("/models/", &|reference| catalog.model(reference).is_ok()) || is_known("/providers/", &|id| catalog.provider(id).is_some())
}

/// Returns the page for the path and query of a request.
pub(crate) fn find_page<'s>(site: &'s Site, path: &str, query: Option<&str>) -> Result<FoundPage<'s>, Problem> {
    let catalog = site.catalog();
    if let Some(text) = query.filter(|_| path == "/models") {
        let query = ModelQuery::parse(text, &catalog)?;
        return Ok(rendered(listing::models(&catalog, &query, text, site.prices_as_of())));
    }
    if let Some(page) = site.full_catalog_page(path) {
        return Ok(FoundPage::Cached(page));
    }
    if let Some(id) = path.strip_prefix("/providers/") {
        let id = percent_decode(id)?;
        let provider = query::find_provider(&catalog, &id).map_err(|near| {
            let problem = Problem::new(StatusCode::NOT_FOUND, "unknown-provider", format!("unknown provider `{id}`"));
            problem.help("see `/providers` for the list of providers").nearest(near.map(str::to_owned).into_iter().collect())
        })?;
        return site.provider(provider).map(FoundPage::Cached).ok_or_else(|| no_route(path));
    }
    let reference = percent_decode(path.strip_prefix("/models/").ok_or_else(|| no_route(path))?)?;
    // A model id may end in `/evidence`. If there is a model with this id, the path is that of the model and not of evidence.
    let model = match reference.strip_suffix("/evidence") {
        Some(reference_of_evidence) if catalog.model(&reference).is_err() => {
            return evidence_page(site, find_model(&catalog, reference_of_evidence)?);
        }
        _ => find_model(&catalog, &reference)?,
    };
    site.model(model).map(FoundPage::Cached).ok_or_else(|| no_route(path))
}

fn evidence_page<'s>(site: &Site, model: Model<'_>) -> Result<FoundPage<'s>, Problem> {
    match site.evidence(model) {
        ModelEvidence::Found(json) => Ok(rendered(json)),
        ModelEvidence::Absent(reason) => {
            let problem = Problem::new(StatusCode::NOT_FOUND, "no-evidence", reason);
            Err(problem.help("the operator of the server can add evidence with `modeldex serve --evidence DIR`"))
        }
        ModelEvidence::Unreadable(reason) => Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "unreadable-evidence", reason)),
    }
}

/// Returns the model with the reference `reference`. The error lists similar references.
fn find_model<'a>(catalog: &'a Catalog<'a>, reference: &'a str) -> Result<Model<'a>, Problem> {
    catalog.model(reference).map_err(|unknown| {
        let nearest = unknown.nearest().map(|model| model.reference().to_string()).collect();
        let problem = Problem::new(StatusCode::NOT_FOUND, "unknown-model", format!("unknown model `{reference}`"));
        problem.help("expected a reference such as `openai/gpt-5.5`; `/models?search=WORDS` finds models").nearest(nearest)
    })
}

fn rendered<'s>(text: String) -> FoundPage<'s> {
    FoundPage::Rendered(Box::new(Page::new(text, ContentType::Json, CachePolicy::Cacheable, CompressionLevel::Once)))
}

fn no_route(path: &str) -> Problem {
    let near = modeldex_table::nearest::nearest(path, routes::paths_without_parameters()).map(str::to_owned);
    let problem = Problem::new(StatusCode::NOT_FOUND, "not-found", format!("the server has no path `{path}`"));
    problem.help("see `/` for the list of paths").nearest(near.into_iter().collect())
}

/// Percent-decodes a part of a path. In particular, `%2F` becomes a slash.
fn percent_decode(text: &str) -> Result<Cow<'_, str>, Problem> {
    let plain = percent_decode_str(text).decode_utf8();
    plain.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "bad-encoding", "the path of the URL is not percent-encoded UTF-8"))
}

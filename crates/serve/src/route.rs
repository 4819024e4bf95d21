//! Which page a path is of.

use crate::encode::Effort;
use crate::listing;
use crate::page::{Keep, Kind, Page};
use crate::problem::Problem;
use crate::query::{self, Query};
use crate::routes;
use crate::site::{Evidence, Site};
use hyper::StatusCode;
use modeldex_table::{Catalog, Model};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// A page that was found.
pub(crate) enum Found<'s> {
    /// One that is kept.
    Kept(&'s Page),
    /// One that was made for this request.
    Made(Box<Page>),
}

/// Whether a path is that of a model or a provider, by its id or an alias: rendering one takes microseconds.
pub(crate) fn is_small(site: &Site, path: &str) -> bool {
    let catalog = site.catalog();
    let is = |prefix: &str, known: &dyn Fn(&str) -> bool| {
        path.strip_prefix(prefix).and_then(|name| decoded(name).ok()).is_some_and(|name| known(&name))
    };
    is("/models/", &|reference| catalog.model(reference).is_ok()) || is("/providers/", &|id| catalog.provider(id).is_some())
}

/// The page of a path and a query, or why there is none.
pub(crate) fn find<'s>(site: &'s Site, path: &str, query: Option<&str>) -> Result<Found<'s>, Problem> {
    let catalog = site.catalog();
    if let Some(text) = query.filter(|_| path == "/models") {
        let asked = Query::read(text, &catalog)?;
        return Ok(made(listing::models(&catalog, &asked, text, site.at())));
    }
    if let Some(page) = site.whole(path) {
        return Ok(Found::Kept(page));
    }
    if let Some(id) = path.strip_prefix("/providers/") {
        let id = decoded(id)?;
        let provider = query::provider(&catalog, &id).map_err(|near| {
            let problem = Problem::new(StatusCode::NOT_FOUND, "unknown-provider", format!("there is no provider `{id}`"));
            problem.help("/providers has them all").nearest(near.map(str::to_owned).into_iter().collect())
        })?;
        return site.provider(provider).map(Found::Kept).ok_or_else(|| nothing(path));
    }
    let reference = decoded(path.strip_prefix("/models/").ok_or_else(|| nothing(path))?)?;
    // A model may be called `evidence`: what is a reference is one.
    let of = match reference.strip_suffix("/evidence") {
        Some(of) if catalog.model(&reference).is_err() => return evidence(site, known(&catalog, of)?),
        _ => known(&catalog, &reference)?,
    };
    site.model(of).map(Found::Kept).ok_or_else(|| nothing(path))
}

fn evidence<'s>(site: &Site, model: Model<'_>) -> Result<Found<'s>, Problem> {
    match site.evidence(model) {
        Evidence::Found(json) => Ok(made(json)),
        Evidence::Absent(why) => {
            let problem = Problem::new(StatusCode::NOT_FOUND, "no-evidence", why);
            Err(problem.help("whoever runs this server can name the evidence folder with `--evidence DIR`"))
        }
        Evidence::Unreadable(why) => Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "unreadable-evidence", why)),
    }
}

/// The model of a reference, or the nearest ones.
fn known<'a>(catalog: &'a Catalog<'a>, reference: &'a str) -> Result<Model<'a>, Problem> {
    catalog.model(reference).map_err(|unknown| {
        let nearest = unknown.nearest().map(|model| model.reference().to_string()).collect();
        let problem = Problem::new(StatusCode::NOT_FOUND, "unknown-model", format!("there is no model `{reference}`"));
        problem.help("a reference is `provider/model`; /models?search= finds them by words").nearest(nearest)
    })
}

fn made<'s>(text: String) -> Found<'s> {
    Found::Made(Box::new(Page::new(text, Kind::Json, Keep::Fresh, Effort::Once)))
}

fn nothing(path: &str) -> Problem {
    let near = modeldex_table::nearest::nearest(path, routes::whole_paths()).map(str::to_owned);
    let problem = Problem::new(StatusCode::NOT_FOUND, "not-found", format!("there is nothing at `{path}`"));
    problem.help("/ says what is there").nearest(near.into_iter().collect())
}

/// A part of a path without its encoding: `%2F` is a slash.
fn decoded(text: &str) -> Result<Cow<'_, str>, Problem> {
    let plain = percent_decode_str(text).decode_utf8();
    plain.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "bad-encoding", "the path is not UTF-8"))
}

//! Every answer that is made of one catalog. What is fetched most is made before anything is served; the thousands of small pages are made
//! when they are first asked for, and kept.

use crate::accept::Encoding;
use crate::encode::Effort;
use crate::fetched::FETCHED;
use crate::holder::{Evidence, Holder};
use crate::listing;
use crate::page::{self, Keep, Kind, Page};
use crate::query::Query;
use crate::{encode, index};
use modeldex_formats::json::{WholeModel, WholeProvider};
use modeldex_formats::{Lost, Selection, target};
use modeldex_table::{Catalog, Model, Moment, Provider};
use std::sync::{Arc, OnceLock};
use std::thread;

/// The OpenAPI 3.1 document that is served; `modeldex generate` makes it.
pub const OPENAPI: &str = include_str!("../openapi.json");

/// Every answer that is made of one catalog.
pub struct Site {
    holder: Arc<dyn Holder>,
    at: Moment,
    version: String,
    /// Pages that are there from the start, by path.
    whole: Vec<(&'static str, Page)>,
    index: [Page; 2],
    models: Box<[OnceLock<Page>]>,
    providers: Box<[OnceLock<Page>]>,
}

impl Site {
    /// Makes what is fetched most, in all its encodings. `now` decides about dated prices.
    #[must_use]
    pub fn new(holder: Arc<dyn Holder>, now: Moment) -> Self {
        let catalog = holder.catalog();
        let at = as_of(&catalog, now);
        let whole = made_together(&catalog, at);
        let paths: Vec<&str> = whole.iter().map(|(path, _)| *path).collect();
        let hashes: String = whole.iter().map(|(_, page)| page.form(Encoding::Identity).etag.to_str().unwrap_or_default()).collect();
        let version = encode::sha256(hashes.as_bytes())[..16].to_owned();
        let example = catalog.providers().find_map(Provider::default_model).or_else(|| catalog.models().next());
        let example = example.map(|model| model.reference().to_string());
        let (models, providers) = (catalog.models().len(), catalog.providers().len());
        let index = [
            Page::json(page::line(&index::json(&paths, example.as_deref(), &version))).by_accept(),
            Page::new(index::html(&paths, example.as_deref(), models, providers), Kind::Html, Keep::Fresh, Effort::Kept).by_accept(),
        ];
        let empty = |count: usize| (0..count).map(|_| OnceLock::new()).collect();
        Self { at, version, whole, index, models: empty(models), providers: empty(providers), holder }
    }

    /// The same catalog at another moment.
    #[must_use]
    pub(crate) fn at_another(&self, now: Moment) -> Self {
        Self::new(Arc::clone(&self.holder), now)
    }

    /// The name that the content of the catalog gives it.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The moment whose prices these are.
    #[must_use]
    pub fn at(&self) -> Moment {
        self.at
    }

    /// How many models there are.
    #[must_use]
    pub fn models(&self) -> usize {
        self.models.len()
    }

    /// How many providers there are.
    #[must_use]
    pub fn providers(&self) -> usize {
        self.providers.len()
    }

    /// Whether another moment has other prices.
    #[must_use]
    pub fn is_outdated(&self, now: Moment) -> bool {
        as_of(&self.catalog(), now) != self.at
    }

    pub(crate) fn catalog(&self) -> Catalog<'_> {
        self.holder.catalog()
    }

    pub(crate) fn evidence(&self, model: Model<'_>) -> Evidence {
        self.holder.evidence(model)
    }

    /// A page that is there from the start.
    pub(crate) fn whole(&self, path: &str) -> Option<&Page> {
        self.whole.iter().find(|(known, _)| *known == path).map(|(_, page)| page)
    }

    /// All of them.
    pub(crate) fn wholes(&self) -> impl Iterator<Item = (&'static str, &Page)> {
        self.whole.iter().map(|(path, page)| (*path, page))
    }

    pub(crate) fn index(&self, html: bool) -> &Page {
        &self.index[usize::from(html)]
    }

    /// The page of a model. An alias leads to the very same: its `ref` says what it is called, and its `alias_details` why it has other
    /// names.
    pub(crate) fn model(&self, model: Model<'_>) -> Option<&Page> {
        let place = self.models.get(model.place())?;
        Some(place.get_or_init(|| Page::json(self.model_text(model))))
    }

    /// What a model's page says.
    pub(crate) fn model_text(&self, model: Model<'_>) -> String {
        page::line(&WholeModel::new(model, self.at, None, None))
    }

    /// The page of a provider.
    pub(crate) fn provider(&self, provider: Provider<'_>) -> Option<&Page> {
        let place = self.providers.get(provider.place())?;
        Some(place.get_or_init(|| Page::json(page::line(&WholeProvider::new(provider, None, None)))))
    }
}

/// Midnight in UTC, or the last change of a dated price since then. So a catalog has the same bytes all the time that they mean the same,
/// whenever a server was started.
fn as_of(catalog: &Catalog<'_>, now: Moment) -> Moment {
    let midnight = Moment::from_minutes(now.minutes() - now.minutes() % (24 * 60));
    let conditions = catalog.models().flat_map(|model| model.prices().iter()).map(|price| price.condition());
    let changes = conditions.flat_map(|condition| [condition.from, condition.until]).flatten();
    changes.filter(|change| (midnight..=now).contains(change)).max().unwrap_or(midnight)
}

/// The pages that hold all of a catalog, each made by a thread of its own, since compressing them is what a start waits for.
fn made_together(catalog: &Catalog<'_>, at: Moment) -> Vec<(&'static str, Page)> {
    type Make<'c> = Box<dyn Fn() -> String + Send + 'c>;
    let mut makers: Vec<(&'static str, Make<'_>)> = Vec::new();
    for fetched in FETCHED {
        let Some(target) = target(fetched.target) else { continue };
        let make = move || {
            let documents = target.write(&Selection::all(catalog, at), &mut Lost::default());
            documents.into_iter().map(|document| document.text).collect::<String>()
        };
        makers.push((fetched.path, Box::new(make)));
    }
    makers.push(("/models", Box::new(move || listing::models(catalog, &Query::default(), "", at))));
    makers.push(("/providers", Box::new(move || listing::providers(catalog))));
    makers.push(("/openapi.json", Box::new(|| OPENAPI.to_owned())));
    thread::scope(|scope| {
        let made: Vec<_> = makers
            .into_iter()
            .map(|(path, make)| {
                let page = move || {
                    let mut text = make();
                    // It stays as long as the catalog, and was made by growing.
                    text.shrink_to_fit();
                    let page = Page::json(text);
                    page.form(Encoding::Gzip);
                    page.form(Encoding::Zstd);
                    page
                };
                (path, scope.spawn(page))
            })
            .collect();
        made.into_iter().map(|(path, page)| (path, page.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))).collect()
    })
}

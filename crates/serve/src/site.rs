//! Every answer that is made of one catalog. Each is made when it is first asked for, and kept as long as the catalog is served: a start
//! makes none of them, and the memory is bounded by the number of models.

use crate::accept::Encoding;
use crate::encode::{Effort, sha256};
use crate::page::{self, Keep, Kind, Page};
use crate::query::Query;
use crate::routes::{self, Answer, Route};
use crate::{index, listing};
use modeldex_formats::json::{ModelDetails, ProviderDetails};
use modeldex_formats::{LossReport, ModelSelection, emit_target};
use modeldex_table::{Catalog, Model, Moment, Provider};
use std::sync::{Arc, OnceLock};

/// The OpenAPI 3.1 document that is served; `modeldex generate` makes it.
pub const OPENAPI: &str = include_str!("../openapi.json");

/// Keeps a catalog in memory. A catalog borrows from what holds it, so a site owns the holder and asks it for the catalog whenever it makes
/// a page; pages own their bytes. That keeps both in one struct without `unsafe`.
pub trait Holder: Send + Sync {
    /// The catalog.
    fn catalog(&self) -> Catalog<'_>;

    /// The evidence of the facts of a model. It may read files, so it is called where that holds up no other answer.
    fn evidence(&self, model: Model<'_>) -> Evidence;

    /// Hands over a function that returns the same, for callers that need every model.
    fn with_evidence(&self, tell: &mut dyn FnMut(EvidenceOf<'_>)) {
        tell(&|model| self.evidence(model));
    }
}

/// The evidence of the facts of any model.
pub type EvidenceOf<'e> = &'e (dyn Fn(Model<'_>) -> Evidence + Sync);

/// What is known of where the facts of a model come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The JSON.
    Found(String),
    /// There is no evidence beside this catalog, and why.
    Absent(String),
    /// It is there and cannot be read.
    Unreadable(String),
}

/// Every answer that is made of one catalog.
pub struct Site {
    holder: Arc<dyn Holder>,
    at: Moment,
    version: OnceLock<String>,
    index: [OnceLock<Page>; 2],
    /// The bodies that hold the whole catalog.
    whole: Vec<(&'static Route, OnceLock<Page>)>,
    models: Box<[OnceLock<Page>]>,
    providers: Box<[OnceLock<Page>]>,
}

impl Site {
    /// Takes a catalog, and renders nothing. `now` decides about dated prices.
    #[must_use]
    pub fn new(holder: Arc<dyn Holder>, now: Moment) -> Self {
        let catalog = holder.catalog();
        let at = as_of(&catalog, now);
        let empty = |count: usize| (0..count).map(|_| OnceLock::new()).collect();
        let (models, providers) = (empty(catalog.models().len()), empty(catalog.providers().len()));
        let whole = routes::whole().map(|route| (route, OnceLock::new())).collect();
        Self { at, version: OnceLock::new(), index: Default::default(), whole, models, providers, holder }
    }

    /// The same catalog at another moment.
    pub(crate) fn at_another(&self, now: Moment) -> Self {
        Self::new(Arc::clone(&self.holder), now)
    }

    /// The name that the content of the catalog gives it. The first call renders every body that holds the whole catalog,
    /// each in a thread of its own.
    #[must_use]
    pub fn version(&self) -> &str {
        self.version.get_or_init(|| {
            std::thread::scope(|scope| {
                for (route, page) in &self.whole {
                    scope.spawn(|| self.rendered(route, page));
                }
            });
            let tags: String =
                self.wholes().map(|(_, page)| page.form(Encoding::Identity).etag.to_str().unwrap_or_default().to_owned()).collect();
            sha256(tags.as_bytes())[..16].to_owned()
        })
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

    pub(crate) fn with_evidence(&self, tell: &mut dyn FnMut(EvidenceOf<'_>)) {
        self.holder.with_evidence(tell);
    }

    /// Whether the version is known without rendering.
    pub(crate) fn has_version(&self) -> bool {
        self.version.get().is_some()
    }

    /// Whether `path` is that of a body that holds the whole catalog, and then whether it was made in an encoding.
    pub(crate) fn has_whole(&self, path: &str, encoding: Encoding) -> Option<bool> {
        let (_, page) = self.whole.iter().find(|(route, _)| route.path == path)?;
        Some(page.get().is_some_and(|page| page.has(encoding)))
    }

    /// A body that holds the whole catalog.
    pub(crate) fn whole(&self, path: &str) -> Option<&Page> {
        let (route, page) = self.whole.iter().find(|(route, _)| route.path == path)?;
        Some(self.rendered(route, page))
    }

    /// All of them.
    pub(crate) fn wholes(&self) -> impl Iterator<Item = (&'static Route, &Page)> {
        self.whole.iter().map(|(route, page)| (*route, self.rendered(route, page)))
    }

    fn rendered<'s>(&self, route: &Route, page: &'s OnceLock<Page>) -> &'s Page {
        page.get_or_init(|| {
            let catalog = self.catalog();
            Page::json(match route.answer {
                Answer::Format { target: name, .. } => {
                    let target = emit_target(name).expect("the contract's test asks for every format");
                    let documents = target.write(&ModelSelection::all(&catalog, self.at), &mut LossReport::default());
                    documents.into_iter().map(|document| document.text).collect()
                }
                Answer::Models => listing::models(&catalog, &Query::default(), "", self.at),
                Answer::Providers => listing::providers(&catalog),
                _ => OPENAPI.to_owned(),
            })
        })
    }

    /// The index, as a page for people or as JSON.
    pub(crate) fn index(&self, html: bool) -> &Page {
        self.index[usize::from(html)].get_or_init(|| {
            let catalog = self.catalog();
            let example = catalog.providers().find_map(Provider::default_model).or_else(|| catalog.models().next());
            let example = example.map(|model| model.reference().to_string());
            let page = if html {
                Page::new(index::html(example.as_deref(), self.models(), self.providers()), Kind::Html, Keep::Fresh, Effort::Kept)
            } else {
                Page::json(page::line(&index::json(example.as_deref(), self.version())))
            };
            page.by_accept()
        })
    }

    /// The page of a model. An alias leads to the very same: its `ref` is the id, and its `alias_details` state why it has other names.
    pub(crate) fn model(&self, model: Model<'_>) -> Option<&Page> {
        Some(self.models.get(model.index())?.get_or_init(|| Page::json(self.model_text(model))))
    }

    /// The text of a model's page.
    pub(crate) fn model_text(&self, model: Model<'_>) -> String {
        page::line(&ModelDetails::new(model, self.at, None, None))
    }

    /// The page of a provider.
    pub(crate) fn provider(&self, provider: Provider<'_>) -> Option<&Page> {
        let place = self.providers.get(provider.index())?;
        Some(place.get_or_init(|| Page::json(page::line(&ProviderDetails::new(provider, None, None)))))
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

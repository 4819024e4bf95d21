//! Where a model is between its release and its end, and what to use after it.

use crate::{Date, Model, Status};

/// Where a model is in its life, as people are told who use it.
#[derive(Clone, Copy, Debug)]
pub struct Lifecycle<'a> {
    /// Its status.
    pub status: Status,
    /// Since when it is deprecated or retired; `None` of other models, and where that is unknown.
    pub since: Option<Date>,
    /// When it stops or stopped answering.
    pub end: Option<Date>,
    /// What to use instead: the model that its successor names.
    pub replacement: Option<Model<'a>>,
}

impl<'a> Model<'a> {
    /// Where it is in its life.
    ///
    /// ```
    /// use modeldex_table::{Catalog, Model, Status};
    /// fn advice(model: Model<'_>) -> Option<String> {
    ///     let life = model.lifecycle();
    ///     (life.status == Status::Retired).then(|| format!("use {}", life.replacement.map_or("another", Model::id)))
    /// }
    /// ```
    #[must_use]
    pub fn lifecycle(self) -> Lifecycle<'a> {
        let (status, end) = (self.status(), self.retirement_date());
        let since = match status {
            Status::Retired => end,
            Status::Deprecated => self.deprecation_date(),
            Status::Active | Status::Preview => None,
        };
        let successor = self.catalog.optional(self.detail().successor);
        let replacement = successor.and_then(|reference| self.catalog.model(reference).ok());
        Lifecycle { status, since, end, replacement }
    }

    /// Whether it no longer answers on a day: it is retired, or every day that its retirement date can mean has passed.
    #[must_use]
    pub fn is_retired(self, today: Date) -> bool {
        self.status() == Status::Retired || self.retirement_date().is_some_and(|date| date.latest() < today)
    }
}

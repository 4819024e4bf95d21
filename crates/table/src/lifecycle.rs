//! Where a model is between its release and its end, and what to use after it.

use crate::{Date, Model, Status};

/// When a model leaves, and what to use after it.
#[derive(Clone, Copy, Debug)]
pub struct Lifecycle<'a> {
    /// Since when it is deprecated or retired; `None` for other models, and where that is unknown.
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
    /// # use modeldex_table::Model;
    /// fn advice(model: Model<'_>) -> Option<String> {
    ///     let life = model.lifecycle();
    ///     life.end.map(|end| format!("until {end}, then {}", life.replacement.map_or("another", Model::id)))
    /// }
    /// ```
    #[must_use]
    pub fn lifecycle(self) -> Lifecycle<'a> {
        let end = self.retirement_date();
        let since = match self.status() {
            Status::Retired => end,
            Status::Deprecated => self.deprecation_date(),
            Status::Active | Status::Preview => None,
        };
        let successor = self.catalog.optional(self.detail().successor);
        let replacement = successor.and_then(|reference| self.catalog.model(reference).ok());
        Lifecycle { since, end, replacement }
    }

    /// Whether it no longer answers on a day: it is retired, or every day that its retirement date can mean has passed.
    #[must_use]
    pub fn is_retired(self, today: Date) -> bool {
        self.status() == Status::Retired || self.retirement_date().is_some_and(|date| date.latest() < today)
    }
}

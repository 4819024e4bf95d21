//! Lifecycle of a model: deprecation, retirement and replacement.

use crate::{Date, Model, Status};

/// The end of a model's lifecycle: when, and the replacement.
#[derive(Clone, Copy, Debug)]
pub struct Lifecycle<'a> {
    /// The date of the deprecation or retirement; `None` for active and preview models, and if the date is unknown.
    pub since: Option<Date>,
    /// The retirement date.
    pub end: Option<Date>,
    /// The model of the `successor` fact, if the catalog has it.
    pub replacement: Option<Model<'a>>,
}

impl<'a> Model<'a> {
    /// Returns the dates and replacement of a deprecated or retired model.
    ///
    /// ```
    /// # use modeldex_table::Model;
    /// fn advice(model: Model<'_>) -> Option<String> {
    ///     let lifecycle = model.lifecycle();
    ///     lifecycle.end.map(|end| format!("until {end}, then {}", lifecycle.replacement.map_or("another", Model::id)))
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

    /// Returns whether the model is retired on `today`: its status is `retired`, or its retirement date has passed. A retirement date without a
    /// day has passed after the last day of its month or year.
    #[must_use]
    pub fn is_retired(self, today: Date) -> bool {
        self.status() == Status::Retired || self.retirement_date().is_some_and(|date| date.latest() < today)
    }
}

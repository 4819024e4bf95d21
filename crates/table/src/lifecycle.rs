//! The lifecycle of a model: deprecation, retirement and replacement.

use crate::{Date, Model, Status};

/// The dates at the end of a model's lifecycle, and the model that replaces this model.
#[derive(Clone, Copy, Debug)]
pub struct Lifecycle<'a> {
    /// Deprecation date of a deprecated model, or retirement date of a retired model. `None` if this date is unknown, or if the model is neither
    /// deprecated nor retired.
    pub since: Option<Date>,
    /// Retirement date of the model; `None` if this date is unknown.
    pub end: Option<Date>,
    /// The model that replaces this model; `None` if the catalog states no successor, or does not contain the successor.
    pub replacement: Option<Model<'a>>,
}

impl<'a> Model<'a> {
    /// Returns the dates on which the model is deprecated and retired, and the model that replaces this model.
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

    /// Returns whether the model is retired on the day `today`: its status is `retired`, or its retirement date is before `today`.
    ///
    /// A retirement date that states only a month or year counts as the last day of this month or year.
    #[must_use]
    pub fn is_retired(self, today: Date) -> bool {
        self.status() == Status::Retired || self.retirement_date().is_some_and(|date| date.latest() < today)
    }
}

//! One module a format. Whoever reads it, its units and its traps are in its module and nowhere else.

mod csv;
mod litellm;
mod models_dev;
mod openai_models;
mod routes;
mod sql;

use crate::target::Target;

/// Every format, in the order in which they are listed.
pub static TARGETS: &[&dyn Target] = &[&models_dev::ModelsDev, &litellm::LiteLlm, &openai_models::OpenAiModels, &csv::Csv, &sql::Sql];

//! One module a format. Whoever reads it, its units and its traps are in its module and nowhere else.

mod aichat;
mod catwalk;
mod continue_dev;
mod csv;
mod goose;
mod litellm;
mod litellm_proxy;
mod models_dev;
mod openai_models;
mod openclaw;
mod pi;
mod pi_model;
mod routes;
mod sql;
mod zed;

use crate::target::Target;

/// Every format, in the order in which they are listed.
pub static TARGETS: &[&dyn Target] = &[
    &models_dev::ModelsDev,
    &litellm::LiteLlm,
    &litellm_proxy::Proxy,
    &catwalk::Catwalk,
    &aichat::AiChat,
    &goose::Goose,
    &continue_dev::Continue,
    &zed::Zed,
    &openclaw::Openclaw,
    &pi::Pi,
    &openai_models::OpenAiModels,
    &csv::Csv,
    &sql::Sql,
];

/// The format that is called `name`.
#[must_use]
pub fn target(name: &str) -> Option<&'static dyn Target> {
    TARGETS.iter().copied().find(|target| target.name() == name)
}

//! The checks, one per module. To add a check, add a `mod` here and an entry in one of the lists.

mod alias_collision;
mod alias_dangling;
mod alias_loop;
mod auth_kind;
mod auth_place;
pub(crate) mod base_url;
mod base_url_credential;
mod base_url_variable;
mod billing_conflict;
mod common;
mod date_order;
mod duplicate_endpoint;
mod duplicate_file;
mod duplicate_mapping;
mod duplicate_model;
mod extends_loop;
mod header;
mod held_route;
mod incomplete_provider;
pub(crate) mod model_id;
mod no_models;
mod output_above_context;
mod overlay_route;
mod placeholder;
mod price_entries;
mod price_overlap;
pub(crate) mod rate_outlier;
mod reasoning_efforts;
mod restated;
mod retired_default;
mod shared_variable;
mod status_conflict;
mod unconfirmed_route;
mod unknown_base;
mod unknown_default_model;
mod unknown_endpoint;
mod unknown_extends;
mod unknown_omit;
mod unknown_service;
mod unknown_source;
mod unknown_successor;
mod view;

use crate::finding::Findings;
use crate::lint::{Context, Folder, RoutedFolder};
use crate::validate::AuthoredFiles;

/// The checks that need only the imported files, or only the hand-written files, of a folder. The checks of
/// `sources.yaml` and `provider-map.yaml` are here, because each folder has its own files: `import` reads them from the folder to which it writes.
pub(super) const LAYER_CHECKS: &[fn(&AuthoredFiles, &mut Findings)] =
    &[duplicate_file::check, unknown_source::check, unknown_service::check, duplicate_mapping::check];

/// The checks that compare the imported and the hand-written files of a folder.
pub(super) const FOLDER_CHECKS: &[fn(&Folder<'_>, &mut Findings)] =
    &[unconfirmed_route::check, restated::check, unknown_omit::check_imported];

/// The checks of the routes of a catalog folder or an overlay.
pub(super) const ROUTE_CHECKS: &[fn(&RoutedFolder<'_>, &mut Findings)] = &[shared_variable::check, overlay_route::check];

/// The checks that need the whole catalog.
pub(super) const CHECKS: &[fn(&Context<'_>, &mut Findings)] = &[
    unknown_extends::check,
    extends_loop::check,
    unknown_omit::check,
    incomplete_provider::check,
    no_models::check,
    placeholder::check,
    duplicate_endpoint::check,
    base_url::check,
    base_url_credential::check,
    base_url_variable::check,
    header::check,
    auth_kind::check,
    auth_place::check,
    model_id::check,
    duplicate_model::check,
    alias_collision::check,
    alias_dangling::check,
    alias_loop::check,
    unknown_default_model::check,
    retired_default::check,
    status_conflict::check,
    reasoning_efforts::check,
    unknown_base::check,
    unknown_endpoint::check,
    unknown_successor::check,
    output_above_context::check,
    date_order::check,
    billing_conflict::check,
    price_entries::check,
    price_overlap::check,
    rate_outlier::check,
    view::check,
    held_route::check,
];

//! The checks, one a file.

mod common;

use crate::finding::Findings;
use crate::lint::Context;

macro_rules! checks {
    ($($file:ident,)+) => {
        $(mod $file;)+

        /// Every check that needs the whole catalog.
        pub(super) const CHECKS: &[fn(&Context<'_>, &mut Findings)] = &[$($file::check,)+];
    };
}

checks! {
    duplicate_file,
    unknown_extends,
    extends_loop,
    unknown_omit,
    incomplete_provider,
    duplicate_endpoint,
    base_url,
    base_url_variable,
    header,
    auth_kind,
    auth_place,
    duplicate_model,
    alias_collision,
    alias_dangling,
    alias_loop,
    unknown_default_model,
    retired_default,
    unknown_base,
    unknown_endpoint,
    unknown_successor,
    output_above_context,
    date_order,
    billing_conflict,
    price_first,
    price_rates,
    price_hours,
    price_overlap,
    rate_outlier,
    view_reference,
    view_export,
    view_fact,
}

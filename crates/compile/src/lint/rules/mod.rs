//! Every rule. A new one is a file here and a line below.

mod common;

macro_rules! rules {
    ($($file:ident: $name:ident,)+) => {
        $(mod $file; pub(crate) use $file::RULE as $name;)+

        /// Every rule, those about single files first.
        pub static RULES: &[&crate::lint::Rule] = &[$(&$name,)+];
    };
}

rules! {
    syntax: SYNTAX,
    not_utf8: NOT_UTF8,
    unreadable: UNREADABLE,
    anchor: ANCHOR,
    duplicate_key: DUPLICATE_KEY,
    unknown_key: UNKNOWN_KEY,
    missing_key: MISSING_KEY,
    wrong_type: WRONG_TYPE,
    invalid_value: INVALID_VALUE,
    too_long: TOO_LONG,
    limit: LIMIT,
    environment_name: ENVIRONMENT_NAME,
    unknown_currency: UNKNOWN_CURRENCY,
    invalid_date: INVALID_DATE,
    invalid_rate: INVALID_RATE,
    secret: SECRET,
    file_id: FILE_ID,
    schema_line: SCHEMA_LINE,
    order: ORDER,
    duplicate_file: DUPLICATE_FILE,
    unknown_extends: UNKNOWN_EXTENDS,
    extends_loop: EXTENDS_LOOP,
    unknown_omit: UNKNOWN_OMIT,
    incomplete_provider: INCOMPLETE_PROVIDER,
    duplicate_endpoint: DUPLICATE_ENDPOINT,
    base_url: BASE_URL,
    base_url_variable: BASE_URL_VARIABLE,
    header: HEADER,
    auth_kind: AUTH_KIND,
    auth_place: AUTH_PLACE,
    duplicate_model: DUPLICATE_MODEL,
    alias_collision: ALIAS_COLLISION,
    alias_dangling: ALIAS_DANGLING,
    alias_loop: ALIAS_LOOP,
    unknown_default_model: UNKNOWN_DEFAULT_MODEL,
    retired_default: RETIRED_DEFAULT,
    unknown_base: UNKNOWN_BASE,
    unknown_endpoint: UNKNOWN_ENDPOINT,
    unknown_successor: UNKNOWN_SUCCESSOR,
    output_above_context: OUTPUT_ABOVE_CONTEXT,
    date_order: DATE_ORDER,
    billing_conflict: BILLING_CONFLICT,
    price_first: PRICE_FIRST,
    price_rates: PRICE_RATES,
    price_hours: PRICE_HOURS,
    price_overlap: PRICE_OVERLAP,
    rate_outlier: RATE_OUTLIER,
    view_reference: VIEW_REFERENCE,
    view_export: VIEW_EXPORT,
    view_fact: VIEW_FACT,
}

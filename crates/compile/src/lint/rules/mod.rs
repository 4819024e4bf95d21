//! Every rule. A new one is a file here and a line below.

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
}

//! What a provider says was used, in each protocol's own words, as [`Usage`](modeldex_table::Usage).

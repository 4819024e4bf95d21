//! Availability of providers: whether the environment variables with the credentials of a provider are set.
//!
//! ```
//! use modeldex::auth::{Availability, available};
//!
//! let kimi = modeldex::catalog().provider("kimi-coding").unwrap();
//! let environment = |name: &str| std::env::var(name).ok();
//! match available(kimi, &environment) {
//!     Availability::Set(variable) => println!("`{variable}` is set"),
//!     Availability::NotNeeded => println!("no credential required"),
//!     Availability::Missing => println!("no credential set"),
//! }
//! ```

pub use modeldex_table::availability::{Availability, MissingVariables, UsableAuth, available, available_when, is_non_blank, usable_auth};

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::catalog;
    use std::string::ToString;

    fn with(provider: &str, set: &[(&str, &'static str)]) -> Availability<'static> {
        let env = |name: &str| set.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
        available(catalog().provider(provider).expect("in the catalog"), &env)
    }

    #[test]
    fn blank_keys_count_as_unset() {
        assert_eq!(with("kimi-coding", &[]), Availability::Missing);
        assert_eq!(with("kimi-coding", &[("KIMI_API_KEY", "")]), Availability::Missing);
        assert_eq!(with("kimi-coding", &[("KIMI_API_KEY", " \n")]), Availability::Missing);
        assert_eq!(with("kimi-coding", &[("KIMI_API_KEY", "x")]), Availability::Set("KIMI_API_KEY"));
        assert_eq!(with("ollama", &[]), Availability::NotNeeded);
    }

    #[test]
    fn all_required_variables_must_be_set_and_a_region_is_no_credential() {
        let (id, secret, region) = (("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x"), ("AWS_REGION", "eu-west-1"));
        assert_eq!(with("amazon-bedrock", &[region]), Availability::Missing);
        assert_eq!(with("amazon-bedrock", &[region, id]), Availability::Missing);
        assert_eq!(with("amazon-bedrock", &[id, secret]), Availability::Set("AWS_ACCESS_KEY_ID"));
        assert_eq!(with("amazon-bedrock", &[("AWS_BEARER_TOKEN_BEDROCK", "x")]), Availability::Set("AWS_BEARER_TOKEN_BEDROCK"));
        assert_eq!(with("azure-openai", &[("AZURE_API_KEY", "x")]), Availability::Missing);
    }

    #[test]
    fn usable_and_missing_variables_are_listed() {
        let azure = catalog().provider("azure-openai").and_then(|provider| provider.auth().next()).expect("in the catalog");
        let missing = usable_auth(azure, |_| false).expect_err("nothing is set");
        assert_eq!(missing.to_string(), "`AZURE_API_KEY` or `AZURE_OPENAI_API_KEY`, and `AZURE_RESOURCE_NAME`");
        let missing = usable_auth(azure, |name| name == "AZURE_API_KEY").expect_err("the resource is not set");
        assert_eq!(missing.to_string(), "`AZURE_RESOURCE_NAME`");
        let usable = usable_auth(azure, |name| name != "AZURE_API_KEY").expect("all is set");
        assert_eq!(usable.key_variable(), Some("AZURE_OPENAI_API_KEY"));
        assert!(usable.variables().map(|(_, name)| name).eq([Some("AZURE_RESOURCE_NAME")]));
    }
}

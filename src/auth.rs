//! Whether a provider can be used now: which of the environment variables that it names are set.
//!
//! ```
//! use modeldex::auth::{Availability, available};
//!
//! let kimi = modeldex::catalog().provider("kimi-coding").unwrap();
//! let environment = |name: &str| std::env::var(name).ok();
//! match available(kimi, &environment) {
//!     Availability::Set(variable) => println!("`{variable}` holds the key"),
//!     Availability::NotNeeded => println!("it asks for no key"),
//!     Availability::Missing => println!("no variable that it names is set"),
//! }
//! ```

pub use modeldex_table::availability::{Availability, Met, Missing, available, available_when, holds_something, met};

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::catalog;
    use std::string::ToString;

    fn with(provider: &str, set: &[(&str, &'static str)]) -> Availability<'static> {
        let env = |name: &str| set.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
        available(catalog().provider(provider).expect("the catalog has it"), &env)
    }

    #[test]
    fn a_key_counts_when_it_holds_something() {
        assert_eq!(with("kimi-coding", &[]), Availability::Missing);
        assert_eq!(with("kimi-coding", &[("KIMI_API_KEY", "")]), Availability::Missing);
        assert_eq!(with("kimi-coding", &[("KIMI_API_KEY", " \n")]), Availability::Missing);
        assert_eq!(with("kimi-coding", &[("KIMI_API_KEY", "x")]), Availability::Set("KIMI_API_KEY"));
        assert_eq!(with("ollama", &[]), Availability::NotNeeded);
    }

    #[test]
    fn all_that_is_needed_must_be_there_and_a_region_proves_nothing() {
        let (id, secret, region) = (("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x"), ("AWS_REGION", "eu-west-1"));
        assert_eq!(with("amazon-bedrock", &[region]), Availability::Missing);
        assert_eq!(with("amazon-bedrock", &[region, id]), Availability::Missing);
        assert_eq!(with("amazon-bedrock", &[id, secret]), Availability::Set("AWS_ACCESS_KEY_ID"));
        assert_eq!(with("amazon-bedrock", &[("AWS_BEARER_TOKEN_BEDROCK", "x")]), Availability::Set("AWS_BEARER_TOKEN_BEDROCK"));
        assert_eq!(with("azure-openai", &[("AZURE_API_KEY", "x")]), Availability::Missing);
    }

    #[test]
    fn a_way_tells_what_is_used_and_what_is_missing() {
        let azure = catalog().provider("azure-openai").and_then(|provider| provider.auth().next()).expect("the catalog has it");
        let missing = met(azure, |_| false).expect_err("nothing is set");
        assert_eq!(missing.to_string(), "`AZURE_API_KEY` or `AZURE_OPENAI_API_KEY`, and `AZURE_RESOURCE_NAME`");
        let missing = met(azure, |name| name == "AZURE_API_KEY").expect_err("the resource is not set");
        assert_eq!(missing.to_string(), "`AZURE_RESOURCE_NAME`");
        let met = met(azure, |name| name != "AZURE_API_KEY").expect("all is set");
        assert_eq!(met.key(), Some("AZURE_OPENAI_API_KEY"));
        assert!(met.variables().map(|(_, name)| name).eq([Some("AZURE_RESOURCE_NAME")]));
    }
}

//! The names of environment variables: whether a variable contains a credential or a part of an address, and to whom it belongs.

use std::collections::HashSet;

/// Words in the name of a variable that may contain a secret, or a text with a secret in it, such as the URL of a database.
const CREDENTIAL_WORDS: &str = "\
    AMQP AUTH AUTHORIZATION BEARER CERT CERTIFICATE CONN CONNECTION CREDS DATABASE DB DOCKER DSN GH GITHUB GITLAB GPG HMAC JWT KEYS \
    KUBE KUBECONFIG LDAP LOGIN MNEMONIC MONGO MONGODB MYSQL NPM OAUTH PASS PASSPHRASE PAT PEM PG PGP PIN POSTGRES POSTGRESQL PRIVATE \
    PW PWD PYPI REDIS SEED SENTRY SESSION SIGNATURE SIGNING SLACK SMTP SSH STRIPE USER VAULT WALLET WEBHOOK";

/// Parts of words in the name of a variable that may contain a secret.
const CREDENTIAL_PARTS: &[&str] = &["COOKIE", "CREDENTIAL", "PASSW", "SECRET", "TOKEN"];

/// Last words of the names of variables that base URLs may contain. Each is the name of a part of an address.
pub(super) const ADDRESS_WORDS: &str = "\
    ACCOUNT CLUSTER DATACENTER DEPLOYMENT DOMAIN ENDPOINT ENVIRONMENT GATEWAY HOST ID INSTANCE LOCATION NAME NAMESPACE ORG \
    ORGANIZATION PORT PRODUCT PROJECT REGION RESOURCE SERVER SERVICE SUBDOMAIN TENANT VERSION WORKSPACE ZONE";

/// Words at the end of the name of a credential variable. What precedes them is the name of the owner, such as `ANTHROPIC` in `ANTHROPIC_AUTH_TOKEN`.
const KIND_WORDS: &str = "ACCESS API APIKEY AUTH BEARER CREDENTIAL CREDENTIALS ID KEY KEYS OAUTH PASSWORD PAT SECRET SESSION TOKEN";

/// Minimum number of letters and digits of a provider's name that is recognized at the beginning of a longer word. Shorter names, such as `groq`, begin
/// too many other words.
const MIN_JOINED: usize = 6;

/// First words in the names of credential variables of services that do not serve models, or that serve much else.
const SERVICE_WORDS: &str = "\
    ATLASSIAN AWS BITBUCKET CARGO CF CIRCLECI CODEX DATADOG DISCORD DOCKER DROPBOX FIGMA FLY GH GHCR GITHUB GITLAB GPG HEROKU HOMEBREW IBM JIRA KUBE \
    KUBECONFIG LANGCHAIN LANGFUSE LANGSMITH LINEAR LITELLM MYSQL NETLIFY NGC NOTION NPM PAYPAL PGPASSWORD PINECONE PYPI SENDGRID SENTRY SERPAPI \
    SHOPIFY SLACK SSH STRIPE SUPABASE TAVILY TELEGRAM TWILIO TWINE TWITTER VAULT";

/// Words in the names of variables that name no owner, such as `MY` in `MY_OPENAI_KEY` and `BOT` in `BOT_TOKEN`.
const GENERIC_WORDS: &str = "\
    AI APP BOT CI DATABASE DB DEFAULT DEV JOB LLM LOCAL MODEL MY NEXT PROD PRODUCTION PUBLIC REACT ROLE SERVICE STAGING TEST URL USER VITE";

/// Returns the variable from which tools read the key of a provider if they derive its name from the id of the provider.
pub(super) fn derived_variable(id: &str) -> String {
    variable_prefix(id) + "_API_KEY"
}

/// Returns the beginning of the names of the variables of the provider with this id or alias.
pub(super) fn variable_prefix(id: &str) -> String {
    let words = id.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_uppercase).collect::<Vec<_>>().join("_")
}

/// Returns whether a variable is named like a credential, or like a text that often contains a credential.
pub(crate) fn is_credential_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    // A number may follow, as in `OPENAI_API_KEY1`.
    let words: HashSet<&str> = name.split('_').map(|word| word.trim_end_matches(|letter: char| letter.is_ascii_digit())).collect();
    let has_part = |word: &&str| word.ends_with("KEY") || CREDENTIAL_PARTS.iter().any(|part| word.contains(part));
    let is_aws = name.starts_with("AWS_") && !name.ends_with("_REGION");
    is_aws || words.iter().any(has_part) || CREDENTIAL_WORDS.split(' ').any(|word| words.contains(word))
}

/// Returns the beginning of the name of a credential variable, in upper case: what is left without the [`KIND_WORDS`] at its end. `None` if the name
/// does not end with such a word, or has only such words.
pub(super) fn owner_name(name: &str) -> Option<String> {
    let name = name.to_ascii_uppercase();
    let mut rest = name.as_str();
    while let Some((before, last)) = rest.rsplit_once('_')
        && has_word(KIND_WORDS, last)
    {
        rest = before;
    }
    (rest.len() < name.len() && !has_word(KIND_WORDS, rest)).then(|| rest.to_owned())
}

/// Returns whether a variable is named like a credential of a service that does not serve models, such as `GITHUB_TOKEN`, or has a name that any
/// service could use, such as `API_KEY`.
pub(super) fn is_of_service(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let is_of_any = || name.split('_').all(|word| has_word(KIND_WORDS, word) || has_word(GENERIC_WORDS, word));
    is_credential_name(&name) && (is_of_any() || name.split('_').next().is_some_and(|first| has_word(SERVICE_WORDS, first)))
}

/// Returns the names of the possible owners of a credential variable, longest first, as their [`distinct_part`]: the beginnings of the variable's name,
/// also behind words that name no owner. For `MY_OPENAI_ADMIN_KEY`, one of them is `openai`.
pub(super) fn possible_owners(name: &str) -> Vec<String> {
    let name = name.to_ascii_uppercase();
    if !is_credential_name(&name) {
        return Vec::new();
    }
    let words: Vec<&str> = name.split('_').collect();
    let is_owner = |word: &&str| !has_word(KIND_WORDS, word) && !has_word(GENERIC_WORDS, word);
    let Some(first) = words.iter().position(is_owner) else { return Vec::new() };
    let before = distinct_part(&words[..first].concat()).len();
    let mut owners = beginnings(&name, before + 1);
    if first > 0 {
        owners.extend(beginnings(&words[first..].join("_"), 1));
    }
    owners
}

/// Returns the beginnings of a text, longest first, as their [`distinct_part`], with at least `least` letters and digits. A beginning ends at the end of
/// a word, or has at least [`MIN_JOINED`] letters and digits.
fn beginnings(text: &str, least: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut letters = String::new();
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        if letter.is_ascii_alphanumeric() {
            letters.push(letter.to_ascii_lowercase());
            let is_end = rest.peek().is_none_or(|next| !next.is_ascii_alphanumeric());
            if letters.len() >= least && (is_end || letters.len() >= MIN_JOINED) {
                found.push(letters.clone());
            }
        }
    }
    found.reverse();
    found
}

/// Returns the number of letters and digits in `name` if the name of a variable begins like `name`, the id, an alias or the name of a provider, and has
/// more words: `OPENAI_ADMIN_KEY`, `OPEN_AI_KEY` and `OPENAIX_KEY` begin like `openai`. Returns `None` if the variable has another name.
#[must_use]
pub fn named_after(variable: &str, name: &str) -> Option<usize> {
    let (whole, name) = (distinct_part(variable), distinct_part(name));
    let is_beginning = !name.is_empty() && whole.len() > name.len() && whole.starts_with(&name);
    (is_beginning && beginnings(variable, name.len()).contains(&name)).then_some(name.len())
}

/// Returns the part of a name that all tools distinguish: the letters and digits, in lower case. Some tools derive variables and names of their own from
/// the id of a provider: aichat replaces all other characters by `_`, and Zed separates letters from digits.
pub(super) fn distinct_part(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn has_word(words: &str, word: &str) -> bool {
    words.split(' ').any(|other| other == word)
}

/// Returns whether the name of a variable ends with a part of an address.
pub(super) fn is_address_name(name: &str) -> bool {
    let last = name.rsplit('_').next().unwrap_or_default();
    has_word(ADDRESS_WORDS, last) || name == "BASE_URL" || name.ends_with("_BASE_URL")
}

#[cfg(test)]
mod tests {
    use super::{named_after, possible_owners};

    #[test]
    fn variables_are_named_after_providers() {
        for (variable, name, letters) in [
            ("OPENAI_ADMIN_KEY", "openai", Some(6)),
            ("OPEN_AI_KEY", "openai", Some(6)),
            ("OPENAIX_KEY", "openai", Some(6)),
            ("OPENAI", "openai", None),
            ("MISTRALAI_API_KEY", "mistral", Some(7)),
            ("HUGGING_FACE_HUB_TOKEN", "huggingface", Some(11)),
            ("GROQ_KEY", "groq", Some(4)),
            ("GROQX_KEY", "groq", None),
            ("GR_OQ_KEY", "groq", Some(4)),
            ("KEY_OPENAI", "openai", None),
            ("OPENAI_KEY", "", None),
            ("OPENAI_KEY", "z.ai", None),
            ("Z_AI_KEY", "z.ai", Some(3)),
        ] {
            assert_eq!(named_after(variable, name), letters, "{variable} {name}");
        }
    }

    #[test]
    fn possible_owners_are_the_beginnings_of_a_name() {
        assert_eq!(possible_owners("MY_CO_KEY"), ["mycokey", "mycoke", "myco", "cokey", "co"]);
        assert_eq!(possible_owners("API_KEY"), [""; 0]);
        assert_eq!(possible_owners("ACME_REGION"), [""; 0]);
    }
}

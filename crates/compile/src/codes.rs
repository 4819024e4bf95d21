//! All rules that catalog files must satisfy. Each rule has a diagnostic code, a severity, a summary and an explanation.
//!
//! This module uses nothing of the other modules but [`Severity`]. Therefore the reader, the schema, the lint rules and the renderers can all use it.

use crate::diagnostic::Severity;

/// A rule that catalog files must satisfy, identified by its diagnostic code.
#[derive(Debug)]
pub struct Rule {
    /// The diagnostic code: a stable name in kebab-case, such as `unknown-key`.
    pub code: &'static str,
    /// The severity of a diagnostic that reports a violation of the rule.
    pub severity: Severity,
    /// What the rule requires, in one sentence.
    pub summary: &'static str,
    /// Why the rule exists, what violates it and how to fix it; shown by `modeldex explain CODE`.
    pub explanation: &'static str,
}

/// Returns the rule with the diagnostic code `code`; `None` if no rule has this code.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code == code)
}

macro_rules! rules {
    ($($name:ident: $code:literal, $severity:ident, $summary:literal, $explanation:literal;)+) => {
        $(pub(crate) static $name: Rule =
            Rule { code: $code, severity: Severity::$severity, summary: $summary, explanation: $explanation };)+

        /// All rules that catalog files must satisfy. Rules about a single file come first.
        pub static RULES: &[&Rule] = &[$(&$name,)+];
    };
}

rules! {
    SYNTAX: "syntax", Error,
        "A catalog file contains exactly one YAML document.",
        "The file is not valid YAML, or contains more than one YAML document. The reported position is the place at which the parser stopped, which is often just after the mistake. Look for a missing colon, an unclosed quote, or a line that is indented with tabs or with the wrong number of spaces.";
    NOT_UTF8: "not-utf8", Error,
        "A catalog file is encoded in UTF-8.",
        "The file contains bytes that are not valid UTF-8. The reported position is the first invalid byte. Save the file as UTF-8.";
    UNREADABLE: "unreadable", Error,
        "Every file and folder of the catalog can be read.",
        "A file or folder of the catalog could not be read. Either it does not exist, or the permission to read it is missing, or it is not a regular file, or it is larger than 64 MiB.";
    ANCHOR: "anchor", Error,
        "Catalog files use no YAML anchors, aliases or tags.",
        "In YAML, an anchor (`&name`) names a value, an alias (`*name`) repeats the named value, and a tag (`!type`) changes the type of a value. In a catalog file, they are not allowed, because they hide where a value is written, and because a few lines with aliases can expand to gigabytes. To write a fact only once, use `base`, `defaults` or `extends`. To write a text that begins with `&`, `*` or `!`, put the text in quotes.";
    DUPLICATE_KEY: "duplicate-key", Error,
        "A mapping contains each key only once.",
        "The same key is written twice in one mapping. YAML parsers differ in which of the two values they keep. The report shows both places; remove one of the two keys.";
    UNKNOWN_KEY: "unknown-key", Error,
        "Every key is defined in the schema of its file.",
        "The schema of the file does not define the key. An unknown key is an error, because it would be ignored and its value would be lost. The help suggests the most similar key, or lists the known keys. `catalog/README.md` describes all keys.";
    MISSING_KEY: "missing-key", Error,
        "Every required key is present.",
        "An entry lacks a required key, such as the `id` of a model or the `base_url` of an endpoint. A missing key has no position in the file, so the report shows the position of the entry that lacks it.";
    WRONG_TYPE: "wrong-type", Error,
        "Every value has the type that its key requires.",
        "The value has another type than its key requires; for example, it is a string instead of a number, or a single value instead of a list. In a catalog file, `1.0` without quotes is a number, and `no` without quotes is a string. Put a string that looks like a number in quotes. Write a number as plain digits, without `_` or `,`.";
    INVALID_VALUE: "invalid-value", Error,
        "Every value is one that its key allows.",
        "The value has the right type, but is not one of the words that the key allows, is empty or too long, or does not match the required pattern. The help lists or describes the valid values.";
    TOO_LONG: "too-long", Error,
        "A string has at most 65,535 bytes, and a list at most 65,535 entries.",
        "The compiled catalog stores the length of each string and list in 16 bits. No real catalog value is this long; most likely, other text was pasted into the file by mistake.";
    LIMIT: "limit", Error,
        "A token limit is an integer from 1 to 4,294,967,295.",
        "Token limits are the context window, the maximum input and the maximum output of a model, each as a number of tokens. In other catalogs, a limit of 0 usually means that the limit is unknown. In this catalog, leave out the key of an unknown limit.";
    ENVIRONMENT_NAME: "environment-name", Error,
        "The name of an environment variable consists of uppercase letters, digits and underscores.",
        "`env` lists names of environment variables, never their values. A lowercase name such as `acme_key` is unusual. This rule also finds API keys that were written by mistake where the name of a variable belongs.";
    UNKNOWN_CURRENCY: "unknown-currency", Error,
        "A currency is one of the ISO 4217 codes that the catalog supports.",
        "Rates are stored in the currency in which the provider publishes them, and are never converted. A currency is written as its uppercase ISO 4217 code, such as `USD`. To support another currency, add its code to the vocabulary in `crates/table`.";
    INVALID_DATE: "invalid-date", Error,
        "Every date or time exists and has the notation that its key requires.",
        "A date is written as YYYY, YYYY-MM or YYYY-MM-DD, as precisely as its source states it. A point in time is written as YYYY-MM-DD or YYYY-MM-DDTHH:MMZ, always in UTC. The hours of a price are written as HH:MM, with a time zone that is `UTC` or an offset such as `+08:00`. A date that does not exist, such as February 30, is invalid.";
    INVALID_RATE: "invalid-rate", Error,
        "A rate is at least 0, less than 1,000,000,000, and has at most six decimal places.",
        "Rates are stored as integers, in millionths of the currency unit per million tokens, so that sums are exact. A seventh decimal place would be lost. Check whether the rate is per token: the catalog requires rates per million tokens. If the rate is already per million tokens, round it, and state the exact rate in a comment.";
    SECRET: "secret", Error,
        "Catalog files contain no secrets.",
        "The text looks like an API key, a token, a private key or a password in a URL. Reports mask the secret, but the file still contains it. Replace the secret with the name of an environment variable. If the file was ever shared, revoke the key.";
    FILE_ID: "file-id", Error,
        "The name of a catalog file is a valid id.",
        "The name of a file in `providers/` or `models/`, without its extension, is the first part of references such as `acme/model-1`, on the command line and in URLs. The name must therefore be a valid id: at most 64 characters, only lowercase letters, digits, `-`, `_` and `.`, and a letter or digit at the beginning.";
    SCHEMA_LINE: "schema-line", Warning,
        "The first line of a hand-written file names its schema.",
        "An editor with a YAML language server reads from the first line which JSON Schema the file has. With the schema, the editor completes keys, shows their documentation and underlines mistakes. The help contains the line to write.";
    ORDER: "order", Warning,
        "Keys are in the order of the schema; models and aliases are sorted by id.",
        "The fixed order of keys, models and aliases keeps diffs small. Endpoints, authentication methods and prices are not sorted, because their order has a meaning. `modeldex check --fix` sorts keys, models and aliases, and keeps comments.";
    DUPLICATE_FILE: "duplicate-file", Error,
        "The files of a folder have different ids.",
        "The id of a provider, lab, view or usage shape is its file name without the extension, so `acme.yaml` and `acme.yml` have the same id. Only the first of the two files is compiled. Move the contents of the second file into the first, and delete the second.";
    UNKNOWN_EXTENDS: "unknown-extends", Error,
        "`extends` names a provider of the catalog.",
        "A provider can inherit from another provider and state only the differences. `extends` is the id of the provider to inherit from, which is the name of its file without the extension; an alias is not accepted. A file of an overlay can state its own id as `extends`, to change the provider with this id in the catalog below the overlay. In any other file, a provider cannot extend itself.";
    EXTENDS_LOOP: "extends-loop", Error,
        "`extends` does not form a cycle.",
        "A provider inherits what it does not state from the provider that its `extends` names. This provider may have an `extends` too, but the chain must end at a provider without `extends`. The report shows every provider of the cycle. Remove `extends` from one of these providers.";
    UNKNOWN_OMIT: "unknown-omit", Error,
        "`omit_models` lists models that the provider inherits.",
        "`omit_models` excludes models that the provider would inherit: from the imported provider with the same id, or from the provider that `extends` names. If neither of these providers has a model with the id, the id is misspelled, or the model was removed in the meantime. A provider that inherits no models needs no `omit_models`.";
    UNCONFIRMED_ROUTE: "unconfirmed-route", Error,
        "Imported files use only routing that `routing.yaml` confirms.",
        "A file in `imported/` contains a host, an environment variable, a header or an authentication method that `routing.yaml` does not confirm for the provider. `modeldex reconcile` regenerates the files in `imported/` from the evidence and `routing.yaml`. To confirm what sources claim, run `modeldex confirm PROVIDER`. To use endpoints that no source claims, state `endpoints` and `auth` in `providers/<id>.yaml`.";
    HELD_ROUTE: "held-route", Notice,
        "Every base URL and environment variable that sources claim for a provider is confirmed or rejected.",
        "A source claims a base URL or an environment variable for a provider, and `routing.yaml` does not confirm it. The claim is held back: no request uses it. `modeldex confirm PROVIDER --dry-run` prints such claims with their sources and dates, `modeldex confirm PROVIDER` confirms them, and `modeldex confirm PROVIDER --reject` rejects them. This is a notice, which does not make the check fail.";
    RESTATED: "restated", Warning,
        "A hand-written value differs from the imported value, or cites a source.",
        "The hand-written value equals the imported value. It has no effect now, and would hide later corrections of the imported value. Remove the hand-written value with `modeldex unset REF FACT`. To keep the hand-written value regardless of later imports, cite the page on which it was verified: `{value: …, source: https://…, checked: YYYY-MM-DD}`.";
    INCOMPLETE_PROVIDER: "incomplete-provider", Error,
        "A provider has a name, an endpoint and an authentication method.",
        "Without an endpoint, no request can be sent to the provider. Without `auth`, modeldex does not know which credential a request needs. Without a name, there is nothing to display. A provider can inherit all three from the provider that its `extends` names. A provider that requires no key states `auth: [{kind: none}]`.";
    NO_MODELS: "no-models", Notice,
        "A hand-written provider has models.",
        "The provider has neither `models` nor `extends`, so commands that list, price or call models find no model of this provider. That is correct only for a server whose users choose its models, such as a server on the user's own machine.";
    PLACEHOLDER: "placeholder", Error,
        "A provider file contains no placeholders of its template.",
        "`modeldex new provider` writes a file with two placeholders: the base URL `https://api.example.com/v1` and the model id `example-model`. Replace them with the base URL of the provider, and with the ids by which requests name its models.";
    DUPLICATE_ENDPOINT: "duplicate-endpoint", Error,
        "If a provider has several endpoints, each endpoint has its own id.",
        "Models and users select an endpoint by its id. A single endpoint needs no id. As soon as a provider has two endpoints, each needs its own id, such as `global` and `cn`, or `openai` and `anthropic`.";
    BASE_URL: "base-url", Error,
        "A base URL is an absolute https URL that has no credentials, query or fragment and does not end in the path of a request.",
        "Requests are sent, with API keys, to the `base_url` followed by a path of the protocol. The base URL begins with `https://`; `http://` is allowed only for loopback addresses (`localhost`, `127.0.0.0/8`, `[::1]`). The base URL names a host, has no credentials, query or fragment, and does not end in the path of a request, such as `/chat/completions`. Write a part that differs between users as a variable, such as `${AWS_REGION}`. Variables are allowed anywhere after `https://`: in the host, as the port, or in the path.";
    BASE_URL_VARIABLE: "base-url-variable", Error,
        "Every variable in a base URL is declared in `auth`.",
        "A variable `${NAME}` in a base URL is replaced with its value from the environment when a request is sent. `auth` declares the variables that a user has to set. At least one authentication method must therefore list the name under `variables`, with its role. Methods that do not list the name may get the value in another way; for example, AWS credentials may include a region.";
    HEADER: "header", Error,
        "A header of an endpoint has a valid name and a fixed value, and contains no credential.",
        "Each request to the endpoint has the headers that `headers` states, with names and values exactly as written. A name consists of letters, digits and `-`. A value is printable ASCII on one line, without spaces at the beginning or end. A value contains no variables, because only base URLs support variables. A header that carries a key belongs in `auth`. A header that the HTTP client sets itself, such as `Host` or `Content-Type`, cannot be overridden.";
    AUTH_KIND: "auth-kind", Error,
        "An authentication method lists the variables that its kind requires.",
        "A method of the kind `api-key` requires `env`, which lists the variables that may contain the key. The kinds `aws` and `gcp` require `variables`, such as those for the key pair, the project and the region. The kind `none` has no variables. The kind `oauth` may list a variable that contains a token.";
    AUTH_PLACE: "auth-place", Error,
        "An authentication method that sends a key sends it in one place; a method without a key states no place.",
        "Each protocol has a default place for the API key: `Authorization: Bearer` for OpenAI, `x-api-key` for Anthropic, `x-goog-api-key` for Google, `api-key` for Azure. If the service expects the key in another header, state `header`, and optionally `scheme`, the word in front of the key. If the service expects the key in the URL, state `query`, the name of the query parameter. A method cannot state both `header` and `query`. Methods of the kinds `aws`, `gcp` and `none` send no key, so they state neither `header`, `scheme` nor `query`.";
    DUPLICATE_MODEL: "duplicate-model", Error,
        "A file has at most one entry for each model id.",
        "Two entries of the file have the same id, so a reference to the id is ambiguous. If the entries describe different models, give one of them another id. If they describe the same model, merge them into one entry. The merged entry can have several prices with conditions, and a list of endpoints.";
    ALIAS_COLLISION: "alias-collision", Error,
        "An id or alias belongs to only one model of a provider, and to only one provider of the catalog.",
        "Every reference must have exactly one meaning. The alias of a model must not be the id of a model of the same provider, and must not be listed twice. The alias of a provider must be neither the id nor an alias of another provider. If the name of an alias has become an id, remove the alias.";
    ALIAS_DANGLING: "alias-dangling", Error,
        "An alias resolves to a model of its provider.",
        "The `target` of an alias must be the id of a model of the same provider, or another alias that resolves to such a model. If the provider no longer serves the model, keep the entry of the model with `status: retired`, so that old references still resolve.";
    ALIAS_LOOP: "alias-loop", Error,
        "Aliases do not form a cycle.",
        "The `target` of an alias may be another alias, but the chain of aliases must end at a model. The report shows every alias of the cycle. Change the `target` of one of these aliases to the id of a model.";
    UNKNOWN_DEFAULT_MODEL: "unknown-default-model", Error,
        "`default_model` names a model of its provider.",
        "`default_model` names the model that is used when a user names only the provider. Its value is the id or an alias of a model of the same provider, without the provider's id in front. A provider that inherits its `default_model` must not omit this model.";
    RETIRED_DEFAULT: "retired-default", Warning,
        "`default_model` is neither deprecated nor retired.",
        "`default_model` names the model that is used when a user names only the provider. A deprecated model will stop responding, and a retired model no longer responds. Name another model, such as the successor.";
    STATUS_CONFLICT: "status-conflict", Warning,
        "Two entries with the same model id and the same base URL have the same status, or one of them states a reason.",
        "Two providers have an entry with the same model id and the same base URL. Requests to both providers are therefore the same, but the two entries state different statuses, for example `retired` and `active`. Find out which status is right, and make the entries agree. If both are right, add `reason` to one of the entries; `modeldex models show` then prints the reason and the status of the other entry.";
    REASONING_EFFORTS: "reasoning-efforts", Error,
        "A model without reasoning has no reasoning-effort levels.",
        "An entry has `reasoning: false`, stated or inherited, and also states `reasoning_efforts`. The two contradict each other, so one of them is wrong. A model with `reasoning: false` inherits no reasoning-effort levels from its base model or from `defaults`, so inherited levels need not be omitted.";
    UNKNOWN_BASE: "unknown-base", Error,
        "`base` names a base model.",
        "With `base: lab/model`, a model inherits the facts that a lab publishes about the base model. `lab` is the name of a file in `models/` without its extension, and `model` is the id of an entry in this file. If the base model does not exist, the model lacks these facts. Add the base model to the file of its lab, or remove `base` and state the facts in the model.";
    UNKNOWN_ENDPOINT: "unknown-endpoint", Error,
        "The `endpoints` of a model are endpoints of its provider.",
        "`endpoints` of a model lists the ids of the endpoints that serve the model. The provider of the model must have these endpoints, stated in its file or inherited with `extends`. A model without `endpoints` is served by all endpoints of its provider. A provider that inherits models but states its own endpoints must use the endpoint ids that the inherited models list.";
    UNKNOWN_SUCCESSOR: "unknown-successor", Error,
        "A successor is another model of the catalog.",
        "The successor of a model is its recommended replacement: the id or an alias of a model of the same provider, or a reference `provider/model`. The successor must be in the catalog, and must not be the model that it replaces.";
    OUTPUT_ABOVE_CONTEXT: "output-above-context", Error,
        "Neither the maximum input nor the maximum output exceeds the context window.",
        "The context window is the maximum number of input and output tokens together, so neither the maximum input nor the maximum output can exceed it. Often an entry states a new value for one limit and inherits the other limit from the base model. State both limits in the entry, or list the inherited limit under `omit`.";
    DATE_ORDER: "date-order", Error,
        "Dates are in chronological order.",
        "A model is released, then possibly updated, deprecated and retired. The start of a price precedes its end. A month and a day in this month, such as 2025-10 and 2025-10-14, count as being in order. An entry may inherit one of the two dates from the base model. In `sources.yaml`, the snapshots of a source are in the order of their dates.";
    BILLING_CONFLICT: "billing-conflict", Error,
        "A model with metered billing has prices, and a model with any other billing has none.",
        "A model with `prices` is metered and need not state its billing. A model with `billing: free`, `billing: plan` or `billing: unpriced` must not have `prices`. If the prices of a model are unknown, its billing is `unpriced`, not `metered`. If a provider publishes a price of zero, state it as a rate of 0.";
    PRICE_FIRST: "price-first", Error,
        "The first entry of a price list has no conditions.",
        "The first entry of a price list states the rates of an ordinary request. Each later entry states conditions, and only the rates that differ under these conditions. If the first entry has a condition, a request that does not meet the condition has no price. Put the entry without conditions first.";
    PRICE_RATES: "price-rates", Error,
        "An entry of a price list states at least one rate.",
        "An entry of a price list states the rates that apply under its conditions. An entry without rates has no effect: add a rate, or remove the entry. A model without published prices states `billing: unpriced` and no price list.";
    PRICE_PER_TOKEN: "price-per-token", Warning,
        "A rate of a meter that counts tokens is per million tokens.",
        "A rate below 0.0001 per million tokens is lower than any that is known. It was probably copied from a source that states rates per token: 0.000003 per token is 3 per million tokens.";
    PRICE_HOURS: "price-hours", Error,
        "The hours of a price begin and end at different times.",
        "If the hours of a price begin and end at the same time, they could mean the whole day or no time at all. To state the whole day, for example on some `days`, write `start: \"00:00\"` with `end: \"24:00\"` or `end: \"00:00\"`. For hours that cross midnight, state an end that is earlier than the start.";
    PRICE_OVERLAP: "price-overlap", Error,
        "If two entries of a price list can apply to the same request, the later entry is the more specific one.",
        "If several entries of a price list match a request, each rate is taken from the last matching entry that states this rate. The result is predictable if the later of two entries is the more specific one: it applies to only some of the requests of the earlier entry. This rule reports three mistakes. First, two entries can match the same request (such as `above: 200000` and `tier: batch`) and state different values for a rate, but neither is more specific than the other: add an entry after them that combines the conditions of both. Second, a later entry applies to all requests of an earlier entry and to more, so that the earlier entry has no effect: put the entry that applies to more requests first. Third, two entries have the same conditions: merge them.";
    RATE_OUTLIER: "rate-outlier", Warning,
        "A rate differs by a factor of less than 1,000 from the median rate of other providers for the same base model.",
        "The rate is at least 1,000 times higher or lower than the median rate of the other providers that offer the same base model. The catalog states rates per million tokens. A rate that was copied per token is a million times too small, and one that was copied per thousand tokens is a thousand times too small; a misplaced decimal point looks similar. The rule compares the first entries of price lists in US dollars, if at least two other providers offer the base model. It ignores rates of zero.";
    VIEW_REFERENCE: "view-reference", Error,
        "Every `ref` in a view names a model of the catalog.",
        "In a view, `ref` is a reference `provider/model`, by id or alias. If the reference does not resolve to a model, the exported file would lack this model. If the provider no longer serves the model, but the exported file should still contain it, keep the entry of the model in the catalog with `status: retired`.";
    VIEW_EXPORT: "view-export", Error,
        "Every group of a view exports something, and every exported name is unique.",
        "Each group of a view states `constants`, `array` or both. `type` names the element type of the array, and has no effect without `array`. A file exports each name only once. A group with `constants: KIMI` exports the names `KIMI_DEFAULT_ID`, `KIMI_CONTEXT_WINDOW`, `KIMI_MAX_TOKENS`, `KIMI_INPUT` and `KIMI_COST`.";
    VIEW_FACT: "view-fact", Error,
        "The catalog or the view states every fact that the view exports as a constant.",
        "A group of a view with `constants` exports the context window, the maximum output, the input modalities and the cost of its first model. An unknown value is never exported as zero. If the catalog does not state the context window or the maximum output of the model, state it under `override`. The cost is unknown if the model is unpriced, is included in a plan, or lacks one of the rates `input`, `output`, `cache_read` and `cache_write`. For an unknown cost, the view exports its `unpriced_cost`; if the view has no `unpriced_cost`, add it.";
    VIEW_CURRENCY: "view-currency", Error,
        "The cost that a view exports is priced in US dollars.",
        "A group of a view with `constants` exports the cost of its first model in US dollars per million tokens. Rates are never converted, so a cost in another currency cannot be exported. Name the same model at a provider that charges in US dollars. To export no price, state `cost: unpriced` under `override`; the view then exports its `unpriced_cost`.";
    UNKNOWN_SOURCE: "unknown-source", Error,
        "Every source that a file names is defined in `sources.yaml`.",
        "Sources are named under `derived_from` in `sources.yaml`, and as keys under `providers` and `skip` in `provider-map.yaml`. A name that `sources.yaml` does not define has no effect: under `derived_from`, copied claims would count as independent claims; in `provider-map.yaml`, the ids of the source would not be mapped. Correct the name, or add the source to `sources.yaml`.";
    UNKNOWN_SERVICE: "unknown-service", Warning,
        "Every provider that `sources.yaml` names is in `provider-map.yaml`.",
        "In `sources.yaml`, providers are named under `first_party`, and under the `providers` of a fault (a known error of a source), by their ids in `provider-map.yaml`. With an unknown id under `first_party`, the claims of the provider's own list count like those of any other source. With an unknown id in a fault, the fault is not applied to the provider.";
    DUPLICATE_MAPPING: "duplicate-mapping", Error,
        "Each id that a source uses for a provider maps to only one provider of the catalog.",
        "`provider-map.yaml` maps the ids that a source uses for providers to the providers of the catalog. Each id of a source is listed only once: under one provider, or under `skip`. If an id were mapped to two providers, claims about one of them would count as claims about the other. The report shows both places; remove one of the two.";
}

#[cfg(test)]
mod tests {
    use super::RULES;
    use std::collections::HashSet;

    #[test]
    fn rules_have_explanations_and_unique_codes() {
        let mut seen = HashSet::new();
        for rule in RULES {
            assert!(seen.insert(rule.code), "{} is defined twice", rule.code);
            assert!(rule.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{}", rule.code);
            assert!(!rule.summary.is_empty() && rule.explanation.len() > rule.summary.len(), "{} has no explanation", rule.code);
        }
    }
}

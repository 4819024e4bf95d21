//! All diagnostic codes of a catalog, with severity, summary and explanation. Of the other modules, this one depends only on [`Severity`], so that
//! the reader, the schema, the rules and the renderers can all refer to a code.

use crate::diagnostic::Severity;

/// A rule that catalog files must satisfy, identified by its diagnostic code.
#[derive(Debug)]
pub struct Rule {
    /// The stable kebab-case name.
    pub code: &'static str,
    /// The severity of a violation.
    pub severity: Severity,
    /// The rule in one sentence.
    pub summary: &'static str,
    /// Why the rule exists, what violates it and how to fix it; shown by `modeldex explain CODE`.
    pub explanation: &'static str,
}

/// Returns the rule with this code.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code == code)
}

macro_rules! rules {
    ($($name:ident: $code:literal, $severity:ident, $summary:literal, $explanation:literal;)+) => {
        $(pub(crate) static $name: Rule =
            Rule { code: $code, severity: Severity::$severity, summary: $summary, explanation: $explanation };)+

        /// All rules of a catalog, those about single files first.
        pub static RULES: &[&Rule] = &[$(&$name,)+];
    };
}

rules! {
    SYNTAX: "syntax", Error,
        "A catalog file is exactly one YAML document.",
        "The file is not valid YAML, or contains more than one document. The position is where the parser stopped, which is often just after the mistake: look for a missing colon, an unclosed quote, or a line indented with tabs or with the wrong number of spaces.";
    NOT_UTF8: "not-utf8", Error,
        "A catalog file is encoded in UTF-8.",
        "The file contains a byte sequence that is not valid UTF-8. The position is the first invalid byte. Save the file as UTF-8.";
    UNREADABLE: "unreadable", Error,
        "Every file of the catalog is readable.",
        "The file or folder could not be read: it does not exist, permission is denied, it is not a regular file, or it is larger than 64 MiB.";
    ANCHOR: "anchor", Error,
        "Catalog files use no YAML anchors, aliases or tags.",
        "YAML can name a value with `&`, repeat it with `*`, and change its type with `!`. In a catalog they would hide where a value is written, and a few lines of them can expand to gigabytes. Use `base`, `defaults` or `extends` to write a fact once. Quote a text value that begins with one of these characters.";
    DUPLICATE_KEY: "duplicate-key", Error,
        "A key occurs once in its mapping.",
        "The same key is written twice in one mapping, and YAML parsers differ in which value they keep. The report shows both places; remove one.";
    UNKNOWN_KEY: "unknown-key", Error,
        "Every key is defined in the schema of its file.",
        "An unknown key would be ignored and its value lost, so it is an error. The help suggests the most similar key, or lists the known keys. `catalog/README.md` has the reference of all keys.";
    MISSING_KEY: "missing-key", Error,
        "Every required key is present.",
        "An entry lacks a required key, such as the `id` of a model or the `base_url` of an endpoint. The position is the entry.";
    WRONG_TYPE: "wrong-type", Error,
        "A value has the type of its key.",
        "The value has another YAML type than its key requires, such as a string instead of a number, or a single value instead of a list. Unquoted `1.0` is a number and `no` is a string here: quote a string that looks like a number, and write numbers as plain digits, without `_` or `,`.";
    INVALID_VALUE: "invalid-value", Error,
        "A value is one of those that its key allows.",
        "The type is right, but the value is not in the key's vocabulary, is empty or too long, or does not match the required pattern. The help lists or describes the valid values.";
    TOO_LONG: "too-long", Error,
        "A string has at most 65,535 bytes, and a list at most 65,535 entries.",
        "The compiled tables store lengths in 16 bits. No catalog value is this long; most likely something else was pasted into the file.";
    LIMIT: "limit", Error,
        "A token limit is an integer from 1 to 4,294,967,295.",
        "Context windows and maximum outputs are counts of tokens. A zero in other catalogs mostly means that the limit is unknown; in this catalog, leave an unknown limit out.";
    ENVIRONMENT_NAME: "environment-name", Error,
        "The name of an environment variable is uppercase letters, digits and underscores.",
        "`env` lists the names of variables, never their values. A lowercase name such as `acme_key` is unusual, and this rule also catches a key that was pasted here by mistake.";
    UNKNOWN_CURRENCY: "unknown-currency", Error,
        "A currency is one of the catalog's ISO 4217 codes.",
        "Rates are kept in the currency in which they are published and are never converted. Currencies are uppercase ISO 4217 codes; to support another one, add it to the vocabulary in `crates/table`.";
    INVALID_DATE: "invalid-date", Error,
        "A date or time is valid and in the notation of its key.",
        "Dates are YYYY, YYYY-MM or YYYY-MM-DD, as precise as their source. Moments are YYYY-MM-DD or YYYY-MM-DDTHH:MMZ, always in UTC. Hours are HH:MM, with a time zone of `UTC` or an offset such as `+08:00`. Dates that no calendar has, such as February 30, are invalid.";
    INVALID_RATE: "invalid-rate", Error,
        "A rate is a decimal number from 0 to less than 1,000,000,000, with at most six decimals.",
        "Rates are stored as integers, in millionths of the currency unit per million tokens, so that sums are exact. A seventh decimal would be lost: round the rate and note it in a comment, or check whether it is a rate per token instead of per million tokens.";
    SECRET: "secret", Error,
        "Catalog files contain no secrets.",
        "The text looks like an API key, a token, a private key or a password in a URL. Reports mask it, but it is still in the file: replace it with the name of an environment variable. If the file was ever shared, revoke the key.";
    FILE_ID: "file-id", Error,
        "The name of a catalog file is a valid id.",
        "The name of a file under `providers/` or `models/` is the first part of references such as `acme/model-1`, on the command line and in URLs. An id is at most 64 characters of lowercase letters, digits, `-`, `_` and `.`, and begins with a letter or digit.";
    SCHEMA_LINE: "schema-line", Warning,
        "The first line of a hand-written file names its schema.",
        "Editors with a YAML language server read the schema from this line: they complete keys, show their documentation and underline mistakes. The help has the line to write.";
    ORDER: "order", Warning,
        "Keys and entries are in order.",
        "Keys are in the order of the schema, models and aliases in the order of their ids, so that diffs are minimal. Endpoints, authentication methods and prices keep the order in which they are written, because it is meaningful. `modeldex check --fix` sorts the rest and keeps comments.";
    DUPLICATE_FILE: "duplicate-file", Error,
        "The files of a folder have different ids.",
        "The id of a provider, lab or view is its file name without the extension, so `acme.yaml` and `acme.yml` have the same id. Only the first is compiled. Merge the second file into it and delete the second.";
    UNKNOWN_EXTENDS: "unknown-extends", Error,
        "`extends` names a provider of the catalog.",
        "A provider can start from another provider and state only the differences. `extends` is the id of that provider, which is its file name without the extension; an alias is not accepted. A file of an overlay may extend its own id to change a provider of the catalog below it; elsewhere, a provider cannot extend itself.";
    EXTENDS_LOOP: "extends-loop", Error,
        "`extends` does not form a cycle.",
        "A provider inherits what it does not state from the provider it extends, so a chain of `extends` must end. The report shows every provider of the cycle. Remove `extends` from one of them.";
    UNKNOWN_OMIT: "unknown-omit", Error,
        "`omit_models` lists models that the provider inherits.",
        "`omit_models` excludes models of the imported provider with the same id, or of the provider named by `extends`. An id that neither has excludes nothing: it is misspelled, or the model was removed since. A provider that inherits from neither has nothing to omit.";
    UNCONFIRMED_ROUTE: "unconfirmed-route", Error,
        "Imported files use only routing that `routing.yaml` confirms.",
        "A file below `imported/` names a host, an environment variable, a header or an authentication method that `routing.yaml` does not confirm for the provider. `modeldex reconcile` regenerates such files from the evidence and `routing.yaml`. To confirm what sources claim, run `modeldex confirm PROVIDER`; to use other endpoints, state `endpoints` and `auth` in `providers/<id>.yaml`.";
    HELD_ROUTE: "held-route", Notice,
        "A source claims a base URL or an environment variable that is not confirmed.",
        "`routing.yaml` does not confirm a base URL or an environment variable that a source claims for the provider. The claim is held back: no request uses it. `modeldex confirm PROVIDER --dry-run` prints the claims with their sources and dates, `modeldex confirm PROVIDER` confirms them, and `--reject` rejects them. Notices do not fail a check.";
    RESTATED: "restated", Warning,
        "A hand-written fact differs from the imported one.",
        "The value equals the imported one: it changes nothing today and hides later corrections. Remove it with `modeldex unset REF FACT`. To pin it regardless of later claims, cite where it was verified: `{value: …, source: https://…, checked: YYYY-MM-DD}`.";
    INCOMPLETE_PROVIDER: "incomplete-provider", Error,
        "A provider has a name, an endpoint and an authentication method.",
        "Without an endpoint no request can be sent, without `auth` there are no credentials to resolve, and without a name there is nothing to display. Each may come from the provider named by `extends`. A service that requires no key states `auth: [{kind: none}]`.";
    NO_MODELS: "no-models", Notice,
        "A hand-written provider has models.",
        "The provider has neither `models` nor `extends`, so commands that list, price or call models find none. That is right only for a server whose users choose its models, such as one on the same machine.";
    PLACEHOLDER: "placeholder", Error,
        "The placeholders of a new provider file are replaced.",
        "`modeldex new provider` writes a base URL and a model as placeholders: `https://api.example.com/v1` and `example-model`. Replace them with the provider's base URL and with the ids of its models, as requests name them.";
    DUPLICATE_ENDPOINT: "duplicate-endpoint", Error,
        "Each of several endpoints has its own id.",
        "Models and users select endpoints by id. A single endpoint needs no id; as soon as a provider has two, each needs its own, such as `global` and `cn`, or `openai` and `anthropic`.";
    BASE_URL: "base-url", Error,
        "A base URL is an absolute https URL without credentials, query, fragment or the path of a request.",
        "Requests and keys are sent to `base_url`, with the paths of the protocol appended. It begins with `https://` (`http://` only for loopback addresses: `localhost`, `127.0.0.0/8`, `[::1]`), names a host, and has no credentials, query or fragment, and does not end in the path of a request such as `/chat/completions`. Parts that differ between users are variables, such as `${AWS_REGION}`, anywhere after `https://`: in the host, as the port, or in the path.";
    BASE_URL_VARIABLE: "base-url-variable", Error,
        "Every variable in a base URL is declared in `auth`.",
        "`${NAME}` in a base URL is replaced from the environment when a request is sent. `auth` declares the variables that a user has to set, so each name must be listed in at least one method, under `variables` with its role. The other methods may get the value from elsewhere, as AWS credentials may include a region.";
    HEADER: "header", Error,
        "A header of an endpoint is valid, static and not a credential.",
        "`headers` are sent with each request to the endpoint, with names and values exactly as written. A name consists of letters, digits and `-`; a value is printable ASCII on one line, without surrounding spaces, and contains no variables, which are supported only in base URLs. Headers that carry a key belong in `auth`. Headers that HTTP or the protocol set themselves, such as `Host` and `Content-Type`, cannot be overridden.";
    AUTH_KIND: "auth-kind", Error,
        "An authentication method lists the variables that its kind requires.",
        "`api-key` requires `env`, the variables that may contain the key. `aws` and `gcp` require `variables`, such as the key pair, the project and the region. `none` lists no variables. For `oauth`, a variable that contains a token is optional.";
    AUTH_PLACE: "auth-place", Error,
        "A key is sent in one place, and only by methods that send one.",
        "Each protocol has a default place for the key: `Authorization: Bearer` for OpenAI, `x-api-key` for Anthropic, `x-goog-api-key` for Google, `api-key` for Azure. A service that expects it elsewhere states `header`, optionally with `scheme`, the word before the key; or `query`, the name of a query parameter. `header` and `query` exclude each other. `aws`, `gcp` and `none` send no key.";
    DUPLICATE_MODEL: "duplicate-model", Error,
        "A model has one entry in its file.",
        "Two entries have the same id, so a reference is ambiguous. If they are different models, give one of them its own id. If they are the same model, merge them into one entry, with several prices with conditions, or with a list of endpoints.";
    ALIAS_COLLISION: "alias-collision", Error,
        "An alias is not already an id or another alias.",
        "A reference must be unambiguous. The alias of a model may be neither the id of a model of the same provider nor another of its aliases; the alias of a provider may be neither the id nor an alias of another provider. Remove an alias whose name became an id.";
    ALIAS_DANGLING: "alias-dangling", Error,
        "An alias resolves to a model of its provider.",
        "`target` must be the id of a model of the same provider, or another alias that resolves to one. If the model no longer responds, keep its entry with `status: retired`, so that old references still resolve.";
    ALIAS_LOOP: "alias-loop", Error,
        "Aliases do not form a cycle.",
        "An alias may point to another alias, but the chain must end at a model. The report shows every alias of the cycle. Point one of them to a model.";
    UNKNOWN_DEFAULT_MODEL: "unknown-default-model", Error,
        "`default_model` is a model of its provider.",
        "`default_model` is the id or alias of a model of the same provider, without the provider's id in front: the model that is used when a user names only the provider. A provider that inherits its default must not omit that model.";
    RETIRED_DEFAULT: "retired-default", Warning,
        "`default_model` is neither deprecated nor retired.",
        "`default_model` is used when a user names only the provider. A deprecated model will stop responding, and a retired one already has. Name another model, such as its successor.";
    STATUS_CONFLICT: "status-conflict", Warning,
        "Entries with the same id at the same base URL have one status, or state the reason for the difference.",
        "Two providers have an entry with the same id at the same base URL, so both send the same request, but one states that the model is retired and the other that it is not. Verify the status and make the entries agree. If both are correct, add `reason` to one of them; `modeldex models show` prints the reason and the other entry's status.";
    REASONING_EFFORTS: "reasoning-efforts", Error,
        "A model without reasoning has no reasoning-effort levels.",
        "`reasoning: false` and reasoning-effort levels contradict each other. A model with `reasoning: false` inherits no levels from its base model or the defaults, so they need not be omitted. An entry that states both is wrong about one of them.";
    UNKNOWN_BASE: "unknown-base", Error,
        "`base` names a base model.",
        "`base: lab/model` inherits the facts that a lab publishes about a model: `lab` is a file under `models/`, and `model` is the id of an entry in it. With an unknown base, the model lacks these facts. Add the base model to the file of its lab, or remove `base` and state the facts in the model.";
    UNKNOWN_ENDPOINT: "unknown-endpoint", Error,
        "A model lists endpoints of its provider.",
        "`endpoints` of a model lists ids of endpoints of its provider, which may be inherited with `extends`. A model without the list is served by all endpoints. A provider that inherits models and defines its own endpoints must keep the ids that these models list.";
    UNKNOWN_SUCCESSOR: "unknown-successor", Error,
        "A successor is another model of the catalog.",
        "The successor is the recommended replacement of a model: the id or alias of a model of the same provider, or a reference `provider/model`. It must resolve to a model other than the one being replaced.";
    OUTPUT_ABOVE_CONTEXT: "output-above-context", Error,
        "Neither the maximum input nor the maximum output exceeds the context window.",
        "The context window is the maximum number of input and output tokens together, so neither limit can exceed it. Often one of the limits was changed in this entry while the other is inherited from the base model: state both, or `omit` the inherited one.";
    DATE_ORDER: "date-order", Error,
        "Dates are in chronological order.",
        "A model is released, then possibly updated, deprecated and retired; the start of a price precedes its end. Dates are compared to their common precision: 2025-10 is not before 2025-10-14. One of the two dates may be inherited from the base model. Snapshots of a source in `sources.yaml` are in the order of their dates.";
    BILLING_CONFLICT: "billing-conflict", Error,
        "A model has prices exactly if its billing is metered.",
        "A model with `prices` is metered and need not state it. A model with `billing: free`, `plan` or `unpriced` has no prices. A model without known prices is `unpriced`, not `metered`. A published price of zero is a rate of 0.";
    PRICE_FIRST: "price-first", Error,
        "The first entry of a price list has no conditions.",
        "A price list begins with the rates of an ordinary request; later entries state conditions and only the rates that differ. If the first entry has a condition, requests that do not match it have no price. Put the unconditional rates first.";
    PRICE_RATES: "price-rates", Error,
        "An entry of a price list states at least one rate.",
        "An entry states the rates that apply under its conditions. An entry without rates has no effect: remove it, or add the rate. A model without published prices states `billing: unpriced` and no price list.";
    PRICE_HOURS: "price-hours", Error,
        "The hours of a price begin and end at different times.",
        "With an equal start and end, the hours could mean the whole day or nothing. Write the whole day, on some `days`, as `start: \"00:00\", end: \"24:00\"` or `end: \"00:00\"`. Hours that cross midnight end before they begin.";
    PRICE_OVERLAP: "price-overlap", Error,
        "Where two prices can apply at once, the later one is the more specific.",
        "The last matching entry of a price list wins, rate by rate. The outcome is predictable if the later entry is the more specific one: it has the conditions of the earlier entry and more. Two entries that can match the same request (`above: 200000` and `tier: batch`), state different values for a rate, and are neither more specific than the other, are ambiguous: add an entry after them that combines both conditions. This rule also reports an entry that a later, broader entry makes ineffective, and two entries with the same conditions.";
    RATE_OUTLIER: "rate-outlier", Warning,
        "A rate is within a factor of 1,000 of what other providers charge for the same base model.",
        "The rate is at least 1,000 times above or below the median of the other providers that offer the same base model. Rates are per million tokens: a rate copied per token is a million times too small, one per thousand tokens is a thousand times too small, and a misplaced decimal point looks the same. The rule compares the first entries of price lists in US dollars, if at least two other providers offer the model, and ignores rates of zero.";
    VIEW_REFERENCE: "view-reference", Error,
        "A row of a view names a model of the catalog.",
        "`ref` is a reference, `provider/model`, by id or alias. This one does not resolve, so the exported file would lack the row. If the model no longer responds but should still be displayed, keep its entry with `status: retired`.";
    VIEW_EXPORT: "view-export", Error,
        "A group of a view exports something, and every exported name is unique.",
        "Each group states `constants`, `array` or both; `type` is the row type of the array and has no effect without it. A name is exported once per file: `constants: KIMI` exports `KIMI_DEFAULT_ID`, `KIMI_CONTEXT_WINDOW`, `KIMI_MAX_TOKENS`, `KIMI_INPUT` and `KIMI_COST`.";
    VIEW_FACT: "view-fact", Error,
        "The facts behind a view's constants are known, or the view states them.",
        "A group with `constants` exports the context window, the maximum output, the input modalities and the cost of its first model. Unknown values are never exported as zero. If the catalog lacks one of the limits, state it under `override`. If it lacks a price, because the model is unpriced, is included in a plan, or has no rate for one of the four parts of a cost, `unpriced_cost` of the view is the value to export instead.";
    VIEW_CURRENCY: "view-currency", Error,
        "The cost that a view exports is priced in US dollars.",
        "A group with `constants` exports the cost of its first model in dollars per million tokens. Rates are never converted, so the cost of a model that is priced in another currency cannot be exported. Name the same model at a provider that charges in dollars, or export no price: `cost: unpriced` under `override` exports the view's `unpriced_cost`.";
    UNKNOWN_SOURCE: "unknown-source", Error,
        "A named source is defined in `sources.yaml`.",
        "`derived_from` in `sources.yaml`, and the keys under `providers` and `skip` in `provider-map.yaml`, name sources. A name that `sources.yaml` does not define has no effect: copied claims would count as independent, or ids would not be mapped. Correct the name, or add the source.";
    UNKNOWN_SERVICE: "unknown-service", Warning,
        "A provider that a source names is in `provider-map.yaml`.",
        "`first_party` and the `providers` of a fault in `sources.yaml` name providers by their ids in `provider-map.yaml`. With an unknown id, the claims of a provider's own list count like those of any other source, and the known fault is not applied.";
    DUPLICATE_MAPPING: "duplicate-mapping", Error,
        "An id of a source maps to one provider.",
        "In `provider-map.yaml`, an id of a source belongs to one provider, once, or is skipped. If it is mapped twice, claims about one provider count as claims about another. The report shows both places; remove one.";
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

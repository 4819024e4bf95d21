//! Every code with its severity, summary and explanation. These are values that need nothing else of this crate, so that the reader, the
//! schema, the rules and the reports can all name a code without knowing each other.

use crate::diagnostic::Severity;

/// What a code stands for: one thing that a file must not do.
#[derive(Debug)]
pub struct Rule {
    /// The stable kebab-case name.
    pub code: &'static str,
    /// How bad a breach is.
    pub severity: Severity,
    /// The rule in one sentence.
    pub summary: &'static str,
    /// Why it exists, what breaks it and what mends it.
    pub explanation: &'static str,
}

/// The rule with this code.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code == code)
}

macro_rules! rules {
    ($($name:ident: $code:literal, $severity:ident, $summary:literal, $explanation:literal;)+) => {
        $(pub(crate) static $name: Rule =
            Rule { code: $code, severity: Severity::$severity, summary: $summary, explanation: $explanation };)+

        /// Every rule of a catalog, those about single files first.
        pub static RULES: &[&Rule] = &[$(&$name,)+];
    };
}

rules! {
    SYNTAX: "syntax", Error,
        "A file is one YAML document.",
        "The file could not be read as YAML, or holds more than one document. The position is where the parser gave up, which is often just after the mistake: look for a missing colon, a quote that is not closed, or a line that is indented with tabs or by the wrong number of spaces.";
    NOT_UTF8: "not-utf8", Error,
        "A file is UTF-8 text.",
        "The file holds bytes that are no UTF-8 character. Save it as UTF-8. The position is the first such byte.";
    UNREADABLE: "unreadable", Error,
        "Every file of the catalog can be read.",
        "The file or folder could not be opened: it does not exist, may not be read, or is larger than any catalog file has reason to be.";
    ANCHOR: "anchor", Error,
        "Anchors, aliases and tags are not used.",
        "YAML can name a value with `&` and repeat it with `*`, and change its type with `!`. In a catalog they would hide where a value was written, and a few lines of them can expand to gigabytes. Use `base`, `defaults` or `extends` to write a fact once; put quotes around a value that begins with one of these characters.";
    DUPLICATE_KEY: "duplicate-key", Error,
        "A key stands once in its mapping.",
        "The same key was written twice, and YAML readers differ in which of the two they keep. Both places are shown; remove one.";
    UNKNOWN_KEY: "unknown-key", Error,
        "Every key is one that the schema knows.",
        "A key that nobody reads is a fact that gets lost, so it is an error rather than ignored. The help names the nearest key that is known, or all of them. `catalog/README.md` has the tables of keys.";
    MISSING_KEY: "missing-key", Error,
        "Keys that an entry cannot do without are there.",
        "An entry lacks a key that it needs, such as a model's `id` or an endpoint's `base_url`. The position is the entry.";
    WRONG_TYPE: "wrong-type", Error,
        "A value has the type that its key asks for.",
        "A text stands where a number is wanted, a single value where a list is, and so on. YAML reads `1.0` as a number and `no` as a text here; put quotes around a text that looks like a number, and write numbers as digits alone, without `_` or `,`.";
    INVALID_VALUE: "invalid-value", Error,
        "A value is one that its key allows.",
        "The value has the right type but is not one of the words for it, is empty, too long, or does not have the shape that the key asks for. The help lists what is allowed.";
    TOO_LONG: "too-long", Error,
        "Texts and lists stay within what a row can hold.",
        "A text of more than 65,535 bytes, or a list of more than 65,535 entries, stands in the file. Nothing in a catalog is so long; most likely something else was pasted into it.";
    LIMIT: "limit", Error,
        "A limit is at least one token and fits 32 bits.",
        "Context windows and maximum outputs are counts of tokens. Zero in other catalogs mostly means that nobody knew; here an unknown limit is left out.";
    ENVIRONMENT_NAME: "environment-name", Error,
        "An environment variable's name is capital letters, digits and underscores.",
        "`env` holds the names of variables, never their values. A name such as `acme_key` is legal in some shells and unusual in all; a key that was pasted here by mistake is caught by the same rule.";
    UNKNOWN_CURRENCY: "unknown-currency", Error,
        "A currency is one that the catalog knows.",
        "Rates are kept in the currency in which they are published, never converted. The currencies are ISO 4217 codes in capitals; a new one is added to the vocabulary in `crates/table`.";
    INVALID_DATE: "invalid-date", Error,
        "A date is one that existed.",
        "Dates are YYYY, YYYY-MM or YYYY-MM-DD, as precise as their source. Moments are YYYY-MM-DD or YYYY-MM-DDTHH:MMZ, always in UTC. Hours are HH:MM, and their zone is `UTC` or a distance such as `+08:00`. The 30th of February is none of these.";
    INVALID_RATE: "invalid-rate", Error,
        "A rate is a decimal number from 0 to under a billion, with at most six decimals.",
        "Rates are kept as whole micro-units of their currency per million tokens, so that sums are exact. A seventh decimal would be lost; round it yourself and say so in a comment, or check whether the rate was meant per token rather than per million.";
    SECRET: "secret", Error,
        "No file holds anything that looks like a secret.",
        "Something looks like an API key, a token, a private key or a password in a URL. It is masked in every report and must not stay in the file: name an environment variable instead. If the file was ever shared, revoke the key.";
    FILE_ID: "file-id", Error,
        "A file's name is a legal id.",
        "The name of a file under `providers/` or `models/` is the first half of references that people type and URLs carry: lower-case letters, digits, `-`, `_` and `.`, beginning with a letter or digit, 64 characters at most.";
    SCHEMA_LINE: "schema-line", Warning,
        "The first line names the file's schema.",
        "Editors with a YAML language server read the first line and complete keys, show what they mean and underline mistakes while one types. The help gives the line.";
    ORDER: "order", Warning,
        "Keys and entries stand in order.",
        "Keys stand in the order of the schema, models and aliases in the order of their ids, so that a diff shows what changed and nothing else. Endpoints, authentication and prices keep the order they were written in: it means something. `modeldex check --fix` puts the rest in order and keeps comments.";
    DUPLICATE_FILE: "duplicate-file", Error,
        "No two files of a folder have one id.",
        "The id of a provider, a lab or a view is its file's name without the ending, so `acme.yaml` and `acme.yml` are the same one twice. Only the first is read into the catalog; move what the second one adds into it and delete the second.";
    UNKNOWN_EXTENDS: "unknown-extends", Error,
        "`extends` names a provider of the catalog.",
        "A provider can start from another one and write only what differs. `extends` is the id of that provider: the name of its file without the ending, not one of its aliases. In an overlay, a file may extend its own id to change a provider of the catalog below; anywhere else that leads nowhere.";
    EXTENDS_LOOP: "extends-loop", Error,
        "Providers do not extend each other in a circle.",
        "What a provider does not say itself it takes from the one it extends, so somewhere the chain has to end. These extend each other in a circle; every member of it is shown. Let one of them stand on its own.";
    UNKNOWN_OMIT: "unknown-omit", Error,
        "`omit_models` names models of the imported provider, or of the one that is extended.",
        "`omit_models` leaves out models of the imported provider with the same id, or of the provider named by `extends`. An id that this provider does not have leaves nothing out: most likely a typing mistake, or a model that has gone since. Without either there is nothing to leave out.";
    UNCONFIRMED_ROUTE: "unconfirmed-route", Error,
        "Imported files may use only the routing that `routing.yaml` confirms.",
        "A file below `imported/` names a host, an environment variable, a header or an authentication method that `routing.yaml` does not confirm for the provider. `modeldex reconcile` regenerates such files from the evidence and `routing.yaml`. To confirm what sources claim, run `modeldex confirm PROVIDER`; to use other endpoints, state `endpoints` and `auth` in `providers/<id>.yaml`.";
    HELD_ROUTE: "held-route", Notice,
        "A source claims a base URL or variable that is not confirmed.",
        "`routing.yaml` does not confirm a base URL or an environment variable that a source claims for the provider. The claim is held: no request uses it. `modeldex confirm PROVIDER --dry-run` prints the claims with their sources and dates; `modeldex confirm PROVIDER` confirms them, with `--reject` it rejects them. Notices do not fail a check.";
    RESTATED: "restated", Warning,
        "A hand-written fact should differ from the imported one.",
        "The value equals the imported one: it changes nothing today, and hides later corrections. Remove it with `modeldex unset REF FACT`, or cite where it was verified to keep it whatever sources claim: `{value: …, source: https://…, checked: YYYY-MM-DD}`.";
    INCOMPLETE_PROVIDER: "incomplete-provider", Error,
        "A provider has a name, an endpoint and a way to prove who asks.",
        "Without an endpoint nothing can be sent, without `auth` nobody knows what to set, and without a name there is nothing to show. Each may come from the provider named by `extends`. A service that asks for no key says so: `auth: [{kind: none}]`.";
    DUPLICATE_ENDPOINT: "duplicate-endpoint", Error,
        "Where a provider has several endpoints, each has an id of its own.",
        "Models say by id which endpoints serve them, and users say by id which one they mean. A single endpoint needs no id; as soon as there are two, each needs one, and no two the same: `global` and `cn`, `openai` and `anthropic`.";
    BASE_URL: "base-url", Error,
        "A base URL is an absolute https URL and nothing more.",
        "Requests and keys go to `base_url`, with the protocol's paths appended to it. So it begins with `https://` (`http://` only for this machine: `localhost`, `127.0.0.0/8`, `[::1]`), names a host, and has no credentials, query or fragment. What differs from user to user is written as a variable, `${AWS_REGION}`, anywhere after `https://`: in the host, as the port, in the path.";
    BASE_URL_VARIABLE: "base-url-variable", Error,
        "A variable in a base URL is one that `auth` declares.",
        "`${NAME}` in a base URL is filled in from the environment when a request is sent. `auth` says which variables a user has to set, so a name that no method of `auth` declares would be asked for by nobody: list it under `variables` with its role. It is enough that one method declares it; the others may have the value from elsewhere, as AWS credentials have a region.";
    HEADER: "header", Error,
        "A header of an endpoint can be sent as it stands, and is nobody's key.",
        "`headers` are sent with each request to the endpoint, name and value as they are written. A name is letters, digits and `-`; a value is printable ASCII on one line, without spaces around it. A header that carries a key is none of them: `auth` says where the key goes. Those that HTTP or the protocol set themselves, such as `Host` and `Content-Type`, are none either. A value names no variable: only a base URL may.";
    AUTH_KIND: "auth-kind", Error,
        "A way to prove who asks names the variables that its kind needs.",
        "`api-key` needs `env`, the variables that may hold the key. `aws` and `gcp` need `variables`, such as the key pair, the project and the region. `none` asks for nothing and names nothing. `oauth` may name a variable that holds a token, or none.";
    AUTH_PLACE: "auth-place", Error,
        "Where a key goes is said once, and only of a way that sends one.",
        "Each protocol has its usual place for the key: `Authorization: Bearer` for OpenAI's, `x-api-key` for Anthropic's, `x-goog-api-key` for Google's, `api-key` for Azure's. A service that wants it elsewhere says so with `header`, and with `scheme` what stands before the key there; or with `query`, the name of a parameter. One key goes to one place. `aws`, `gcp` and `none` send no key of their own.";
    DUPLICATE_MODEL: "duplicate-model", Error,
        "A model stands once in its file.",
        "Two entries have the same id, and a reference can mean only one of them. If one of them should have another id, give it that; if they are the same model, put what differs into one entry: several prices with conditions, or the endpoints that serve it.";
    ALIAS_COLLISION: "alias-collision", Error,
        "An alias is an id that nothing else has.",
        "A reference has to mean one thing. The alias of a model may be neither the id of a model of the same provider nor another of its aliases; the alias of a provider may be neither a provider's id nor an alias of another one. An alias that an id has taken over is simply removed.";
    ALIAS_DANGLING: "alias-dangling", Error,
        "An alias leads to a model of its provider.",
        "`target` is the id of a model of the same provider, or another alias that leads to one. It names neither. If the model was removed because it no longer answers, keep its entry with `status: retired`, so that old references still resolve.";
    ALIAS_LOOP: "alias-loop", Error,
        "Aliases do not lead back to themselves.",
        "An alias may lead to another alias, but in the end there has to be a model. These lead in a circle; every member of it is shown. Let one of them lead to a model.";
    UNKNOWN_DEFAULT_MODEL: "unknown-default-model", Error,
        "`default_model` is a model of its provider.",
        "`default_model` is the id or alias of a model of the same provider, without the provider's id before it: the one that is used when a user names only the provider. A provider that takes over its default must not leave that model out.";
    RETIRED_DEFAULT: "retired-default", Warning,
        "A default model is one that may be used.",
        "`default_model` is what people get who name only the provider. A model that is deprecated will stop answering, one that is retired has: name another one, such as its successor.";
    STATUS_CONFLICT: "status-conflict", Warning,
        "The same model on the wire has one status, or an entry gives the reason why not.",
        "Two providers have an entry with the same id at the same base URL: a request names the same model, and one entry states that it answers while the other states that it does not. Look up which is right and make them agree; where both are meant, write why as `reason` into one of the two entries. `modeldex models show` prints the reason and what the other entry states.";
    REASONING_EFFORTS: "reasoning-efforts", Error,
        "A model that does not reason has no reasoning-effort levels.",
        "`reasoning: false` and levels of reasoning effort contradict each other. A model that states `reasoning: false` inherits no levels from its base model or the defaults, so they need not be omitted; an entry that states levels for a model that does not reason is wrong about one of the two.";
    UNKNOWN_BASE: "unknown-base", Error,
        "`base` names a base model.",
        "`base: lab/model` inherits the facts that a lab publishes about a model: `lab` is a file under `models/`, `model` the id of an entry in it. A base that is not there leaves the model without those facts. Write the facts once into the lab's file, or leave `base` out and write them here.";
    UNKNOWN_ENDPOINT: "unknown-endpoint", Error,
        "A model is served by endpoints of its provider.",
        "`endpoints` of a model lists ids of the provider's endpoints, its own or those of the provider it extends; a model without the list is served by all of them. A provider that takes over models and has endpoints of its own keeps the ids that those models name.";
    UNKNOWN_SUCCESSOR: "unknown-successor", Error,
        "A successor is another model that the catalog has.",
        "The successor of a model tells people what to use instead: the id or alias of a model of the same provider, or a whole reference `provider/model`. It has to lead to a model, and to another one than the one that is to be left.";
    OUTPUT_ABOVE_CONTEXT: "output-above-context", Error,
        "Neither answer nor request is longer than the context window.",
        "The context window is the most tokens that request and answer may have together, so neither the limit of a request nor that of an answer can be more. Often one of the limits was changed here and the other is inherited from the base model: write both, or `omit` the one that does not hold.";
    DATE_ORDER: "date-order", Error,
        "Dates follow each other as they must.",
        "A model is released, then perhaps updated, then deprecated, then retired; a price holds from one moment until a later one. Dates of different precision are compared only as far as they say: 2025-10 is not before 2025-10-14. One of the two dates may be inherited from the base model. Snapshots of a source in `sources.yaml` stand in the order of their days.";
    BILLING_CONFLICT: "billing-conflict", Error,
        "A model has prices exactly when it is metered.",
        "Free, in a plan and unpriced are three things, and none of them is a price. A model with `prices` is metered and need not say so; one that says `free`, `plan` or `unpriced` has no prices; and `metered` without prices is `unpriced`, until somebody looks the prices up. A published price of zero is written as a rate of 0.";
    PRICE_FIRST: "price-first", Error,
        "The first entry of a price list has no conditions.",
        "A price list begins with the rates of an ordinary request; later entries name conditions and only the rates that they change. A list whose first entry has a condition has no price where that does not hold. Write the ordinary rates first.";
    PRICE_RATES: "price-rates", Error,
        "An entry of a price list names a rate.",
        "An entry says which rates hold under its conditions. Without a rate it says nothing: remove it, or write the rate that is meant. A model whose prices nobody published says `billing: unpriced` and has no price list.";
    PRICE_HOURS: "price-hours", Error,
        "The hours of a price begin and end at different times.",
        "Hours that end when they begin could mean the whole day or nothing. The whole day, on some `days`, is written `start: \"00:00\", end: \"24:00\"` or `end: \"00:00\"`; hours that cross midnight end before they begin.";
    PRICE_OVERLAP: "price-overlap", Error,
        "Of two prices that can hold at once, the order says which one wins.",
        "The last entry of a price list that holds wins, rate by rate. That is a rule people can follow when the later entry is the narrower one: its conditions are those of the earlier one and more. Where two entries can hold at once (`above: 200000` and `tier: batch`), name different values for a rate, and neither is the narrower, the order says nothing, and a request for which both hold costs one or the other by accident: add an entry after them for both conditions together. An entry is also reported when a wider one after it leaves it without effect, and when two entries have the same conditions.";
    RATE_OUTLIER: "rate-outlier", Warning,
        "A rate is of the order at which others sell the same model.",
        "The rate is 1,000 times or more above or below the median of what other providers ask for the same base model. Rates are per million tokens: one that was copied per token is a million times too small, one per thousand tokens a thousand times, and a slip of the decimal point looks the same. Compared are the first entries of price lists in US dollars, where at least two others sell the model; rates of zero are left out.";
    VIEW_REFERENCE: "view-reference", Error,
        "A row of a view names a model of the catalog.",
        "`ref` is a whole reference, `provider/model`, by id or alias. It resolves to nothing, so the file that the view describes would have a hole. A model that no longer answers but is still shown keeps its entry with `status: retired`.";
    VIEW_EXPORT: "view-export", Error,
        "A group of a view exports something, under names of its own.",
        "Each group names `constants`, an `array` or both; `type` is the type of the array's rows and means nothing without it. A name is exported once in a file: `constants: KIMI` exports `KIMI_DEFAULT_ID`, `KIMI_CONTEXT_WINDOW`, `KIMI_MAX_TOKENS`, `KIMI_INPUT` and `KIMI_COST`.";
    VIEW_FACT: "view-fact", Error,
        "Constants of a view are facts that the catalog has, or that the view states.",
        "A group with `constants` exports the context window, the longest answer, the input and the cost of its first model. Unknown is never written as zero: where the catalog does not know one of the limits, the group states it under `override`; where it has no price, because the model is unpriced in a plan or has a price list without one of the four rates of a cost, `unpriced_cost` of the view says what to write instead.";
    VIEW_CURRENCY: "view-currency", Error,
        "The cost that a view exports is that of a model priced in US dollars.",
        "A group with `constants` exports the cost of its first model in dollars per million tokens. Rates are never converted, so a model that is priced in another currency has none. Name the same model at a provider that is paid in dollars, or leave the price out: `cost: unpriced` under `override` writes the view's `unpriced_cost`.";
    UNKNOWN_SOURCE: "unknown-source", Error,
        "A source that is named is in `sources.yaml`.",
        "`derived_from` in `sources.yaml`, and the keys under `providers` and `skip` in `provider-map.yaml`, name sources. A name that `sources.yaml` does not have has no effect at all: the copy counts as a voice of its own, or the ids stand for nothing. Correct the name, or add the source.";
    UNKNOWN_SERVICE: "unknown-service", Warning,
        "A provider that a source names is in `provider-map.yaml`.",
        "`first_party` and the `providers` of a fault in `sources.yaml` name providers by their ids in `provider-map.yaml`. Under an id that is not there, a provider's own list counts as anybody's, and a known fault is not taken into account.";
    DUPLICATE_MAPPING: "duplicate-mapping", Error,
        "An id of a source stands for one service.",
        "In `provider-map.yaml` an id of a source belongs to one provider, once, or is skipped. Mapped twice, the claims about one service would be taken for claims about another. Both places are shown; remove one.";
}

#[cfg(test)]
mod tests {
    use super::RULES;
    use std::collections::HashSet;

    #[test]
    fn every_rule_is_explained_in_full_and_codes_are_unique() {
        let mut seen = HashSet::new();
        for rule in RULES {
            assert!(seen.insert(rule.code), "{} is defined twice", rule.code);
            assert!(rule.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{}", rule.code);
            assert!(!rule.summary.is_empty() && rule.explanation.len() > rule.summary.len(), "{} needs an explanation", rule.code);
        }
    }
}

//! All rules that catalog files must satisfy. Each rule has a diagnostic code, a severity, a summary and an explanation.
//!
//! From other modules, this module uses only [`Severity`]. Therefore the reader, the schema, the lint rules and the renderers can all use this
//! module.

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
    /// Why the rule exists, what violates the rule, and how to fix a violation; shown by `modeldex explain CODE`.
    pub explanation: &'static str,
}

/// Returns the rule with the diagnostic code `code`; `None` if no rule has this code.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code == code)
}

macro_rules! rules {
    ($($name:ident: $code:literal, $severity:ident, $summary:literal, $explanation:literal;)+) => {
        $(#[doc = $summary]
        pub static $name: Rule =
            Rule { code: $code, severity: Severity::$severity, summary: $summary, explanation: $explanation };)+

        /// All rules that catalog files must satisfy. Rules about a single file come first.
        pub static RULES: &[&Rule] = &[$(&$name,)+];
    };
}

rules! {
    SYNTAX: "syntax", Error,
        "A catalog file must contain exactly one YAML document.",
        "The file is not valid YAML, or contains more than one YAML document. The reported position is the place at which the parser stopped, which is often just after the mistake. Look for a missing colon, an unclosed quote, or a line that is indented with tabs or with the wrong number of spaces.";
    NOT_UTF8: "not-utf8", Error,
        "A catalog file must be encoded in UTF-8.",
        "The file contains bytes that are not valid UTF-8. The reported position is the first invalid byte. Save the file as UTF-8.";
    UNREADABLE: "unreadable", Error,
        "Every file and folder of the catalog must be readable.",
        "A file or folder of the catalog could not be read. There are four possible reasons: the file or folder does not exist, you do not have the permission to read it, it is not a regular file, or it is larger than 64 MiB.";
    INTERRUPTED_WRITE: "interrupted-write", Error,
        "The catalog folder must not contain the journal of an interrupted command.",
        "A command that writes several files, such as `import`, first writes the new files under temporary names and lists them in the file `.modeldex-journal` of the catalog folder. Then the command renames the files and removes the journal. A journal in the catalog folder has one of two reasons: a command is running now, or a command was killed while it renamed the files. After such a kill, some files are old and some files are new. The next command that writes to the catalog, such as `modeldex reconcile`, completes the interrupted command first.";
    IGNORED_FOLDER: "ignored-folder", Warning,
        "Folders such as `providers` and `usage` must not contain subfolders with YAML files.",
        "Each kind of catalog file has its own folder, such as `providers` or `usage`. Files in a subfolder of such a folder, for example in `usage/drafts`, are not read, so their content is not part of the catalog. Move the files one folder up, or out of the catalog folder. Folders whose names begin with a dot are ignored without a warning.";
    ANCHOR: "anchor", Error,
        "Catalog files must not use YAML anchors, aliases or tags.",
        "In YAML, an anchor (`&name`) names a value, an alias (`*name`) repeats the named value, and a tag (`!type`) changes the type of a value. Catalog files must not contain anchors, aliases or tags. Anchors and aliases hide where a value is written, and a few lines with aliases can expand to gigabytes. To write a fact only once, use `base`, `defaults` or `extends`. To write a text that begins with `&`, `*` or `!`, put the text in quotes.";
    DUPLICATE_KEY: "duplicate-key", Error,
        "A mapping must contain each key only once.",
        "A mapping contains the same key twice. Some YAML parsers keep the first value, and some keep the second value. The report shows both places. Remove one of the two keys.";
    UNKNOWN_KEY: "unknown-key", Error,
        "Every key must be defined in the schema of its file.",
        "The schema of the file does not define the key. An unknown key is an error, because its value would otherwise be lost without a message. The help suggests the most similar key, or lists the known keys. `catalog/README.md` describes all keys.";
    MISSING_KEY: "missing-key", Error,
        "An entry must contain every key that the schema requires.",
        "An entry lacks a required key, such as the `id` of a model or the `base_url` of an endpoint. A missing key has no position in the file, so the report shows the position of the entry that lacks it.";
    WRONG_TYPE: "wrong-type", Error,
        "Every value must have the type that its key requires.",
        "The key requires a value of a different type. For example, the value is a string, but the key requires a number. Or the value is a single value, but the key requires a list. In a catalog file, `1.0` without quotes is a number, and `no` without quotes is a string. Put a string that looks like a number in quotes. Write a number as plain digits, without `_` or `,`.";
    INVALID_VALUE: "invalid-value", Error,
        "Every value must be allowed for its key.",
        "The value has the right type, but the key does not allow the value. There are four possible reasons: the value is not one of the allowed words, is empty, is too long, or does not match the required pattern. The help lists or describes the valid values.";
    TOO_LONG: "too-long", Error,
        "A catalog file must not exceed these limits: 65,535 bytes in a string, 65,535 entries in a list, 64 levels of nesting, 500,000 values in a file.",
        "The compiled catalog stores the length of each string and list in 16 bits. The limits of nesting and values ensure that no file needs much time or memory. No real catalog reaches these limits. Probably some text was pasted into the file by mistake.";
    LIMIT: "limit", Error,
        "A token limit must be an integer from 1 to 4,294,967,295.",
        "Token limits are the context window, the maximum input and the maximum output of a model, each as a number of tokens. In other catalogs, a limit of 0 usually means that the limit is unknown. In this catalog, leave out the key of an unknown limit.";
    ENVIRONMENT_NAME: "environment-name", Error,
        "The name of an environment variable must consist of uppercase letters, digits and underscores.",
        "`env` lists names of environment variables, never their values. A name with lowercase letters, such as `acme_key`, is not accepted. Names with lowercase letters are unusual, so the text may be an API key that was written into the file by mistake.";
    UNKNOWN_CURRENCY: "unknown-currency", Error,
        "A currency must be one of the ISO 4217 codes that the catalog supports.",
        "Rates are stored in the currency in which the provider publishes them, and are never converted. A currency is written as its uppercase ISO 4217 code, such as `USD`. To support another currency, add its code to the vocabulary in `crates/table`.";
    INVALID_DATE: "invalid-date", Error,
        "Every date and time must exist, and must have the notation that its key requires.",
        "A date is written as YYYY, YYYY-MM or YYYY-MM-DD, depending on the precision of its source. A point in time is written as YYYY-MM-DD or YYYY-MM-DDTHH:MMZ, always in UTC. The hours of a price are written as HH:MM, with a time zone. The time zone is `UTC` or an offset such as `+08:00`. A date that does not exist, such as February 30, is invalid.";
    INVALID_RATE: "invalid-rate", Error,
        "A rate must be at least 0 and less than 1,000,000,000, and must have at most six decimal places.",
        "The catalog stores each rate as an integer number of millionths of the currency unit, so that sums are exact. A seventh decimal place would be lost. First check whether the rate is per token, because the catalog requires rates per million tokens. If the rate is already per million tokens, round it to six decimal places, and write the exact rate in a comment.";
    SECRET: "secret", Error,
        "Catalog files must not contain secrets.",
        "The text looks like an API key, a token, a private key or a password in a URL. Reports mask the secret, but the file still contains it. Replace the secret with the name of an environment variable. If the file was ever shared, revoke the key.";
    HIDDEN_CHARACTER: "hidden-character", Error,
        "Catalog files must not contain control characters or invisible characters.",
        "The text contains a character that is not displayed, or that changes the display of the text around it. Because of such a character, two different names, ids or URLs can look equal in reports, in diffs and in tools.\n\nThe rule reports these characters:\n\n- control characters\n- characters that control the direction of text, such as U+202E\n- zero-width characters, such as U+200B\n- line separators, such as U+2028\n- tag characters, such as U+E0041\n\nThe rule covers all text of a file: keys, values, comments, and values that are written with an escape such as `\\u202e`. Delete the character and type the text again.";
    CONFUSABLE_TEXT: "confusable-text", Warning,
        "A word in a name must not mix Latin letters with letters that only look like Latin letters.",
        "The rule reports two kinds of words in names:\n\n- words that mix Latin letters with letters of a similar script, such as Cyrillic, Greek or Cherokee\n- words with styled copies of Latin letters, such as fullwidth or mathematical letters\n\nThese words look like words in Latin letters, but a search for the Latin word does not find them. For example, the second letter of `gpt` may be Cyrillic. Write the word in one script. The rule does not report a word that has only letters of one script, such as a Russian word. Ids cannot violate the rule, because ids are ASCII.";
    FILE_ID: "file-id", Error,
        "The name of a catalog file, without its extension, must be a valid id.",
        "The name of a file in `providers/` or `models/`, without its extension, is the id of the provider or lab. References such as `acme/model-1` begin with this id, on the command line and in URLs. A valid id has at most 64 characters. It consists of lowercase letters, digits, `-`, `_` and `.`, and begins with a letter or digit.";
    SCHEMA_LINE: "schema-line", Warning,
        "The first line of a hand-written file must name the JSON Schema of the file.",
        "An editor with a YAML language server uses this line to find the JSON Schema of the file. With the schema, the editor completes keys, shows their documentation and underlines mistakes. The help contains the line to write.";
    ORDER: "order", Warning,
        "Keys must be in the order of the schema, and models and aliases must be sorted by id.",
        "The fixed order of keys, models and aliases keeps diffs small. Endpoints, authentication methods and prices are not sorted, because the order of these entries has a meaning. `modeldex check --fix` sorts keys, models and aliases, and keeps comments.";
    DUPLICATE_FILE: "duplicate-file", Error,
        "Two files in one folder must not have the same id.",
        "The id of a provider, lab, view or usage shape is the name of its file without the extension. So `acme.yaml` and `acme.yml` have the same id. Only the first of the two files is compiled. Move the contents of the second file into the first, and delete the second.";
    UNKNOWN_EXTENDS: "unknown-extends", Error,
        "`extends` must name a provider of the catalog.",
        "A provider can inherit from another provider and state only the differences. The value of `extends` is the id of the other provider: the name of its file without the extension. An alias is not accepted. A provider in an overlay can state its own id as `extends`. It then changes the provider with this id in the catalog below the overlay. Outside an overlay, a provider cannot extend itself.";
    EXTENDS_LOOP: "extends-loop", Error,
        "Providers must not extend each other in a cycle.",
        "The key `extends` of a provider names the provider from which it inherits. The named provider may have the key `extends` too, but the chain must end at a provider without `extends`. The report shows every provider of the cycle. Remove `extends` from one of these providers.";
    UNKNOWN_OMIT: "unknown-omit", Error,
        "`omit_models` must list only models that the provider would otherwise inherit.",
        "A provider inherits models from the imported provider with the same id, or from the provider that `extends` names. `omit_models` lists the ids of models that the provider should not inherit. No model that the provider would inherit has the reported id. Either the id is misspelled, or the model was removed in the meantime. A provider that inherits no models needs no `omit_models`.";
    UNCONFIRMED_ROUTE: "unconfirmed-route", Error,
        "Imported files must contain only endpoints and authentication methods that `routing.yaml` confirms.",
        "At the reported position, a file in `imported/` contains a base URL, a wire protocol, a header, an environment variable or an authentication method. `routing.yaml` does not confirm this value for the provider. `modeldex reconcile` regenerates the files in `imported/` from the evidence and `routing.yaml`. To confirm the claims of sources, run `modeldex confirm PROVIDER`. To use endpoints that no source claims, state `endpoints` and `auth` in `providers/<id>.yaml`.";
    HELD_ROUTE: "held-route", Notice,
        "Every base URL, wire protocol and environment variable that sources claim for a provider must be confirmed or rejected.",
        "A source claims a value for a provider: a base URL, an environment variable, or the wire protocol of a base URL. No hand-written file confirms or rejects the claim. Therefore the claim is held back, which means that no request uses the claimed value. A claim that is held back is only a notice, so the check does not fail.\n\nThese commands deal with the claims about a provider:\n\n- `modeldex confirm PROVIDER --dry-run` prints the claims with their sources and dates.\n- `modeldex confirm PROVIDER` confirms the claims.\n- `modeldex confirm PROVIDER --reject` rejects the claims.";
    RESTATED: "restated", Warning,
        "A hand-written value must differ from the imported value or cite a source.",
        "The hand-written value equals the imported value. It has no effect now, but would hide later corrections of the imported value. Remove the hand-written value with `modeldex unset REF FACT`. To keep the hand-written value regardless of later imports, cite the page on which you verified the value: `{value: …, source: https://…, checked: YYYY-MM-DD}`.";
    INCOMPLETE_PROVIDER: "incomplete-provider", Error,
        "A provider must have a name, an endpoint and an authentication method.",
        "Without an endpoint, no request can be sent to the provider. Without `auth`, modeldex does not know which credential a request needs. Without `name`, commands cannot display a name for the provider. With the key `extends`, a provider can inherit its endpoints, `auth` and `name` from another provider. A provider that requires no key states `auth: [{kind: none}]`.";
    NO_MODELS: "no-models", Notice,
        "A hand-written provider must state or inherit models, unless its users choose the models.",
        "The provider has neither `models` nor `extends`, so no command finds a model of this provider. Only one kind of provider needs no models: a server whose users choose the models, such as a server on the user's own machine.";
    PLACEHOLDER: "placeholder", Error,
        "A provider file must not contain the placeholders that `modeldex new provider` writes.",
        "`modeldex new provider` writes a file with two placeholders: the base URL `https://api.example.com/v1` and the model id `example-model`. Replace the placeholders with the base URL of the provider and the ids of its models.";
    DUPLICATE_ENDPOINT: "duplicate-endpoint", Error,
        "If a provider has several endpoints, each endpoint must have its own id.",
        "Models and users select an endpoint by its id. A single endpoint needs no id. If a provider has two or more endpoints, each endpoint needs its own id, such as `global` and `cn`, or `openai` and `anthropic`.";
    BASE_URL: "base-url", Error,
        "A base URL must be an absolute https URL without credentials, query, fragment or the path of a request, such as `/chat/completions`.",
        "The URL of each request is the `base_url` followed by a path of the wire protocol. Requests contain API keys, so the `base_url` decides which host receives the keys. If a part of the base URL differs between users, write this part as a variable, such as `${AWS_REGION}`. Variables are allowed anywhere after `https://`: in the host, as the port, or in the path.\n\nA base URL must meet these requirements, in catalogs and in overlays:\n\n- It begins with `https://`. It may begin with `http://` only if the host is a loopback address (`localhost`, `127.0.0.0/8`, `[::1]`). For addresses of a private network, such as `192.168.0.0/16`, `http://` is not allowed, because other devices in the network can read and answer the requests.\n- It names a host in plain ASCII, without Punycode (`xn--`). If the host is an IP address, the address has the usual notation. Notations such as `0x7f.1` and `[::ffff:127.0.0.1]` are not allowed.\n- It contains no credentials, no query, no fragment and no path segment `..`.\n- It does not end in the path of a request, such as `/chat/completions`.";
    BASE_URL_CREDENTIAL: "base-url-credential", Error,
        "The variables in a base URL must contain parts of an address, never credentials.",
        "A variable in a base URL must not contain a credential. Servers and proxies write URLs to logs, and the value of the variable is sent to the host in the URL.\n\nA variable in a base URL must meet these requirements:\n\n- The variable is not a credential variable of any provider. A credential variable is a variable that `auth` lists under `env`, or with the role `key-id`, `secret`, `session-token` or `file`.\n- The name of the variable is not the name of a credential, such as `GITHUB_TOKEN`, `DATABASE_URL` or `SSH_AUTH_ID`.\n- The name ends with a word for the part of the address, such as `_REGION`, `_ACCOUNT_ID`, `_HOST`, `_PORT` or `_PROJECT`.\n- A name that begins with `AWS_` ends with `_REGION`.\n\nUnder `variables`, `auth` may list alternatives, such as `[AWS_REGION, AWS_DEFAULT_REGION]`. Every alternative must meet the requirements, because a request may use the value of any alternative.";
    BASE_URL_VARIABLE: "base-url-variable", Error,
        "Every variable in a base URL must be declared in `auth`.",
        "A variable `${NAME}` in a base URL is replaced with its value from the environment when a request is sent. `auth` declares the variables that a user has to set. At least one authentication method must therefore list the variable under `variables`. The role of the variable must not be a role of credentials: `key-id`, `secret`, `session-token` or `file`. An authentication method need not list the variable if the method obtains the value elsewhere. For example, AWS credentials may include a region.\n\nA variable can have a `default`. The characters of a default are limited, because other characters could change the host to which keys are sent:\n\n- A default may have letters, digits and `-`.\n- If the variable is the whole host or a part of the path, the default may also have `.` and `_`.\n- If the variable is the whole host, the default may also have a port.\n\nThe host must not depend on which key is set. Therefore, all authentication methods that declare a variable must state the same `default`, or all of them must state no `default`.";
    SHARED_VARIABLE: "shared-variable", Error,
        "Two providers with different hosts must not use the same credential variable.",
        "A credential variable is a variable that `auth` lists under `env`, or under `variables` with the role `key-id`, `secret`, `session-token` or `file`. The variable belongs to each provider that lists it. Suppose that the provider `a` lists a variable of the provider `b`. Users who have set this variable for `b` would then send their key for `b` to the hosts of `a`.\n\nThe provider `a` may list a variable of `b` in two cases:\n\n- Every host of `a` is also a host of `b`, so these hosts already receive the key.\n- `shared_variables` in `routing.yaml` lists the variable with the ids of `a` and `b`. List a variable there only if one company runs both providers.\n\nIf `shared_variables` lists a variable, only the listed providers may read the variable. Names of variables are compared regardless of case.\n\nSome variables belong to no provider, but their names begin like the variables of a provider or service. `modeldex confirm` refuses to confirm these variables. To confirm such a variable, first list it under `shared_variables`.\n\nThis rule checks catalogs; the rule `overlay-route` checks overlays.";
    OVERLAY_ROUTE: "overlay-route", Warning,
        "An overlay should not send the variables of a known provider to a new host.",
        "An overlay can change the host that receives requests and keys. The gateway of a company is a usual reason, but somebody could also write an overlay to collect keys. Therefore modeldex prints this warning at each use of the overlay, and nothing in the overlay can turn the warning off.\n\nWith `--strict`, the warning is an error. If you do not trust the host, remove the overlay. If you trust the host, there are two solutions:\n\n- Add the host to your own configuration: `modeldex config set trusted_hosts HOST...`.\n- Define the gateway as a separate provider, with a new id and a new variable.\n\nA known provider is a provider that the catalog contains even without the overlay. A new host is a host to which requests of the known provider go only with the overlay. The rule reports these cases:\n\n- The overlay states a base URL with a new host for a known provider. A new variable does not prevent the warning, because a key of the option `--api-key` would also be sent to the new host.\n- The overlay changes the default of a variable in a base URL of a known provider, and the variable contains no region. Requests are then sent to a different host or account.\n- The overlay changes the default of a region variable, such as `AWS_REGION`, and the host ends with this variable, as in `https://api.${AWS_REGION}`. In all other positions, the region does not determine the domain, so a changed default is not reported.\n- The overlay replaces the variables in a base URL of a known provider with different variables. The values of the different variables may lead to a new host.\n- A provider of the overlay has a new host, and uses a variable of a known provider under `auth` or in a base URL. Unconfirmed variables that sources claim for a known provider are reported too.\n- A provider of the overlay uses a variable that is connected to a variable of a known provider by a reference. For example, `WORK_KEY` has the value `${OPENAI_API_KEY}` in the environment or in your configuration. `modeldex check` ignores references, because its output must not depend on the machine.\n- A provider of the overlay lists a variable whose name begins like the variables of a known provider, such as `ANTHROPIC_AUTH_TOKEN`. The variable itself belongs to no provider.\n- A provider of the overlay lists a variable whose name begins like the variables of a service, such as `GITHUB_TOKEN` or `NPM_TOKEN`. Names that any service could use, such as `API_KEY`, are reported too.\n- A provider of the overlay lists a variable that `shared_variables` of the catalog reserves for other providers. This case is found only with `--catalog`, because the built-in catalog does not contain `shared_variables`.\n- A provider of the overlay has a new host, and has the id or an alias of a known provider, so keys of the known provider would be sent to the new host. Differences in characters such as `-` and `_` are ignored.\n- A provider of the overlay has an id that sources list but the catalog does not contain, such as `google-gemini-cli`. Some tools have this provider, and would send their key for the provider to the host of the overlay.\n- A provider of the overlay uses a variable that sources claim for a provider that the catalog does not contain. The variable may contain a key for that provider.\n- A provider of the overlay has an id from which some tools derive the key variable of a known provider: for example, `CO_API_KEY` from `co`. These tools would send the key of the known provider to the host of the overlay.\n- The overlay adds a header to requests to a host of the catalog. Some gateways forward requests to a host that a header names.\n- The overlay sends the key to a host of the catalog in a different header or in the URL. URLs are written to logs.\n- The overlay uses the protocol `azure-openai`, `bedrock-converse` or `google-vertex` for a host of the catalog that has a different protocol. With these three protocols, some tools build the host themselves. Such an overlay is reported even if `trusted_hosts` contains the host in its base URL.\n\nThere is one exception. An id that the catalog does not contain, such as `google-gemini-cli`, is not reported if its base URL begins with `http:`. `http:` is allowed only for loopback addresses, so the key stays on the machine of the user.\n\nA report lists at most 1,000 of these warnings. If an overlay causes more warnings, the report contains an error, so that nobody overlooks the unlisted warnings.";
    HEADER: "header", Error,
        "A header of an endpoint must have a valid name and a fixed value, without a credential.",
        "Each request to the endpoint contains the headers under `headers`, exactly as written. A header that contains a key belongs in `auth`, not in `headers`.\n\nA header must meet these requirements:\n\n- The name consists of letters, digits, `-` and `_`, and begins with a letter or digit.\n- The name is not the name of a header that the HTTP client sets, such as `Host` or `Content-Type`.\n- The value is printable ASCII on one line, without spaces at the beginning or end.\n- The value contains no variables, because only base URLs support variables.\n- The value is not the name of a key variable, and does not refer to a variable in the notation of a tool, such as `os.environ/NAME`. Tools that read exported files would replace such a value with a key.";
    AUTH_KIND: "auth-kind", Error,
        "An authentication method must list the variables that its kind requires.",
        "A method of the kind `api-key` requires `env`, which lists the variables that may contain the key. A method of the kind `aws` or `gcp` requires `variables`, such as the variables for the key pair, the project and the region. A method of the kind `none` has no variables. A method of the kind `oauth` may list a variable that contains a token.";
    AUTH_PLACE: "auth-place", Error,
        "An authentication method with a key must send the key in one place only; a method without a key must state no place.",
        "Each protocol has a default place for the API key: `Authorization: Bearer` for OpenAI, `x-api-key` for Anthropic, `x-goog-api-key` for Google, `api-key` for Azure. If the service expects the key in a different header, state the name of this header as `header`. If a word precedes the key in the header, state the word as `scheme`. If the service expects the key in the URL, state the name of the query parameter as `query`. A method cannot state both `header` and `query`. Methods of the kinds `aws`, `gcp` and `none` send no key, so they must not state `header`, `scheme` or `query`.";
    MODEL_ID: "model-id", Error,
        "The id of a model must be safe as a file name, as a part of a URL and as an argument.",
        "Tools use ids of models as file names, as parts of URLs and as arguments of commands. An id consists of segments, which are separated by `/`. A segment must not be empty, must not begin with `-` or `.`, and must not end with `.`. A segment must not be a name that Windows reserves for a device, such as `con`, `nul` or `com1`, with or without an extension. An id has at most 128 characters. The rule also checks the ids of aliases and the ids in `omit_models`. If a provider really uses an id that the rule does not allow, do not add the model to the catalog.";
    DUPLICATE_MODEL: "duplicate-model", Error,
        "A file must have at most one entry for each model id.",
        "Two entries of the file have the same id, so a reference to the id is ambiguous. If the entries describe different models, change the id of one entry. If the entries describe the same model, merge them into one entry. The merged entry can have several prices with conditions, and a list of endpoints.";
    ALIAS_COLLISION: "alias-collision", Error,
        "Ids and aliases of models must be unique within a provider; ids and aliases of providers must be unique within the catalog.",
        "Every reference must have exactly one meaning. The alias of a model must not be the id of a model of the same provider, and must not be listed twice. The alias of a provider must not be the id or an alias of another provider. If a provider starts to use an alias as the id of a model, remove the alias.";
    ALIAS_DANGLING: "alias-dangling", Error,
        "An alias of a model must resolve to a model of the same provider.",
        "The `target` of an alias must be the id or an alias of a model of the same provider. If the provider no longer serves the model, keep the entry of the model with `status: retired`, so that old references still resolve.";
    ALIAS_LOOP: "alias-loop", Error,
        "Aliases must not resolve to each other in a cycle.",
        "The `target` of an alias may be another alias, but the chain of aliases must end at a model. The report shows every alias of the cycle. Change the `target` of one of these aliases to the id of a model.";
    UNKNOWN_DEFAULT_MODEL: "unknown-default-model", Error,
        "`default_model` must name a model of the same provider.",
        "`default_model` names the model that is used when a user names only the provider. Its value is the id or an alias of a model of the same provider, without the provider's id in front. If a provider inherits `default_model`, the provider must not list the default model under `omit_models`.";
    RETIRED_DEFAULT: "retired-default", Warning,
        "`default_model` must name a model that is neither deprecated nor retired.",
        "`default_model` names the model that is used when a user names only the provider. A deprecated model will stop responding, and a retired model no longer responds. Name another model, such as the successor.";
    STATUS_CONFLICT: "status-conflict", Warning,
        "Two entries with the same model id and the same base URL must have the same status, unless one of them states a reason for the difference.",
        "Two providers have an entry with the same model id and the same base URL. Requests for the model are therefore the same with both providers. But the two entries state different statuses, for example `retired` and `active`. Find out which status is right, and state this status in both entries. If both statuses are right, add `reason` to one of the entries. `modeldex models show` then prints the reason, and the status of the other entry.";
    REASONING_EFFORTS: "reasoning-efforts", Error,
        "A model without reasoning must not state reasoning-effort levels.",
        "An entry has `reasoning: false`, stated or inherited, and also states `reasoning_efforts`. The two values contradict each other, so one value is wrong. A model with `reasoning: false` inherits no reasoning-effort levels from its base model or from `defaults`. So you need not list `reasoning_efforts` under `omit`.";
    UNKNOWN_BASE: "unknown-base", Error,
        "`base` must name a base model of the catalog.",
        "With `base: lab/model`, a model inherits the facts that a lab publishes about the base model. `lab` is the name of a file in `models/` without its extension, and `model` is the id of an entry in this file. If the base model does not exist, the model lacks these facts. Add the base model to the file of its lab, or remove `base` and state the facts in the model.";
    UNKNOWN_ENDPOINT: "unknown-endpoint", Error,
        "The `endpoints` of a model must be ids of endpoints of its provider.",
        "`endpoints` of a model lists the ids of the endpoints that serve the model. The provider of the model must state these endpoints, or inherit them with `extends`. A model without `endpoints` is served by all endpoints of its provider.\n\nA provider can inherit models with `extends`, and state its own endpoints. The `endpoints` of the inherited models still contain the endpoint ids of the extended provider. So the provider's own endpoints must have the ids of the extended provider's endpoints.";
    UNKNOWN_SUCCESSOR: "unknown-successor", Error,
        "The successor of a model must be another model of the catalog.",
        "The successor of a model is its recommended replacement: the id or an alias of a model of the same provider, or a reference `provider/model`. The successor must be in the catalog. A model cannot be its own successor.";
    OUTPUT_ABOVE_CONTEXT: "output-above-context", Error,
        "The maximum input and the maximum output must not exceed the context window.",
        "The context window is the maximum number of input and output tokens together. So the maximum input and the maximum output cannot be greater than the context window. A frequent cause is an entry that states a new value for one limit, and inherits the other limits from the base model. State all three limits in the entry, or list the inherited limits under `omit`.";
    DATE_ORDER: "date-order", Error,
        "The dates of a model and the dates of a price must be in chronological order.",
        "The release date of a model must not be after the date of its last update, its deprecation or its retirement. The deprecation date must not be after the retirement date. If the model states only one of the two reported dates, the model inherits the other date from its base model. A month and a day in this month, such as 2025-10 and 2025-10-14, are never in the wrong order. In a condition of a price, `from` must be before `until`.";
    BILLING_CONFLICT: "billing-conflict", Error,
        "A model with metered billing must have prices, and a model with any other billing must not have prices.",
        "A model with `prices` is metered and need not state its billing. A model with `billing: free`, `billing: plan` or `billing: unpriced` must not have `prices`. If the prices of a model are unknown, its billing is `unpriced`, not `metered`. If a provider charges nothing for a model, the billing of the model is `free`. State a rate of 0 only if a part of the model's usage costs nothing: the provider charges nothing for one kind of unit, but charges for other units.";
    PRICE_FIRST: "price-first", Error,
        "The first entry of a price list must have no conditions.",
        "The first entry of a price list states the rates of an ordinary request. Each later entry states conditions, and only the rates that differ under these conditions. If the first entry had a condition, all requests that do not meet the condition would have no price. Put the entry without conditions first.";
    PRICE_RATES: "price-rates", Error,
        "An entry of a price list must state at least one rate.",
        "An entry of a price list states the rates that apply under its conditions. An entry without rates has no effect: add a rate, or remove the entry. A model without published prices states `billing: unpriced` and no price list.";
    PRICE_PER_TOKEN: "price-per-token", Warning,
        "A rate for tokens must be stated per million tokens, not per token.",
        "The rate is below 0.0001 per million tokens, which is lower than any known rate. The rate was probably copied from a source that states rates per token: 0.000003 per token is 3 per million tokens.";
    PRICE_HOURS: "price-hours", Error,
        "The hours of a price must begin and end at different times, except from midnight to midnight.",
        "Hours that begin and end at the same time, such as 05:00, could mean the whole day or no time at all. To state the whole day, for example on some `days`, write `start: \"00:00\"` and `end: \"24:00\"`; the end `\"00:00\"` has the same meaning. If the hours cross midnight, state an end that is earlier than the start.";
    PRICE_OVERLAP: "price-overlap", Error,
        "If two entries of a price list can apply to the same request, the later entry must be more specific than the earlier entry.",
        "Several entries of a price list can match a request. Each rate is then taken from the last matching entry that states this rate. The result is predictable if each later entry is more specific than the earlier entries. An entry is more specific than a second entry if it applies to only some of the requests of the second entry.\n\nThis rule reports three mistakes:\n\n- Two entries can match the same request, and state different values for a rate, but neither entry is more specific. An example is a list with the conditions `above: 200000` and `tier: batch`. Add a third entry after the two entries, with the conditions of both entries.\n- A later entry applies to all requests of an earlier entry, and to further requests. The earlier entry then has no effect. Swap the two entries.\n- Two entries have the same conditions. Merge the two entries.";
    RATE_OUTLIER: "rate-outlier", Warning,
        "For the same base model, a rate must not be 1,000 times higher or lower than the median rate of the other providers.",
        "The rate is at least 1,000 times higher or lower than the median rate of the other providers that offer the same base model. The catalog states rates per million tokens. A rate that was copied from a source with rates per token is a million times too small, and a rate from a source with rates per thousand tokens is a thousand times too small. A decimal point in the wrong place is another possible cause. The rule compares only the first entries of price lists, and only rates in US dollars. The rule needs at least two other providers that offer the base model. The rule ignores rates of zero.";
    VIEW_REFERENCE: "view-reference", Error,
        "Every `ref` in a view must name a model of the catalog.",
        "In a view, `ref` has the form `provider/model`. Each part is an id or an alias. If the reference does not resolve to a model, the exported file lacks this model. A model that the provider no longer serves can stay in the exported file. In this case, keep the entry of the model in the catalog with `status: retired`.";
    VIEW_EXPORT: "view-export", Error,
        "Every group of a view must export something, and every exported name must be unique.",
        "Each group of a view states `constants`, `array` or both. `type` names the element type of the array, and has no effect without `array`. A file must export each name only once. A group with `constants: KIMI` exports the names `KIMI_DEFAULT_ID`, `KIMI_CONTEXT_WINDOW`, `KIMI_MAX_TOKENS`, `KIMI_INPUT` and `KIMI_COST`.";
    VIEW_FACT: "view-fact", Error,
        "Every fact that a view exports as a constant must be stated in the catalog or in the view.",
        "If a group of a view has the key `constants`, the group exports the context window, the maximum output, the input modalities and the cost of its first model. An unknown value is not exported as zero. If the catalog lacks the context window or the maximum output of the model, state the missing limit under `override`. The cost is unknown if the model has the billing `unpriced` or `plan`, or if its price list lacks one of the rates `input`, `output`, `cache_read` and `cache_write`. For an unknown cost, the view exports the value of its key `unpriced_cost`. If the view has no `unpriced_cost`, add this key.";
    VIEW_CURRENCY: "view-currency", Error,
        "The cost that a view exports must be in US dollars.",
        "If a group of a view has the key `constants`, the group exports the cost of its first model in US dollars per million tokens. Rates are never converted, so a cost in another currency cannot be exported. Refer to the same model of a provider that charges in US dollars. To export no price, state `cost: unpriced` under `override`. The view then exports the value of its key `unpriced_cost`.";
    UNKNOWN_SOURCE: "unknown-source", Error,
        "Every source that a file names must be defined in `sources.yaml`.",
        "Two files contain names of sources: `sources.yaml` under `derived_from`, and `provider-map.yaml` in the keys under `providers` and `skip`. A name that `sources.yaml` does not define has no effect. `derived_from` lists the sources from which a source copies facts. If a name in `derived_from` is wrong, the copies count as independent claims. If a name in `provider-map.yaml` is wrong, the provider ids of the source are not mapped. Correct the name, or add the source to `sources.yaml`.";
    UNKNOWN_SERVICE: "unknown-service", Warning,
        "Every provider that `sources.yaml` names must be listed in `provider-map.yaml`.",
        "`sources.yaml` names providers in two places: `first_party` lists the providers that publish a source, and `providers` in an entry of `faults` lists the providers for which the source has a known error. Both keys contain ids of providers in `provider-map.yaml`. An id that is missing from `provider-map.yaml` is ignored. If the id is under `first_party`, the provider's own claims get only the weight of an ordinary source. If the id is under `faults`, the known error is not taken into account. Correct the id, or add the provider to `provider-map.yaml`.";
    DUPLICATE_MAPPING: "duplicate-mapping", Error,
        "Each id that a source uses for a provider must map to only one provider of the catalog.",
        "`provider-map.yaml` maps the ids that a source uses for providers to the providers of the catalog. Each id of a source must be listed only once: under one provider, or under `skip`. If an id were mapped to two providers, claims about the first provider would count as claims about the second. The report shows both places. Remove the id from one place.";
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

//! The pages of `docs/reference/`, generated from the definitions of the program: the command line, the codes of `check` and `audit`, the formats
//! of `emit`, the configuration's schema and the server's OpenAPI document.

use super::{Cli, emit};
use crate::config;
use clap::{Arg, Command, CommandFactory};
use modeldex_compile::codes::{self, Rule};
use serde_json::Value;

/// Returns the file name and the text of each page.
pub(super) fn pages() -> [(&'static str, String); 5] {
    [
        ("commands.md", commands()),
        ("codes.md", codes()),
        ("formats.md", formats()),
        ("configuration.md", configuration()),
        ("routes.md", routes()),
    ]
}

fn page(title: &str, introduction: &str) -> String {
    format!("# {title}\n\n<!-- Written by `cargo run -- generate`. Do not edit. -->\n\n{introduction}\n")
}

/// Renders the page of commands, with a section for each command that has no subcommands.
fn commands() -> String {
    let mut cli = Cli::command();
    cli.build();
    let mut text = page(
        "Commands",
        "This page lists all commands and options. `modeldex help COMMAND` prints the text for one command. Exit codes: 0 success, 1 failure or not found, \
         2 usage error, 130 interrupted.",
    );
    let (mut index, mut sections) = (String::new(), String::new());
    for command in cli.get_subcommands().filter(|command| command.get_name() != "help") {
        command_section(command, "modeldex", &mut index, &mut sections);
    }
    text.push_str(&format!("\n| command | task |\n|---|---|\n{index}"));
    text.push_str("\n## Options of every command\n");
    text.push_str(&arguments(cli.get_arguments().filter(|argument| argument.is_global_set())));
    text.push_str(&sections);
    text
}

fn command_section(command: &Command, parent: &str, index: &mut String, sections: &mut String) {
    let name = format!("{parent} {}", command.get_name());
    if command.has_subcommands() {
        let inner = command.get_subcommands().filter(|command| command.get_name() != "help");
        return inner.for_each(|command| command_section(command, &name, index, sections));
    }
    let summary = command.get_about().map(ToString::to_string).unwrap_or_default();
    index.push_str(&format!("| [`{name}`](#{}) | {} |\n", name.replace(' ', "-"), cell(&summary)));
    let about = command.get_long_about().map_or(summary, ToString::to_string);
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").split_whitespace().collect::<Vec<_>>().join(" ");
    sections.push_str(&format!("\n## {name}\n\n`{usage}`\n\n{about}\n", about = prose(about.trim())));
    sections.push_str(&arguments(command.get_arguments().filter(|argument| !argument.is_global_set())));
}

/// Renders a table of arguments and options; returns an empty text if none is visible.
fn arguments<'a>(all: impl Iterator<Item = &'a Arg>) -> String {
    let rows: String = all.filter(|argument| !argument.is_hide_set() && argument.get_id() != "help").map(argument_row).collect();
    if rows.is_empty() { rows } else { format!("\n| option | meaning |\n|---|---|\n{rows}") }
}

fn argument_row(argument: &Arg) -> String {
    let mut names = Vec::new();
    names.extend(argument.get_short().map(|short| format!("`-{short}`")));
    let takes_value = argument.get_action().takes_values();
    let values: Vec<&str> = argument.get_value_names().unwrap_or_default().iter().map(clap::builder::Str::as_str).collect();
    match argument.get_long() {
        Some(long) if takes_value => names.push(format!("`--{long} {}`", values.join(" "))),
        Some(long) => names.push(format!("`--{long}`")),
        None => names.push(format!("`{}`", values.join(" "))),
    }
    let help = argument.get_long_help().or_else(|| argument.get_help()).map(ToString::to_string).unwrap_or_default();
    // Clap's long help is the short help, which has no full stop, and further paragraphs.
    let mut meaning = String::new();
    let end = |meaning: &mut String| {
        if !meaning.is_empty() && !meaning.ends_with(['.', ':']) {
            meaning.push('.');
        }
    };
    for paragraph in help.split("\n\n").map(cell).filter(|paragraph| !paragraph.is_empty()) {
        if !meaning.is_empty() {
            meaning.push(' ');
        }
        meaning.push_str(&paragraph);
        end(&mut meaning);
    }
    let possible = argument.get_possible_values();
    let possible: Vec<_> = possible.iter().filter(|value| takes_value && !value.is_hide_set()).collect();
    if !possible.is_empty() {
        let list: Vec<String> = possible.iter().map(|value| format!("`{}`", value.get_name())).collect();
        meaning.push_str(&format!(" Values: {}.", list.join(" ")));
    }
    let defaults = argument.get_default_values();
    if takes_value && !defaults.is_empty() {
        let list: Vec<_> = defaults.iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
        meaning.push_str(&format!(" Default: {}.", list.join(" ")));
    }
    format!("| {} | {} |\n", names.join(", "), meaning.trim())
}

fn codes() -> String {
    let mut text = page(
        "Diagnostic codes",
        "This page explains the codes of the problems that `modeldex check` and `modeldex audit` report. `modeldex explain CODE` prints the text for one \
         code. The exit code is 1 if there is an error. With `--deny-warnings`, the exit code is also 1 if there is a warning. Notices do not change \
         the exit code.",
    );
    for (title, rules) in [("Codes of check", codes::RULES), ("Codes of audit", modeldex_audit::AUDIT_RULES)] {
        text.push_str(&format!("\n## {title}\n\n| code | severity | rule |\n|---|---|---|\n"));
        for rule in rules {
            let (code, severity, summary) = (rule.code, rule.severity, cell(rule.summary));
            text.push_str(&format!("| [`{code}`](#{code}) | {severity} | {summary} |\n"));
        }
        rules.iter().for_each(|rule| code_section(rule, &mut text));
    }
    text
}

fn code_section(rule: &Rule, text: &mut String) {
    text.push_str(&format!(
        "\n### {code}\n\n{summary} ({severity})\n\n{explanation}\n",
        code = rule.code,
        summary = prose(rule.summary.trim()),
        severity = rule.severity,
        explanation = prose(rule.explanation.trim())
    ));
}

fn formats() -> String {
    let mut text = page(
        "Formats",
        "This page lists the formats that `modeldex emit FORMAT` writes, and the parts of the catalog that each format cannot express. \
         `modeldex emit --list` prints this list. `emit` prints the losses of its output to stderr. Most losses are printed with the number of affected \
         models.",
    );
    text.push_str("\n| format | content | file |\n|---|---|---|\n");
    let targets = emit::targets();
    for target in &targets {
        let name = string(target, "target");
        let file = target["file"].as_str().map_or_else(|| "several files in the folder of `--out`".to_owned(), |file| format!("`{file}`"));
        let (anchor, summary) = (anchor(name), cell(string(target, "summary")));
        text.push_str(&format!("| [`{name}`](#{anchor}) | {summary} | {file} |\n"));
    }
    for target in &targets {
        text.push_str(&format!("\n## {}\n\nContent: {}.\n\n", string(target, "target"), prose(string(target, "summary"))));
        for (key, title) in [("leaves_out", "Omitted models"), ("changes", "Changes"), ("no_place_for", "Omitted parts of the catalog")] {
            let list: Vec<&str> = target[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            if list.is_empty() {
                continue;
            }
            if key == "no_place_for" {
                text.push_str(&format!("- {title}: {}\n", prose(&list.join(", "))));
                continue;
            }
            text.push_str(&format!("- {title}:\n"));
            list.iter().for_each(|item| text.push_str(&format!("  - {}\n", prose(item))));
        }
    }
    text
}

fn configuration() -> String {
    let mut text = page(
        "Configuration",
        "This page lists the keys of the configuration file. `modeldex config path` prints the path of the file. `modeldex config set KEY VALUE` sets a \
         key. `env.NAME` is short for `env.vars.NAME`. The JSON Schema of the file is `schema/config.schema.json`.",
    );
    text.push_str("\n| key | meaning |\n|---|---|\n");
    configuration_rows(&config::published_schema(), "", &mut text);
    text
}

fn configuration_rows(schema: &Value, prefix: &str, text: &mut String) {
    for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
        let inner = &schema["additionalProperties"];
        let name = if inner.is_object() && inner["properties"].is_null() {
            let of = if prefix == "env." { "NAME" } else { "ID" };
            format!("{prefix}{key}.{of}")
        } else {
            format!("{prefix}{key}")
        };
        let has_keys = schema["properties"].is_object() || inner["properties"].is_object();
        if !has_keys {
            let words: Vec<String> = schema["oneOf"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|word| format!(" `{}`: {}", string(word, "const"), string(word, "description")))
                .collect();
            text.push_str(&format!("| `{name}` | {} |\n", cell(&format!("{}{}", string(schema, "description"), words.concat()))));
        }
        configuration_rows(schema, &format!("{prefix}{key}."), text);
        configuration_rows(inner, &format!("{prefix}{key}.ID."), text);
    }
}

fn routes() -> String {
    let mut text = page(
        "Routes",
        "This page lists the routes of `modeldex serve`. `modeldex export` writes the responses of the routes as files. The OpenAPI document, `/openapi.json`, has the \
         types of all responses.",
    );
    let document: Value = serde_json::from_str(&super::generate::openapi_document()).unwrap_or_default();
    let mut tables = String::new();
    text.push_str("\n| route | response |\n|---|---|\n");
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        let operation = &item["get"];
        text.push_str(&format!("| `GET {path}` | {summary} |\n", summary = cell(string(operation, "summary"))));
        let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        let rows: String = parameters.iter().map(|parameter| parameter_row(parameter, &document)).collect();
        if !rows.is_empty() {
            tables.push_str(&format!("\n## `{path}`\n\n| parameter | meaning |\n|---|---|\n{rows}"));
        }
    }
    text + &tables
}

fn parameter_row(parameter: &Value, document: &Value) -> String {
    let pointer = parameter["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    let parameter = pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(parameter);
    format!("| `{}` | {} |\n", string(parameter, "name"), cell(string(parameter, "description")))
}

fn string<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Returns the anchor that GitHub and mdBook give to a heading.
fn anchor(heading: &str) -> String {
    heading
        .chars()
        .filter(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_' | ' '))
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}

/// Formats the text of a table cell: one line, with `|` escaped.
fn cell(text: &str) -> String {
    prose(&text.split_whitespace().collect::<Vec<_>>().join(" ")).replace('|', "\\|")
}

/// Escapes each `<` outside of code, so that it does not start an HTML tag.
fn prose(text: &str) -> String {
    let mut in_code = false;
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        in_code ^= letter == '`';
        if letter == '<' && !in_code {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_contain_every_definition() {
        let pages = pages();
        let text = |name: &str| &pages.iter().find(|(page, _)| *page == name).unwrap().1;
        assert!(text("commands.md").contains("\n## modeldex models list\n\n`modeldex models list [OPTIONS]`\n"), "{}", text("commands.md"));
        assert!(text("commands.md").contains("\n| `--catalog DIR` | "));
        assert!(text("codes.md").contains("\n### unknown-key\n") && text("codes.md").contains("\n### legacy-reference\n"));
        assert!(text("formats.md").contains("\n## openclaw\n"));
        for key in ["env.vars.NAME", "default_model", "providers.ID.endpoint", "telegram.chat_id", "outdated_models"] {
            assert!(text("configuration.md").contains(&format!("\n| `{key}` | ")), "{key} in {}", text("configuration.md"));
        }
        assert!(text("routes.md").contains("\n| `GET /models/{ref}` | ") && text("routes.md").contains("\n| `capability` | "));
    }

    #[test]
    fn html_is_escaped_outside_code() {
        assert_eq!(cell("a <b>\n`<c>` | d"), "a \\<b> `<c>` \\| d");
    }
}

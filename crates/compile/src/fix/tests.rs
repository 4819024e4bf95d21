use super::*;

const SAMPLE: &str = "\
# yaml-language-server: $schema=../../schema/provider.schema.json
# Acme sells models; this file is kept by hand.

# The name on the door.
name: Acme # not ACME
kind: host

sources:
  # Two of them.
  - {url: https://acme.example/models, checked: 2026-01-01}
  - {url: \"https://acme.example/a,b\", checked: 2026}
endpoints:
  # The order of endpoints means something.
  - id: us
    base_url: https://us.acme.example/v1
    api: openai-completions
  - id: eu # Europe
    base_url: https://eu.acme.example/v1
    api: openai-completions
auth:
  - kind: api-key
    env: [ACME_API_KEY, ACME_KEY]
default_model: a
# Facts for all.
defaults:
  context_window: 1000
  # No more than this.
  max_output_tokens: 100

model_aliases:
  - {id: old, target: a, kind: legacy, reason: 'it''s {gone}, really'}
  - {id: older, target: old, kind: legacy}
models:
  # The first model.
  - id: a
    name: Model A
    # What it reads.
    input:
      - text
      - image
    prices:
      # Prices keep their order too.
      - {input: 2, output: 6}
      - tier: batch
        input: 1
        # Half price.
        output: 3
    sources:
      - url: https://acme.example/a # read twice
  # Only a name.
  - id: b

  # The third, after a blank line.
  - id: c
    context_window: 500
    max_output_tokens: 50
    # What else there is about c.
  # More to come.
# The end of the file.
";

fn comments(text: &str) -> Vec<&str> {
    let mut comments: Vec<&str> = text.lines().filter_map(|line| Some(line[line.find('#')?..].trim_end())).collect();
    comments.sort_unstable();
    comments
}

/// Returns `text` with the parts of one level in another order. The beginning of their first line separates the parts.
fn shuffled(text: &str, begin: &str, turn: usize) -> String {
    let indent = begin.find(|letter| letter != ' ').unwrap_or(0);
    let is_start = |line: &str| {
        line.starts_with(begin)
            || line[..indent.min(line.len())].trim().is_empty()
                && line[indent.min(line.len())..].starts_with(|l: char| l.is_ascii_lowercase())
    };
    let mut parts: Vec<String> = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if is_start(line) {
            parts.push(String::new());
        }
        parts.last_mut().unwrap().push_str(line);
    }
    let rest = parts.split_off(1);
    let count = rest.len().max(1);
    let mut order: Vec<usize> = (0..rest.len()).collect();
    order.sort_by_key(|index| (index * (2 * turn + 3) + turn) % (7 * count + 1) % (count + turn));
    parts.extend(order.into_iter().map(|index| rest[index].clone()));
    parts.concat()
}

fn fixed(text: &str) -> String {
    fix_order(text, FileKind::Provider).unwrap_or_else(|| text.to_owned())
}

#[test]
fn sorted_files_are_unchanged() {
    assert_eq!(fix_order(SAMPLE, FileKind::Provider), None);
    for text in [
        "",
        "# only a comment\n",
        "[]\n",
        "name: [\n",
        "name: a\nname: b\n",
        "a\n",
        "\u{feff}name: x\n",
        "{name: x}\n",
        "--- \nname: x\n...\n",
    ] {
        assert_eq!(fix_order(text, FileKind::Provider), None, "{text}");
    }
}

#[test]
fn keys_and_entries_are_sorted_with_their_comments() {
    let mixed = "\
# yaml-language-server: $schema=../../schema/provider.schema.json
# What it sells.
models:
  # About b.
  - name: B
    # The id of b.
    id: b

  # About a.
  - {name: A, id: a} # a flow
# What it is called.
name: Acme
auth: [{env: [A], kind: api-key}]
endpoints:
  - base_url: https://acme.example
    api: ollama # its own
    # Not the first.
    id: main
";
    let ordered = "\
# yaml-language-server: $schema=../../schema/provider.schema.json
# What it is called.
name: Acme
endpoints:
  # Not the first.
  - id: main
    base_url: https://acme.example
    api: ollama # its own
auth: [{kind: api-key, env: [A]}]
# What it sells.
models:
  # About a.
  - {id: a, name: A} # a flow

  # About b.
  # The id of b.
  - id: b
    name: B
";
    assert_eq!(fixed(mixed), ordered);
    assert_eq!(fix_order(ordered, FileKind::Provider), None);
}

#[test]
fn values_and_comments_are_kept_for_any_order() {
    let value = sorted(parse(SAMPLE).unwrap());
    let mut checked = 0;
    for begin in ["name", "    x", "  - "] {
        for turn in 0..40 {
            let mixed = shuffled(SAMPLE, begin, turn);
            let Ok(mixed_value) = parse(&mixed) else { continue };
            checked += 1;
            let fixed = fixed(&mixed);
            assert_eq!(sorted(parse(&fixed).unwrap()), sorted(mixed_value.clone()), "{mixed}\n---\n{fixed}");
            assert_eq!(comments(&fixed), comments(&mixed), "{mixed}\n---\n{fixed}");
            assert_eq!(fix_order(&fixed, FileKind::Provider), None, "{mixed}\n---\n{fixed}");
            if begin == "name" && sorted(mixed_value) == value {
                let keys = |text: &str| parse(text).unwrap().as_object().unwrap().keys().cloned().collect::<Vec<_>>();
                assert_eq!(keys(&fixed), keys(SAMPLE));
            }
        }
    }
    assert!(checked > 60, "only {checked} texts could be read");
}

#[test]
fn shuffled_texts_are_restored() {
    // Without comments and blank lines between entries there is exactly one sorted text.
    let plain: String = SAMPLE.split_inclusive('\n').filter(|line| !line.trim().is_empty() && !line.trim().starts_with('#')).collect();
    let mut changed = 0;
    for turn in 0..40 {
        let mixed = shuffled(&plain, "name", turn);
        changed += usize::from(mixed != plain);
        assert_eq!(fixed(&mixed), plain, "{mixed}");
    }
    assert!(changed > 20, "only {changed} orders were others");
}

#[test]
fn fixed_files_satisfy_the_rule() {
    let warnings = |text: &str| {
        crate::testing::compiled(&[("providers/acme.yaml", text)]).diagnostics.iter().filter(|found| found.code == "order").count()
    };
    assert_eq!(warnings(SAMPLE), 0);
    let mixed = "models:\n  - {name: B, id: b}\n  - name: A\n    id: a\nname: Acme\nauth:\n  - {env: [A], kind: api-key}\n";
    assert_eq!(warnings(mixed), 5);
    assert_eq!(warnings(&fixed(mixed)), 0);
}

#[test]
fn the_committed_catalog_is_unchanged() {
    let catalog = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    // Only the repository contains it, not the package.
    for crate::CatalogFile { kind, path, .. } in crate::catalog_files(&catalog).unwrap_or_default() {
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(fix_order(&text, kind), None, "{}", path.display());
    }
}

#[test]
fn invalid_texts_do_not_panic() {
    let small = "# é\nmodels: # é\n  - {é: 1, id: \"b, c\"}\n  # é\n  - nämé: é\n    id: a\nname: |\n  é\n";
    for (at, letter) in small.char_indices() {
        for other in ["", "é", "\n", "- ", "{", "}", "\"", ":", "#", " ", "\r\n"] {
            let text = format!("{}{other}{}", &small[..at], &small[at + letter.len_utf8()..]);
            if let Some(fixed) = fix_order(&text, FileKind::Provider) {
                assert_eq!(fix_order(&fixed, FileKind::Provider), None, "{text}\n---\n{fixed}");
            }
        }
        let _ = fix_order(&small[..at], FileKind::Provider);
    }
}

#[test]
fn line_ends_are_kept() {
    let text = "models:\r\n  - name: B\r\n    id: b\r\n  - id: a\r\nname: Acme";
    let ordered = "name: Acme\r\nmodels:\r\n  - id: a\r\n  - id: b\r\n    name: B";
    assert_eq!(fix_order(text, FileKind::Provider).as_deref(), Some(ordered));
    assert_eq!(fix_order("kind: lab\nname: é", FileKind::Provider).as_deref(), Some("name: é\nkind: lab"));
}

#[test]
fn strings_that_look_like_comments_stay_with_their_key() {
    let text = "kind: lab\nname: |\n  Acme\n  # no comment\n\n  the end\ndoc_url: x\n";
    assert_eq!(fixed(text), "name: |\n  Acme\n  # no comment\n\n  the end\nkind: lab\ndoc_url: x\n");
}

#[test]
fn unknown_keys_stay_after_their_predecessor() {
    assert_eq!(fix_order("name: Acme\nnew: 1\nkind: lab\n", FileKind::Provider), None);
    assert_eq!(fixed("kind: lab\nnew: 1\nname: Acme\n"), "name: Acme\nkind: lab\nnew: 1\n");
}

#[test]
fn unsafe_syntax_is_unchanged() {
    for text in [
        "auth: [{env: [A],\n  kind: api-key}]\n",
        "models:\n  -\n    name: B\n    id: b\n  -\n    id: a\n",
        "? kind\n: lab\n? name\n: Acme\n",
        "models: [{id: b}, # about b\n  {id: a}]\n",
    ] {
        assert_eq!(fix_order(text, FileKind::Provider), None, "{text}");
    }
}

#[test]
fn lists_at_the_column_of_their_key() {
    let text = "models:\n- id: b\n# About a.\n- name: A\n  id: a\nname: Acme\n";
    assert_eq!(fixed(text), "name: Acme\nmodels:\n# About a.\n- id: a\n  name: A\n- id: b\n");
}

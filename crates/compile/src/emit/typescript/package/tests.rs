use super::*;
use crate::Compiled;
use crate::testing::compiled;

/// A catalog whose names and ids would end a string, a comment or a script without escaping.
const HOSTILE: &str = r#"
name: '302.AI */ ""'
models:
  - {id: __proto__, billing: free}
  - {id: quote, name: "a\u2028b\"</script>", billing: plan}
"#;

const KIMI: &str = "
name: Kimi Coding
endpoints:
  - {base_url: https://api.moonshot.cn/v1, api: openai-completions}
auth:
  - {kind: api-key, env: [KIMI_API_KEY]}
model_aliases:
  - {id: k2p5, target: kimi-k2.5, kind: legacy, reason: the id never existed on the wire}
  - {id: kimi-latest, target: kimi-k2.5, kind: moving}
models:
  - id: kimi-k2.5
    name: Kimi K2.5
    context_window: 256000
    max_output_tokens: 8192
    input: [text]
    reasoning: true
    attachment: false
    prices:
      - {input: 0.6, web_search: 0.005}
      - above: 200000
        tier: batch
        from: 2025-11-20T16:00Z
        hours: {start: '22:30', end: '06:00', time_zone: '+08:00', days: [mon]}
        input: 0.3
  - {id: kimi-unpriced, name: Kimi}
";

fn fixture() -> Compiled {
    compiled(&[("providers/302ai.yaml", HOSTILE), ("providers/empty.yaml", "name: Empty\n"), ("providers/kimi-coding.yaml", KIMI)])
}

fn file<'a>(files: &'a [(String, String)], path: &str) -> &'a str {
    &files.iter().find(|(name, _)| name == path).unwrap().1
}

#[test]
fn the_order_of_files_is_fixed() {
    let fixture = fixture();
    let files = render_package(&fixture.catalog());
    let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths[..5], ["package.json", "tsconfig.json", "src/types.ts", "src/refs.ts", "src/index.ts"]);
    assert_eq!(paths[5..], ["src/providers/302ai.ts", "src/providers/empty.ts", "src/providers/kimi-coding.ts"]);
    assert_eq!(files, render_package(&fixture.catalog()));
    for (path, text) in &files {
        assert!(text.ends_with('\n') && !text.contains("\n\n\n"), "{path}");
    }
    for path in ["package.json", "tsconfig.json"] {
        serde_json::from_str::<serde_json::Value>(file(&files, path)).unwrap();
    }
}

#[test]
fn a_model_has_only_known_facts() {
    let fixture = fixture();
    let files = render_package(&fixture.catalog());
    let text = file(&files, "src/providers/kimi-coding.ts");
    let expected = r#"
  "kimi-k2.5": {
    id: "kimi-k2.5",
    ref: "kimi-coding/kimi-k2.5",
    name: "Kimi K2.5",
    kind: "chat",
    status: "active",
    context_window: 256000,
    max_output_tokens: 8192,
    input: ["text"],
    reasoning: true,
    attachment: false,
    billing: "metered",
    prices: [
      {
        currency: "USD",
        rates: {
          input: 0.6,
          web_search: 0.005,
        },
      },
      {
        currency: "USD",
        when: {
          above: 200000,
          tier: "batch",
          from: "2025-11-20T16:00Z",
          hours: {
            start: "22:30",
            end: "06:00",
            time_zone: "+08:00",
            days: ["mon"],
          },
        },
        rates: {
          input: 0.3,
        },
      },
    ],
  },
"#;
    assert!(text.contains(expected), "{text}");
    assert!(text.contains("    billing: \"unpriced\",\n  },\n};\n"), "{text}");
    assert!(text.contains("  k2p5: {\n    target: \"kimi-k2.5\",\n    kind: \"legacy\",\n    reason: \"the id"), "{text}");
    assert!(text.contains("env: [\"KIMI_API_KEY\"]"), "{text}");
}

#[test]
fn names_and_ids_are_escaped() {
    let fixture = fixture();
    let files = render_package(&fixture.catalog());
    let text = file(&files, "src/providers/302ai.ts");
    assert!(text.contains("/** 302.AI *\\/ \"\" */\n"), "{text}");
    assert!(text.contains("  [\"__proto__\"]: {\n    id: \"__proto__\","), "{text}");
    assert!(text.contains("name: \"a\\u2028b\\\"\\u003c/script>\""), "{text}");
}

#[test]
fn references_are_unions_by_provider() {
    let fixture = fixture();
    let files = render_package(&fixture.catalog());
    let text = file(&files, "src/refs.ts");
    assert!(text.contains("export type ModelRef =\n  | ModelRef__302ai\n  | ModelRef_kimiCoding;\n"), "{text}");
    assert!(text.contains("type ModelRef_kimiCoding =\n  | \"kimi-coding/kimi-k2.5\"\n  | \"kimi-coding/kimi-unpriced\";\n"), "{text}");
    assert!(text.contains("type LegacyModelAlias_kimiCoding = \"kimi-coding/k2p5\";\n"), "{text}");
    assert!(text.contains("type ModelAlias_kimiCoding = \"kimi-coding/kimi-latest\";\n"), "{text}");
    assert!(file(&files, "src/index.ts").ends_with("export * as kimiCoding from \"./providers/kimi-coding.js\";\n"));
}

#[test]
fn an_empty_catalog() {
    let files = render_package(&Catalog::default());
    assert!(file(&files, "src/refs.ts").contains("export type ModelRef = never;"));
    assert!(file(&files, "src/types.ts").contains("export type Currency =\n  | \"USD\""));
}

#[test]
fn every_fact_is_a_property_with_its_documentation() {
    let text = types();
    let facts = Fact::ALL.iter().filter(|fact| !is_pricing(**fact) && !matches!(fact.fact_type(), FactType::Capabilities));
    for fact in facts {
        let optional = if fact.always_has_value() { "" } else { "?" };
        let property = format!("  /** {} */\n  readonly {fact}{optional}: ", fact.documentation());
        assert!(text.contains(&property), "no `{property}` in\n{text}");
    }
    assert!(text.contains("  readonly input?: readonly Modality[];\n") && text.contains("  readonly status: Status;\n"), "{text}");
}

//! `diff` as people and scripts meet it: the real program over folders and git repositories that are made for one test.

#![cfg(feature = "cli")]

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a run of the program left behind.
struct Run {
    code: i32,
    out: String,
    err: String,
}

/// An empty folder for one test.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("diff").join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

/// The program, called in `folder` with nothing in its environment but where programs are and where temporary files go.
fn diff(folder: &Path, arguments: &[&str]) -> Run {
    let scratch = folder.join("tmp");
    fs::create_dir_all(&scratch).expect("a folder can be made");
    let mut command = Command::new(env!("CARGO_BIN_EXE_modeldex"));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("TMPDIR", &scratch).env("TEMP", &scratch);
    command.env("MODELDEX_CONFIG", "no/such/config.json");
    let run = finish(command.current_dir(folder).arg("diff").args(arguments));
    assert_eq!(fs::read_dir(&scratch).expect("the folder is there").count(), 0, "nothing is left behind");
    run
}

fn finish(command: &mut Command) -> Run {
    let Output { status, stdout, stderr } = command.output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("what is written is UTF-8");
    Run { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) }
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("GIT_CONFIG_NOSYSTEM", "1");
    let run = finish(git.current_dir(folder).args(["-c", "user.name=A", "-c", "user.email=a@example.com"]).args(arguments));
    assert_eq!(run.code, 0, "git {arguments:?}: {}", run.err);
}

fn write(path: &Path, text: &str) {
    const SCHEMA_LINE: &str = "# yaml-language-server: $schema=../../schema/provider.schema.json\n";
    fs::create_dir_all(path.parent().expect("the path has a folder")).expect("a folder can be made");
    fs::write(path, format!("{SCHEMA_LINE}{text}")).expect("a file can be written");
}

fn write_old(catalog: &Path) {
    write(&catalog.join("providers/acme.yaml"), OLD_ACME);
    write(&catalog.join("providers/bygone.yaml"), &small("Bygone", "m"));
}

fn write_new(catalog: &Path) {
    write(&catalog.join("providers/acme.yaml"), NEW_ACME);
    write(&catalog.join("providers/fresh.yaml"), &small("'Fresh | `new` <b>'", "odd|id"));
}

/// A provider with one free model.
fn small(name: &str, model: &str) -> String {
    format!(
        "name: {name}\nendpoints:\n  - {{base_url: http://localhost:1, api: ollama}}\nauth:\n  - {{kind: none}}\nmodels:\n  - {{id: '{model}', billing: free}}\n"
    )
}

/// The two catalogs `old` and `new` in a folder.
fn pair(test: &str) -> PathBuf {
    let folder = folder(test);
    write_old(&folder.join("old"));
    write_new(&folder.join("new"));
    folder
}

const OLD_ACME: &str = "\
name: Acme
endpoints:
  - {base_url: https://acme.example/v1, api: openai-completions}
auth:
  - {kind: api-key, env: [ACME_API_KEY]}
default_model: big
models:
  - id: big
    name: Big
    context_window: 128000
    max_output_tokens: 8192
    input: [text]
    output: [text]
    tool_call: true
    prices:
      - {input: 2, output: 12, cache_read: 0.2}
      - {tier: batch, input: 1, output: 6}
      - {tier: flex, input: 1.5}
  - id: cheap
    prices:
      - {input: 0.1, output: 0.4}
  - id: gone
    status: deprecated
    billing: free
  - id: limits
    max_output_tokens: 4096
    billing: plan
  - id: old-name
    billing: free
  - id: turned
    billing: free
";

const NEW_ACME: &str = "\
name: Acme Two
endpoints:
  - {base_url: https://acme.example/v2, api: openai-completions}
auth:
  - {kind: api-key, env: [ACME_API_KEY]}
default_model: cheap
model_aliases:
  - {id: old-name, target: turned, kind: legacy, reason: it was renamed}
models:
  - id: big
    status: deprecated
    name: Big
    context_window: 128001
    max_output_tokens: 16384
    input: [text, image]
    output: [text]
    reasoning: true
    tool_call: true
    retirement_date: 2027-01-31
    successor: acme/new
    prices:
      - {input: 1, output: 6, cache_read: 0.1}
      - {tier: batch, input: 0.5, output: 6}
      - {tier: priority, input: 5}
  - id: cheap
    prices:
      - {input: 0.3, output: 0.4}
  - id: limits
    context_window: 64000
    billing: plan
  - id: new
    context_window: 1000000
    prices:
      - {input: 3, output: 15}
  - id: turned
    prices:
      - {input: 1, output: 2}
";

const HUMAN: &str = "\
old → new
1 provider added, 1 provider removed, 2 models added, 3 models removed, 1 model deprecated, 3 prices changed, 4 limits changed, 2 capabilities and modalities changed, 3 other facts changed, 3 facts of providers changed

Providers added (1)
Provider  Name               Models
fresh     Fresh | `new` <b>       1

Providers removed (1)
Provider  Name    Models
bygone    Bygone       1

Models added (2)
Model         Context  Output         Price
acme/new           1M       ?  $3.00/$15.00
fresh/odd|id        ?       ?          free

Models removed (3)
Model          Note
acme/gone      was deprecated
acme/old-name  now an alias of acme/turned
bygone/m

Deprecated (1)
Model     Status               Date                Successor
acme/big  active → deprecated  retires 2027-01-31  acme/new

Prices, per million tokens or per unit (3)
Model        Change                       Move
acme/turned  free → $1.00/$2.00
acme/cheap   $0.10/$0.40 → $0.30/$0.40   +200%
acme/big     $2.00/$12.00 → $1.00/$6.00   -50%
             cache_read $0.20 → $0.10     -50%
             - flex: input $1.50
             batch: input $1.00 → $0.50   -50%
             + priority: input $5.00

Limits, in tokens (4)
Model        Fact               Change
acme/big     context_window     128000 → 128001
acme/big     max_output_tokens  8.19k → 16.4k
acme/limits  context_window     ? → 64k
acme/limits  max_output_tokens  4.1k → ?

Capabilities and modalities (2)
Model     Fact       Change
acme/big  input      +image
acme/big  reasoning  ? → yes

Other facts (3)
Model        Fact             Change
acme/big     retirement_date  ? → 2027-01-31
acme/big     successor        ? → acme/new
acme/turned  aliases          +old-name (legacy, it was renamed)

Facts of providers (3)
Provider  Fact           Change
acme      name           Acme → Acme Two
acme      endpoints      +https://acme.example/v2 (openai-completions), -https://acme.example/v1 (openai-completions)
acme      default_model  big → cheap
";

const MARKDOWN: &str = "\
Changes of the catalog from `old` to `new`:

- 1 provider added
- 1 provider removed
- 2 models added
- 3 models removed
- 1 model deprecated
- 3 prices changed
- 4 limits changed
- 2 capabilities and modalities changed
- 3 other facts changed
- 3 facts of providers changed

### Providers added (1)

| Provider | Name | Models |
| --- | --- | ---: |
| `fresh` | Fresh \\| \\`new\\` &lt;b&gt; | 1 |

### Providers removed (1)

| Provider | Name | Models |
| --- | --- | ---: |
| `bygone` | Bygone | 1 |

### Models added (2)

| Model | Context | Output | Price |
| --- | ---: | ---: | ---: |
| `acme/new` | 1M | ? | `$3.00/$15.00` |
| `fresh/odd\\|id` | ? | ? | `free` |

### Models removed (3)

| Model | Note |
| --- | --- |
| `acme/gone` | was deprecated |
| `acme/old-name` | now an alias of `acme/turned` |
| `bygone/m` |  |

### Deprecated (1)

| Model | Status | Date | Successor |
| --- | --- | --- | --- |
| `acme/big` | active → deprecated | retires 2027-01-31 | `acme/new` |

### Prices, per million tokens or per unit (3)

| Model | Change | Move |
| --- | --- | ---: |
| `acme/turned` | `free → $1.00/$2.00` |  |
| `acme/cheap` | `$0.10/$0.40 → $0.30/$0.40` | +200% |
| `acme/big` | `$2.00/$12.00 → $1.00/$6.00` | -50% |
|  | `cache_read $0.20 → $0.10` | -50% |
|  | `- flex: input $1.50` |  |
|  | `batch: input $1.00 → $0.50` | -50% |
|  | `+ priority: input $5.00` |  |

### Limits, in tokens (4)

| Model | Fact | Change |
| --- | --- | --- |
| `acme/big` | `context_window` | `128000 → 128001` |
| `acme/big` | `max_output_tokens` | `8.19k → 16.4k` |
| `acme/limits` | `context_window` | `? → 64k` |
| `acme/limits` | `max_output_tokens` | `4.1k → ?` |

### Capabilities and modalities (2)

| Model | Fact | Change |
| --- | --- | --- |
| `acme/big` | `input` | `+image` |
| `acme/big` | `reasoning` | `? → yes` |

### Other facts (3)

| Model | Fact | Change |
| --- | --- | --- |
| `acme/big` | `retirement_date` | `? → 2027-01-31` |
| `acme/big` | `successor` | `? → acme/new` |
| `acme/turned` | `aliases` | `+old-name (legacy, it was renamed)` |

### Facts of providers (3)

| Provider | Fact | Change |
| --- | --- | --- |
| `acme` | `name` | `Acme → Acme Two` |
| `acme` | `endpoints` | `+https://acme.example/v2 (openai-completions), -https://acme.example/v1 (openai-completions)` |
| `acme` | `default_model` | `big → cheap` |
";

#[test]
fn people_see_tables() {
    let run = diff(&pair("human"), &["old", "new"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(run.out, HUMAN);
}

#[test]
fn markdown_escapes_what_is_in_names() {
    let run = diff(&pair("markdown"), &["old", "new", "--markdown"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(run.out, MARKDOWN);
}

#[test]
fn json_has_everything() {
    let run = diff(&pair("json"), &["old", "new", "--json"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let free = json!({"billing": "free", "currency": null, "rates": null});
    let usd = |rates: Value| json!({"billing": "metered", "currency": "USD", "rates": rates});
    let model = |reference: &str, status: &str, price: &Value, context: Option<u32>, alias: &str, of: Value| {
        let name = reference.split_once('/').map(|(_, id)| id);
        json!({
            "ref": reference, "name": name, "kind": "chat", "status": status, "context_window": context, "max_input_tokens": null,
            "max_output_tokens": null, "min_cacheable_tokens": null, "price": price, "conditions": [], alias: of,
        })
    };
    let expected = json!({
        "old": "old",
        "new": "new",
        "different": true,
        "providers": {
            "added": [{"id": "fresh", "name": "Fresh | `new` <b>", "models": 1, "was_alias_of": null}],
            "removed": [{"id": "bygone", "name": "Bygone", "models": 1, "now_alias_of": null}],
            "changed": [
                {"provider": "acme", "fact": "name", "old": "Acme", "new": "Acme Two"},
                {
                    "provider": "acme",
                    "fact": "endpoints",
                    "old": ["https://acme.example/v1 (openai-completions)"],
                    "new": ["https://acme.example/v2 (openai-completions)"],
                },
                {"provider": "acme", "fact": "default_model", "old": "big", "new": "cheap"},
            ],
            "sources": [],
        },
        "models": {
            "added": [
                model("acme/new", "active", &usd(json!({"input": "3", "output": "15"})), Some(1_000_000), "was_alias_of", Value::Null),
                model("fresh/odd|id", "active", &free, None, "was_alias_of", Value::Null),
            ],
            "removed": [
                model("acme/gone", "deprecated", &free, None, "now_alias_of", Value::Null),
                model("acme/old-name", "active", &free, None, "now_alias_of", "acme/turned".into()),
                model("bygone/m", "active", &free, None, "now_alias_of", Value::Null),
            ],
            "status": [{
                "ref": "acme/big", "old": "active", "new": "deprecated", "deprecation_date": null, "retirement_date": "2027-01-31",
                "successor": "acme/new",
            }],
            "prices": [
                {
                    "ref": "acme/turned",
                    "percent": null,
                    "old": free,
                    "new": usd(json!({"input": "1", "output": "2"})),
                    "conditions": [],
                    "reordered": false,
                },
                {
                    "ref": "acme/cheap",
                    "percent": 200.0,
                    "old": usd(json!({"input": "0.1", "output": "0.4"})),
                    "new": usd(json!({"input": "0.3", "output": "0.4"})),
                    "conditions": [],
                    "reordered": false,
                },
                {
                    "ref": "acme/big",
                    "percent": -50.0,
                    "old": usd(json!({"input": "2", "output": "12", "cache_read": "0.2"})),
                    "new": usd(json!({"input": "1", "output": "6", "cache_read": "0.1"})),
                    "conditions": [
                        {"change": "removed", "when": {"tier": "flex"}, "old": {"currency": "USD", "rates": {"input": "1.5"}}, "new": null},
                        {
                            "change": "changed",
                            "when": {"tier": "batch"},
                            "old": {"currency": "USD", "rates": {"input": "1", "output": "6"}},
                            "new": {"currency": "USD", "rates": {"input": "0.5", "output": "6"}},
                        },
                        {"change": "added", "when": {"tier": "priority"}, "old": null, "new": {"currency": "USD", "rates": {"input": "5"}}},
                    ],
                    "reordered": false,
                },
            ],
            "limits": [
                {"ref": "acme/big", "fact": "context_window", "old": 128_000, "new": 128_001},
                {"ref": "acme/big", "fact": "max_output_tokens", "old": 8_192, "new": 16_384},
                {"ref": "acme/limits", "fact": "context_window", "old": null, "new": 64_000},
                {"ref": "acme/limits", "fact": "max_output_tokens", "old": 4_096, "new": null},
            ],
            "capabilities": [
                {"ref": "acme/big", "fact": "input", "old": ["text"], "new": ["text", "image"]},
                {"ref": "acme/big", "fact": "reasoning", "old": null, "new": true},
            ],
            "facts": [
                {"ref": "acme/big", "fact": "retirement_date", "old": null, "new": "2027-01-31"},
                {"ref": "acme/big", "fact": "successor", "old": null, "new": "acme/new"},
                {"ref": "acme/turned", "fact": "aliases", "old": [], "new": ["old-name (legacy, it was renamed)"]},
            ],
            "sources": [],
        },
    });
    let written: Value = serde_json::from_str(&run.out).expect("it is JSON");
    assert_eq!(written, expected, "{}", run.out);
}

#[test]
fn catalogs_that_are_the_same_have_no_difference() {
    let folder = pair("same");
    for words in [&["old", "old"][..], &["built-in", "built-in"], &["new", "new", "--markdown"]] {
        let run = diff(&folder, words);
        assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "no difference\n", ""), "{words:?}");
    }
    let json: Value = serde_json::from_str(&diff(&folder, &["old", "old", "--json"]).out).expect("it is JSON");
    assert_eq!((&json["different"], &json["models"]["added"]), (&json!(false), &json!([])));
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog");
    let committed = diff(&folder, &["built-in", repository.to_str().expect("the folder's name is text")]);
    assert_eq!(committed.code, 0, "{}", committed.err);
}

#[test]
fn long_sections_are_cut_and_counted() {
    let folder = pair("long");
    let models: String = (100..150).map(|at| format!("  - {{id: m{at}, billing: free}}\n")).collect();
    let text = small("Many", "m000");
    write(&folder.join("new/providers/many.yaml"), &format!("{text}{models}"));
    let cut = diff(&folder, &["old", "new"]).out;
    assert!(cut.contains("\nModels added (53)\nacme 1, fresh 1, many 51\nModel "), "{cut}");
    assert!(cut.contains("\n… and 33 more; `--all` shows them\n") && !cut.contains("many/m149"), "{cut}");
    let all = diff(&folder, &["old", "new", "--all"]).out;
    assert!(all.contains("many/m149") && !all.contains("more"), "{all}");
    let markdown = diff(&folder, &["old", "new", "--markdown"]).out;
    let folded = "`acme` 1, `fresh` 1, `many` 51\n\n<details>\n<summary>The first 20 of 53</summary>\n\n| Model |";
    assert!(markdown.contains(folded) && markdown.contains("\n\n</details>\n\n… and 33 more\n"), "{markdown}");
    let whole = diff(&folder, &["old", "new", "--markdown", "--all"]).out;
    assert!(whole.contains("<summary>All 53</summary>") && whole.contains("`many/m149`"), "{whole}");
}

#[test]
fn many_providers_are_not_counted_one_by_one() {
    let folder = pair("many-providers");
    for at in 10..40 {
        write(&folder.join(format!("new/providers/p{at}.yaml")), &small("P", "m"));
    }
    let cut = diff(&folder, &["old", "new"]).out;
    assert!(cut.contains("\nProviders added (31)\nProvider "), "{cut}");
    assert!(cut.contains("p27 1, … and 12 more providers\nModel "), "{cut}");
}

#[test]
fn revisions_of_git_are_catalogs_too() {
    let folder = folder("git");
    let catalog = folder.join("catalog");
    git(&folder, &["init", "-q", "-b", "main"]);
    write_old(&catalog);
    fs::write(catalog.join("README.md"), "no catalog file\n").expect("a file can be written");
    git(&folder, &["add", "catalog"]);
    git(&folder, &["commit", "-q", "-m", "old"]);
    fs::remove_dir_all(&catalog).expect("the folder is there");
    write_new(&catalog);
    git(&folder, &["add", "-A", "catalog"]);
    git(&folder, &["commit", "-q", "-m", "new"]);
    let told = |old: &str, new: &str| HUMAN.replacen("old → new", &format!("{old} → {new}"), 1);
    for (old, new, shown) in [
        ("HEAD~1", "HEAD", ["HEAD~1:catalog", "HEAD:catalog"]),
        ("HEAD~1:catalog", "main", ["HEAD~1:catalog", "main:catalog"]),
        ("HEAD~1", "catalog", ["HEAD~1:catalog", "catalog"]),
    ] {
        let run = diff(&folder, &[old, new]);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{old} {new}");
        assert_eq!(run.out, told(shown[0], shown[1]));
    }
    // A catalog elsewhere in the repository, from a folder within it and by its whole path.
    git(&folder, &["mv", "catalog", "data"]);
    git(&folder, &["commit", "-q", "-m", "moved"]);
    let whole = folder.join("data");
    for usual in ["data", whole.to_str().expect("the folder's name is text")] {
        let run = diff(&folder, &["HEAD", "HEAD~1:catalog", "--catalog", usual]);
        assert_eq!((run.code, run.out.as_str()), (0, "no difference\n"), "{}", run.err);
    }
    fs::create_dir(folder.join("within")).expect("a folder can be made");
    let run = diff(&folder.join("within"), &["HEAD", "HEAD:data", "--catalog", "../data"]);
    assert_eq!((run.code, run.out.as_str()), (0, "no difference\n"), "{}", run.err);
}

#[test]
fn errors_in_a_revision_are_told_by_their_place_in_git() {
    let folder = folder("broken");
    git(&folder, &["init", "-q", "-b", "main"]);
    write(&folder.join("catalog/providers/a.yaml"), "nmae: A\n");
    git(&folder, &["add", "catalog"]);
    git(&folder, &["commit", "-q", "-m", "broken"]);
    let run = diff(&folder, &["HEAD", "built-in"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.contains("unknown-key") && run.err.contains("HEAD:catalog/providers/a.yaml:2:1"), "{}", run.err);
}

#[test]
fn what_is_no_catalog_says_what_was_tried() {
    let folder = pair("wrong");
    fs::create_dir_all(folder.join("empty")).expect("a folder can be made");
    git(&folder, &["init", "-q", "-b", "main"]);
    git(&folder, &["commit", "-q", "--allow-empty", "-m", "nothing"]);
    for (words, parts) in [
        (
            &["nowhere", "new"][..],
            &["`nowhere` is neither a folder nor a git revision", "`git ls-tree nowhere:./catalog` says: fatal: "][..],
        ),
        (&["new", "nowhere:catalog"], &["`git ls-tree nowhere:catalog` says: fatal: "]),
        (&["HEAD", "new"], &["HEAD:./catalog", "REV:path/to/catalog"]),
        (&["HEAD:", "new"], &["`HEAD:` is no catalog folder"]),
        (&["empty", "new"], &["`empty` is no catalog folder"]),
        (&["-x", "new"], &["unexpected argument '-x'"]),
        (&["--", "-x", "new"], &["`-x` is no catalog folder and no git revision: it begins with `-`"]),
        (&["--", "--output=x", "new"], &["it begins with `-`"]),
        (&["", "new"], &["a value is required"]),
        (&["HEAD", "new", "--catalog", "/no/such/folder"], &["`/no/such/folder` of `--catalog`"]),
        (&["old", "new", "--overlay", "new"], &["`--overlay`"]),
        (&["old", "new", "--json", "--markdown"], &["--markdown"]),
        (&["old"], &["<NEW>"]),
    ] {
        let run = diff(&folder, words);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{words:?}: {}", run.err);
        assert!(parts.iter().all(|part| run.err.contains(part)), "{words:?}: {}", run.err);
    }
}

#[test]
fn without_git_folders_are_still_compared() {
    let folder = pair("no-git");
    let empty = folder.join("empty");
    fs::create_dir_all(&empty).expect("a folder can be made");
    let at = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_modeldex"));
        finish(
            command
                .env_clear()
                .env("MODELDEX_CONFIG", "no/such/config.json")
                .env("PATH", &empty)
                .current_dir(&folder)
                .arg("diff")
                .args(words),
        )
    };
    assert_eq!(at(&["old", "new"]).out, HUMAN);
    let run = at(&["HEAD", "new"]);
    assert_eq!((run.code, run.err.as_str()), (1, "error: git was not found; it is needed to read a revision\n"));
}

#[test]
fn control_characters_do_not_reach_a_terminal() {
    let folder = pair("control");
    write(&folder.join("new/providers/fresh.yaml"), &small("\"Fresh\\e[31m\\nRed\"", "m"));
    for words in [&["old", "new"][..], &["old", "new", "--markdown"], &["old", "new", "--json"]] {
        let run = diff(&folder, words);
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(run.out.contains("Red") && !run.out.contains('\u{1b}'), "{}", run.out);
    }
}

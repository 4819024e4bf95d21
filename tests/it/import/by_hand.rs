//! `set` and `unset`.

use super::place::{SNAPSHOTS, TestFolder, snapshot};

#[test]
fn a_fact_is_set_and_taken_back() {
    let place = TestFolder::new("set");
    let (day, models) = SNAPSHOTS[0];
    place.import(day, &snapshot(models));
    let before = place.files();
    let path = "catalog/providers/acme.yaml";
    let run = place.run(&["set", "acme/one", "context_window", "1500", "--source", "https://acme.example/docs", "--reason", "measured"]);
    assert_eq!(
        (run.code, run.out.as_str()),
        (0, "catalog/providers/acme.yaml: acme/one context_window is 1500 (was 1000)\n"),
        "{}",
        run.err
    );
    let text = place.read(path);
    let (head, checked) = text.split_once(", checked: ").expect("the day is noted");
    assert_eq!(
        head,
        "# yaml-language-server: $schema=../../schema/provider.schema.json\nmodels:\n  - id: one\n    context_window: {value: 1500, source: https://acme.example/docs"
    );
    assert!(checked.ends_with(", reason: measured}\n"), "{checked}");
    let shown = place.run(&["evidence", "acme/one", "--catalog", "catalog"]);
    assert!(shown.out.contains("https://acme.example/docs") && shown.out.contains("measured"), "{}", shown.out);

    for (arguments, line) in [
        (&["acme", "name", "Acme & Sons"][..], "name: Acme & Sons"),
        (&["acme/one", "status", "retired"], "    status: retired"),
        (&["acme/one", "tool_call", "false"], "    tool_call: false"),
        (&["acme/one", "input", "[text, image]"], "    input: [text, image]"),
        (&["acme/one", "price.output", "5"], "      - {input: 1, output: 5}"),
        (&["acme/two", "release_date", "2026"], "    release_date: 2026"),
    ] {
        let run = place.run(&[&["set"], arguments].concat());
        assert_eq!(run.code, 0, "{arguments:?}: {}", run.err);
        assert!(place.read(path).lines().any(|other| other == line), "{line} in {}", place.read(path));
    }
    place.check();
    // What equals the imported value says nothing, unless a source says why it stands there.
    let run = place.run(&["set", "acme/two", "context_window", "2000"]);
    assert!(run.code == 0 && run.err.contains("warning[restated]"), "{}", run.err);
    assert_eq!(place.run(&["check", "--deny-warnings"]).code, 1);
    assert_eq!(place.run(&["set", "acme/two", "context_window", "2000", "--source", "https://acme.example"]).code, 0);
    place.check();

    let text = place.read(path);
    for (arguments, code, why) in [
        (
            &["set", "acme/one", "context_window", "many"][..],
            1,
            "was not changed: with this change, the catalog would have the errors above",
        ),
        (&["set", "acme/one", "contxt_window", "5"], 2, "did you mean `context_window`?"),
        (&["set", "acme/none", "context_window", "5"], 1, "acme/none"),
        (&["set", "nobody", "name", "x"], 1, "unknown provider `nobody`"),
        (&["set", "acme/one", "price.output", "cheap"], 2, "is not a rate"),
        (&["set", "acme/one", "name", "x", "--source", "not a URL"], 2, "expected an http or https URL"),
        (&["unset", "acme/old", "name"], 1, "is not set by hand"),
    ] {
        let run = place.run(arguments);
        assert_eq!(run.code, code, "{arguments:?}: {}{}", run.out, run.err);
        assert!(run.err.contains(why), "{arguments:?}: {}", run.err);
        assert_eq!(place.read(path), text);
    }
    for [reference, fact] in [
        ["acme", "name"],
        ["acme/one", "status"],
        ["acme/one", "tool_call"],
        ["acme/one", "input"],
        ["acme/one", "prices"],
        ["acme/two", "release_date"],
        ["acme/two", "context_window"],
        ["acme/one", "context_window"],
    ] {
        let run = place.run(&["unset", reference, fact]);
        assert_eq!(run.code, 0, "{reference} {fact}: {}", run.err);
    }
    // Nothing is left of it, not even the file.
    assert_eq!(place.files(), before);
}

#[test]
fn taking_back_loses_nothing_else() {
    let place = TestFolder::new("unset");
    let head = "# yaml-language-server: $schema=../../schema/provider.schema.json\nname: Own\nendpoints:\n  - {base_url: https://api.own.example/v1, api: openai-completions}\nauth:\n  - {kind: api-key, env: [OWN_API_KEY]}\n";
    // All that there is of a model stays, with its id.
    place.write("catalog/providers/own.yaml", &format!("{head}default_model: a\nmodels:\n  - id: a\n    context_window: 5\n"));
    assert_eq!(place.run(&["unset", "own/a", "context_window"]).code, 0);
    assert_eq!(place.read("catalog/providers/own.yaml"), format!("{head}default_model: a\nmodels:\n  - id: a\n"));

    let (day, models) = SNAPSHOTS[0];
    place.import(day, &snapshot(models));
    // A price list is one statement, and a comment behind an entry is about all of it.
    let noted = "# yaml-language-server: $schema=../../schema/provider.schema.json\nmodels:\n  - {id: one, tool_call: false} # ticket 13\n";
    place.write("catalog/providers/acme.yaml", noted);
    assert_eq!(place.run(&["unset", "acme/one", "tool_call"]).code, 1);
    assert_eq!(place.run(&["set", "acme/one", "price.input", "9"]).code, 0);
    assert_eq!(place.run(&["unset", "acme/one", "price.input"]).code, 2);
    assert_eq!(
        place.read("catalog/providers/acme.yaml"),
        noted.replace("false}", "false, prices: [{input: 9, output: 4}]}"),
        "the rest of the line stays"
    );
    // A comment is kept, wherever it is.
    for text in ["extends: acme\t# see ticket 13\n", "--- # ours\n"] {
        let text = format!("{text}models:\n  - id: one\n    tool_call: false\n");
        place.write("catalog/providers/acme.yaml", &text);
        let run = place.run(&["unset", "acme/one", "tool_call"]);
        assert!(run.code == 1 && run.err.contains("would contain only comments"), "{text}: {}{}", run.out, run.err);
        assert_eq!(place.read("catalog/providers/acme.yaml"), text);
    }
    place.write("catalog/providers/acme.yaml", noted);
    // A text may look like a comment.
    assert_eq!(place.run(&["set", "acme/two", "context_window", "2500", "--reason", "see ticket #12"]).code, 0);
    let run = place.run(&["unset", "acme/two", "context_window"]);
    assert_eq!((run.code, place.read("catalog/providers/acme.yaml").as_str()), (0, noted), "{}", run.err);
    for (value, why) in [("[]", "the value is empty"), ("a\nb", "control character"), ("\u{1b}[31m", "control character")] {
        let run = place.run(&["set", "acme/one", "input", value]);
        assert!(run.code == 2 && run.err.contains(why), "{value:?}: {}", run.err);
    }
}

#[test]
fn a_fact_that_breaks_another_file_is_not_set() {
    let place = TestFolder::new("breaks");
    let (day, models) = SNAPSHOTS[0];
    place.import(day, &snapshot(models));
    let own = "# yaml-language-server: $schema=../../schema/provider.schema.json\nextends: acme\nname: Own\nmodels:\n  - {id: one, retirement_date: 2026-01-01}\n";
    place.write("catalog/providers/own.yaml", own);
    let before = place.files();
    let run = place.run(&["set", "acme/one", "release_date", "2027"]);
    assert!(run.code == 1 && run.err.contains("catalog/providers/own.yaml"), "{}{}", run.out, run.err);
    assert_eq!(place.files(), before);
    // What was wrong before does not stand in the way of another file.
    place.write("catalog/providers/own.yaml", &own.replace("2026-01-01", "2026-01-01, base: no/such"));
    assert_ne!(place.run(&["check"]).code, 0);
    let run = place.run(&["set", "acme/one", "context_window", "1500"]);
    assert_eq!(run.code, 0, "{}", run.err);
}

#[test]
fn two_writers_lose_nothing() {
    let place = TestFolder::new("writers");
    let (day, models) = SNAPSHOTS[0];
    place.import(day, &snapshot(models));
    let set = |fact: &'static str, value: &'static str| {
        let folder = place.0.clone();
        std::thread::spawn(move || TestFolder(folder).run(&["set", "acme/one", fact, value]).code)
    };
    let writers = [set("context_window", "5000"), set("max_output_tokens", "50"), set("tool_call", "false"), set("name", "Uno")];
    assert!(writers.into_iter().all(|writer| writer.join().expect("it ends") == 0));
    let text = place.read("catalog/providers/acme.yaml");
    for line in ["    name: Uno", "    context_window: 5000", "    max_output_tokens: 50", "    tool_call: false"] {
        assert!(text.lines().any(|other| other == line), "{line} in {text}");
    }
}

use super::*;

fn error(text: &str) -> (ErrorKind, usize, usize, String) {
    let error = parse(text).unwrap_err();
    (error.kind, error.line, error.column, error.message)
}

#[test]
fn scalars_have_the_types_of_the_core_schema() {
    for (text, json) in [
        ("", "null"),
        ("~", "null"),
        ("Null", "null"),
        ("True", "true"),
        ("no", "\"no\""),
        ("0", "0"),
        ("-0", "0"),
        ("+5", "5"),
        ("007", "\"007\""),
        ("-5", "-5"),
        ("0x1F", "31"),
        ("-0x10", "-16"),
        ("0o17", "15"),
        ("0b11", "3"),
        ("1.50", "1.5"),
        (".5", "0.5"),
        ("1.", "1.0"),
        ("2e3", "2000.0"),
        ("1e999", "\"1e999\""),
        (".inf", "\".inf\""),
        (".nan", "\".nan\""),
        ("inf", "\"inf\""),
        ("+-1", "\"+-1\""),
        ("1_000", "\"1_000\""),
        ("2026-01-02", "\"2026-01-02\""),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "\"18446744073709551616\""),
        ("-9223372036854775808", "-9223372036854775808"),
        ("-9223372036854775809", "\"-9223372036854775809\""),
        ("\"1\"", "\"1\""),
        ("'true'", "\"true\""),
        ("a b # c", "\"a b\""),
    ] {
        assert_eq!(parse(text).unwrap().to_string(), json, "{text}");
        assert_eq!(parse(&format!("- {text}\n")).unwrap().to_string(), format!("[{json}]"), "{text}");
    }
    assert_eq!(parse("1: a\n~: b\n").unwrap().to_string(), r#"{"1":"a","null":"b"}"#);
}

#[test]
fn nesting_is_limited_in_every_notation() {
    let repeat = |open: &str, close: &str, depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
    let steps = |depth: usize| (0..depth).fold(String::new(), |text, level| text + &" ".repeat(level) + "a:\n");
    type Nested<'n> = &'n dyn Fn(usize) -> String;
    let notations: [(&str, Nested<'_>); 6] = [
        ("lists", &|depth| repeat("[", "]", depth)),
        ("mappings", &|depth| repeat("{a: ", "}", depth)),
        ("lists in lines", &|depth| repeat("[\n ", "]", depth)),
        ("entries", &|depth| repeat("- ", "", depth)),
        ("lists behind quoted brackets", &|depth| repeat("[\"]\", ", "]", depth)),
        ("lines", &steps),
    ];
    for (name, nested) in notations {
        assert!(parse(&nested(MAX_DEPTH)).is_ok(), "{name}: {:?}", parse(&nested(MAX_DEPTH)));
        for depth in [MAX_DEPTH + 1, 1_000, 5_000] {
            let (kind, _, _, message) = error(&nested(depth));
            assert_eq!(
                (kind, message.as_str()),
                (ErrorKind::Limit, "the value is nested deeper than the limit of 64 levels"),
                "{name} {depth}"
            );
        }
    }
    assert_eq!(error(&format!("a: 1\nb: {}", "[".repeat(100_000))), error(&format!("a: 1\nb: {}", "[".repeat(1_000))));
}

#[test]
fn reading_stops_at_a_limit_with_its_position() {
    let list = |entries: usize| format!("a: 1\nb: [{}]\n", "x, ".repeat(entries));
    assert!(parse(&list(MAX_LENGTH)).is_ok());
    assert_eq!(error(&list(MAX_LENGTH + 1)).3, "the list has more entries than the limit of 65535 entries");
    let text = |bytes: usize| format!("a: 1\nb: {}\n", "x".repeat(bytes));
    assert!(parse(&text(MAX_LENGTH)).is_ok());
    let (kind, line, column, message) = error(&text(MAX_LENGTH + 1));
    assert_eq!((kind, line, column), (ErrorKind::Limit, 2, 4));
    assert_eq!(message, "a text of 65536 bytes is longer than the limit of 65535 bytes");
    let comment = |bytes: usize| format!("a: 1\n#{}\nb: 1\n", "c".repeat(bytes));
    assert!(parse(&comment(MAX_LOOKAHEAD - 100)).is_ok());
    assert_eq!(error(&comment(2 * MAX_LOOKAHEAD)).0, ErrorKind::Limit);
    // A list that begins a line may be a key.
    let key = |lists: usize| format!("[{}]", "[], ".repeat(lists));
    assert!(parse(&key(MAX_LENGTH)).is_ok());
    assert_eq!(error(&format!("[{}", "[x,x,x,x], ".repeat(MAX_LOOKAHEAD / 10))).0, ErrorKind::Limit);
}

#[test]
fn the_number_of_values_is_limited() {
    let lists = |lists: usize| format!("- [{}]\n", "a, ".repeat(49_997)).repeat(lists);
    assert!(parse(&lists(9)).is_ok());
    assert_eq!(error(&lists(11)).3, "the text has more values than the limit of 500000 values");
}

#[test]
fn what_a_catalog_does_not_need_is_an_error() {
    for (text, kind, line, column, message) in [
        ("a: 1\nb: 2\na: 3\n", ErrorKind::DuplicateKey, 3, 1, "duplicate key `a`"),
        ("a: &x 1\nb: *x\n", ErrorKind::Anchor, 1, 4, "YAML anchors are not allowed"),
        ("a: !!str 1\n", ErrorKind::Anchor, 1, 4, "YAML tags are not allowed"),
        ("a: 1\n---\nb: 2\n", ErrorKind::Syntax, 2, 1, "a second YAML document begins here, but only one document is allowed"),
        ("[a]: 1\n", ErrorKind::Syntax, 1, 1, "a key is a list or a mapping, but must be a string"),
        ("a: é\u{7}\n", ErrorKind::Syntax, 1, 5, "control characters are not allowed"),
        ("a: é\u{2028}b\n", ErrorKind::Separator, 1, 5, "found an invisible line separator"),
    ] {
        assert_eq!(error(text), (kind, line, column, message.to_owned()), "{text:?}");
    }
    assert_eq!(parse("a: \"é\u{2028}b\"\n").unwrap()["a"], "é\u{2028}b");
}

//! A reference that names nothing is a compile error, and says so.

#[test]
fn wrong_references_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/compile-fail/*.rs");
}

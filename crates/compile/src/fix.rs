//! Puts keys and entries in order.
/// Stub.
#[must_use]
pub fn fix_order(_text: &str, _kind: crate::FileKind) -> Option<String> { None }

//! What counts as a base URL, for the policy that believes it and the author that writes it.

/// A base URL that requests can be sent below, its variables written as `${NAME}`; nothing where a text is none.
pub(crate) fn base_url(text: &str) -> Option<String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    if rest.is_empty() || rest.contains(['?', '#', ' ', '<', '@']) || rest.starts_with('$') {
        return None;
    }
    let mut url = text.trim_end_matches('/').replace("${", "{");
    let names: Vec<String> = url.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or_default().to_owned()).collect();
    let is_name =
        |name: &String| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if !names.iter().all(is_name) {
        return None;
    }
    url = url.replace('{', "${");
    Some(url)
}

//! Emits the Rust source that a build script generates: typed statics for the tables, an enum of providers, and the views.

use super::typescript;
use crate::compiled::{Compiled, NamedView};
use crate::encode::TableBytes;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::collections::HashSet;
use std::path::Path;
use std::{fs, io};

/// Writes a compiled catalog into the folder `out`, which is the `OUT_DIR` of a build script. The catalog must not have errors. The files contain the
/// tables, the TypeScript of the views, the usage shapes, and the routing claims that are not confirmed. One more file, `catalog.rs`, loads the tables
/// and views with `include_bytes!` and `include_str!`.
///
/// # Errors
/// Fails if a file cannot be written, or a view cannot be rendered.
pub fn write_rust(compiled: &Compiled, out: &Path) -> io::Result<()> {
    fs::write(out.join("strings.txt"), compiled.tables.strings())?;
    for table in compiled.tables.bytes() {
        fs::write(out.join(file_name(&table)), table.bytes)?;
    }
    for (name, text) in typescript::render_views(compiled) {
        let text = text.map_err(|error| io::Error::other(format!("cannot render the view `{name}`: {error}")))?;
        fs::write(out.join(format!("{name}.ts")), text)?;
    }
    fs::write(out.join("usage.json"), modeldex_usage::shapes_to_json(&compiled.usage))?;
    fs::write(out.join("held.json"), serde_json::to_string(&compiled.held)?)?;
    fs::write(out.join("catalog.rs"), source(compiled).to_string())
}

fn file_name(table: &TableBytes<'_>) -> String {
    format!("{}.bin", table.field)
}

fn source(compiled: &Compiled) -> TokenStream {
    let tables = compiled.tables.bytes();
    // The statics are byte arrays, which `CATALOG` casts to rows. If a static had the type of the rows, rustc would evaluate every field of every row
    // (1.3 s for 100,000 models). rustc evaluates neither byte arrays nor references to other statics.
    let statics = tables.iter().map(|table| {
        let (name, len, file) = (static_name(table), table.bytes.len(), format!("/{}", file_name(table)));
        quote! { static #name: [u8; #len] = *include_bytes!(concat!(env!("OUT_DIR"), #file)); }
    });
    let fields = tables.iter().map(|table| {
        let (field, name, row, len) = (format_ident!("{}", table.field), static_name(table), row_type(table.row), table.len);
        quote! { #field: { let rows: &'static [#row; #len] = ::modeldex_table::zerocopy::transmute_ref!(&#name); rows } }
    });
    let providers = provider_enum(compiled);
    let views = compiled.views.iter().map(|NamedView { name, .. }| {
        let file = format!("/{name}.ts");
        quote! { (#name, include_str!(concat!(env!("OUT_DIR"), #file))) }
    });
    quote! {
        #(#statics)*

        /// The embedded catalog.
        pub static CATALOG: ::modeldex_table::Catalog<'static> = ::modeldex_table::Catalog {
            strings: include_str!(concat!(env!("OUT_DIR"), "/strings.txt")),
            #(#fields,)*
        };

        /// The embedded views: the name and the TypeScript source of each view.
        pub static VIEWS: &[(&str, &str)] = &[#(#views,)*];

        #providers
    }
}

fn static_name(table: &TableBytes<'_>) -> proc_macro2::Ident {
    format_ident!("{}", table.field.to_uppercase())
}

fn row_type(row: &str) -> TokenStream {
    let name = format_ident!("{row}");
    quote! { ::modeldex_table::rows::#name }
}

fn provider_enum(compiled: &Compiled) -> TokenStream {
    let catalog = compiled.catalog();
    let mut taken = HashSet::new();
    let variants: Vec<_> =
        catalog.providers().map(|provider| (format_ident!("{}", variant(provider.id(), &mut taken)), provider.id())).collect();
    let declared = variants.iter().enumerate().map(|(index, (variant, id))| {
        let index = index as u16;
        let text = format!("`{id}`");
        quote! { #[doc = #text] #variant = #index }
    });
    let names = variants.iter().map(|(variant, _)| variant);
    let repr = if variants.is_empty() {
        quote! {}
    } else {
        quote! { #[repr(u16)] }
    };
    quote! {
        /// The providers of the embedded catalog, by id.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #repr
        #[non_exhaustive]
        pub enum ProviderId { #(#declared,)* }

        impl ProviderId {
            /// All providers, in the order of their ids.
            pub const ALL: &'static [Self] = &[#(Self::#names,)*];
        }
    }
}

/// Returns the name of an enum variant for an id: `KimiCoding` for `kimi-coding`, `_302ai` for `302ai`. Underscores are appended to duplicate names.
fn variant(id: &str, taken: &mut HashSet<String>) -> String {
    let mut name = String::with_capacity(id.len());
    for part in id.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|part| !part.is_empty()) {
        let mut letters = part.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) || name == "Self" {
        name.insert(0, '_');
    }
    while !taken.insert(name.clone()) {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_are_legal_and_unique() {
        let mut taken = HashSet::new();
        for (id, name) in
            [("kimi-coding", "KimiCoding"), ("302ai", "_302ai"), ("z.ai", "ZAi"), ("z-ai", "ZAi_"), ("self", "_Self"), ("---", "_")]
        {
            assert_eq!(variant(id, &mut taken), name);
        }
    }
}

//! Tests of a database that see a mutant of the analyser.
//!
//! A build writes the statements of operations into the programs that test a database. In the copy of
//! the workspace these programs make them anew when they run, by the analyser that has the mutants in it.

use anyhow::{Result, ensure};

/// The module of the run time that makes them.
pub(crate) const STATEMENTS: &str = include_str!("../live/statements.rs");
pub(crate) const FILE: &str = "soft-delete-core/src/statements.rs";

/// By file: what stands there, and what stands there then. In a file that is mutated each byte keeps
/// its place.
const CHANGES: [(&str, &str, &str); 12] = [
    (
        "soft-delete-core/Cargo.toml",
        "[dependencies]\n",
        "[dependencies]\nsoft-delete-sql.workspace = true\n",
    ),
    (
        "soft-delete-core/src/lib.rs",
        "mod values;\n",
        "mod statements;\nmod values;\n",
    ),
    (
        "soft-delete-core/src/purge/mod.rs",
        "(T::PURGE)",
        "(crate::statements::purge(T::PURGE))",
    ),
    (
        "soft-delete-core/src/purge/mod.rs",
        "Self::new(plan.tables, plan.is_cyclic)",
        "let (tables, is_cyclic) = crate::statements::retention(plan.tables, plan.is_cyclic);\n\
         Self::new(tables, is_cyclic)",
    ),
    (
        "soft-delete-core/src/operation.rs",
        "self.follow = Some(follow)",
        "self.follow = Some(crate::statements::following(follow))",
    ),
    (
        "soft-delete-core/src/row_operation.rs",
        "T::PLAN",
        "crate::statements::plan(T::PLAN)",
    ),
    (
        "soft-delete-core/src/row_operation.rs",
        "const { Alone::of(O::KIND, crate::statements::plan(T::PLAN)) }",
        "Alone::of(O::KIND, crate::statements::plan(T::PLAN))",
    ),
    (
        "soft-delete-core/src/bulk.rs",
        "T::PLAN",
        "crate::statements::plan(T::PLAN)",
    ),
    (
        "soft-delete-core/src/lifecycle.rs",
        "T::PLAN",
        "crate::statements::plan(T::PLAN)",
    ),
    (
        "soft-delete-core/src/testing.rs",
        "T::PLAN",
        "crate::statements::plan(T::PLAN)",
    ),
    (
        "soft-delete-sql/src/lifecycle/mod.rs",
        "pub(crate) mod follow",
        "pub        mod follow",
    ),
    (
        "soft-delete-sql/src/lifecycle/follow.rs",
        "pub(crate) ",
        "pub        ",
    ),
];

/// A file of the workspace as it is built.
pub(crate) fn changed(file: &str, text: Vec<u8>) -> Result<Vec<u8>> {
    let own = || CHANGES.iter().filter(|(changed, _, _)| *changed == file);
    if own().next().is_none() {
        return Ok(text);
    }
    let mut text = String::from_utf8(text)?;
    for (_, from, to) in own() {
        ensure!(text.contains(from), "{file} has no {from:?}");
        text = text.replace(from, to);
    }
    Ok(text.into_bytes())
}

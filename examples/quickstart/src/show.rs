//! How the tour is printed.

use std::fmt::Display;

use crate::model::{Contact, Line};

/// The queries as they are written.
const QUERIES: &str = include_str!("queries.rs");

/// Prints the title of a stop, and the invocation in the function of that name.
pub(crate) fn source(title: &str, function: &str) {
    println!("\n{title}\n");
    for line in invocation(QUERIES, function) {
        println!("    {line}");
    }
}

/// Prints what a statement became.
pub(crate) fn statement(sql: &str) {
    for (at, line) in sql.lines().enumerate() {
        println!("{} {}", if at == 0 { "  =>" } else { "    " }, line.trim());
    }
}

/// Prints what came back.
pub(crate) fn rows<T: Display>(rows: impl IntoIterator<Item = T>) {
    let mut none = true;
    for row in rows {
        println!("     | {row}");
        none = false;
    }
    if none {
        println!("     | (no rows)");
    }
}

/// The lines of the `soft_query!` in a function, without their common indentation.
fn invocation<'s>(source: &'s str, function: &str) -> Vec<&'s str> {
    source
        .lines()
        .skip_while(|line| !line.contains(&format!("fn {function}(")))
        .skip(1)
        .take_while(|line| *line != "}")
        .map(|line| line.strip_prefix("    ").unwrap_or(line))
        .collect()
}

impl Display for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = match self.deleted_at {
            Some(_) => " (deleted)",
            None => "",
        };
        write!(f, "{} {} <{}>{state}", self.id, self.name, self.email)
    }
}

impl Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = self.name.as_deref().unwrap_or("(nobody)");
        write!(f, "{} for {name}", self.item)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_invocation_is_the_body_of_its_function() {
        let source = "fn ab(\n) {\n    x!()\n}\n\npub fn a() -> X {\n    soft_query!(\n        \"b\"\n    )\n}\n";
        assert_eq!(
            super::invocation(source, "a"),
            ["soft_query!(", "    \"b\"", ")"]
        );
        assert!(super::invocation(source, "c").is_empty());
    }
}

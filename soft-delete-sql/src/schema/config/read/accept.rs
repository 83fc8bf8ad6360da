//! `accept`: what a table is known to be, and may stay.

use std::collections::BTreeMap;

use super::{Reader, Value};
use crate::fact;

/// What is accepted by its name alone.
const PLAIN: [&str; 5] = [
    "conflict_clause",
    "leaky",
    "nullable_marker",
    "unaudited",
    "upsert_counts_tombstones",
];

impl Reader<'_> {
    /// A list of names, or a table of names and reasons.
    pub(super) fn accept(&mut self, value: &Value<'_>) -> BTreeMap<String, String> {
        if !value.get_ref().is_table() {
            return self.accepted_names(value);
        }
        let mut found = BTreeMap::new();
        for (at, name, value) in self.leaves("accept", value) {
            let fact = name.split('.').next().unwrap_or_default();
            let known: Vec<&str> = PLAIN.into_iter().chain(fact::NAMES).collect();
            if !known.contains(&fact) {
                let message = format!("there is nothing to accept under the name `{fact}`");
                self.unknown(at, &message, fact, &known);
                continue;
            }
            let Some(reason) = self.string(&name, value) else {
                continue;
            };
            if reason.contains(char::is_alphabetic) {
                found.insert(name, reason);
            } else {
                let message = format!("`{name}` is accepted without a reason");
                let help = "write in the string why it may stay as it is";
                self.fault(value.span().start, &message, help);
            }
        }
        found
    }

    fn accepted_names(&mut self, value: &Value<'_>) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for (at, name) in self.strings("accept", value).unwrap_or_default() {
            if PLAIN.contains(&name.as_str()) {
                found.insert(name, String::new());
            } else if fact::NAMES.contains(&name.as_str()) {
                let message = format!("`{name}` is accepted without a reason");
                let help =
                    format!("write a table instead of the list:\naccept = {{ {name} = \"…\" }}");
                self.fault(at, &message, &help);
            } else {
                let message = format!("there is nothing to accept under the name `{name}`");
                self.unknown(at, &message, &name, &PLAIN);
            }
        }
        found
    }

    /// The values of a table, with dotted names: `a.b = 1` and `"a.b" = 1` say the same.
    pub(super) fn leaves<'v, 't>(
        &mut self,
        key: &str,
        value: &'v Value<'t>,
    ) -> Vec<(usize, String, &'v Value<'t>)> {
        let mut found = Vec::new();
        for (key, value) in self.table(key, value).into_iter().flatten() {
            let name = key.get_ref().to_string();
            if value.get_ref().is_table() {
                let below = self.leaves(&name, value).into_iter();
                found.extend(below.map(|(at, leaf, value)| (at, format!("{name}.{leaf}"), value)));
            } else {
                found.push((key.span().start, name, value));
            }
        }
        found
    }
}

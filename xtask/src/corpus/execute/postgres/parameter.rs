//! The parameters of a statement, and what a call gives them.

use fastrand::Rng;

use super::{
    super::comparisons::Comparisons,
    data::Source,
    story::{Story, is_number},
    values::{Kind, literal},
};

/// A parameter of a statement.
pub(super) struct Parameter {
    /// `$1`
    pub(super) name: String,
    kind: Option<Kind>,
    /// Of its elements, where it is an array.
    values: Vec<String>,
    /// Of the enumerations that a text may be cast to.
    labels: Vec<String>,
    /// The statement says what NULL means.
    is_optional: bool,
}

impl Parameter {
    /// Those of a statement, by their types.
    pub(super) fn all(source: &Source, sql: &str, types: &[String]) -> Vec<Self> {
        let labels = source.labels(sql);
        let parameters = types.iter().enumerate().map(|(at, name)| {
            let kind = source.kind(name);
            let name = format!("${}", at + 1);
            Self {
                is_optional: is_optional(sql, &name),
                name,
                values: kind.as_ref().map_or(Vec::new(), |kind| {
                    source.values(kind.element.as_deref().unwrap_or(kind))
                }),
                labels: match &kind {
                    Some(kind) if kind.is_text() => {
                        let cast = |label: &String| literal(label, &kind.name);
                        labels.iter().map(cast).collect()
                    }
                    _ => Vec::new(),
                },
                kind,
            }
        });
        parameters.collect()
    }

    /// `nulls` of 100 are NULL where that is an option.
    pub(super) fn argument(
        &self,
        comparisons: &Comparisons,
        nulls: u8,
        stories: &[Story],
        random: &mut Rng,
    ) -> String {
        let null = || "NULL".to_owned();
        let Self { name, values, .. } = self;
        let Some(kind) = &self.kind else {
            return null();
        };
        let nulls = if self.is_optional { nulls } else { 6 };
        if random.u8(..100) < nulls {
            return null();
        }
        if let Some(element) = &kind.element {
            let some = stories
                .iter()
                .filter_map(|story| story.value((comparisons, name), element, values, random));
            let some: Vec<String> = some.collect();
            return format!("ARRAY[{}]::{}", some.join(", "), kind.name);
        }
        // What no column is compared with may be a limit.
        if is_number(kind) && random.u8(..4) == 0 {
            return ["0", "1", "2", "100"][random.usize(..4)].to_owned();
        }
        match random.choice(&self.labels) {
            Some(label) if random.bool() => label.clone(),
            _ => {
                let value = stories[0].value((comparisons, name), kind, values, random);
                value.unwrap_or_else(null)
            }
        }
    }
}

/// `$1 IS NULL` or `COALESCE($1, …)`, with a cast or without.
fn is_optional(sql: &str, parameter: &str) -> bool {
    sql.match_indices(parameter).any(|(at, _)| {
        let before = sql[..at].trim_end().to_ascii_lowercase();
        let behind = &sql[at + parameter.len()..];
        if behind.starts_with(|next: char| next.is_ascii_digit()) {
            return false;
        }
        let is_cast =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '[' | ']' | '_' | '"');
        let behind = behind.trim_start_matches(is_cast).trim_start();
        let is_tested = behind.to_ascii_lowercase().starts_with("is null");
        is_tested || before.ends_with("coalesce(")
    })
}

#[cfg(test)]
mod tests {
    use super::is_optional;

    #[test]
    fn a_parameter_may_be_null_where_the_statement_says_what_that_means() {
        let sql = "SELECT 1 FROM t WHERE a = $1 AND ($2::uuid[] IS NULL OR b = ANY ($2)) \
                   AND c = $12 AND $1 = c LIMIT coalesce($3, 50)";
        let optional = ["$1", "$2", "$3", "$12"].map(|name| is_optional(sql, name));
        assert_eq!(optional, [false, true, true, false]);
    }
}

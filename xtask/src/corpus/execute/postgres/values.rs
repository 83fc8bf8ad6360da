//! Small shared domains of values, so that joins and comparisons meet.

/// The values of a type as literals; keys take as many as there are, other columns mostly the
/// first few. Empty when the type has none but NULL.
pub(super) fn values(kind: &Kind, now: &str) -> Vec<String> {
    let cast = |texts: &[&str]| -> Vec<String> {
        let cast = |text: &&str| literal(text, &kind.name);
        texts.iter().map(cast).collect()
    };
    if let Some(element) = &kind.element {
        let values = values(element, now);
        let array = |count: usize| {
            let some: Vec<&str> = values.iter().take(count).map(String::as_str).collect();
            format!("ARRAY[{}]::{}", some.join(", "), kind.name)
        };
        return vec![array(1), array(2), array(0)];
    }
    if !kind.labels.is_empty() {
        let labels: Vec<&str> = kind.labels.iter().take(5).map(String::as_str).collect();
        return cast(&labels);
    }
    let moment = |offset: &str| format!("('{now}'::timestamptz + '{offset}')::{}", kind.name);
    let moments = || -> Vec<String> {
        [
            "-1 hour",
            "1 hour",
            "0",
            "-2 days",
            "2 days",
            "-40 days",
            "-1 minute",
            "3 hours",
        ]
        .into_iter()
        .map(moment)
        .collect()
    };
    match kind.base.as_str() {
        "uuid" => (1..=16)
            .map(|at| literal(&format!("00000000-0000-4000-8000-{at:012}"), &kind.name))
            .collect(),
        // One first: a LIMIT of zero shows nothing.
        "int2" | "int4" | "int8" | "oid" => [1, 2, 0]
            .into_iter()
            .chain(3..16)
            .map(|at: i32| literal(&at.to_string(), &kind.name))
            .collect(),
        "numeric" | "float4" | "float8" => cast(&["1", "0", "2", "1.5", "3", "4", "5", "6"]),
        "money" => cast(&["1", "0", "2"]),
        "bool" => cast(&["true", "false"]),
        "text" | "varchar" | "bpchar" | "name" | "char" | "citext" => {
            // The first also reads as a number and as JSON.
            cast(&["1", "a", "b", "c", "d", "e", "f", "g"])
        }
        "timestamptz" | "timestamp" | "date" | "time" | "timetz" => moments(),
        "interval" => cast(&["1 hour", "1 day", "0"]),
        "json" | "jsonb" => cast(&["{}", "{\"a\": 1}", "{\"a\": \"b\", \"k\": [1, 2]}", "[1]"]),
        "bytea" => cast(&["\\x00", "\\x0101"]),
        "inet" | "cidr" => cast(&["10.0.0.1", "10.0.0.2"]),
        "macaddr" => cast(&["08:00:2b:01:02:03"]),
        "tsvector" | "tsquery" => cast(&["a", "b"]),
        "bit" | "varbit" => cast(&["0", "1"]),
        "xml" => cast(&["<a/>"]),
        "point" => cast(&["(0,0)", "(1,1)", "(2,1)"]),
        "box" | "lseg" => cast(&["(0,0),(1,1)", "(1,1),(3,3)"]),
        "path" | "polygon" => cast(&["((0,0),(1,1),(2,0))"]),
        "circle" => cast(&["<(0,0),1>"]),
        "int4range" | "int8range" | "numrange" => cast(&["[0,2)", "[1,4)", "empty"]),
        _ => Vec::new(),
    }
}

/// A type as the catalog has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Kind {
    /// As a cast writes it, with its modifier.
    pub(super) name: String,
    /// The name of the base type, below domains.
    pub(super) base: String,
    /// Of an enumeration.
    pub(super) labels: Vec<String>,
    /// Of an array.
    pub(super) element: Option<Box<Kind>>,
}

/// A value that no row has yet; none of a type with few values.
pub(super) fn fresh(kind: &Kind, number: u16) -> Option<String> {
    let text = match kind.base.as_str() {
        "uuid" => format!("00000000-0000-4000-8000-{number:012}"),
        "int2" | "int4" | "int8" | "numeric" => number.to_string(),
        _ if kind.is_text() => format!("new {number}"),
        _ => return None,
    };
    Some(literal(&text, &kind.name))
}

impl Kind {
    pub(super) fn is_text(&self) -> bool {
        matches!(self.base.as_str(), "text" | "varchar" | "bpchar" | "citext")
    }
}

pub(super) fn literal(text: &str, kind: &str) -> String {
    format!("'{}'::{kind}", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::{Kind, values};

    fn kind(name: &str) -> Kind {
        Kind {
            name: name.into(),
            base: name.into(),
            ..Kind::default()
        }
    }

    #[test]
    fn a_literal_carries_its_type_and_doubles_its_quotes() {
        let labels = Kind {
            labels: vec!["it's".into()],
            ..kind("mood")
        };
        assert_eq!(values(&labels, ""), ["'it''s'::mood"]);
    }

    #[test]
    fn an_array_holds_values_of_its_element() {
        let array = Kind {
            element: Some(Box::new(kind("bool"))),
            ..kind("boolean[]")
        };
        assert_eq!(
            values(&array, ""),
            [
                "ARRAY['true'::bool]::boolean[]",
                "ARRAY['true'::bool, 'false'::bool]::boolean[]",
                "ARRAY[]::boolean[]"
            ]
        );
    }

    #[test]
    fn a_type_that_is_not_known_has_no_values() {
        assert_eq!(values(&kind("hstore"), ""), [""; 0]);
    }
}

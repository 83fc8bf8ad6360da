//! From the name of a struct to the names its table may have, and the cases of sqlx's `rename_all`.

/// A value of `#[sqlx(rename_all = "…")]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Snake,
    Lower,
    Upper,
    ScreamingSnake,
    Kebab,
    Camel,
    Pascal,
}

impl Case {
    /// The case of this name; `None` for one that sqlx does not know and reports.
    pub(super) fn named(text: &str) -> Option<Self> {
        Some(match text {
            "snake_case" => Self::Snake,
            "lowercase" => Self::Lower,
            "UPPERCASE" => Self::Upper,
            "SCREAMING_SNAKE_CASE" => Self::ScreamingSnake,
            "kebab-case" => Self::Kebab,
            "camelCase" => Self::Camel,
            "PascalCase" => Self::Pascal,
            _ => return None,
        })
    }

    /// The name of the column of a field.
    pub(super) fn apply(self, field: &str) -> String {
        let words = || words(field);
        match self {
            Self::Snake => words().join("_"),
            Self::Lower => field.to_lowercase(),
            Self::Upper => field.to_uppercase(),
            Self::ScreamingSnake => words().join("_").to_uppercase(),
            Self::Kebab => words().join("-"),
            Self::Pascal => words().iter().map(|word| capital(word)).collect(),
            Self::Camel => {
                let mut words = words().into_iter();
                let first = words.next().unwrap_or_default();
                first + &words.map(|word| capital(&word)).collect::<String>()
            }
        }
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// The words of a Rust name, in lower case: `HTTPRequest2` is `http`, `request2`.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in name.split(|c: char| !c.is_alphanumeric()) {
        let chars: Vec<char> = part.chars().collect();
        let mut word = String::new();
        for (at, &c) in chars.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| chars[at]);
            let after_small = before.is_some_and(|c| c.is_lowercase() || c.is_numeric());
            let ends_capitals = before.is_some_and(char::is_uppercase)
                && chars.get(at + 1).is_some_and(|next| next.is_lowercase());
            if c.is_uppercase() && (after_small || ends_capitals) && !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            word.extend(c.to_lowercase());
        }
        if !word.is_empty() {
            words.push(word);
        }
    }
    words
}

/// The names that the table of a struct may have, the usual one first.
pub(super) fn tables_of(ident: &str) -> Vec<String> {
    let words = words(ident);
    let Some((last, before)) = words.split_last() else {
        return vec![ident.to_owned()];
    };
    let with = |last: String| {
        let mut all = before.to_vec();
        all.push(last);
        all.join("_")
    };
    let mut names: Vec<String> = plurals(last).into_iter().map(with).collect();
    names.push(words.join("_"));
    // Tables named like the type, as some tools create them.
    names.push(format!("{ident}s"));
    names.push(ident.to_owned());
    let mut seen = Vec::new();
    names.retain(|name| {
        let new = !seen.contains(name);
        seen.push(name.clone());
        new
    });
    names
}

const IRREGULAR: [(&str, &str); 22] = [
    ("person", "people"),
    ("child", "children"),
    ("man", "men"),
    ("woman", "women"),
    ("mouse", "mice"),
    ("goose", "geese"),
    ("foot", "feet"),
    ("tooth", "teeth"),
    ("ox", "oxen"),
    ("datum", "data"),
    ("medium", "media"),
    ("criterion", "criteria"),
    ("phenomenon", "phenomena"),
    ("quiz", "quizzes"),
    ("knife", "knives"),
    ("wife", "wives"),
    ("life", "lives"),
    ("leaf", "leaves"),
    ("half", "halves"),
    ("shelf", "shelves"),
    ("wolf", "wolves"),
    ("self", "selves"),
];

/// The plurals that an English noun may have.
fn plurals(noun: &str) -> Vec<String> {
    let mut plurals = Vec::new();
    // `salesperson`, `grandchild`; not `human`, `german`.
    for (singular, plural) in IRREGULAR {
        let compound = singular.len() > 3 && noun.ends_with(singular);
        if noun == singular || compound {
            plurals.push(format!("{}{plural}", &noun[..noun.len() - singular.len()]));
        }
    }
    let replaced =
        |ending: &str, by: &str| noun.strip_suffix(ending).map(|stem| format!("{stem}{by}"));
    if noun.ends_with("ix") || noun.ends_with("ex") {
        plurals.push(format!("{noun}es"));
        plurals.extend(replaced("ix", "ices").or_else(|| replaced("ex", "ices")));
    } else if noun.ends_with("sis") {
        plurals.extend(replaced("sis", "ses"));
    } else if ["s", "x", "z", "ch", "sh"]
        .iter()
        .any(|ending| noun.ends_with(ending))
    {
        plurals.push(format!("{noun}es"));
    } else if let Some(stem) = noun.strip_suffix('y')
        && !stem.ends_with(['a', 'e', 'i', 'o', 'u'])
    {
        plurals.push(format!("{stem}ies"));
    } else if noun.ends_with('o') {
        plurals.push(format!("{noun}s"));
        plurals.push(format!("{noun}es"));
    } else {
        plurals.push(format!("{noun}s"));
    }
    plurals
}

#[cfg(test)]
mod tests {
    use super::{Case, tables_of};

    #[test]
    fn a_struct_is_a_row_of_its_plural() {
        for (ident, table) in [
            ("Contact", "contacts"),
            ("OrderLine", "order_lines"),
            ("Category", "categories"),
            ("Key", "keys"),
            ("Address", "addresses"),
            ("Status", "statuses"),
            ("Box", "boxes"),
            ("Branch", "branches"),
            ("Person", "people"),
            ("SalesPerson", "sales_people"),
            ("GrandChild", "grand_children"),
            ("Analysis", "analyses"),
            ("Index", "indexes"),
            ("Photo", "photos"),
            ("HTTPLog", "http_logs"),
            ("Human", "humans"),
            ("Oauth2Token", "oauth2_tokens"),
        ] {
            assert_eq!(tables_of(ident)[0], table, "{ident}");
        }
    }

    #[test]
    fn singular_and_type_like_names_are_looked_up_too() {
        assert_eq!(
            tables_of("AuditLog"),
            ["audit_logs", "audit_log", "AuditLogs", "AuditLog"]
        );
        assert_eq!(tables_of("data"), ["datas", "data"]);
        assert_eq!(tables_of("Hero")[..2], ["heros", "heroes"]);
    }

    #[test]
    fn cases_are_those_of_sqlx() {
        for (case, column) in [
            ("snake_case", "deleted_at"),
            ("lowercase", "deleted_at"),
            ("UPPERCASE", "DELETED_AT"),
            ("SCREAMING_SNAKE_CASE", "DELETED_AT"),
            ("kebab-case", "deleted-at"),
            ("camelCase", "deletedAt"),
            ("PascalCase", "DeletedAt"),
        ] {
            assert_eq!(
                Case::named(case)
                    .map(|case| case.apply("deleted_at"))
                    .as_deref(),
                Some(column)
            );
        }
        assert_eq!(Case::named("Train-Case"), None);
    }
}

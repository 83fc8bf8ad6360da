//! How old a tombstone is: what the marker says about the moment of the deletion.

use super::text::Param;
use crate::{
    Code, Diagnostic, Dialect, Schema,
    schema::{MarkerKind, Table},
};

/// How the marker of a table tells the time.
pub(super) struct Clock<'s> {
    dialect: Dialect,
    table: &'s Table,
    /// The marker behind `t`.
    marker: String,
    kind: Kind,
}

enum Kind {
    /// A column of a date and time type, by its type.
    Moment(String),
    /// SQLite's text.
    Text,
    /// A number that counts seconds, or fractions of them, since 1970.
    Epoch { per_second: u32 },
}

impl<'s> Clock<'s> {
    /// # Errors
    /// SD060 when the marker does not say when the row was deleted.
    pub(super) fn of(schema: &'s Schema, table: &'s Table) -> Result<Self, Diagnostic> {
        let dialect = schema.dialect;
        let Some(marker) = &table.marker else {
            return Err(no_age(table, "it is not soft-deletable", ""));
        };
        let column = table.columns.iter().find(|own| own.name == marker.column);
        let sql_type = column.map_or("", |column| column.sql_type.as_str());
        if marker.kind != MarkerKind::Timestamp {
            let why = format!("its marker `{}` is a flag", marker.column);
            return Err(no_age(table, &why, FLAG));
        }
        let now = table.settings.now.as_deref();
        let dated = ["date", "timestamp"]
            .iter()
            .any(|word| sql_type.contains(word));
        let texts = ["date", "time", "text", "char"];
        let kind = match (dialect, now.and_then(|now| epoch(dialect, now))) {
            (_, Some(per_second)) => Kind::Epoch { per_second },
            (Dialect::Sqlite, None) if texts.iter().any(|word| sql_type.contains(word)) => {
                Kind::Text
            }
            (Dialect::Postgres | Dialect::Mysql, None) if dated => {
                Kind::Moment(sql_type.to_owned())
            }
            _ => {
                let why = format!(
                    "its marker `{}` ({sql_type}) does not say in which unit it counts time",
                    marker.column
                );
                return Err(no_age(table, &why, &unit(dialect, table)));
            }
        };
        Ok(Self {
            dialect,
            table,
            marker: format!("t.{}", dialect.quote(&marker.column)),
            kind,
        })
    }

    /// The condition of a row that was deleted before the cutoff.
    pub(super) fn is_older(&self) -> String {
        let cutoff = Param::Cutoff.hole(self.dialect);
        let marker = &self.marker;
        match (&self.kind, self.dialect) {
            (Kind::Moment(_), Dialect::Mysql) => {
                format!("{marker} < CAST({cutoff} AS DATETIME(6))")
            }
            (Kind::Moment(sql_type), _) => format!("{marker} < CAST({cutoff} AS {sql_type})"),
            // Text in any form of ISO 8601, with an offset or without.
            (Kind::Text, _) => format!("julianday({marker}) < julianday({cutoff})"),
            (Kind::Epoch { .. }, Dialect::Mysql) => format!("{marker} < CAST({cutoff} AS SIGNED)"),
            (Kind::Epoch { .. }, _) => format!("{marker} < CAST({cutoff} AS bigint)"),
        }
    }

    /// The seconds since the deletion, of the earliest of `marker`s.
    pub(super) fn age_of_earliest(&self, marker: &str) -> String {
        match (&self.kind, self.dialect) {
            (Kind::Moment(_), Dialect::Mysql) => format!(
                "TIMESTAMPDIFF(SECOND, MIN({marker}), {})",
                self.now("CURRENT_TIMESTAMP(6)")
            ),
            (Kind::Moment(sql_type), _) => format!(
                "EXTRACT(EPOCH FROM CAST(CAST({} AS {sql_type}) AS timestamptz) \
                 - CAST(MIN({marker}) AS timestamptz))",
                self.now("CURRENT_TIMESTAMP")
            ),
            (Kind::Text, _) => format!(
                "(julianday({}) - MIN(julianday({marker}))) * 86400.0",
                self.now("'now'")
            ),
            (Kind::Epoch { per_second }, dialect) => {
                let now = match dialect {
                    Dialect::Postgres => "EXTRACT(EPOCH FROM CURRENT_TIMESTAMP)",
                    Dialect::Sqlite => "CAST(strftime('%s', 'now') AS INTEGER)",
                    Dialect::Mysql => "UNIX_TIMESTAMP()",
                };
                format!("{now} - MIN({marker}) / {per_second}")
            }
        }
    }

    /// The statement that computes the cutoff, once per run: the retention, an age that is bound,
    /// or the earlier of both.
    pub(super) fn cutoff(&self, retention: Option<&str>, aged: bool) -> String {
        let by_retention = retention.map(|text| self.before(&interval(self.dialect, text)));
        let by_age = aged.then(|| self.before(&age(self.dialect)));
        let earlier = match self.dialect {
            Dialect::Sqlite => "min",
            Dialect::Postgres | Dialect::Mysql => "LEAST",
        };
        let moment = match (by_retention, by_age) {
            (Some(one), Some(other)) => format!("{earlier}({one}, {other})"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => "NULL".to_owned(),
        };
        let text = match self.dialect {
            Dialect::Postgres => "text",
            Dialect::Sqlite => "TEXT",
            Dialect::Mysql => "CHAR",
        };
        format!("SELECT CAST({moment} AS {text})")
    }

    /// Now less an interval, as the marker has it.
    fn before(&self, interval: &str) -> String {
        match (&self.kind, self.dialect) {
            (Kind::Moment(_), Dialect::Mysql) => {
                format!("({} - {interval})", self.now("CURRENT_TIMESTAMP(6)"))
            }
            (Kind::Moment(sql_type), _) => format!(
                "CAST({} - {interval} AS {sql_type})",
                self.now("CURRENT_TIMESTAMP")
            ),
            (Kind::Text, _) => format!(
                "strftime('%Y-%m-%dT%H:%M:%f+00:00', {}, {interval})",
                self.now("'now'")
            ),
            (Kind::Epoch { per_second }, dialect) => {
                let seconds = match dialect {
                    Dialect::Postgres => {
                        format!(
                            "CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP - {interval}) AS bigint)"
                        )
                    }
                    Dialect::Sqlite => {
                        format!("CAST(strftime('%s', 'now', {interval}) AS INTEGER)")
                    }
                    Dialect::Mysql => format!(
                        "TIMESTAMPDIFF(SECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP() - {interval})"
                    ),
                };
                format!("({seconds} * {per_second})")
            }
        }
    }

    /// What the soft delete writes: of it the interval is taken, so that both are of one clock.
    fn now(&self, default: &str) -> String {
        let own = self.table.settings.now.as_ref();
        own.map_or_else(|| default.to_owned(), |now| format!("({now})"))
    }
}

/// `retention` as the dialect's interval; the configuration holds a number and a unit.
fn interval(dialect: Dialect, retention: &str) -> String {
    let (number, unit) = retention.split_once(' ').unwrap_or((retention, "days"));
    let unit = unit.strip_suffix('s').unwrap_or(unit);
    match dialect {
        Dialect::Postgres => format!("INTERVAL '{number} {unit}s'"),
        Dialect::Mysql => format!("INTERVAL {number} {}", unit.to_ascii_uppercase()),
        Dialect::Sqlite if unit == "week" => {
            let days = number.parse::<u64>().unwrap_or(0).saturating_mul(7);
            format!("'-{days} days'")
        }
        Dialect::Sqlite => format!("'-{number} {unit}s'"),
    }
}

fn age(dialect: Dialect) -> String {
    let seconds = Param::Age.hole(dialect);
    match dialect {
        Dialect::Postgres => format!("{seconds} * INTERVAL '1 second'"),
        Dialect::Mysql => format!("INTERVAL {seconds} SECOND"),
        Dialect::Sqlite => format!("'-' || {seconds} || ' seconds'"),
    }
}

/// How many units a second has in what `now` writes, where that can be told exactly.
fn epoch(dialect: Dialect, now: &str) -> Option<u32> {
    let text: String = now
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    let seconds: &[&str] = match dialect {
        Dialect::Sqlite => &[
            "unixepoch()",
            "unixepoch('now')",
            "strftime('%s','now')",
            "cast(strftime('%s','now')asinteger)",
        ],
        Dialect::Postgres => &[
            "extract(epochfromnow())::bigint",
            "extract(epochfromcurrent_timestamp)::bigint",
            "cast(extract(epochfromnow())asbigint)",
            "cast(extract(epochfromcurrent_timestamp)asbigint)",
        ],
        Dialect::Mysql => &["unix_timestamp()", "unix_timestamp(now())"],
    };
    if seconds.contains(&text.as_str()) {
        return Some(1);
    }
    let thousandth: &[&str] = match dialect {
        Dialect::Sqlite => &["cast(unixepoch('subsec')*1000asinteger)"],
        Dialect::Postgres => &[
            "(extract(epochfromnow())*1000)::bigint",
            "(extract(epochfromcurrent_timestamp)*1000)::bigint",
            "cast(extract(epochfromnow())*1000asbigint)",
            "cast(extract(epochfromcurrent_timestamp)*1000asbigint)",
        ],
        Dialect::Mysql => &[],
    };
    let plain = text.strip_suffix("*1000");
    let is_thousandth =
        plain.is_some_and(|text| seconds.contains(&text)) || thousandth.contains(&text.as_str());
    is_thousandth.then_some(1000)
}

const FLAG: &str =
    "give the table a timestamp as its marker, or leave `retention` out and purge by hand";

fn unit(dialect: Dialect, table: &Table) -> String {
    let now = match dialect {
        Dialect::Sqlite => "unixepoch()",
        Dialect::Postgres => "extract(epoch from now())::bigint",
        Dialect::Mysql => "unix_timestamp()",
    };
    format!(
        "say in soft-delete.toml what a soft delete writes, when that is seconds or milliseconds \
         since 1970:\n[tables.{}]\nnow = \"{now}\"",
        table.name
    )
}

fn no_age(table: &Table, why: &str, help: &str) -> Diagnostic {
    Diagnostic::new(
        Code::NoAge,
        format!("the age of a deleted row of `{}` is not known", table.name),
    )
    .why(format!(
        "{why}, so that nothing tells when the row was deleted"
    ))
    .help(help)
}

#[cfg(test)]
mod tests {
    use super::{epoch, interval};
    use crate::Dialect;

    #[test]
    fn only_known_numbers_have_a_unit() {
        assert_eq!(epoch(Dialect::Sqlite, "unixepoch()"), Some(1));
        assert_eq!(epoch(Dialect::Sqlite, "unixepoch() * 1000"), Some(1000));
        assert_eq!(epoch(Dialect::Sqlite, "unixepoch() * 100"), None);
        assert_eq!(epoch(Dialect::Mysql, "UNIX_TIMESTAMP()"), Some(1));
        let millis = "(extract(epoch from now()) * 1000)::bigint";
        assert_eq!(epoch(Dialect::Postgres, millis), Some(1000));
        assert_eq!(epoch(Dialect::Postgres, "txid_current()"), None);
    }

    #[test]
    fn a_retention_is_an_interval_of_the_dialect() {
        assert_eq!(interval(Dialect::Sqlite, "2 weeks"), "'-14 days'");
        assert_eq!(interval(Dialect::Sqlite, "1 month"), "'-1 months'");
        assert_eq!(interval(Dialect::Postgres, "90 days"), "INTERVAL '90 days'");
        assert_eq!(interval(Dialect::Mysql, "90 days"), "INTERVAL 90 DAY");
    }
}

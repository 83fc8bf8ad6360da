//! Values that meet: those of one story are what the text of the statement asks for, or all alike.

use fastrand::Rng;

use super::{super::comparisons::Comparisons, data::Column, values::Kind};

/// Numbers that outweigh others in a sum or a mean, and are outweighed.
pub(super) const WEIGHTS: [&str; 6] = ["1", "2", "100", "10000", "0", "-5"];

/// One value for each type, but for what the text of the statement says of a column.
pub(super) struct Story {
    at: usize,
    seed: u64,
    /// Of 100.
    nulls: u8,
    /// All moments are one.
    moment: Option<usize>,
    /// Values differ but where they are to be equal.
    is_apart: bool,
}

impl Story {
    pub(super) fn new(at: usize, random: &mut Rng) -> Self {
        Self {
            at,
            seed: random.u64(..),
            nulls: [0, 0, 0, 10, 50][random.usize(..5)],
            moment: random.bool().then(|| random.usize(..8)),
            is_apart: random.bool(),
        }
    }

    /// The same for all columns of a set.
    fn draw(&self, set: Option<usize>, random: &mut Rng) -> usize {
        let seed = set.and_then(|set| u64::try_from(set).ok());
        let seed = seed.map_or_else(|| random.u64(..), |set| self.seed ^ (set << 20));
        Rng::with_seed(seed).usize(..1 << 20)
    }

    /// A cell of a column.
    pub(super) fn cell(
        &self,
        column: &Column,
        (comparisons, name): (&Comparisons, &str),
        random: &mut Rng,
    ) -> String {
        let nulls = if comparisons.is_compared_with_null(name) {
            30
        } else {
            self.nulls
        };
        if column.nullable && random.u8(..100) < nulls {
            return "NULL".to_owned();
        }
        let value = self.value((comparisons, name), &column.kind, &column.values, random);
        value.unwrap_or("DEFAULT".to_owned())
    }

    /// The value of a column or a parameter.
    pub(super) fn value(
        &self,
        (comparisons, name): (&Comparisons, &str),
        kind: &Kind,
        values: &[String],
        random: &mut Rng,
    ) -> Option<String> {
        let draw = self.draw(comparisons.set(name), random);
        let (turn, draw) = (draw % 8, draw / 8);
        let compared = comparisons.values(name).unwrap_or_default();
        let compared: Vec<String> = compared
            .iter()
            .filter(|it| fits(it, kind))
            .cloned()
            .collect();
        let of = |values: &[String], at: usize| values.get(at.checked_rem(values.len())?).cloned();
        if turn > 0 && !compared.is_empty() {
            let at = if comparisons.is_ordered(name) && turn > 3 {
                random.usize(..compared.len())
            } else {
                draw
            };
            return of(&compared, at);
        }
        if is_number(kind) && (turn == 0 || comparisons.is_ordered(name)) && random.bool() {
            return of(&WEIGHTS.map(str::to_owned), random.usize(..WEIGHTS.len()));
        }
        if kind.is_text() && turn == 0 && random.bool() {
            let texts = comparisons
                .literals
                .iter()
                .filter(|it| it.starts_with('\''));
            return random.choice(texts.collect::<Vec<_>>()).cloned();
        }
        match self.moment {
            _ if kind.element.is_some() => of(values, if turn > 1 { self.at * 3 } else { draw }),
            Some(moment) if is_moment(kind) => of(values, moment),
            // One is less than the other now and then.
            _ if comparisons.is_ordered(name) => of(values, random.usize(..8)),
            _ if is_wide(kind) && turn > 3 => of(values, random.usize(..8)),
            _ if is_wide(kind) || self.is_apart => of(values, draw),
            _ if is_number(kind) && turn == 0 => of(values, random.usize(..8)),
            _ => of(values, self.at),
        }
    }
}

/// May a value that something is compared with stand in a column of this type?
fn fits(value: &str, kind: &Kind) -> bool {
    let text = value.trim_start_matches('(').trim_start_matches('\'');
    if is_moment(kind) {
        text.get(4..5) == Some("-")
    } else if is_number(kind) {
        text.trim_end_matches('\'').parse::<f64>().is_ok()
    } else {
        true
    }
}

pub(super) fn is_number(kind: &Kind) -> bool {
    ["int2", "int4", "int8", "numeric", "float4", "float8"].contains(&kind.base.as_str())
}

fn is_moment(kind: &Kind) -> bool {
    ["timestamptz", "timestamp", "date", "time", "timetz"].contains(&kind.base.as_str())
}

/// Moments, truth values and labels are compared with what is before, behind or beside them.
fn is_wide(kind: &Kind) -> bool {
    is_moment(kind) || !kind.labels.is_empty() || ["bool", "interval"].contains(&kind.base.as_str())
}

#[cfg(test)]
mod tests {
    use super::{Kind, fits};

    #[test]
    fn a_day_fits_a_moment_and_a_number_a_number() {
        let kind = |base: &str| Kind {
            base: base.to_owned(),
            ..Kind::default()
        };
        let day = "('1994-01-01'::date + interval '-1 day')::date";
        assert!(fits(day, &kind("date")) && fits("'1994-01-01'", &kind("timestamptz")));
        assert!(!fits("'1 year'", &kind("date")) && !fits("7", &kind("date")));
        assert!(fits("0.05", &kind("numeric")) && !fits("'a'", &kind("int4")));
        assert!(fits("'a'", &kind("text")));
    }
}

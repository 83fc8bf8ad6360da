//! The statements that sqlx ran, as it tells them.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
};

/// Keeps the texts of the statements.
#[derive(Debug, Clone, Default)]
pub(crate) struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    /// Begins to listen.
    pub(crate) fn heard() -> anyhow::Result<Self> {
        let heard = Self::default();
        let subscriber = tracing_subscriber::registry().with(heard.clone());
        tracing::subscriber::set_global_default(subscriber)?;
        Ok(heard)
    }

    /// Those since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        self.0
            .lock()
            .map(|mut texts| std::mem::take(&mut *texts))
            .unwrap_or_default()
    }
}

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            event.record(&mut Text(self));
        }
    }
}

struct Text<'s>(&'s Statements);

impl Visit for Text<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        // A short statement is its own summary, and the field is empty then.
        let is_text = match field.name() {
            "db.statement" => !value.is_empty(),
            "summary" => !value.ends_with('…'),
            _ => false,
        };
        if let (true, Ok(mut texts)) = (is_text, self.0.0.lock()) {
            texts.push(value.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

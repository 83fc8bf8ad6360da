//! The row types of the migrations.

use chrono::{DateTime, Utc};
use soft_delete::SoftDeletable;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, sqlx::FromRow, SoftDeletable)]
pub(super) struct Contact {
    pub(super) id: i64,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, sqlx::FromRow, SoftDeletable)]
pub(super) struct Order {
    pub(super) id: i64,
    pub(super) total: i64,
    pub(super) deleted_at: Option<DateTime<Utc>>,
}

/// The marker has another name in Rust.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow, SoftDeletable)]
#[soft_delete(table = "documents")]
pub(super) struct Paper {
    pub(super) id: Uuid,
    pub(super) title: String,
    #[sqlx(rename = "removed_on")]
    pub(super) gone: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, sqlx::FromRow, SoftDeletable)]
pub(super) struct Task {
    pub(super) title: String,
    pub(super) is_deleted: bool,
}

#[derive(Debug, Clone, PartialEq, sqlx::FromRow, SoftDeletable)]
pub(super) struct Product {
    pub(super) sku: String,
    pub(super) deleted: i32,
}

/// Live is more than an unset marker.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow, SoftDeletable)]
#[soft_delete(is_active = "Article::is_live")]
pub(super) struct Article {
    pub(super) title: String,
    pub(super) status: String,
    pub(super) deleted_at: Option<DateTime<Utc>>,
}

impl Article {
    fn is_live(&self) -> bool {
        self.deleted_at.is_none() && self.status != "archived"
    }
}

/// A row that is no model.
#[derive(Debug, PartialEq, sqlx::FromRow)]
pub(super) struct Summary {
    pub(super) id: i64,
    pub(super) name: String,
}

/// An order with the name of its contact.
#[derive(Debug, PartialEq, sqlx::FromRow)]
pub(super) struct Line {
    pub(super) id: i64,
    pub(super) name: Option<String>,
}

pub(super) fn line(id: i64, name: Option<&str>) -> Line {
    Line {
        id,
        name: name.map(str::to_owned),
    }
}

/// The names of contacts.
pub(super) fn names<T: AsRef<Contact>>(rows: &[T]) -> Vec<&str> {
    rows.iter().map(|row| row.as_ref().name.as_str()).collect()
}

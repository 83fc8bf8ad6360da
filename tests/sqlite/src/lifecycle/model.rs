//! The models of the graph.

use chrono::{DateTime, Utc};
use soft_delete::SoftDeletable;

macro_rules! models {
    ($($Name:ident { $($field:ident: $ty:ty),* })*) => {$(
        #[derive(Debug, Clone, PartialEq, sqlx::FromRow, SoftDeletable)]
        pub(crate) struct $Name {
            $(pub(super) $field: $ty,)*
            pub(super) deleted_at: Option<DateTime<Utc>>,
            pub(super) deleted_by: Option<i64>,
            pub(super) deleted_reason: Option<String>,
        }
    )*};
}

models! {
    Team { id: i64, name: String }
    Member { team_id: i64, number: i64, name: String }
    Project { id: i64, team_id: i64, name: String }
    Issue { id: i64, project_id: i64 }
    Board { id: i64, project_id: i64 }
    Card { id: i64, board_id: i64 }
    Site { id: i64 }
    Customer { id: i64 }
    Shift { id: i64 }
    Area { id: i64 }
    Vote { issue_id: i64, team_id: i64, number: i64 }
}

/// Without a reason.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow, SoftDeletable)]
pub(crate) struct Zone {
    pub(super) id: i64,
    pub(super) deleted_at: Option<DateTime<Utc>>,
}

/// A key of text; a marker without a moment.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow, SoftDeletable)]
#[soft_delete(table = "codes")]
pub(super) struct VoucherCode {
    pub(super) code: String,
    pub(super) is_deleted: bool,
}

//! What `#[derive(SoftDeletable)]` accepts, and the names it finds.

use std::marker::PhantomData;

use soft_delete::SoftDeletable;

#[derive(SoftDeletable)]
struct Contact {
    id: i64,
    #[sqlx(rename = "email")]
    address: String,
    #[sqlx(default)]
    order_count: i64,
    #[sqlx(skip)]
    cache: Option<()>,
    deleted_at: Option<String>,
}

/// The marker is a flag.
#[derive(SoftDeletable)]
struct Note {
    is_deleted: bool,
}

/// Live by more than the marker.
#[derive(SoftDeletable)]
#[soft_delete(is_active = "Article::is_published")]
struct Article {
    status: String,
    deleted_at: Option<String>,
}

impl Article {
    fn is_published(&self) -> bool {
        self.deleted_at.is_none() && self.status != "archived"
    }
}

/// A name of another table; generics, bounds and lifetimes; the path of the crate.
#[derive(SoftDeletable)]
#[soft_delete(table = "orders", crate = "::soft_delete")]
#[sqlx(rename_all = "snake_case")]
struct Sale<'a, Id: Clone = i64, const N: usize = 1>
where
    Id: Send,
{
    id: Id,
    contactId: &'a [i64; N],
    #[sqlx(flatten)]
    rest: PhantomData<()>,
    deleted_at: core::option::Option<&'a str>,
}

type Stamp = Option<String>;

/// A type alias is the compiler's to judge.
#[derive(SoftDeletable)]
struct Customers {
    r#id: i64,
    deleted_at: Stamp,
}

fn main() {
    assert_eq!(
        (Contact::TABLE, Contact::MARKER),
        ("contacts", "deleted_at")
    );
    assert_eq!((Note::TABLE, Note::MARKER), ("notes", "is_deleted"));
    assert_eq!(<Sale<'_, i64>>::TABLE, "orders");
    assert_eq!(Customers::TABLE, "customers");
    let contact = |deleted_at: Option<&str>| Contact {
        id: 1,
        address: String::new(),
        order_count: 0,
        cache: None,
        deleted_at: deleted_at.map(str::to_owned),
    };
    assert!(contact(None).is_active());
    assert!(!contact(Some("2026-01-01")).is_active());
    assert!(Note { is_deleted: false }.is_active());
    assert!(!Note { is_deleted: true }.is_active());
    let article = |status: &str| Article {
        status: status.to_owned(),
        deleted_at: None,
    };
    assert!(article("published").is_active());
    assert!(!article("archived").is_active());
    let contact = contact(None);
    let _ = (
        contact.id,
        contact.address,
        contact.order_count,
        contact.cache,
    );
}

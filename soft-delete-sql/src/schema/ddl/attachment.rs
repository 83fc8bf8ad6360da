//! Triggers, rules and policies: kept as text, for the schema checks.

use crate::schema::{
    Attachment, AttachmentKind, Location,
    catalog::Catalog,
    cursor::{Cursor, Fault},
};

/// Reads `CREATE TRIGGER | RULE | POLICY name … ON table …`; the cursor stands behind the noun.
pub(super) fn attach(
    catalog: &mut Catalog,
    cursor: &mut Cursor<'_>,
    kind: AttachmentKind,
    location: &Location,
) -> Result<(), Fault> {
    cursor.if_not_exists();
    let name = cursor.dotted()?.pop().unwrap_or_default();
    // `UPDATE OF a, b ON t`; a rule says `ON SELECT TO t`.
    let word = if kind == AttachmentKind::Rule {
        "to"
    } else {
        "on"
    };
    while !cursor.is_end() && !cursor.is(word) {
        cursor.skip();
    }
    cursor.expect(word)?;
    let parts = cursor.dotted()?;
    if let Some(at) = catalog.find_table(&parts) {
        let sql = cursor.text(0, cursor.tokens.len()).to_owned();
        let attachments = &mut catalog.tables[at].table.attachments;
        attachments.retain(|known| known.kind != kind || known.name != name);
        attachments.push(Attachment {
            kind,
            name,
            sql,
            location: location.clone(),
        });
    }
    Ok(())
}

/// Reads what stands behind `ALTER POLICY`: its clauses take the place of those before them.
pub(super) fn alter_policy(catalog: &mut Catalog, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let name = cursor.name()?;
    cursor.expect("on")?;
    let parts = cursor.dotted()?;
    let Some(at) = catalog.find_table(&parts) else {
        return Ok(());
    };
    let mut attachments = catalog.tables[at].table.attachments.iter_mut();
    let policy =
        attachments.find(|known| known.kind == AttachmentKind::Policy && known.name == name);
    if let Some(policy) = policy {
        if cursor.take(&["rename", "to"]) {
            policy.name = cursor.name()?;
        } else {
            policy.sql.push_str(";\n");
            policy.sql.push_str(cursor.text(0, cursor.tokens.len()));
        }
    }
    Ok(())
}

/// Reads what stands behind `DROP TRIGGER | RULE | POLICY`.
pub(super) fn detach(
    catalog: &mut Catalog,
    cursor: &mut Cursor<'_>,
    kind: AttachmentKind,
) -> Result<(), Fault> {
    cursor.if_exists();
    let name = cursor.dotted()?.pop().unwrap_or_default();
    let table = if cursor.take(&["on"]) {
        let parts = cursor.dotted()?;
        Some(catalog.find_table(&parts))
    } else {
        None
    };
    for (at, draft) in catalog.tables.iter_mut().enumerate() {
        if table.is_none_or(|table| table == Some(at)) {
            let attachments = &mut draft.table.attachments;
            attachments.retain(|known| known.kind != kind || known.name != name);
        }
    }
    Ok(())
}

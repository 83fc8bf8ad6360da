//! What follows a statement of the application that deletes, purges or erases.

use super::{
    graph::{Edge, edges},
    personal,
    plan::{Draft, Stage, Step},
    record,
    remove::{self, Kind},
    restore, soft_delete,
};
use crate::{
    Schema,
    schema::{Action, Policy},
    scope::Verb,
};

/// What follows a statement with a verb.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Follow {
    /// Nothing: no policy says anything.
    Nothing,
    /// The statement soft-deletes its rows, and these stages follow.
    Changed(Vec<Stage>),
    /// The statement marks its rows with the operation, and these stages remove them.
    Marked(Vec<Stage>),
    /// An audit table is there, and nothing tells the rows that it should record from others.
    Unaudited,
    /// The foreign key asks for something that its tables cannot remember.
    Refused(Box<Edge>),
}

/// What follows a verb on a table.
pub(crate) fn follow(schema: &Schema, table: usize, verb: Verb) -> Follow {
    let draft = Draft::new(schema, table);
    let keeps = |edge: &Edge| matches!(edge.policy, None | Some(Policy::Keep));
    let remembers =
        |table: usize| record::column(&schema.tables[table], record::OPERATION).is_some();
    let all = edges(schema);
    if let Some(edge) = unfit(&draft, &all) {
        return Follow::Refused(Box::new(edge.clone()));
    }
    let mut own = all.iter().filter(|edge| edge.parent == table);
    if matches!(verb, Verb::SoftDelete | Verb::Restore) {
        let stages = soft_delete::stages(&draft);
        let follows = own.any(|edge| !keeps(edge)) && !stages.is_empty();
        return if follows {
            Follow::Changed(stages)
        } else {
            Follow::Nothing
        };
    }
    // What the database itself would do to rows that reference the removed ones, it does to live rows.
    let destroys =
        |edge: &Edge| !matches!(edge.on_delete(schema), Action::NoAction | Action::Restrict);
    let edge = own.find(|edge| {
        destroys(edge) || matches!(edge.policy, Some(Policy::Cascade | Policy::Detach))
    });
    let audited = remove::is_audited(schema);
    let overwrites = verb == Verb::Erase && personal::is_concerned(&draft);
    match edge {
        _ if remembers(table) && (audited || overwrites || edge.is_some()) => {}
        Some(edge) => return Follow::Refused(Box::new(edge.clone())),
        None if audited && !schema.tables[table].settings.accepts("unaudited") => {
            return Follow::Unaudited;
        }
        None => return Follow::Nothing,
    }
    let kind = if verb == Verb::Purge {
        Kind::Purge
    } else {
        Kind::Erase
    };
    Follow::Marked(remove::stages(&draft, kind))
}

/// A foreign key to a table reached whose policy needs a column that is not there.
fn unfit<'e>(draft: &Draft<'_>, edges: &'e [Edge]) -> Option<&'e Edge> {
    let lacks = |table: usize| draft.rows(table).operation().is_none();
    edges.iter().find(|edge| {
        !matches!(edge.policy, None | Some(Policy::Keep))
            && draft.is_reached(edge.parent)
            && (lacks(edge.parent) || (edge.policy == Some(Policy::Cascade) && lacks(edge.child)))
    })
}

/// What stands around a statement that restores.
pub(crate) struct Restored {
    /// What comes before it.
    pub(crate) before: Vec<Step>,
    /// What follows it.
    pub(crate) stages: Vec<Stage>,
    /// True when the operation stays in the rows until the stages have seen it.
    pub(crate) keeps_operation: bool,
}

/// What stands around a statement that restores rows of a table.
pub(crate) fn restored(schema: &Schema, table: usize) -> Result<Restored, Box<Edge>> {
    let draft = Draft::new(schema, table);
    let all = edges(schema);
    if let Some(edge) = unfit(&draft, &all) {
        return Err(Box::new(edge.clone()));
    }
    let own = draft.rows(table).operation().is_some();
    if let (false, Some(edge)) = (own, restore::parents(&draft, table).next()) {
        return Err(Box::new(edge.clone()));
    }
    let (before, stages) = restore::around(&draft);
    Ok(Restored {
        keeps_operation: !stages.is_empty(),
        before,
        stages,
    })
}

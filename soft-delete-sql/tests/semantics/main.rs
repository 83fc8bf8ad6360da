//! Every rule and every trap of the semantics, by name.
//!
//! §1 is rewriting, §2 proving, §3 writing, §4 the limits; `positions` has each place in which a
//! table can be read or written.

mod accounting;
mod arbiters;
mod asking;
mod behind;
mod bypasses;
mod calling;
mod comparing;
mod composing;
mod connectives;
mod contradicting;
mod custom;
mod forms;
mod limits;
mod models;
mod names;
mod places;
mod positions;
mod protecting;
mod proving;
mod reaching;
mod relations;
mod replacing;
mod restoring;
mod rewriting;
mod seeing;
mod setup;
mod telling;
mod tree;
mod upserts;
mod verbs;
mod views;
mod warning;
mod writing;

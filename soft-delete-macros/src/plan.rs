//! The statements of the analyser as constants of the run time.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use soft_delete_sql::lifecycle::{
    Change, Effect, KEYS, Param, Plan, Restore, Stage, Step, Text, Which,
};

/// The plan as a constant.
pub(crate) fn plan_tokens(plan: &Plan, columns: usize, private: &TokenStream) -> TokenStream {
    let out = Out { private };
    let table = &plan.table;
    let [row, state, lock_active] =
        [&plan.row, &plan.state, &plan.lock_active].map(|text| out.text(text));
    let [soft_delete, purge, erase] =
        [&plan.soft_delete, &plan.purge, &plan.erase].map(|change| out.change(change));
    let restore = out.restore(&plan.restore);
    quote! {
        #private::Plan {
            table: #table,
            row: #row,
            state: #state,
            lock_active: #lock_active,
            keys: (#KEYS, #columns),
            soft_delete: #soft_delete,
            restore: #restore,
            purge: #purge,
            erase: #erase,
        }
    }
}

/// Where the types of the plan are.
pub(crate) struct Out<'p> {
    pub(crate) private: &'p TokenStream,
}

impl Out<'_> {
    fn text(&self, text: &Text) -> TokenStream {
        let (private, sql, params) = (self.private, &text.sql, letters(&text.params));
        quote!(#private::Text { sql: #sql, params: #params })
    }

    fn texts(&self, texts: &[(Which, Text)]) -> TokenStream {
        let texts = texts.iter().map(|(which, text)| {
            let (which, text) = (self.which(*which), self.text(text));
            quote!((#which, #text))
        });
        quote!(&[#(#texts),*])
    }

    fn which(&self, which: Which) -> TokenStream {
        let private = self.private;
        let which = format_ident!(
            "{}",
            match which {
                Which::Key => "Key",
                Which::Keys => "Keys",
                Which::DeletedBy => "DeletedBy",
                Which::Operation => "Operation",
                Which::Between => "Between",
            }
        );
        quote!(#private::Which::#which)
    }

    fn step(&self, step: &Step) -> TokenStream {
        let (private, table, text) = (self.private, &step.table, self.text(&step.text));
        let effect = format_ident!(
            "{}",
            match step.effect {
                Effect::Change => "Change",
                Effect::OverwriteErased => "OverwriteErased",
                Effect::OverwriteKept => "OverwriteKept",
                Effect::Detach => "Detach",
                Effect::Reattach => "Reattach",
                Effect::Retract => "Retract",
                Effect::Mark => "Mark",
                Effect::Lock => "Lock",
                Effect::Guard => "Guard",
                Effect::Restricted => "Restricted",
                Effect::ParentDeleted => "ParentDeleted",
                Effect::Orphaned => "Orphaned",
                Effect::Conflict => "Conflict",
                Effect::Remaining => "Remaining",
            }
        );
        quote!(#private::Step { effect: #private::Effect::#effect, table: #table, text: #text })
    }

    pub(crate) fn steps(&self, steps: &[Step]) -> TokenStream {
        let steps = steps.iter().map(|step| self.step(step));
        quote!(&[#(#steps),*])
    }

    pub(crate) fn stages(&self, stages: &[Stage]) -> TokenStream {
        let private = self.private;
        let stages = stages.iter().map(|stage| match stage {
            Stage::Once(step) => {
                let step = self.step(step);
                quote!(#private::Stage::Once(#step))
            }
            Stage::Repeat(steps) => {
                let steps = self.steps(steps);
                quote!(#private::Stage::Repeat(#steps))
            }
            Stage::Collect(tables) => {
                let tables = tables.iter().map(|(table, text)| {
                    let text = self.text(text);
                    quote!((#table, #text))
                });
                quote!(#private::Stage::Collect(&[#(#tables),*]))
            }
        });
        quote!(&[#(#stages),*])
    }

    fn ways(&self, steps: &[(Which, Step)]) -> TokenStream {
        let steps = steps.iter().map(|(which, step)| {
            let (which, step) = (self.which(*which), self.step(step));
            quote!((#which, #step))
        });
        quote!(&[#(#steps),*])
    }

    fn change(&self, change: &Change) -> TokenStream {
        let (private, returns) = (self.private, change.returns);
        let (roots, keys) = (self.texts(&change.roots), self.texts(&change.keys));
        let (left, audits) = (self.texts(&change.left), self.texts(&change.audits));
        let (checks, stages) = (self.steps(&change.checks), self.stages(&change.stages));
        let (locks, blocks) = (self.ways(&change.locks), self.ways(&change.blocks));
        quote! {
            #private::Change {
                locks: #locks,
                roots: #roots,
                audits: #audits,
                keys: #keys,
                left: #left,
                returns: #returns,
                checks: #checks,
                blocks: #blocks,
                stages: #stages,
            }
        }
    }

    fn restore(&self, restore: &Restore) -> TokenStream {
        let (private, change) = (self.private, self.change(&restore.change));
        let (before, stages) = (self.steps(&restore.before), self.stages(&restore.stages));
        let operation = restore.operation.as_ref().map_or_else(
            || quote!(::core::option::Option::None),
            |text| {
                let text = self.text(text);
                quote!(::core::option::Option::Some(#text))
            },
        );
        let twins = restore.twins.iter().map(|(name, text)| {
            let text = self.text(text);
            quote!((#name, #text))
        });
        quote! {
            #private::Restore {
                change: #change,
                before: #before,
                stages: #stages,
                operation: #operation,
                twins: &[#(#twins),*],
            }
        }
    }
}

/// A letter for each parameter, as `soft_delete_core::private` reads them.
fn letters(params: &[Param]) -> String {
    let mut letters = String::new();
    for param in params {
        letters.push(match param {
            // Many keys are bound one after the other, all at once.
            Param::Keys(0) => 'K',
            Param::Keys(_) => continue,
            Param::Key(at) => char::from(b'0' + u8::try_from(*at).unwrap_or(u8::MAX - b'0')),
            Param::Actor => 'a',
            Param::Reason => 'r',
            Param::Operation => 'o',
            Param::Selected => 's',
            Param::DeletedBy => 'b',
            Param::From => 'f',
            Param::Until => 'u',
        });
    }
    letters
}

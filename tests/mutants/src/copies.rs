//! Functions that stand in the build a second time: a mutant that no switch in it can hold stands
//! in a copy of its function.

use std::ops::Range;

use syn::{
    Block, FnArg, ImplItemFn, ItemFn, ItemImpl, Pat, ReturnType, Signature,
    visit::{self, Visit},
};

use crate::{
    mutation::{Mutation, Switch},
    walk::bytes,
};

/// A function of a file.
struct Function {
    /// Without its attributes.
    bytes: Range<usize>,
    name: Range<usize>,
    /// Where its first statement begins.
    first: usize,
    /// What stands around the name where a copy of it is called; `None` where there can be none.
    call: Option<(&'static str, String)>,
}

/// The switch that calls a copy of the function with the mutant in it.
pub(crate) fn switch(source: &str, id: usize, mutation: &Mutation) -> syn::Result<Option<Switch>> {
    let mut functions = Functions {
        source,
        found: Vec::new(),
        is_trait: false,
    };
    functions.visit_file(&syn::parse_file(source)?);
    let around = |function: &&Function| {
        function.bytes.start <= mutation.bytes.start && mutation.bytes.end <= function.bytes.end
    };
    let innermost = functions
        .found
        .iter()
        .filter(around)
        .min_by_key(|function| function.bytes.len());
    Ok(innermost.and_then(|function| function.copy(source, id, mutation)))
}

impl Function {
    fn copy(&self, source: &str, id: usize, mutation: &Mutation) -> Option<Switch> {
        let (before, arguments) = self.call.as_ref()?;
        let name = format!("{}_mutant_{id}", &source[self.name.clone()]);
        let text = format!(
            " {}{name}{}{}{} ",
            &source[self.bytes.start..self.name.start],
            &source[self.name.end..mutation.bytes.start],
            mutation.text,
            &source[mutation.bytes.end..self.bytes.end]
        );
        Some(Switch::Copy {
            at: self.first,
            call: format!("{before}{name}({arguments})"),
            end: self.bytes.end,
            text,
        })
    }
}

struct Functions<'s> {
    source: &'s str,
    found: Vec<Function>,
    is_trait: bool,
}

impl Functions<'_> {
    fn add(&mut self, start: usize, signature: &Signature, block: &Block, is_free: bool) {
        let Some(first) = block.stmts.first() else {
            return;
        };
        let unnamed = match &signature.output {
            ReturnType::Type(_, output) => self.source[bytes(&**output)].contains("impl "),
            ReturnType::Default => false,
        };
        let before = match signature.receiver() {
            Some(_) => "self.",
            None if is_free => "",
            None => "Self::",
        };
        let arguments = arguments(signature);
        let call = (signature.constness.is_none() && !unnamed && (is_free || !self.is_trait))
            .then_some(before)
            .zip(arguments);
        self.found.push(Function {
            bytes: start..bytes(block).end,
            name: bytes(&signature.ident),
            first: bytes(first).start,
            call,
        });
    }
}

/// The names of the arguments, as a caller with the same names gives them.
fn arguments(signature: &Signature) -> Option<String> {
    let mut names = Vec::new();
    for input in &signature.inputs {
        let FnArg::Typed(argument) = input else {
            continue;
        };
        let Pat::Ident(name) = &*argument.pat else {
            return None;
        };
        names.push(name.ident.to_string());
    }
    Some(names.join(", "))
}

impl<'a> Visit<'a> for Functions<'_> {
    fn visit_item_impl(&mut self, item: &'a ItemImpl) {
        let outer = std::mem::replace(&mut self.is_trait, item.trait_.is_some());
        visit::visit_item_impl(self, item);
        self.is_trait = outer;
    }

    fn visit_item_fn(&mut self, item: &'a ItemFn) {
        let start = bytes(&item.sig).start;
        self.add(start, &item.sig, &item.block, true);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'a ImplItemFn) {
        let start = bytes(&item.sig).start;
        self.add(start, &item.sig, &item.block, false);
        visit::visit_impl_item_fn(self, item);
    }
}

//! The tables of the graph, the policies of their foreign keys, and the other rules.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Table {
    Teams,
    Members,
    Projects,
    Issues,
    Votes,
    Boards,
    Cards,
    Invoices,
    Visits,
    Sites,
    Customers,
    Payments,
    Bills,
    Parcels,
    Calls,
}

use Table::{
    Bills, Boards, Calls, Cards, Customers, Invoices, Issues, Members, Parcels, Payments, Projects,
    Sites, Teams, Visits, Votes,
};

impl Table {
    pub(crate) const ALL: [Self; 15] = [
        Teams, Members, Projects, Issues, Votes, Boards, Cards, Invoices, Visits, Sites, Customers,
        Payments, Bills, Parcels, Calls,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Teams => "teams",
            Members => "members",
            Projects => "projects",
            Issues => "issues",
            Votes => "votes",
            Boards => "boards",
            Cards => "cards",
            Invoices => "invoices",
            Visits => "visits",
            Sites => "sites",
            Customers => "customers",
            Payments => "payments",
            Bills => "bills",
            Parcels => "parcels",
            Calls => "calls",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    Cascade,
    Restrict,
    Keep,
    Detach,
}

use Policy::{Cascade, Detach, Keep, Restrict};

/// Rows of `child` reference one of `parent` by their reference `at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) child: Table,
    pub(crate) at: usize,
    pub(crate) parent: Table,
    pub(crate) policy: Policy,
}

const fn edge(child: Table, at: usize, parent: Table, policy: Policy) -> Edge {
    Edge {
        child,
        at,
        parent,
        policy,
    }
}

const EDGES: [Edge; 18] = [
    edge(Members, 0, Teams, Cascade),
    edge(Projects, 0, Teams, Cascade),
    edge(Projects, 1, Projects, Cascade),
    edge(Issues, 0, Projects, Cascade),
    edge(Issues, 1, Members, Detach),
    edge(Votes, 0, Issues, Cascade),
    edge(Votes, 1, Members, Cascade),
    edge(Boards, 0, Projects, Cascade),
    edge(Boards, 1, Cards, Cascade),
    edge(Cards, 0, Boards, Cascade),
    edge(Invoices, 0, Teams, Restrict),
    edge(Visits, 0, Projects, Keep),
    edge(Sites, 0, Sites, Cascade),
    edge(Sites, 1, Sites, Detach),
    edge(Payments, 0, Customers, Cascade),
    edge(Bills, 0, Customers, Keep),
    edge(Parcels, 1, Customers, Keep),
    edge(Calls, 0, Customers, Detach),
];

/// What holds besides the policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// A row is not restored under a deleted parent.
    ParentsLive,
    /// A row is not restored next to a live one of its name.
    NamesUnique,
    /// A row of a circle that came back before its parent goes again where that did not come.
    TakesBack,
    /// What follows a restore is of the operation that deleted its parent.
    SameOperation,
    /// A purge leaves live rows.
    PurgesDeleted,
    /// A hold keeps a row from being purged.
    Holds,
    /// What was detached comes back.
    Reattaches,
    /// An erasure overwrites what stays.
    Overwrites,
    /// A row that an erasure has left is not restored.
    ErasedStays,
}

/// What the operations go by. A test makes wrong ones.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) edges: Vec<Edge>,
    /// A rule that is not followed.
    pub(crate) broken: Option<Rule>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            edges: EDGES.to_vec(),
            broken: None,
        }
    }
}

impl Rules {
    pub(super) fn hold(&self, rule: Rule) -> bool {
        self.broken != Some(rule)
    }
}

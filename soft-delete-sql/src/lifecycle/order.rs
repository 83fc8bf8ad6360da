//! Which tables a cascade reaches, and in which order.

use super::graph::Edge;
use crate::schema::Policy;

/// The tables that a cascade from `root` reaches, the root among them: parents before children, those
/// that reference one another in a circle together.
pub(super) fn order(edges: &[Edge], root: usize) -> Vec<Vec<usize>> {
    let mut tables = reach(root, &|parent| {
        let cascades = edges
            .iter()
            .filter(|edge| edge.parent == parent && edge.policy == Some(Policy::Cascade));
        cascades.map(|edge| edge.child).collect()
    });
    if !tables.contains(&root) {
        tables.push(root);
    }
    tables.sort_unstable();
    // A restore wants the parents of every policy live, not only those that took the row along.
    let dependents = |parent: usize| -> Vec<usize> {
        edges
            .iter()
            .filter(|edge| {
                edge.parent == parent
                    && tables.contains(&edge.child)
                    && !matches!(edge.policy, None | Some(Policy::Keep))
            })
            .map(|edge| edge.child)
            .collect()
    };
    let reached: Vec<Vec<usize>> = tables
        .iter()
        .map(|table| reach(*table, &dependents))
        .collect();
    let leads = |from: usize, to: usize| {
        let at = tables.iter().position(|table| *table == from);
        at.is_some_and(|at| reached[at].contains(&to))
    };
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for &table in &tables {
        let circle = groups
            .iter_mut()
            .find(|group| leads(group[0], table) && leads(table, group[0]));
        match circle {
            Some(group) => group.push(table),
            None => groups.push(vec![table]),
        }
    }
    let mut ordered: Vec<Vec<usize>> = Vec::new();
    while !groups.is_empty() {
        let first = groups
            .iter()
            .position(|group| {
                let mut others = groups.iter().filter(|other| *other != group);
                !others.any(|other| leads(other[0], group[0]))
            })
            .unwrap_or(0);
        ordered.push(groups.remove(first));
    }
    ordered
}

/// The tables that steps lead to from one, itself only through a circle.
fn reach(from: usize, steps: &dyn Fn(usize) -> Vec<usize>) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    let mut open = steps(from);
    while let Some(table) = open.pop() {
        if !found.contains(&table) {
            found.push(table);
            open.extend(steps(table));
        }
    }
    found
}

/// True when the tables of a group reference one another, or the only one itself.
pub(super) fn is_circle(edges: &[Edge], group: &[usize]) -> bool {
    group.len() > 1
        || edges.iter().any(|edge| {
            edge.is_loop() && edge.parent == group[0] && edge.policy == Some(Policy::Cascade)
        })
}

#[cfg(test)]
mod tests {
    use super::{is_circle, order};
    use crate::{lifecycle::graph::Edge, schema::Policy};

    fn cascade((parent, child): (usize, usize)) -> Edge {
        Edge {
            child,
            parent,
            key: 0,
            columns: Vec::new(),
            parent_columns: Vec::new(),
            policy: Some(Policy::Cascade),
        }
    }

    #[test]
    fn parents_come_before_children_by_every_way() {
        let edges = [(0, 3), (3, 1), (0, 1), (1, 2), (9, 0)].map(cascade);
        assert_eq!(order(&edges, 0), [[0], [3], [1], [2]]);
        assert_eq!(order(&edges, 2), [[2]]);
    }

    #[test]
    fn a_circle_stays_together() {
        let edges = [(0, 1), (1, 2), (2, 1), (2, 3), (3, 3)].map(cascade);
        let groups = order(&edges, 0);
        assert_eq!(groups, [vec![0], vec![1, 2], vec![3]]);
        let circles: Vec<bool> = groups
            .iter()
            .map(|group| is_circle(&edges, group))
            .collect();
        assert_eq!(circles, [false, true, true]);
        let mut kept = [(0, 0)].map(cascade);
        kept[0].policy = Some(Policy::Keep);
        assert!(!is_circle(&kept, &[0]));
    }

    #[test]
    fn a_parent_of_any_policy_comes_first() {
        let mut edges = [(0, 1), (0, 2), (2, 1)].map(cascade);
        edges[2].policy = Some(Policy::Detach);
        assert_eq!(order(&edges, 0), [[0], [2], [1]]);
        edges[2].policy = Some(Policy::Keep);
        assert_eq!(order(&edges, 0), [[0], [1], [2]]);
    }

    #[test]
    fn only_a_cascade_leads_on() {
        let mut edges = [(0, 1), (1, 2)].map(cascade);
        edges[0].policy = Some(Policy::Keep);
        assert_eq!(order(&edges, 0), [[0]]);
    }
}

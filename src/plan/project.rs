//! Order of a project's instances: which waits for which, and which is skipped after a failure.

use crate::order::Order as _;
use std::fmt;

/// Instances that depend on each other in a circle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Cycle {
    /// Names along the cycle; the first one is repeated at the end.
    pub path: Vec<String>,
}

impl fmt::Display for Cycle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "instances need each other's outputs: {}", self.path.join(" -> "))
    }
}

/// Which instances each instance depends on, by index. Free of cycles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependencies {
    needs: Vec<Vec<usize>>,
}

impl Dependencies {
    /// Builds the graph from names, each with the names whose outputs it uses. Unknown names are
    /// ignored.
    ///
    /// # Errors
    /// Fails for a cycle, with the shortest one through the first instance that is part of any.
    pub fn new(instances: &[(String, Vec<String>)]) -> Result<Self, Cycle> {
        let position = |name: &String| instances.iter().position(|(other, _)| other == name);
        let needs: Vec<Vec<usize>> = instances
            .iter()
            .map(|(_, needed)| {
                let mut needed: Vec<usize> = needed.iter().filter_map(position).collect();
                needed.order();
                needed.dedup();
                needed
            })
            .collect();
        let order = Self { needs };
        match (0..instances.len()).find_map(|start| order.way_back(start)) {
            Some(way) => Err(Cycle {
                path: way.into_iter().map(|index| instances[index].0.clone()).collect(),
            }),
            None => Ok(order),
        }
    }

    /// Returns the shortest path from an instance along its dependencies back to itself.
    fn way_back(&self, start: usize) -> Option<Vec<usize>> {
        // The predecessor of each instance on the shortest path.
        let mut from: Vec<Option<usize>> = vec![None; self.needs.len()];
        let mut reached = std::collections::VecDeque::from([start]);
        while let Some(index) = reached.pop_front() {
            for &needed in &self.needs[index] {
                if needed == start {
                    let mut way = vec![start];
                    let mut step = Some(index);
                    while let Some(index) = step.filter(|index| *index != start) {
                        way.push(index);
                        step = from[index];
                    }
                    way.push(start);
                    way.reverse();
                    return Some(way);
                }
                if from[needed].is_none() {
                    from[needed] = Some(index);
                    reached.push_back(needed);
                }
            }
        }
        None
    }

    /// Returns the instances that an instance depends on.
    #[must_use]
    pub fn needs(&self, index: usize) -> &[usize] {
        &self.needs[index]
    }

    /// Returns the instances in levels: each depends only on instances of earlier levels.
    #[must_use]
    pub fn waves(&self) -> Vec<Vec<usize>> {
        let mut waves = Vec::new();
        let mut placed = vec![false; self.needs.len()];
        while placed.iter().any(|placed| !placed) {
            let wave: Vec<usize> = (0..placed.len())
                .filter(|&index| !placed[index] && self.needs[index].iter().all(|&n| placed[n]))
                .collect();
            for &index in &wave {
                placed[index] = true;
            }
            waves.push(wave);
        }
        waves
    }
}

/// Progress of one instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It waits for its dependencies or for a free slot.
    Waiting,
    /// It is being deployed.
    Running,
    /// It is deployed.
    Done,
    /// It failed.
    Failed,
    /// It is skipped because a dependency failed.
    Skipped {
        /// Index of the instance that failed.
        because: usize,
    },
}

/// Progress of a project: an instance is due once all its dependencies are done.
#[derive(Debug, Clone)]
pub struct ProjectOrder {
    order: Dependencies,
    stages: Vec<Stage>,
}

impl ProjectOrder {
    /// Starts with every instance waiting.
    #[must_use]
    pub fn new(order: Dependencies) -> Self {
        let stages = vec![Stage::Waiting; order.needs.len()];
        Self { order, stages }
    }

    /// Returns the stage of each instance.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// Returns the next instance that is due and marks it as running.
    pub fn next_due(&mut self) -> Option<usize> {
        let done = |index: &usize| self.stages[*index] == Stage::Done;
        let due = (0..self.stages.len()).find(|&index| {
            self.stages[index] == Stage::Waiting && self.order.needs[index].iter().all(done)
        })?;
        self.stages[due] = Stage::Running;
        Some(due)
    }

    /// Records the end of an instance. A failure skips all that depend on it, directly or not.
    pub fn ended(&mut self, index: usize, well: bool) {
        self.stages[index] = if well { Stage::Done } else { Stage::Failed };
        if well {
            return;
        }
        let mut lost = vec![index];
        while let Some(from) = lost.pop() {
            for other in 0..self.stages.len() {
                if self.stages[other] == Stage::Waiting && self.order.needs[other].contains(&from) {
                    self.stages[other] = Stage::Skipped { because: index };
                    lost.push(other);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn order(instances: &[(&str, &[&str])]) -> Result<Dependencies, Cycle> {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let instances: Vec<(String, Vec<String>)> =
            instances.iter().map(|(name, needs)| ((*name).to_owned(), own(needs))).collect();
        Dependencies::new(&instances)
    }

    #[test]
    fn a_cycle_is_named_with_its_way() {
        for (instances, way) in [
            (&[("a", &["a"][..])][..], "a -> a"),
            (&[("a", &["b"]), ("b", &["a"])], "a -> b -> a"),
            (
                &[("x", &["b"]), ("a", &["b"]), ("b", &["c"]), ("c", &["a", "x2"])],
                "a -> b -> c -> a",
            ),
        ] {
            assert_eq!(order(instances).unwrap_err().path.join(" -> "), way);
        }
    }

    #[test]
    fn a_failure_leaves_out_those_that_need_it_and_nobody_else() {
        let order =
            order(&[("a", &[]), ("b", &["a"]), ("c", &["b", "d"]), ("d", &[]), ("e", &["d"])])
                .unwrap();
        let mut schedule = ProjectOrder::new(order);
        assert_eq!(schedule.next_due(), Some(0));
        assert_eq!(schedule.next_due(), Some(3));
        assert_eq!(schedule.next_due(), None);
        schedule.ended(0, false);
        assert_eq!(schedule.next_due(), None);
        schedule.ended(3, true);
        assert_eq!(schedule.next_due(), Some(4));
        schedule.ended(4, true);
        assert_eq!(schedule.next_due(), None);
        assert_eq!(
            schedule.stages(),
            [
                Stage::Failed,
                Stage::Skipped { because: 0 },
                Stage::Skipped { because: 0 },
                Stage::Done,
                Stage::Done
            ]
        );
    }

    proptest! {
        /// For any graph there is a cycle, or every instance gets its turn after its dependencies.
        #[test]
        fn everyone_gets_a_turn_or_there_is_a_cycle(
            needs in prop::collection::vec(prop::collection::vec(0_usize..7, 0..3), 7),
        ) {
            let instances: Vec<(String, Vec<String>)> = needs
                .iter()
                .enumerate()
                .map(|(index, needs)| {
                    (index.to_string(), needs.iter().map(ToString::to_string).collect())
                })
                .collect();
            match Dependencies::new(&instances) {
                Err(cycle) => {
                    prop_assert!(cycle.path.len() > 1);
                    prop_assert_eq!(cycle.path.first(), cycle.path.last());
                    for pair in cycle.path.windows(2) {
                        let index: usize = pair[0].parse().unwrap();
                        prop_assert!(instances[index].1.contains(&pair[1]), "{:?}", cycle.path);
                    }
                }
                Ok(order) => {
                    let mut schedule = ProjectOrder::new(order.clone());
                    let mut turns = Vec::new();
                    while let Some(index) = schedule.next_due() {
                        prop_assert!(order.needs(index).iter().all(|need| turns.contains(need)));
                        turns.push(index);
                        schedule.ended(index, true);
                    }
                    prop_assert_eq!(turns.len(), 7);
                    prop_assert_eq!(order.waves().concat().len(), 7);
                }
            }
        }
    }
}

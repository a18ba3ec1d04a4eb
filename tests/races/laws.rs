//! What has to hold of every order.

use std::fmt;

use scfctl::model::Version;
use serde_json::Value;

use crate::commands::{Act, Command};
use crate::rollout::{own_text, unlike_marker};
use crate::scheduler::{Run, Step};
use crate::world::package;

/// How a run ended, as the table counts it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Ending {
    /// Nobody wrote over what someone else had written since it looked.
    InTurn,
    /// A command found what someone else did, and said so.
    Told,
    /// A write fell between the last look and the write of another, and nobody could see it.
    Window,
}

/// A broken law.
pub struct Broken(pub String);

impl fmt::Debug for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

const ALIASES: &[&str] = &["$DEFAULT", "prod"];

fn alias<'a>(state: &'a Value, name: &str) -> &'a Value {
    &state["aliases"][name]
}

/// What of an alias decides where requests go, and will go.
fn routes(state: &Value, name: &str) -> [Value; 3] {
    ["version", "routing", "description"].map(|key| alias(state, name)[key].clone())
}

fn additional(state: &Value, name: &str) -> Vec<(String, f64)> {
    let entries = alias(state, name)["routing"]["AdditionalVersionWeights"].as_array();
    entries
        .into_iter()
        .flatten()
        .map(|entry| {
            (entry["Version"].as_str().unwrap().to_owned(), entry["Weight"].as_f64().unwrap())
        })
        .collect()
}

/// The share of a version.
pub fn share(state: &Value, name: &str, version: &str) -> f64 {
    let others = additional(state, name);
    let own: f64 = others.iter().filter(|one| one.0 == version).map(|one| one.1).sum();
    let rest: f64 = 1.0 - others.iter().map(|one| one.1).sum::<f64>();
    if alias(state, name)["version"] == version { own + rest } else { own }
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}

fn code(state: &Value, version: &str) -> String {
    state["versions"][version]["code"]["sha256"].as_str().unwrap_or_default().to_owned()
}

fn is_valid(state: &Value, name: &str) -> bool {
    let others = additional(state, name);
    let there = |version: &str| state["versions"].get(version).is_some();
    let main = alias(state, name)["version"].as_str().unwrap();
    there(main)
        && others.len() <= 1
        && others.iter().all(|(version, weight)| {
            there(version) && version != main && (0.0..=1.0).contains(weight)
        })
}

/// The laws of one run.
pub struct Laws<'a> {
    pub two: &'a [Command; 2],
    pub run: &'a Run,
    /// What a command may exit with besides 0 and 5.
    pub exits: &'a [u8],
    /// Whether both have one run id.
    pub one_run_id: bool,
    /// Whether the first read of an alias after a write shows what was there before.
    pub lagging: bool,
}

impl Laws<'_> {
    pub fn check(&self) -> Result<Ending, Broken> {
        self.aliases_are_valid()?;
        self.rollouts_are_as_they_say()?;
        for player in 0..2 {
            self.exit_is_known(player)?;
            self.success_is_true(player)?;
            self.publishes_once(player)?;
            self.is_carried_out_as_planned(player)?;
        }
        let mut lost = false;
        for name in ALIASES {
            lost |= self.lost_in_the_window(name)?;
        }
        lost |= (0..2).any(|player| self.code_fell_in_the_window(player));
        lost |= self.one_intent_is_one_version()?;
        let told = self.run.outcomes.iter().any(|outcome| outcome.exit != 0);
        self.nobody_serves_more_than_asked(lost || told)?;
        Ok(match (told, lost) {
            (true, _) => Ending::Told,
            (false, true) => Ending::Window,
            (false, false) => Ending::InTurn,
        })
    }

    fn last(&self) -> &Value {
        &self.run.steps.last().unwrap().after
    }

    fn first(&self) -> &Value {
        &self.run.steps[0].before
    }

    fn exit(&self, player: usize) -> u8 {
        self.run.outcomes[player].exit
    }

    fn is_console(&self, player: usize) -> bool {
        matches!(self.two[player], Command::Console { .. })
    }

    /// Its steps with their places.
    fn of(&self, player: usize) -> impl DoubleEndedIterator<Item = (usize, &Step)> {
        self.run.steps.iter().enumerate().filter(move |(_, step)| step.player == player)
    }

    fn aliases_are_valid(&self) -> Result<(), Broken> {
        for step in &self.run.steps {
            for name in ALIASES {
                let gone = alias(&step.after, name).is_null();
                if !gone && !is_valid(&step.after, name) {
                    let shown = alias(&step.after, name);
                    return Err(Broken(format!("alias {name} after {}: {shown}", step.label)));
                }
            }
        }
        Ok(())
    }

    /// Routing and marker go out together, and the user's own text stays.
    fn rollouts_are_as_they_say(&self) -> Result<(), Broken> {
        for step in self.run.steps.iter().filter(|step| !self.is_console(step.player)) {
            for name in ALIASES {
                let (before, after) = (alias(&step.before, name), alias(&step.after, name));
                if before == after || before.is_null() || after.is_null() {
                    continue;
                }
                let share = |version: &str| share(&step.after, name, version);
                if let Some(what) = unlike_marker(after, share) {
                    return Err(Broken(format!("alias {name} after {}: {what}", step.label)));
                }
                if own_text(before) != own_text(after) {
                    return Err(Broken(format!("alias {name} lost the text of its user")));
                }
            }
        }
        Ok(())
    }

    /// The place of the last write that a read of an alias does not show, if there is one.
    fn unseen(&self, name: &str, read: usize) -> Option<usize> {
        let touches =
            |step: &Step| step.footprint.reads_alias(name) || step.footprint.writes_alias(name);
        let last = (0..read).rev().find(|place| touches(&self.run.steps[*place]))?;
        let writes = self.run.steps[last].footprint.writes_alias(name);
        (self.lagging && writes).then_some(last)
    }

    /// The state that a read of an alias shows.
    fn shown(&self, name: &str, read: usize) -> &Value {
        match self.unseen(name, read) {
            Some(write) => &self.run.steps[write].before,
            None => &self.run.steps[read].after,
        }
    }

    /// The loser of a race exits 5 and says what it saw.
    fn exit_is_known(&self, player: usize) -> Result<(), Broken> {
        let (exit, text) = (self.exit(player), &self.run.outcomes[player].text);
        if exit == 0 || self.exits.contains(&exit) {
            return Ok(());
        }
        let says = |part: &str| text.contains(part);
        let what = says("now it is")
            || says("the service reports")
            || says("someone else changed the")
            || says("someone else published version")
            || says("someone else created")
            || says("ResourceInUse.Alias")
            || says("someone else has changed")
            || says("is stale, and nothing was sent")
            || says("is under rollout")
            || says("is not under a rollout")
            || says("has ended");
        if exit == 5 && what { Ok(()) } else { Err(Broken(format!("exit {exit}: {text}"))) }
    }

    /// A plan is not carried out where a look right before it shows another alias or other code than
    /// the one that it was made of.
    fn is_carried_out_as_planned(&self, player: usize) -> Result<(), Broken> {
        let Some(planned) = self.run.outcomes[player].planned else { return Ok(()) };
        let own: Vec<(usize, &Step)> = self.of(player).collect();
        let (made, carried_out) = own.split_at(planned);
        let name = |step: &Step| step.label.rsplit_once(' ').unwrap().0.to_owned();
        // What is read once more, since it was torn, counts as it was read last.
        let is_last = |place: usize, step: &Step| {
            made.iter().all(|(other, one)| *other <= place || name(one) != name(step))
        };
        let is_stale =
            made.iter().filter(|(place, step)| is_last(*place, step)).any(|(place, step)| {
                let again = carried_out.iter().find(|(_, other)| name(other) == name(step));
                again.is_some_and(|(again, _)| self.told(*place) != self.told(*again))
            });
        let wrote = own.iter().any(|(_, step)| step.before != step.after);
        if is_stale && (self.exit(player) != 5 || wrote) {
            let exit = self.exit(player);
            return Err(Broken(format!("a stale plan was carried out, exit {exit}")));
        }
        Ok(())
    }

    /// What a read tells, of what decides about a deployment.
    fn told(&self, read: usize) -> Value {
        let Step { action, after, .. } = &self.run.steps[read];
        match action.as_str() {
            "GetAlias" => alias(after, "$DEFAULT").clone(),
            // The digest comes with the address.
            "GetFunctionAddress" => code(after, "$LATEST").into(),
            _ => Value::Null,
        }
    }

    /// What a command that succeeded looked at last was its wish.
    fn success_is_true(&self, player: usize) -> Result<(), Broken> {
        if self.exit(player) != 0 || self.is_console(player) {
            return Ok(());
        }
        let seen = |name: &str| {
            let reads = |(_, step): &(usize, &Step)| step.footprint.reads_alias(name);
            self.of(player).rev().find(reads).map(|(place, _)| self.shown(name, place))
        };
        let (what, right) = match &self.two[player] {
            Command::Deploy { traffic: Some(traffic), .. } => {
                let traffic: f64 = traffic.parse().unwrap();
                let state = seen("$DEFAULT").unwrap();
                ("$DEFAULT", near(share(state, "$DEFAULT", "$LATEST"), traffic))
            }
            Command::CreateAlias(wish) | Command::UpdateAlias(wish) => {
                let state = seen(&wish.name).unwrap();
                let scfctl::model::RoutingWish::Weights(weights) = &wish.routing else {
                    unreachable!()
                };
                let (version, weight) = weights[0];
                let right = alias(state, &wish.name)["version"] == wish.main.to_string()
                    && near(share(state, &wish.name, &version.to_string()), weight.to_f64());
                (wish.name.as_str(), right)
            }
            Command::DeleteAlias(name) => (*name, alias(seen(name).unwrap(), name).is_null()),
            Command::Rollout(name, act) => {
                let state = seen(name).unwrap();
                let description = alias(state, name)["description"].as_str().unwrap_or_default();
                let right = match act {
                    Act::Abort | Act::Rollback => near(share(state, name, "1"), 1.0),
                    Act::Pause => description.contains(", phase held "),
                    Act::Start(id, _) => description.contains(&format!(" id {id}, ")),
                    Act::Promote => !description.contains(", step 1, "),
                    Act::Tick | Act::TickFails => true,
                };
                (*name, right)
            }
            _ => ("", true),
        };
        if right {
            return Ok(());
        }
        Err(Broken(format!("success, and {what} was not as asked when it looked last")))
    }

    /// Whether the other's code came between a command's own and its look at what the service
    /// tells of it. That may be a digest of something packed anew, so it cannot be compared.
    fn code_fell_in_the_window(&self, player: usize) -> bool {
        let sends = |(_, step): &(usize, &Step)| {
            matches!(step.action.as_str(), "CreateFunction" | "UpdateFunctionCode")
                && code(&step.before, "$LATEST") != code(&step.after, "$LATEST")
        };
        let updates = |player| self.of(player).find(sends);
        let (Some((own, _)), Some((other, _))) = (updates(player), updates(1 - player)) else {
            return false;
        };
        let look = self
            .of(player)
            .find(|(place, step)| *place > own && step.action == "GetFunctionAddress");
        look.is_some_and(|(look, _)| own < other && other < look)
    }

    /// One intent, one version, with the content that was meant.
    fn publishes_once(&self, player: usize) -> Result<(), Broken> {
        let (package, intended) = match &self.two[player] {
            Command::Deploy { code, publish, .. } => (Some(package(code)), *publish),
            Command::PublishVer => (None, true),
            // Whoever finds it done publishes nothing.
            Command::Rollout(_, Act::Tick) => (None, self.run.outcomes[player].published.is_some()),
            _ => (None, false),
        };
        let count = |state: &Value| {
            let versions = state["versions"].as_object().into_iter().flatten();
            versions.filter(|(version, _)| *version != "$LATEST").count()
        };
        let made: Vec<&Step> = self
            .of(player)
            .map(|(_, step)| step)
            .filter(|step| {
                step.action == "PublishVersion" && count(&step.after) > count(&step.before)
            })
            .collect();
        let published = self.run.outcomes[player].published;
        // One of two of the same run id may use the other's.
        let too_few = !self.one_run_id && made.len() != usize::from(intended);
        if made.len() > usize::from(intended)
            || (self.exit(player) == 0 && too_few)
            || (self.exit(player) == 0 && intended != published.is_some())
        {
            return Err(Broken(format!("published {} versions, says {published:?}", made.len())));
        }
        if let (Some(Version::Number(number)), Some(package)) = (published, package)
            && code(self.last(), &number.to_string()) != package.sha256
            && !self.code_fell_in_the_window(player)
        {
            return Err(Broken(format!("version {number} holds other code than was deployed")));
        }
        Ok(())
    }

    /// Of one run id both use one version. Two are made only where neither could see the other's,
    /// which is the window that the API leaves; says whether that was so.
    fn one_intent_is_one_version(&self) -> Result<bool, Broken> {
        if !self.one_run_id {
            return Ok(false);
        }
        let [one, other] = [0, 1].map(|player| self.run.outcomes[player].published);
        let both = one.is_some() && other.is_some();
        let finds_it_done = self.two.iter().all(|one| matches!(one, Command::Rollout(..)));
        if self.exit(0) == 0 && self.exit(1) == 0 && one != other && (both || !finds_it_done) {
            return Err(Broken(format!("one run id, and versions {one:?} and {other:?}")));
        }
        let publish = |player| {
            self.of(player).find(|(_, step)| step.action == "PublishVersion").map(|it| it.0)
        };
        let (Some(one), Some(other)) = (publish(0), publish(1)) else { return Ok(false) };
        let (first, later) = (one.min(other), one.max(other));
        let asks = |step: &Step| {
            step.action == "ListVersionByFunction" || step.label.contains(" GetFunction 3 ")
        };
        let look = self
            .of(self.run.steps[later].player)
            .filter(|(place, step)| *place < later && asks(step))
            .map(|(place, _)| place)
            .max();
        match look {
            Some(look) if look < first => Ok(true),
            _ => Err(Broken("it saw a version of its key and published all the same".into())),
        }
    }

    /// Where that begins which a command goes by. What it read before the list of versions was
    /// whole, because there was a newer one, it reads again before it plans.
    fn observed_from(&self, player: usize) -> usize {
        if !matches!(self.two[player], Command::Deploy { publish: false, .. }) {
            return 0;
        }
        let changes = |(_, step): &(usize, &Step)| {
            step.action.starts_with("Update") || step.action.starts_with("Create")
        };
        let first_change = self.of(player).find(changes).map_or(usize::MAX, |(place, _)| place);
        let lists: Vec<usize> = self
            .of(player)
            .filter(|(place, step)| *place < first_change && step.action == "ListVersionByFunction")
            .map(|(place, _)| place)
            .collect();
        if lists.len() > 1 { lists[lists.len() - 1] } else { 0 }
    }

    /// Whether an update of an alias was lost between the last look and the write of another
    /// command, so that both say that all is well.
    fn lost_in_the_window(&self, name: &str) -> Result<bool, Broken> {
        let mut lost = false;
        for player in (0..2).filter(|player| !self.is_console(*player)) {
            let writes = self.of(player).filter(|(_, step)| {
                step.footprint.writes_alias(name)
                    && routes(&step.before, name) != routes(&step.after, name)
            });
            for (at, _) in writes {
                let observed = self.observed_from(player);
                let reads: Vec<usize> = self
                    .of(player)
                    .filter(|(place, _)| (observed..at).contains(place))
                    .filter(|(_, step)| step.footprint.reads_alias(name))
                    .map(|(place, _)| place)
                    .collect();
                let (Some(first), Some(look)) = (reads.first(), reads.last()) else {
                    // `create-alias` writes nothing over: it fails when there is one.
                    continue;
                };
                let shown = self.unseen(name, *look).unwrap_or(*look);
                let others = self.run.steps.iter().enumerate().filter(|(place, step)| {
                    step.player != player
                        && *first < *place
                        && *place < at
                        // It was there before; nobody writes over a birth.
                        && !alias(&step.before, name).is_null()
                        && routes(&step.before, name) != routes(&step.after, name)
                });
                for (place, other) in others {
                    if place < shown {
                        return Err(Broken(format!(
                            "it saw {} and wrote all the same",
                            other.label
                        )));
                    }
                    // Nothing that would have had to wait for the look.
                    let late = self.of(player).find(|(between, step)| {
                        *look < *between && *between < at && step.arrived > *look
                    });
                    if let Some((_, step)) = late {
                        return Err(Broken(format!("{} between look and write", step.label)));
                    }
                    lost |= self.exit(player) == 0 && self.exit(other.player) == 0;
                }
            }
        }
        Ok(lost)
    }

    /// Code that one command deployed does not get the share that the other one meant for its
    /// own, unless someone was told.
    fn nobody_serves_more_than_asked(&self, known: bool) -> Result<(), Broken> {
        let state = self.last();
        if known || code(state, "$LATEST") == code(self.first(), "$LATEST") {
            return Ok(());
        }
        // A person who gives it more once it is deployed has asked for more.
        let late = (0..2).any(|player| {
            let place = |player: usize| self.of(player).next_back().map(|(place, _)| place);
            self.is_console(player) && place(player) > place(1 - player)
        });
        if late {
            return Ok(());
        }
        for command in self.two {
            if let Command::Deploy { code: own, traffic: Some(traffic), .. } = command
                && package(own).sha256 == code(state, "$LATEST")
                && share(state, "$DEFAULT", "$LATEST") > traffic.parse::<f64>().unwrap() + 1e-9
            {
                let has = share(state, "$DEFAULT", "$LATEST");
                return Err(Broken(format!("`{own}` was to get {traffic} and has {has}")));
            }
        }
        Ok(())
    }
}

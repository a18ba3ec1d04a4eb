//! Creating, changing, listing and deleting aliases.

use tokio::time::Instant;

use super::pages::PAGE;
use super::routing::unchanged;
use super::triggers::title;
use super::{Beside, ExecuteError, Executor, STALE, is_missing_function, wire};
use crate::api::actions::{
    AliasReply, CreateAlias, DeleteAlias, GetAlias, ListAliases, ListFunctions,
};
use crate::api::retry::ErrorKind;
use crate::model::AliasWish;
use crate::model::DEFAULT_DESCRIPTION;
use crate::model::{Alias, PublishedVersion, Routing, Status, Version, listed};
use crate::plan::{AliasPlanError, alias, marker};

/// An alias as the service reports it: read into values, and literally.
#[derive(Debug, Clone)]
pub struct AliasRecord {
    /// Read.
    pub alias: Alias,
    /// As answered.
    pub reply: AliasReply,
}

/// A change of an alias, decided.
#[derive(Debug, Clone)]
pub struct AliasPlan {
    /// What was asked for.
    pub wish: AliasWish,
    /// The alias as it is; `None` when it is to be created.
    pub before: Option<AliasRecord>,
    /// When what it rests on was asked for.
    pub looked_at: Instant,
    /// Its routing afterwards.
    pub routing: Routing,
    /// Its description afterwards; `None` keeps the one that is there.
    pub description: Option<String>,
}

impl AliasPlan {
    /// Whether anything is different afterwards.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.before.as_ref().is_none_or(|before| {
            let alias = &before.alias;
            alias.routing.main != self.routing.main
                || !alias.routing.same_effect(&self.routing)
                || self.description.as_ref().is_some_and(|text| *text != alias.description)
        })
    }
}

impl Executor<'_> {
    /// Decides how to create an alias. Only reads.
    ///
    /// # Errors
    /// A version that is not published, or a wish that the API cannot meet.
    pub async fn plan_create_alias(&self, wish: &AliasWish) -> Result<AliasPlan, ExecuteError> {
        let routing = alias::create(wish)?;
        self.prove(&alias::unproven(&routing, None)).await?;
        let description =
            wish.description.clone().unwrap_or_else(|| DEFAULT_DESCRIPTION.to_owned());
        Ok(AliasPlan {
            wish: wish.clone(),
            before: None,
            looked_at: Instant::now(),
            routing,
            description: Some(description),
        })
    }

    /// Decides how to change an alias. Only reads.
    ///
    /// Versions that the alias holds already are there; others are looked up.
    ///
    /// # Errors
    /// No such alias or version, or a wish that the API cannot meet.
    pub async fn plan_update_alias(&self, wish: &AliasWish) -> Result<AliasPlan, ExecuteError> {
        let mut looked_at = Instant::now();
        let mut before = self.find_alias(&wish.name).await?;
        let mut routing = alias::update(&before.alias, wish)?;
        let unproven = alias::unproven(&routing, Some(&before.alias.routing));
        if !unproven.is_empty() {
            // The proof takes a round trip, which must not come between a look and the write.
            looked_at = Instant::now();
            let (proof, now) = tokio::join!(self.prove(&unproven), self.find_alias(&wish.name));
            proof?;
            let now = now?;
            if !wish.force {
                unchanged(&now.alias, &before.alias)?;
            }
            routing = alias::update(&now.alias, wish)?;
            before = now;
        }
        let description = alias::description(&before.alias, wish)?;
        Ok(AliasPlan { wish: wish.clone(), before: Some(before), looked_at, routing, description })
    }

    /// Checks that a version is there. Only reads.
    ///
    /// # Errors
    /// No such function or version, or a read fails.
    pub async fn check_version(&self, version: Version) -> Result<(), ExecuteError> {
        Ok(alias::check_published(&[version], &self.versions_among(&[version]).await?)?)
    }

    /// The published versions, with those of the wanted ones that the list does not show yet: it
    /// may lag behind a publication, and the version itself does not.
    async fn versions_among(
        &self,
        wanted: &[Version],
    ) -> Result<Vec<PublishedVersion>, ExecuteError> {
        let mut published = match self.list_versions().await {
            Err(error) if is_missing_function(&error) => return Err(self.no_function().await),
            published => published?,
        };
        for version in wanted.iter().filter(|version| **version != Version::Latest) {
            let is_listed = published.iter().any(|listed| listed.version == *version);
            if !is_listed && let Some(reply) = self.find_version(*version).await? {
                published.push(PublishedVersion {
                    version: *version,
                    description: reply.description.unwrap_or_default(),
                    status: Some(reply.status),
                });
            }
        }
        Ok(published)
    }

    /// Checks that versions are published, and waits for those that still are being so.
    async fn prove(&self, wanted: &[Version]) -> Result<(), ExecuteError> {
        let published = self.versions_among(wanted).await?;
        alias::check_published(wanted, &published)?;
        for version in wanted {
            let status = published
                .iter()
                .find(|one| one.version == *version)
                .and_then(|one| one.status.as_deref())
                .map(Status::from);
            if status.is_some_and(|status| status != Status::Active) {
                self.await_active(*version, false, Beside::NOTHING).await?;
            }
        }
        Ok(())
    }

    /// Carries out a plan and reads back what came of it.
    ///
    /// # Errors
    /// The alias exists already with other routing, a call fails, or what is read back is not
    /// what was asked for.
    pub async fn set_alias(&self, plan: &AliasPlan) -> Result<AliasRecord, ExecuteError> {
        match &plan.before {
            None => {
                let description = plan.description.as_deref();
                self.create_alias(&plan.wish.name, &plan.routing, description).await
            }
            Some(before) if !plan.changes() => Ok(before.clone()),
            Some(before) => self.update_alias(before, plan).await,
        }
    }

    /// Writes over an alias, right after it was read: the API has no compare-and-set, so this is
    /// how someone else's change is noticed.
    async fn update_alias(
        &self,
        before: &AliasRecord,
        plan: &AliasPlan,
    ) -> Result<AliasRecord, ExecuteError> {
        let name = &plan.wish.name;
        let (mut plan, mut now) = (plan.clone(), before.alias.clone());
        if plan.looked_at.elapsed() > STALE {
            now = self.find_alias(name).await?.alias;
            if plan.wish.force {
                // What the user did not say is kept as it is now.
                plan.routing = alias::update(&now, &plan.wish)?;
                plan.description = alias::description(&now, &plan.wish)?;
            } else {
                unchanged(&now, &before.alias)?;
            }
        }
        let read_back = async |name: &str| self.read_alias(name).await;
        let description = plan.description.as_deref();
        let record = self.set_routing(&now, &plan.routing, description, read_back).await?;
        check_result(&record.alias, &plan.routing, description)?;
        Ok(record)
    }

    /// Creates an alias and reads it back. After a lost answer it looks before it tries again.
    pub(super) async fn create_alias(
        &self,
        name: &str,
        routing: &Routing,
        description: Option<&str>,
    ) -> Result<AliasRecord, ExecuteError> {
        let (function_name, namespace) = self.names();
        let action = CreateAlias {
            function_name,
            namespace,
            name: name.to_owned(),
            function_version: routing.main.to_string(),
            routing_config: wire::routing_config(routing),
            description: description.map(str::to_owned),
        };
        let mut attempt = 1;
        loop {
            let error = match self.change(&action).await {
                Ok(_) => {
                    self.note_replaced(name, None, self.lag);
                    let record = self.read_alias(name).await?;
                    check_result(&record.alias, routing, description)?;
                    return Ok(record);
                }
                Err(ExecuteError::Api(error))
                    if error.perhaps_executed() || error.kind() == Some(ErrorKind::InUse) =>
                {
                    error
                }
                Err(error) if is_missing_function(&error) => return Err(self.no_function().await),
                Err(error) => return Err(error),
            };
            let again = match error.pause_before_repeating(attempt) {
                Some(after) if error.perhaps_executed() => {
                    self.pause_before_repeating(&error, after).await?;
                    true
                }
                _ => false,
            };
            if error.kind() == Some(ErrorKind::InUse) {
                // The refusal says that it is there.
                self.note_replaced(name, None, self.lag);
            }
            match self.read_alias(name).await {
                // It is there: made by an earlier try of this or another run, or by someone
                // else. What counts is whether it is what was asked for.
                Ok(record) => {
                    // What is kept behind the user's text is not the user's.
                    let text =
                        description.map(|text| marker::behind(text, &record.alias.description));
                    let same = check_result(&record.alias, routing, text.as_deref()).is_ok();
                    return if same { Ok(record) } else { Err(error.into()) };
                }
                // Not there, so once more: if it only has not appeared yet, it is in use, and
                // looked at again.
                Err(ExecuteError::Api(missing))
                    if again && missing.kind() == Some(ErrorKind::NotFound) => {}
                Err(_) => return Err(error.into()),
            }
            attempt += 1;
        }
    }

    /// Looks whether an alias may be deleted. Only reads.
    ///
    /// # Errors
    /// No such alias; or a trigger is bound to it, and `force` does not say otherwise.
    pub async fn check_deletion(
        &self,
        name: &str,
        force: bool,
    ) -> Result<AliasRecord, ExecuteError> {
        let (record, triggers) = tokio::join!(self.find_alias(name), self.list_triggers());
        let record = record?;
        let bound: Vec<String> = triggers?
            .into_iter()
            .filter(|trigger| trigger.qualifier == name)
            .map(|trigger| title(&trigger))
            .collect();
        if bound.is_empty() || force {
            return Ok(record);
        }
        Err(ExecuteError::AliasInUse { alias: name.to_owned(), triggers: listed(&bound) })
    }

    /// Deletes an alias and looks that it is gone. One that is gone after a lost answer was
    /// deleted.
    ///
    /// Returns the request id, where the answer arrived.
    ///
    /// # Errors
    /// No such alias, the call fails, or the alias is still there.
    pub async fn delete_alias(&self, name: &str) -> Result<Option<String>, ExecuteError> {
        let (function_name, namespace) = self.names();
        let action = DeleteAlias { function_name, namespace, name: name.to_owned() };
        let mut attempt = 1;
        loop {
            let error = match self.change(&action).await {
                Ok(done) => {
                    return if self.goes(name).await? {
                        Ok(Some(done.request_id))
                    } else {
                        Err(ExecuteError::StillThere(name.to_owned()))
                    };
                }
                Err(ExecuteError::Api(error)) if error.perhaps_executed() => error,
                Err(ExecuteError::Api(error))
                    if attempt > 1 && error.kind() == Some(ErrorKind::NotFound) =>
                {
                    return Ok(None);
                }
                Err(error) => return Err(self.explain_missing(error, name).await),
            };
            if self.is_gone(name).await? {
                return Ok(None);
            }
            let Some(after) = error.pause_before_repeating(attempt) else {
                return Err(error.into());
            };
            self.pause_before_repeating(&error, after).await?;
            attempt += 1;
        }
    }

    /// Whether an alias is gone, given a moment to go. However it looks meanwhile, it may have
    /// looked so before it was deleted.
    async fn goes(&self, name: &str) -> Result<bool, ExecuteError> {
        let (started, mut looks) = (Instant::now(), 0);
        loop {
            if self.is_gone(name).await? {
                return Ok(true);
            }
            if started.elapsed() >= self.lag
                || !self.lags(&format!("alias `{name}`"), &mut looks).await?
            {
                return Ok(false);
            }
        }
    }

    async fn is_gone(&self, name: &str) -> Result<bool, ExecuteError> {
        match self.read_alias(name).await {
            Err(ExecuteError::Api(error)) if error.kind() == Some(ErrorKind::NotFound) => Ok(true),
            Err(error) => Err(error),
            Ok(_) => Ok(false),
        }
    }

    /// Reads an alias, again while it shows what this run has replaced.
    pub(super) async fn read_alias(&self, name: &str) -> Result<AliasRecord, ExecuteError> {
        let read = async || {
            let (function_name, namespace) = self.names();
            let action = GetAlias { function_name, namespace, name: name.to_owned() };
            let reply = self.read(&action).await?;
            let alias = wire::alias(&self.function, &reply)?;
            Ok(AliasRecord { alias, reply })
        };
        self.read_fresh_alias(name, read, |record: &AliasRecord| &record.alias).await
    }

    /// Reads an alias that has to be there.
    ///
    /// # Errors
    /// No such alias, with the names of those that are; or the read fails.
    pub async fn find_alias(&self, name: &str) -> Result<AliasRecord, ExecuteError> {
        let error = match self.read_alias(name).await {
            Ok(record) => return Ok(record),
            Err(error) => self.explain_missing(error, name).await,
        };
        match error {
            // It was made a moment ago, and the list knows already.
            ExecuteError::NoAlias { existing, .. } if existing.iter().any(|one| one == name) => {
                self.note_replaced(name, None, self.lag);
                self.read_alias(name).await
            }
            error => Err(error),
        }
    }

    /// Lists all aliases over all pages, `$DEFAULT` included, in the service's order.
    ///
    /// # Errors
    /// No such function, or a read fails.
    pub async fn list_aliases(
        &self,
        version: Option<Version>,
    ) -> Result<Vec<AliasRecord>, ExecuteError> {
        match self.alias_pages(version).await {
            Err(error) if is_missing_function(&error) => Err(self.no_function().await),
            aliases => aliases,
        }
    }

    async fn alias_pages(
        &self,
        version: Option<Version>,
    ) -> Result<Vec<AliasRecord>, ExecuteError> {
        let replies = self
            .read_pages(
                |offset, limit| {
                    let (function_name, namespace) = self.names();
                    ListAliases {
                        function_name,
                        namespace,
                        function_version: version.map(|version| version.to_string()),
                        offset: offset.to_string(),
                        limit: limit.to_string(),
                    }
                },
                |reply| (reply.aliases, reply.total_count),
            )
            .await?;
        replies
            .into_iter()
            .map(|reply| Ok(AliasRecord { alias: wire::alias(&self.function, &reply)?, reply }))
            .collect()
    }

    /// All aliases, when they are `wanted`, or why they cannot be listed: only what is said rests
    /// on them.
    ///
    /// # Errors
    /// There is no such function, or a signal came.
    pub(super) async fn observe_aliases(
        &self,
        wanted: bool,
    ) -> Result<(Vec<Alias>, Option<String>), ExecuteError> {
        if !wanted {
            return Ok((Vec::new(), None));
        }
        match self.alias_pages(None).await {
            Ok(records) => Ok((records.into_iter().map(|record| record.alias).collect(), None)),
            Err(error @ ExecuteError::Interrupted(_)) => Err(error),
            Err(error) if is_missing_function(&error) => Err(error),
            Err(error) => Ok((Vec::new(), Some(error.to_string()))),
        }
    }

    /// Turns "not found" into an error that names what there is.
    async fn explain_missing(&self, error: ExecuteError, name: &str) -> ExecuteError {
        if is_missing_function(&error) {
            return self.no_function().await;
        }
        match &error {
            ExecuteError::Api(missing) if missing.code() == Some("ResourceNotFound.Alias") => {
                match self.alias_pages(None).await {
                    Ok(aliases) => ExecuteError::NoAlias {
                        alias: name.to_owned(),
                        function: self.function.name.clone(),
                        existing: aliases.into_iter().map(|record| record.alias.name).collect(),
                    },
                    Err(_) => error,
                }
            }
            _ => error,
        }
    }

    /// The error about an absent function, with the names of those that are there.
    pub(super) async fn no_function(&self) -> ExecuteError {
        let action =
            ListFunctions { namespace: self.function.namespace.clone(), offset: 0, limit: PAGE };
        // Only a courtesy: without the right to list, the error stands alone.
        let existing = match self.read(&action).await {
            Ok(reply) => {
                reply.functions.into_iter().map(|function| function.function_name).collect()
            }
            Err(_) => Vec::new(),
        };
        ExecuteError::NoFunction { function: self.function.clone(), existing }
    }
}

/// An error when an alias that was written is not what was asked for.
fn check_result(
    found: &Alias,
    routing: &Routing,
    description: Option<&str>,
) -> Result<(), ExecuteError> {
    let described = description.is_none_or(|text| text == found.description);
    if found.routing.main == routing.main && found.routing.same_effect(routing) && described {
        return Ok(());
    }
    let text = |routing: &Routing, description: Option<&str>| match description {
        Some(description) if !described => {
            format!("{routing} (main {}, description `{description}`)", routing.main)
        }
        _ => format!("{routing} (main {})", routing.main),
    };
    Err(ExecuteError::Mismatch {
        alias: found.name.clone(),
        intended: text(routing, description),
        observed: text(&found.routing, Some(&found.description)),
    })
}

impl From<AliasPlanError> for ExecuteError {
    fn from(error: AliasPlanError) -> Self {
        Self::Alias(error)
    }
}

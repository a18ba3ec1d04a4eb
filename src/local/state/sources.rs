//! Triggers that other products make: log topics (CLS) and media processing (MPS).
//!
//! What the API of functions lists of them is what the real component reads there: the end of
//! `ResourceId` names the topic or the type of event, and `BindStatus` tells whether it is bound.

use serde_json::json;

use super::super::error::Refusal;
use super::account::UIN;
use super::request::Request;
use super::{Moment, Reply, State, Trigger};

/// Types of events that media processing knows.
const EVENTS: &[&str] = &["WorkflowTask", "EditMediaTask"];

impl State {
    /// A function that another product names. Its own parameters are in order by now.
    fn named_elsewhere(&self, request: &Request) -> Result<(), Refusal> {
        let function = self.function(request)?;
        let qualifier = request.required("Qualifier");
        if function.has(qualifier) { Ok(()) } else { Err(request.no_version(qualifier)) }
    }

    pub(super) fn create_deliver_cloud_function(
        &mut self,
        request: &Request,
    ) -> Result<Reply, Refusal> {
        self.named_elsewhere(request)?;
        let topic = request.required("TopicId");
        if uuid::Uuid::parse_str(topic).is_err() {
            let text = format!("The topic `{topic}` does not exist.");
            return Err(request.refuse(&["ResourceNotFound.TopicNotExist"], text));
        }
        let (wait, size) = (request.integer("Timeout"), request.integer("MaxMsgNum"));
        if wait.is_some_and(|wait| !(3..=300).contains(&wait))
            || size.is_some_and(|size| !(1..=10_000).contains(&size))
        {
            let text = "Timeout is 3 to 300 seconds, MaxMsgNum 1 to 10000.";
            return Err(request.refuse(&["InvalidParameter"], text));
        }
        let id = format!("qcs::cls:{}:uin/{UIN}:topic/{topic}", request.region);
        if self.triggers_of_region(request)?.any(|trigger| trigger.id == id) {
            let text = format!("The topic `{topic}` delivers to a function already.");
            return Err(request.refuse(&["OperationDenied.TopicHasDeliverFunction"], text));
        }
        let form = json!({
            "topic_id": topic,
            "name_space": request.namespace(),
            "function_name": request.required("FunctionName"),
            "qualifier": request.required("Qualifier"),
            "max_wait": wait.unwrap_or(60),
            "max_size": size.unwrap_or(100),
            "effective": true,
        });
        self.add_made_elsewhere(request, "cls", form.to_string(), id)?;
        Ok(Reply::new())
    }

    pub(super) fn bind_trigger(&mut self, request: &Request) -> Result<Reply, Refusal> {
        self.named_elsewhere(request)?;
        let event = request.required("EventType");
        if !EVENTS.contains(&event) {
            let text = format!("There are no events of the type `{event}`.");
            return Err(request.refuse(&["InvalidParameterValue"], text));
        }
        if request.required("ScfRegion") != request.region {
            let text = "ScfRegion is not the region of the function.";
            return Err(request.refuse(&["InvalidParameterValue"], text));
        }
        let id = format!("qcs::mps::uin/{UIN}:TriggerType/{event}Event");
        let mut reply = Reply::new();
        reply.insert("ResourceId".to_owned(), json!(id));
        let qualifier = request.required("Qualifier");
        let function = self.function_mut(request)?;
        let own = function.triggers.iter_mut().find(|trigger| {
            trigger.kind == "mps" && trigger.id == id && trigger.qualifier == qualifier
        });
        if let Some(own) = own.filter(|trigger| !trigger.bound) {
            (own.bound, own.enabled) = (true, true);
            return Ok(reply);
        }
        // An account has one function for a type of event.
        let taken = self.regions.values().flat_map(|region| region.namespaces.values());
        let mut taken = taken
            .flat_map(|namespace| namespace.functions.values())
            .flat_map(|function| &function.triggers);
        if taken.any(|trigger| trigger.id == id) {
            let text = format!("Events of the type `{event}` go to a function already.");
            return Err(request.refuse(&["FailedOperation"], text));
        }
        let form = json!({"eventType": event}).to_string();
        self.add_made_elsewhere(request, "mps", form, id)?;
        Ok(reply)
    }

    pub(super) fn unbind_trigger(&mut self, request: &Request) -> Result<Reply, Refusal> {
        self.named_elsewhere(request)?;
        let (kind, id) = (request.required("Type"), request.required("ResourceId"));
        let qualifier = request.required("Qualifier");
        let function = self.function_mut(request)?;
        let found = function.triggers.iter_mut().find(|trigger| {
            trigger.kind == kind && trigger.id == id && trigger.qualifier == qualifier
        });
        let Some(found) = found else {
            return Err(request.refuse(&["ResourceNotFound"], "There is no such trigger."));
        };
        (found.bound, found.enabled) = (false, false);
        Ok(Reply::new())
    }

    fn add_made_elsewhere(
        &mut self,
        request: &Request,
        kind: &str,
        form: String,
        id: String,
    ) -> Result<(), Refusal> {
        let trigger = made_elsewhere(request, kind, request.required("Qualifier"), form, id);
        self.function_mut(request)?.triggers.push(trigger);
        Ok(())
    }

    fn triggers_of_region(
        &self,
        request: &Request,
    ) -> Result<impl Iterator<Item = &Trigger>, Refusal> {
        let functions = self
            .region(request)?
            .namespaces
            .values()
            .flat_map(|namespace| namespace.functions.values());
        Ok(functions.flat_map(|function| &function.triggers))
    }
}

/// A trigger of another product: without a name of its own.
pub(super) fn made_elsewhere(
    request: &Request,
    kind: &str,
    qualifier: &str,
    description_form: String,
    id: String,
) -> Trigger {
    let now = Moment(request.now());
    Trigger {
        name: String::new(),
        kind: kind.to_owned(),
        description_form,
        qualifier: qualifier.to_owned(),
        enabled: true,
        custom_argument: String::new(),
        description: String::new(),
        id,
        bound: true,
        added: now,
        modified: now,
    }
}

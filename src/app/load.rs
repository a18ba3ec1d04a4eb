//! The load of a function in the local SCF.

use super::session::{self, Session};
use super::{Context, Done};
use crate::api::Endpoint;
use crate::error::{Error, OptionsError, Task};
use crate::execute::load;
pub(crate) use crate::execute::load::LoadChange;
use crate::report::load::Load;
use crate::report::{FunctionName, Report};

/// Sets, ends or shows the load: in the state of `--local`, or in the server that an endpoint
/// names.
pub(crate) fn run(context: &Context, change: &LoadChange) -> Result<Done, Error> {
    let mut context = context.clone();
    let endpoint = context.options.endpoint.clone();
    let endpoint = endpoint.or_else(|| context.variable("SCFCTL_ENDPOINT").map(str::to_owned));
    match endpoint.filter(|_| !context.options.local) {
        Some(endpoint) => refuse_service(&endpoint, context.options.insecure_http)?,
        None => context.options.local = true,
    }
    let settings = context.settings()?;
    let function = settings.named_function()?;
    let name = function.name.clone();
    let task = match change {
        LoadChange::Keep => Task::ReadLoad { function: name },
        LoadChange::Set(_) | LoadChange::Clear => Task::SetLoad { function: name },
    };
    session::block_on(async {
        let session = Session::open(&context, &settings).await?;
        let on = session.on(function.clone());
        let load = load::change(&on, change).await;
        let load = load.map_err(|error| session::failed(&task, &function, error))?;
        let report = Load::new(FunctionName::from(&function), load.as_ref());
        Ok(Done::shown(Report::Load(report)))
    })
}

/// The cloud has calls of its own; no request that it cannot understand goes there.
fn refuse_service(text: &str, insecure: bool) -> Result<(), Error> {
    let endpoint = Endpoint::parse(text, insecure)?;
    if endpoint.of_product("local") != endpoint {
        return Err(OptionsError::LoadOfService { endpoint: endpoint.to_string() }.into());
    }
    Ok(())
}

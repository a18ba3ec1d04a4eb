//! Which function a command works on.

use clap::Args;

use super::{Options, Shared};

/// Options that name a function. All but the region are inputs by another name, which
/// `inputs::split` reads from the raw arguments; here for the help text.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
pub(in crate::cli) struct FunctionArgs {
    /// Function [default: that of serverless.yml]
    ///
    /// For `deploy` and `package` of several functions the key of one of them.
    #[arg(long, value_name = "NAME")]
    function: Option<String>,
    /// Namespace of the function
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    namespace: Option<String>,
    /// Region [default: `inputs.region`, else $TENCENTCLOUD_REGION, else ap-guangzhou]
    #[arg(long, hide_short_help = true)]
    region: Option<String>,
}

impl FunctionArgs {
    /// The names of the function and of its namespace, as they were given.
    pub(super) fn names(&self) -> (Option<&str>, Option<&str>) {
        (self.function.as_deref(), self.namespace.as_deref())
    }
}

impl Shared for FunctionArgs {
    fn put(&self, options: &mut Options) {
        let Self { function: _, namespace: _, region } = self;
        options.region.clone_from(region);
    }
}

//! Who waits for a call: a thread of the user's or an event loop. Attempts ask it for their key and tell it how they
//! ended, since Python code runs in no other thread.
use std::future::Future;
use std::sync::Arc;

use pyo3::prelude::*;
use tokio::sync::Notify;

use super::blocking;
use super::key::{AskHere, AskLoop};
use super::log::{self, Lines};
use super::mailbox::Post;
use super::runtime::Local;
use super::settings::Settings;
use super::watch::Bring;
use crate::core::call::Hooks;
use crate::core::request::{AskKey, Observe};

pub trait Caller {
    /// `function` is a reference of the call's own.
    fn ask(&mut self, function: Py<PyAny>) -> Arc<dyn AskKey>;

    fn observer(&mut self) -> Arc<dyn Observe>;

    /// What brings word of the attempts of a call that is watched: nothing for the rows of a job, which are not.
    fn bring(&mut self) -> Option<Arc<dyn Bring>> {
        None
    }

    fn hooks(&mut self, py: Python<'_>, settings: &Settings) -> PyResult<Hooks> {
        let ask = settings.ask.as_ref().map(|function| self.ask(function.clone_ref(py)));
        let observer = log::is_on(py)?.then(|| self.observer());
        Ok(Hooks { ask, gate: None, observer })
    }
}

/// A sync call's own thread.
#[derive(Default)]
pub struct Here {
    key: Option<(Py<PyAny>, Arc<AskHere>)>,
    lines: Option<Arc<Lines>>,
}

impl Caller for Here {
    fn ask(&mut self, function: Py<PyAny>) -> Arc<dyn AskKey> {
        // Of several requests each brings the function along.
        self.key.get_or_insert_with(|| (function, Arc::default())).1.clone()
    }

    fn observer(&mut self) -> Arc<dyn Observe> {
        self.lines.get_or_insert_default().clone()
    }

    fn bring(&mut self) -> Option<Arc<dyn Bring>> {
        Some(self.lines.get_or_insert_default().clone())
    }
}

impl Here {
    /// Runs `future` to its end; see `blocking::wait_with_bell`.
    pub fn wait<T: Send>(
        self,
        py: Python<'_>,
        local: Option<&mut Local>,
        future: impl Future<Output = T> + Send,
    ) -> PyResult<T> {
        let (mut function, asked) = self.key.unzip();
        let silence = Notify::new();
        let bell = asked.as_ref().map_or(&silence, |asked| &asked.bell);
        blocking::wait_with_bell(py, local, future, bell, |py| {
            if let Some(asked) = &asked {
                asked.answer(py, &mut function);
            }
            self.lines.as_ref().map_or(Ok(()), |lines| lines.write(py))
        })
    }
}

/// An event loop, by its mailbox.
impl Caller for &Arc<Post> {
    fn ask(&mut self, function: Py<PyAny>) -> Arc<dyn AskKey> {
        AskLoop::new(function, self)
    }

    fn observer(&mut self) -> Arc<dyn Observe> {
        Arc::<Post>::clone(self)
    }

    fn bring(&mut self) -> Option<Arc<dyn Bring>> {
        Some(Arc::<Post>::clone(self))
    }
}

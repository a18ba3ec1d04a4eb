//! Connections: so many at once, and none that says nothing for long.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Shared;

/// The connection that a request came on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    /// Its number in the life of the server, from 1.
    pub(super) number: usize,
    /// The address that it came in at.
    pub(super) here: IpAddr,
    /// Whether its other end is on this machine.
    pub(super) near: bool,
}

impl Link {
    fn new(number: usize, here: Option<SocketAddr>, peer: SocketAddr) -> Self {
        let here = here.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip());
        let (here, peer) = (here.to_canonical(), peer.ip().to_canonical());
        Self { number, here, near: peer.is_loopback() || peer == here }
    }
}

/// Accepts connections until aborted; they end with it.
pub(super) async fn accept(first: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    let mut listening = shared.listening.subscribe();
    let mut listener = first;
    loop {
        // Those beyond the bound wait where the system keeps them.
        let has_room = connections.len() < shared.options.most_connections;
        tokio::select! {
            Ok(()) = listening.changed() => {
                if *listening.borrow_and_update() {
                    continue;
                }
                drop(listener);
                connections.shutdown().await;
                listener = loop {
                    // The sender is there as long as the server.
                    let _ = listening.wait_for(|listening| *listening).await;
                    match TcpListener::bind(shared.address).await {
                        Ok(listener) => break listener,
                        // Someone else may have the address for a moment.
                        Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                    }
                };
            }
            accepted = listener.accept(), if has_room => {
                // Failing to accept one, for want of descriptors perhaps, does
                // not end the server.
                let Ok((stream, peer)) = accepted else {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                };
                let number = shared.connections.fetch_add(1, Ordering::SeqCst) + 1;
                let link = Link::new(number, stream.local_addr().ok(), peer);
                connections.spawn(serve(stream, link, Arc::clone(&shared)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, link: Link, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let silence = shared.options.silence;
    let (under_way, watched) = watch::channel(0);
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        let work = UnderWay::begin(&under_way);
        async move {
            let mut answer = shared.answer(request, link).await?;
            answer.body_mut().keep(work);
            Ok::<_, std::io::Error>(answer)
        }
    });
    let builder = hyper::server::conn::http1::Builder::new();
    tokio::select! {
        // A request that is there has come in time, also where nobody had the time to read it.
        biased;
        // A connection that breaks is the client's to notice.
        _ = builder.serve_connection(TokioIo::new(stream), service) => {}
        () = idle(watched, silence) => {}
    }
}

/// A request that is being answered, until its answer is written.
pub(in super::super) struct UnderWay(watch::Sender<usize>);

impl UnderWay {
    fn begin(counter: &watch::Sender<usize>) -> Self {
        counter.send_modify(|count| *count += 1);
        Self(counter.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// Waits until nothing was under way for so long: no head of a request came to its end.
async fn idle(mut under_way: watch::Receiver<usize>, silence: Duration) {
    loop {
        let quiet = *under_way.borrow_and_update() == 0;
        let change = under_way.changed();
        let changed = if quiet {
            match tokio::time::timeout(silence, change).await {
                Ok(changed) => changed,
                Err(_) => return,
            }
        } else {
            change.await
        };
        if changed.is_err() {
            // The service is gone, and the connection with it.
            return std::future::pending().await;
        }
    }
}

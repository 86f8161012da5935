//! HTTP on loopback: listeners, connections that are counted, and bodies that may end with a fault.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use http_body_util::BodyExt;
use hyper::{
    Response,
    body::{Body, Bytes, Frame, Incoming, SizeHint},
    http::request::Parts,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

/// A listener that runs until it is dropped, its connections with it.
#[derive(Debug)]
pub(crate) struct Server {
    pub address: SocketAddr,
    pub counts: Arc<Counts>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub accepted: AtomicUsize,
    pub handshakes: AtomicUsize,
}

/// One complete request.
pub(crate) struct Call {
    pub parts: Parts,
    pub body: Bytes,
    /// Counted from 1.
    pub connection: usize,
}

/// A response's body: its bytes and its end.
#[derive(Debug)]
pub(crate) struct ResponseBody {
    bytes: Option<Bytes>,
    end: End,
    flushed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The length is known from the bytes.
    Complete,
    /// The length is in a header, or unknown.
    Unknown,
    /// The connection is reset after the bytes.
    Reset,
}

impl Server {
    /// Listens on that loopback port; 0 means a free one. If the handler returns `None`, the
    /// connection is reset.
    pub async fn listen<H, F>(port: u16, tls: Option<TlsAcceptor>, handle: H) -> io::Result<Self>
    where
        H: Fn(Call) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Option<Response<ResponseBody>>> + Send + 'static,
    {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let counts = Arc::new(Counts::default());
        let accepting = tokio::spawn(accept(listener, tls, Arc::clone(&counts), handle));
        Ok(Self {
            address,
            counts,
            accepting,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept<H, F>(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    counts: Arc<Counts>,
    handle: H,
) where
    H: Fn(Call) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Option<Response<ResponseBody>>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            Ok((stream, _)) = listener.accept() => {
                let number = counts.accepted.fetch_add(1, Ordering::SeqCst) + 1;
                let (tls, counts, handle) = (tls.clone(), Arc::clone(&counts), handle.clone());
                connections.spawn(connection(stream, number, tls, counts, handle));
            }
        }
    }
}

/// One connection, from its TLS handshake to its end.
async fn connection<H, F>(
    stream: TcpStream,
    number: usize,
    tls: Option<TlsAcceptor>,
    counts: Arc<Counts>,
    handle: H,
) -> io::Result<()>
where
    H: Fn(Call) -> F + Clone,
    F: Future<Output = Option<Response<ResponseBody>>>,
{
    stream.set_nodelay(true)?;
    // A second handle to the socket, which sets it to reset instead of close at its end.
    let stream = stream.into_std()?;
    let socket = TcpStream::from_std(stream.try_clone()?)?;
    let stream = TcpStream::from_std(stream)?;
    if let Some(tls) = tls {
        // A client that rejects the certificate closes the connection.
        let stream = tls.accept(stream).await?;
        counts.handshakes.fetch_add(1, Ordering::SeqCst);
        serve(stream, number, &socket, handle).await;
    } else {
        serve(stream, number, &socket, handle).await;
    }
    Ok(())
}

async fn serve<S, H, F>(stream: S, connection: usize, socket: &TcpStream, handle: H)
where
    S: AsyncRead + AsyncWrite + Unpin,
    H: Fn(Call) -> F,
    F: Future<Output = Option<Response<ResponseBody>>>,
{
    let service = service_fn(async |request: hyper::Request<Incoming>| {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let call = Call {
            parts,
            body,
            connection,
        };
        let response = handle(call).await;
        let resets = |response: &Response<ResponseBody>| response.body().end == End::Reset;
        if response.as_ref().is_none_or(resets) {
            socket.set_zero_linger()?;
        }
        response.ok_or_else(|| io::Error::from(io::ErrorKind::ConnectionReset))
    });
    // A client that closes the connection and an injected fault are no errors of the emulator.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

impl ResponseBody {
    pub fn new(bytes: impl Into<Bytes>, end: End) -> Self {
        Self {
            bytes: Some(bytes.into()),
            end,
            flushed: false,
        }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(bytes) = self.bytes.take().filter(|bytes| !bytes.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if self.end != End::Complete && !self.flushed {
            // hyper flushes when a body has nothing more for the moment; what
            // is not flushed when a body ends too early is never sent.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        match self.end {
            End::Complete | End::Unknown => Poll::Ready(None),
            End::Reset => Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none() && self.end == End::Complete
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.bytes, self.end) {
            (Some(bytes), End::Complete) => SizeHint::with_exact(bytes.len() as u64),
            _ => SizeHint::default(),
        }
    }
}

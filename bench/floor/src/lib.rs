//! An empty function that only sends two HTTPS requests. It measures the cost of two TLS
//! handshakes and two round trips. The requests are unsigned, so both are rejected.

use std::env;
use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

const SERVICES: [&str; 2] = ["AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL_CONFIG_SERVICE"];

/// Reads the root certificates that the function trusts.
pub type ReadRoots = fn() -> Result<RootCertStore, Error>;

/// Serves invocations until the process is ended.
///
/// # Errors
/// The Runtime API cannot be reached.
pub async fn serve(roots: ReadRoots) -> Result<(), Error> {
    let connections = Mutex::new(Vec::new());
    run(service_fn(|_: LambdaEvent<Value>| {
        call(&connections, roots)
    }))
    .await
}

/// One request on each connection; the first invocation reads the roots and opens them.
async fn call(
    connections: &Mutex<Vec<TlsStream<TcpStream>>>,
    roots: ReadRoots,
) -> Result<(), Error> {
    let mut connections = connections.lock().await;
    if connections.is_empty() {
        *connections = open(roots()?).await?;
    }
    for connection in &mut *connections {
        round_trip(connection).await?;
    }
    Ok(())
}

async fn open(roots: RootCertStore) -> Result<Vec<TlsStream<TcpStream>>, Error> {
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let mut connections = Vec::new();
    for service in SERVICES {
        connections.push(connect(&connector, &env::var(service)?).await?);
    }
    Ok(connections)
}

async fn connect(connector: &TlsConnector, url: &str) -> Result<TlsStream<TcpStream>, Error> {
    let address = url.trim_start_matches("https://");
    let (host, _) = address.split_once(':').ok_or("no port")?;
    let name = ServerName::try_from(host.to_owned())?;
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(connector.connect(name, stream).await?)
}

async fn round_trip(stream: &mut TlsStream<TcpStream>) -> Result<(), Error> {
    stream
        .write_all(b"POST / HTTP/1.1\r\nhost: aws\r\ncontent-length: 0\r\n\r\n")
        .await?;
    let mut response = Vec::new();
    while !is_complete(&response) {
        if stream.read_buf(&mut response).await? == 0 {
            return Err("the connection closed before the response was complete".into());
        }
    }
    Ok(())
}

/// Whether the head has arrived, and as much of the body as `content-length` says.
fn is_complete(response: &[u8]) -> bool {
    let response = String::from_utf8_lossy(response).to_ascii_lowercase();
    let Some((head, body)) = response.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.split("\r\ncontent-length: ").nth(1);
    let length = length.and_then(|rest| rest.split("\r\n").next()?.parse().ok());
    length.is_some_and(|length: usize| body.len() >= length)
}

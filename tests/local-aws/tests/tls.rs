//! Over TLS, with a certificate of this run.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::{fs, sync::Arc};

use local_aws::LocalAws;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

async fn ask(aws: &LocalAws, trusted: RootCertStore) -> std::io::Result<String> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(trusted)
        .with_no_client_auth();
    let address = aws.iam_url();
    let stream = TcpStream::connect(address.strip_prefix("https://").unwrap()).await?;
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await?;
    let request = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn a_client_that_trusts_the_authority_is_answered() {
    let aws = LocalAws::start_tls().await.unwrap();
    let mut trusted = RootCertStore::empty();
    let pem = fs::read(aws.ca_file().unwrap()).unwrap();
    trusted
        .add(CertificateDer::from_pem_slice(&pem).unwrap())
        .unwrap();
    let answer = ask(&aws, trusted).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert_eq!(
        (aws.connections().iam, aws.connections().handshakes),
        (1, 1)
    );
}

#[tokio::test]
async fn a_client_that_does_not_goes_away() {
    let aws = LocalAws::start_tls().await.unwrap();
    let error = ask(&aws, RootCertStore::empty()).await.unwrap_err();
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    assert_eq!(
        (aws.connections().iam, aws.connections().handshakes),
        (1, 0)
    );
}

#[tokio::test]
async fn the_authority_s_file_goes_with_the_stand_in() {
    let aws = LocalAws::start_tls().await.unwrap();
    let file = aws.ca_file().unwrap().to_owned();
    assert!(file.exists());
    drop(aws);
    assert!(!file.exists());
}

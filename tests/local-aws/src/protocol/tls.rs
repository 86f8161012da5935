//! TLS with a certificate authority and a certificate of this run.

use std::{
    env,
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    process,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring},
};

/// The servers' certificate, and the file with which clients trust it.
#[derive(Debug)]
pub(crate) struct Tls {
    pub ca_file: CaFile,
    config: Arc<ServerConfig>,
}

/// A PEM file that is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct CaFile(PathBuf);

impl Tls {
    pub fn new() -> io::Result<Self> {
        let (authority, config) = certificates().map_err(io::Error::other)?;
        Ok(Self {
            ca_file: CaFile::write(&authority)?,
            config: Arc::new(config),
        })
    }

    pub fn acceptor(&self) -> TlsAcceptor {
        Arc::clone(&self.config).into()
    }
}

/// The authority's certificate (PEM), and what a server needs for one that it signed.
fn certificates() -> Result<(String, ServerConfig), Box<dyn Error + Send + Sync>> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // OpenSSL takes a certificate with its issuer's name for self-signed.
    let name = &mut authority.distinguished_name;
    name.push(DnType::CommonName, "local-aws authority");
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(["127.0.0.1".to_owned()])?;
    let certificate = certificate.signed_by(&key, &authority)?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.into()], key.serialize_der().try_into()?)?;
    Ok((authority.pem(), config))
}

impl CaFile {
    fn write(pem: &str) -> io::Result<Self> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::SeqCst);
        let path = env::temp_dir().join(format!("local-aws-{}-{number}.pem", process::id()));
        fs::write(&path, pem)?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for CaFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

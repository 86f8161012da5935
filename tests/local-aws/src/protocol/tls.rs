//! TLS with an authority and a certificate made for this run.

use std::{
    env, fs, io,
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
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

/// What the servers present, and the file by which clients come to trust it.
#[derive(Debug)]
pub(crate) struct Tls {
    pub ca_file: CaFile,
    config: Arc<ServerConfig>,
}

/// A PEM file that goes when its owner goes.
#[derive(Debug)]
pub(crate) struct CaFile(PathBuf);

impl Tls {
    pub fn new() -> io::Result<Self> {
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // OpenSSL takes a certificate that bears its issuer's name for self-signed.
        let name = &mut authority.distinguished_name;
        name.push(DnType::CommonName, "local-aws authority");
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let authority = CertifiedIssuer::self_signed(authority, key).map_err(io::Error::other)?;
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = CertificateParams::new(["127.0.0.1".to_owned()])
            .and_then(|params| params.signed_by(&key, &authority))
            .map_err(io::Error::other)?;
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(io::Error::other)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| {
                config
                    .with_no_client_auth()
                    .with_single_cert(vec![certificate.into()], key)
            })
            .map_err(io::Error::other)?;
        Ok(Self {
            ca_file: CaFile::write(&authority.pem())?,
            config: Arc::new(config),
        })
    }

    pub fn acceptor(&self) -> TlsAcceptor {
        Arc::clone(&self.config).into()
    }
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

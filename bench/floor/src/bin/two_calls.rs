//! Two HTTPS requests of a function that trusts one certificate: reading the machine's other
//! roots is not part of a handshake.

use std::env;

use lambda_runtime::Error;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    floor::serve(first_root).await
}

/// The local AWS emulator's authority, which is the first certificate of the bundle.
fn first_root() -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(env::var("SSL_CERT_FILE")?)?)?;
    Ok(roots)
}

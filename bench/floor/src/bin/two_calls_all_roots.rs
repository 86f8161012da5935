//! Two HTTPS requests of a function that trusts all of the machine's root certificates, as ours
//! does. It reads them with the SDK's libraries, once.

use lambda_runtime::Error;
use rustls_native_certs::load_native_certs;
use tokio_rustls::rustls::RootCertStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    floor::serve(machine_roots).await
}

fn machine_roots() -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(load_native_certs().certs);
    if added == 0 {
        return Err("this machine has no root certificates".into());
    }
    Ok(roots)
}

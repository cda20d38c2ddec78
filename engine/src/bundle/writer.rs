//! Runs into a bundle.

use super::manifest::{FORMAT, Manifest, Run};
use super::{MANIFEST, VERSION};
use crate::exchange::Exchange;
use crate::record::{BlobId, Blobs, pack};
use bytes::Bytes;
use std::io::{self, Write};
use std::sync::Arc;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};

/// Writes the runs as one bundle, in their order. The same runs always give the same bytes.
///
/// What a run no longer has, because its store gave it up, is missing in the bundle, too, and said to be.
///
/// # Errors
/// What `output` says.
pub fn write(exchanges: &[Arc<Exchange>], output: impl Write) -> io::Result<()> {
    let mut blobs = Blobs::default();
    let mut runs = Vec::new();
    let mut records = Vec::new();
    for (number, exchange) in (1..).zip(exchanges) {
        let record = Bytes::from(pack(exchange, &mut blobs));
        let name = format!("runs/{number}.record");
        let hash = BlobId::of(std::slice::from_ref(&record)).to_string();
        runs.push(Run::of(exchange, name.clone(), hash));
        records.push((name, record));
    }
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        version: VERSION,
        studio: env!("CARGO_PKG_VERSION").to_owned(),
        runs,
    };
    let mut contents: Vec<_> = blobs.0.into_iter().collect();
    contents.sort_unstable_by_key(|(id, _)| *id);
    let mut archive = ZipWriter::new_stream(output);
    let manifest = serde_json::to_vec_pretty(&manifest)?;
    put(&mut archive, MANIFEST, &manifest)?;
    for (name, record) in &records {
        put(&mut archive, name, record)?;
    }
    for (id, content) in &contents {
        put(&mut archive, &format!("blobs/{id}"), content)?;
    }
    archive.finish()?.into_inner().flush()
}

fn put<W: Write>(
    archive: &mut ZipWriter<StreamWriter<W>>,
    name: &str,
    content: &[u8],
) -> io::Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        // Above this the sizes need 64 bits; a little less, as incompressible bytes grow.
        .large_file(content.len() > u32::MAX as usize / 2);
    archive.start_file(name, options)?;
    archive.write_all(content)
}

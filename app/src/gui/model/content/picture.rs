//! A picture decoded within bounds: what claims to be enormous is not made so.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits};

/// No picture is wider or higher, in pixels.
const LONGEST_SIDE: u32 = 16_384;
/// No picture takes more memory while it is decoded.
const MOST_MEMORY: u64 = 256 * 1024 * 1024;
/// What is shown is scaled down to this; graphics cards take no more.
const SHOWN_SIDE: u32 = 4096;

/// A picture.
#[derive(PartialEq, Eq)]
pub struct Picture {
    /// The format's name.
    pub format: &'static str,
    /// Width and height as they were sent, in pixels.
    pub size: [u32; 2],
    /// Width and height of what is kept.
    pub shown: [u32; 2],
    /// Four bytes a pixel: red, green, blue, opacity.
    pub pixels: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.format, self.size)
    }
}

/// Whether these are the first bytes of a picture that can be decoded here.
#[must_use]
pub fn is_picture(beginning: &[u8]) -> bool {
    image::guess_format(beginning).is_ok_and(|format| name(format).is_some())
}

fn name(format: ImageFormat) -> Option<&'static str> {
    Some(match format {
        ImageFormat::Png => "PNG",
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Gif => "GIF",
        ImageFormat::WebP => "WebP",
        ImageFormat::Bmp => "BMP",
        _ => return None,
    })
}

impl Picture {
    /// Decodes a picture; of a moving one the first.
    ///
    /// # Errors
    /// It is no picture, it is broken, or it would take too much memory, in words.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut reader = ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .map_err(|error| error.to_string())?;
        let mut limits = Limits::default();
        limits.max_image_width = Some(LONGEST_SIDE);
        limits.max_image_height = Some(LONGEST_SIDE);
        limits.max_alloc = Some(MOST_MEMORY);
        reader.limits(limits);
        let format = reader
            .format()
            .and_then(name)
            .ok_or("this is no picture that can be shown here")?;
        let decoded = reader.decode().map_err(|error| error.to_string())?;
        let size = [decoded.width(), decoded.height()];
        let decoded = if size.iter().any(|side| *side > SHOWN_SIDE) {
            decoded.thumbnail(SHOWN_SIDE, SHOWN_SIDE)
        } else {
            decoded
        };
        let pixels = decoded.into_rgba8();
        Ok(Self {
            format,
            size,
            shown: [pixels.width(), pixels.height()],
            pixels: pixels.into_raw(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let image = image::RgbImage::from_pixel(width, height, image::Rgb([1, 2, 3]));
        image.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_picture_is_decoded_and_its_size_is_known() {
        let picture = Picture::read(&png(3, 2)).unwrap();
        assert_eq!((picture.format, picture.size), ("PNG", [3, 2]));
        assert_eq!(picture.pixels.get(..4), Some(&[1, 2, 3, 255][..]));
    }

    #[test]
    fn a_large_picture_is_kept_smaller() {
        let picture = Picture::read(&png(8192, 16)).unwrap();
        assert_eq!((picture.size, picture.shown), ([8192, 16], [4096, 8]));
    }

    #[test]
    fn broken_ones_and_bombs_are_refused_in_words() {
        let good = png(20, 20);
        assert!(is_picture(&good));
        assert!(Picture::read(good.get(..40).unwrap()).is_err());
        assert!(Picture::read(b"").is_err());
        assert!(Picture::read(b"%PDF-1.7").is_err());
        // A head that claims 60,000 by 60,000 pixels.
        let mut bomb = good.clone();
        bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        assert!(Picture::read(&bomb).is_err());
    }
}

// SPDX-License-Identifier: GPL-2.0

//! Which images become applications: those that are in order, and that are granted nothing that
//! another application has.

use crate::{
    app::App,
    image::{Image, ImageError, Papers},
    memory::Memory,
    store::Place,
};
use core::fmt;
use sphere_core::{describe::Description, launch::Launch, record::Record};
use sphere_device::{console::Console, say, text::Text};
use sphere_init::conflict::{self, Conflict};
use sphere_store::seal::Release;

/// Why an image does not become an application, in words.
pub type Why = Text<224>;

/// Puts a reason into words.
pub fn why(reason: fmt::Arguments<'_>) -> Why {
    // One that is too long is seldom, and still says that there is one.
    Why::format(reason)
        .or_else(|| Why::format(format_args!("the reason is too long to be said")))
        .unwrap_or_default()
}

/// Puts an error into words.
pub fn because(reason: impl fmt::Display) -> Why {
    why(format_args!("{reason}"))
}

/// What an image has to be compared with.
pub struct Admission<'a> {
    /// Where to say what is in it.
    pub console: &'a Console<'a>,
    /// Where images in files are.
    pub directory: &'a str,
    /// Who was before.
    pub memory: &'a mut Memory,
}

impl Admission<'_> {
    /// Mounts the image in a place, of which `release` is true, and says what is in it. `others` are
    /// the applications that it must get along with. Nothing is mounted if it is refused.
    pub fn admit<'o>(
        &mut self,
        place: Place,
        release: Release,
        others: impl Iterator<Item = &'o App> + Clone,
    ) -> Result<App, Why> {
        let same_name = |other: &&App| other.release.name == release.name;
        if let Some(other) = others.clone().find(same_name) {
            let component = other.release.component;
            return Err(why(format_args!(
                "its name is already that of {component}, which is another application"
            )));
        }
        self.memory.check(&release).map_err(because)?;
        let image = Image::mount(self.directory, place).map_err(because)?;
        let admitted = self.vet(place, &release, &image, others);
        drop(image);
        match admitted {
            Ok(uid) => Ok(App::new(release, place, uid)),
            Err(why) => {
                if let Err(failure) = Image::unmount(place) {
                    say!(self.console, "{}: {failure}", release.name);
                }
                Err(why)
            }
        }
    }

    /// The user of an application that may run.
    fn vet<'o>(
        &mut self,
        place: Place,
        release: &Release,
        image: &Image,
        others: impl Iterator<Item = &'o App>,
    ) -> Result<u32, Why> {
        let mut papers = Papers::new();
        papers.read(image).map_err(because)?;
        let record = papers.record().map_err(because)?;
        let launch = papers.launch().map_err(because)?;
        if record.component() != release.component {
            return Err(because(ImageError::OtherComponent));
        }
        for other in others {
            compare(&record, &launch, other)?;
        }
        let uid = self.memory.register(release).map_err(because)?;
        introduce(self.console, place, release, uid, &record, &launch);
        Ok(uid)
    }
}

/// Whether an application gets along with another.
fn compare<'a>(record: &'a Record<&'a [u8]>, launch: &Launch<'a>, other: &App) -> Result<(), Why> {
    let name = other.release.name;
    match conflict_with(record, launch, other.place) {
        Ok(None) => Ok(()),
        Ok(Some(what)) => Err(why(format_args!("{what} is already granted to {name}"))),
        Err(error) => Err(why(format_args!(
            "it cannot be compared with {name}: {error}"
        ))),
    }
}

/// The first thing that is granted to another application as well.
fn conflict_with<'a>(
    record: &'a Record<&'a [u8]>,
    launch: &Launch<'a>,
    other: Place,
) -> Result<Option<Conflict<'a>>, ImageError> {
    let mut papers = Papers::new();
    papers.read(&Image::open(other)?)?;
    Ok(conflict::find(
        (record, launch),
        (&papers.record()?, &papers.launch()?),
    ))
}

fn introduce(
    console: &Console<'_>,
    place: Place,
    release: &Release,
    uid: u32,
    record: &Record<&[u8]>,
    launch: &Launch<'_>,
) {
    let Release { name, version, .. } = release;
    say!(
        console,
        "{name}, version {version} in {place}, is {}",
        Description(record)
    );
    for device in launch.devices() {
        say!(console, "  {:<15}{}", device.kind.name(), device.node);
    }
    say!(
        console,
        "  {:<15}user {uid}, no Linux capability",
        "runs as"
    );
    say!(console, "  {:<15}{}", "limits", launch.limits());
}

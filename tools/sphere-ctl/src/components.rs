// SPDX-License-Identifier: GPL-2.0

//! `sphere-ctl components`, and the names of components for others.

use crate::error::CtlError;
use sphere_core::{
    component_list::{LINE_MAX, Line},
    uuid::Uuid,
};
use sphere_ctl::component::Block;
use sphere_device::{
    console::Console,
    errno::Failure,
    securityfs::{Directory, FileError},
    text::Text,
};

const FILE: &str = "components";

/// Bytes of the longest name of an application that is shown.
const NAME_MAX: usize = 128;

/// Hands the lines of the list to `each` until that returns `false`.
fn for_lines(
    directory: &Directory,
    mut each: impl FnMut(&Line<'_>) -> bool,
) -> Result<(), FileError> {
    let failed = |failure: Failure| FileError {
        file: FILE,
        failure,
    };
    let mut lines = directory.lines::<LINE_MAX>(FILE)?;
    while let Some(line) = lines.next_line().map_err(failed)? {
        if !each(&Line::parse(line)) {
            break;
        }
    }
    Ok(())
}

/// Says who runs.
pub fn show<'a>(
    out: &Console<'_>,
    directory: &Directory,
    wanted: Option<&'a str>,
) -> Result<(), CtlError<'a>> {
    let mut block = Block::default();
    let mut found = false;
    for_lines(directory, |line| {
        found |= block.add(line, wanted, &mut |words| out.say(words));
        true
    })?;
    match wanted {
        Some(name) if !found => Err(CtlError::NoComponent(name)),
        None if !found => {
            out.say(format_args!("no component runs"));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// How many components run.
pub fn count(directory: &Directory) -> Result<u32, FileError> {
    let mut count = 0;
    for_lines(directory, |line| {
        count += u32::from(matches!(line, Line::Component(_)));
        true
    })?;
    Ok(count)
}

/// What a component is called that runs.
pub fn name_of(directory: &Directory, component: Uuid) -> Option<Text<NAME_MAX>> {
    let mut this = false;
    let mut name = None;
    for_lines(directory, |line| {
        match line {
            Line::Component(id) => this = *id == component,
            Line::Name(token) if this => {
                name = Text::format(format_args!("{token}")).filter(|_| !token.is_empty_name());
                return false;
            }
            _ => {}
        }
        true
    })
    .ok()?;
    name
}

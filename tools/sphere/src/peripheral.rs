// SPDX-License-Identifier: GPL-2.0

//! The kinds of peripherals that a manifest can name.

use std::fmt;

use sphere_core::launch::DeviceType;

/// One kind; the same word is the capability in a manifest, the type in a hardware definition and
/// the section in a board file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Gpio,
    Uart,
    I2cMaster,
    SpiMaster,
    Pwm,
    Adc,
    I2sSubordinate,
}

impl Kind {
    pub const ALL: [Self; 7] = [
        Self::Gpio,
        Self::Uart,
        Self::I2cMaster,
        Self::SpiMaster,
        Self::Pwm,
        Self::Adc,
        Self::I2sSubordinate,
    ];

    /// The word for it in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Gpio => "Gpio",
            Self::Uart => "Uart",
            Self::I2cMaster => "I2cMaster",
            Self::SpiMaster => "SpiMaster",
            Self::Pwm => "Pwm",
            Self::Adc => "Adc",
            Self::I2sSubordinate => "I2sSubordinate",
        }
    }

    /// What it is in a launch file. GPIO lines are not in there: the kernel gates them one by one,
    /// from the record.
    pub fn device_type(self) -> Option<DeviceType> {
        match self {
            Self::Gpio => None,
            Self::Uart => Some(DeviceType::Uart),
            Self::I2cMaster => Some(DeviceType::I2c),
            Self::SpiMaster => Some(DeviceType::Spi),
            Self::Pwm => Some(DeviceType::Pwm),
            Self::Adc => Some(DeviceType::Adc),
            Self::I2sSubordinate => Some(DeviceType::I2s),
        }
    }
}

/// What stands for a peripheral once names are resolved: a number for a GPIO line, the name of a
/// controller for all others. Only a board file knows what it is on a device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    Line(u32),
    Controller(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "{line}"),
            Self::Controller(name) => write!(f, "{name:?}"),
        }
    }
}

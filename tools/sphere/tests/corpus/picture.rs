// SPDX-License-Identifier: GPL-2.0

//! The map in the documentation: published applications together on one device. So many of them ask
//! for the same buttons that there are conflicts to see.

use std::path::{Path, PathBuf};

use sphere::device::{self, Reports};
use sphere::map::{Labels, build, svg};

use crate::collection::Collection;

const SAMPLES: [&str; 14] = [
    "ADC/ADC_HighLevelApp",
    "Certificates/Cert_HighLevelApp",
    "DNSServiceDiscovery",
    "DeferredUpdate/DeferredUpdate_HighLevelApp",
    "ExternalMcuUpdate/AzureSphere_HighLevelApp",
    "HTTPS/HTTPS_Curl_Easy",
    "I2C/I2C_LSM6DS3_HighLevelApp",
    "IntercoreComms/IntercoreComms_HighLevelApp",
    "IntercoreComms/IntercoreComms_RTApp_MT3620_BareMetal",
    "MutableStorage",
    "PWM/PWM_HighLevelApp",
    "PrivateNetworkServices",
    "SPI/SPI_LSM6DS3_HighLevelApp",
    "SystemTime",
];

/// Where the picture is.
pub fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Documentation/security/sphere-map.svg")
}

/// What it has to be.
pub fn draw(corpus: &Collection) -> String {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/appliance");
    let resolution = "example.com=192.0.2.10:443".parse();
    let request = device::Request {
        board: own.join("board.json"),
        hardware: vec![
            own.join("names.json"),
            corpus.definition("hardware-definitions/mt3620_rdb/sample_appliance.json"),
        ],
        manifests: SAMPLES
            .iter()
            .map(|name| corpus.manifest(&format!("Samples/{name}")))
            .collect(),
        resolutions: vec![resolution.expect("a resolution")],
    };
    let mut reports = Reports::default();
    let device = device::read(request, &mut reports).expect("a board");
    assert!(!reports.have_errors(), "{reports:?}");
    svg(&build(&device, Labels::default()))
}

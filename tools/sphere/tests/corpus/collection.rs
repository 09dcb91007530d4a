// SPDX-License-Identifier: GPL-2.0

//! Published manifests, which lie beside the repository and are not part of it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use sphere::pack::Request;
use tempfile::TempDir;

/// A board for all that the published hardware definitions lead to: the chip has 80 lines.
const BOARD: &str = r#"{
    "SchemaVersion": 1,
    "Gpio": [ {"First": 0, "Last": 79, "Chip": "sphere-gpio", "Offset": 0} ],
    "Uart": { "ISU0": "/dev/ttyS1", "ISU1": "/dev/ttyS2", "ISU2": "/dev/ttyS3", "ISU3": "/dev/ttyS4" },
    "I2cMaster": { "ISU1": "/dev/i2c-1", "ISU2": "/dev/i2c-2" },
    "SpiMaster": { "ISU0": "/dev/spidev0.0", "ISU1": "/dev/spidev1.0" },
    "Pwm": { "PWM-CONTROLLER-2": "/dev/pwmchip2" },
    "Adc": { "ADC-CONTROLLER-0": "/dev/iio:device0" },
    "Hardware": [ "DEFINITION" ],
    "HardwareFolders": [ "FOLDERS" ]
}"#;

/// The published definitions map these names to names that the published chip does not have.
const MISSING: &str = r#"{
    "Peripherals": [
        {"Name": "SAMPLE_LED_PWM_CONTROLLER", "Type": "Pwm", "AppManifestValue": "PWM-CONTROLLER-2"},
        {"Name": "SAMPLE_POTENTIOMETER_ADC_CONTROLLER", "Type": "Adc", "AppManifestValue": "ADC-CONTROLLER-0"}
    ]
}"#;

/// The corpus, and boards that are made for it.
pub struct Collection {
    root: PathBuf,
    boards: TempDir,
}

impl Collection {
    /// `None`, and a notice, where there is no corpus.
    pub fn open() -> Option<Self> {
        let shared = match env::var_os("SPHERE_SHARED") {
            Some(shared) => PathBuf::from(shared),
            None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        };
        let root = shared.join("corpus");
        match root.canonicalize() {
            Ok(root) => Some(Self {
                root,
                boards: TempDir::new().expect("a temporary folder"),
            }),
            Err(_) => {
                println!(
                    "skipped: no corpus at {}; SPHERE_SHARED names the folder that it is in",
                    root.display()
                );
                None
            }
        }
    }

    /// The names of all manifests: their paths below the collection.
    pub fn manifests(&self) -> Vec<String> {
        let root = self.root.join("azure-sphere-samples");
        let mut found: Vec<_> = files(&root, "app_manifest.json")
            .iter()
            .filter_map(|path| path.strip_prefix(&root).ok()?.parent()?.to_str())
            .map(str::to_owned)
            .collect();
        found.sort();
        found
    }

    /// The file of a manifest.
    pub fn manifest(&self, name: &str) -> PathBuf {
        self.root
            .join("azure-sphere-samples")
            .join(name)
            .join("app_manifest.json")
    }

    /// The file of a hardware definition.
    pub fn definition(&self, below: &str) -> PathBuf {
        self.root.join(below)
    }

    /// All published hardware definitions, as paths below the corpus.
    pub fn definitions(&self) -> Vec<String> {
        let mut found: Vec<_> = files(&self.root, ".json")
            .iter()
            .filter(|path| !path.ends_with("app_manifest.json"))
            .filter_map(|path| path.strip_prefix(&self.root).ok()?.to_str())
            .map(str::to_owned)
            .collect();
        found.sort();
        found
    }

    /// A board with a hardware definition of the corpus.
    pub fn board(&self, definition: &str) -> PathBuf {
        let board = BOARD
            .replace("DEFINITION", &self.path_text(definition))
            .replace("FOLDERS", &self.path_text("hardware-definitions"));
        let path = self.boards.path().join("board.json");
        fs::write(&path, board).expect("a board");
        path
    }

    /// What explains the names that the published definitions do not.
    pub fn missing_names(&self) -> PathBuf {
        let path = self.boards.path().join("missing.json");
        fs::write(&path, MISSING).expect("a definition");
        path
    }

    /// How to pack a manifest: with its own hardware definition, or that of most samples.
    pub fn request(&self, name: &str) -> Request {
        let own = format!(
            "azure-sphere-samples/{}/HardwareDefinitions/mt3620_rdb/soda_machine.json",
            Path::new(name).parent().unwrap_or(Path::new("")).display()
        );
        let definition = if self.root.join(&own).is_file() {
            own
        } else {
            "hardware-definitions/mt3620_rdb/sample_appliance.json".to_owned()
        };
        Request {
            manifest: self.manifest(name),
            board: self.board(&definition),
            hardware: vec![self.missing_names()],
            ..Request::default()
        }
    }

    fn path_text(&self, below: &str) -> String {
        let path = self.root.join(below);
        path.to_str()
            .expect("the corpus is at a UTF-8 path")
            .replace('\\', "\\\\")
    }
}

/// The files below `folder` whose names end so.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, end));
        } else if path.to_str().is_some_and(|path| path.ends_with(end)) {
            found.push(path);
        }
    }
    found
}

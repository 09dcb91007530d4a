// SPDX-License-Identifier: GPL-2.0

//! Published manifests: which are packed, which are refused, and why.

mod collection;
mod picture;

use std::fs;

use collection::Collection;
use sphere::pack::{Packed, Request, pack};
use sphere::report::{Problem, Report};
use sphere_core::launch::Launch;
use sphere_core::record::{Record, Spec};

const FRAGMENT: &str =
    "$: this is a fragment of a manifest, without SchemaVersion, Name, ComponentId, EntryPoint";
const NO_TENANT: &str = "$.Capabilities.DeviceAuthentication: a GUID of zeros is a placeholder";

/// Every manifest that is refused, with all that is wrong with it.
const REFUSED: [(&str, &[&str]); 14] = [
    ("CodeSnippets/DeviceId", &[FRAGMENT, NO_TENANT]),
    ("CodeSnippets/Networking/AutomaticDns", &[FRAGMENT]),
    ("CodeSnippets/Networking/CustomDns", &[FRAGMENT]),
    ("CodeSnippets/Networking/DynamicIp", &[FRAGMENT]),
    (
        "CodeSnippets/Networking/Proxy/EnableDisableProxy",
        &[FRAGMENT],
    ),
    (
        "CodeSnippets/Networking/Proxy/GetProxySettings",
        &[FRAGMENT],
    ),
    (
        "CodeSnippets/Networking/Proxy/SetProxySettings",
        &[FRAGMENT],
    ),
    ("CodeSnippets/Networking/StaticIp", &[FRAGMENT]),
    (
        "CodeSnippets/Peripherals/ADC/AdvancedFunctions",
        &[FRAGMENT],
    ),
    (
        "CodeSnippets/Peripherals/ADC/SimplifiedFunctions",
        &[FRAGMENT],
    ),
    ("Samples/AzureIoT", &[NO_TENANT]),
    (
        "Samples/DeviceToCloud/ExternalMcuLowPower/AzureSphere_HighLevelApp",
        &["$.CmdArgs[1]: \"<scopeid>\" is a placeholder", NO_TENANT],
    ),
    (
        "Samples/Iperf",
        &[
            "$.CmdArgs[1]: \"<IPERF SERVER IP ADDRESS>\" is a placeholder",
            "$.CmdArgs[5]: \"<IPERF SERVER PORT>\" is a placeholder",
            "$.Capabilities.AllowedConnections[0]: \"<IPERF SERVER IP ADDRESS>\" is a placeholder",
        ],
    ),
    ("Samples/LoggingToAzure", &[NO_TENANT]),
];

/// Manifests that the corpus has.
const MANIFESTS: usize = 43;

/// JSON path and reason: all but the place in the file.
fn brief(problem: &Problem) -> String {
    let place = problem.place.to_string();
    let path = place.rsplit(": ").next().unwrap_or_default();
    format!("{path}: {}", problem.reason)
}

/// Packs a manifest, or says why not.
fn outcome(request: &Request) -> Result<Packed, Vec<String>> {
    let mut report = Report::default();
    let packed = pack(request, &mut report);
    packed.ok_or_else(|| report.errors().map(brief).collect())
}

#[test]
fn complete_manifests_are_packed_and_all_others_are_refused_with_the_reason() {
    let Some(corpus) = Collection::open() else {
        return;
    };
    let manifests = corpus.manifests();
    assert_eq!(manifests.len(), MANIFESTS);
    let mut refused = Vec::new();
    for name in &manifests {
        match outcome(&corpus.request(name)) {
            Ok(packed) => {
                check(name, &packed);
                println!("packed   {name}: {} bytes", packed.record.len());
            }
            Err(reasons) => {
                println!("refused  {name}: {}", reasons.join("; "));
                refused.push((name.as_str(), reasons));
            }
        }
    }
    let packed = manifests.len() - refused.len();
    println!("packed {packed}, refused {}", refused.len());
    for ((name, reasons), (expected_name, expected)) in refused.iter().zip(REFUSED) {
        assert_eq!(*name, expected_name);
        assert_eq!(reasons, expected, "{name}");
    }
    assert_eq!(refused.len(), REFUSED.len());
}

/// What was packed is valid, and writing what it says gives the same bytes.
fn check(name: &str, packed: &Packed) {
    let record =
        Record::parse(packed.record.as_slice()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(rewritten(&record), packed.record, "{name}");
    let launch =
        Launch::parse(packed.launch.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(launch.entry(), "bin/app", "{name}");
}

fn rewritten(record: &Record<&[u8]>) -> Vec<u8> {
    let gpio: Vec<_> = record.gpio().collect();
    let mtd: Vec<_> = record.mtd().collect();
    let net: Vec<_> = record.net().collect();
    let peers: Vec<_> = record.peers().collect();
    let spec = Spec {
        component: record.component(),
        tenant: record.tenant(),
        name: record.name(),
        capabilities: record.capabilities(),
        storage_bytes: record.storage_bytes(),
        gpio: &gpio,
        mtd: &mtd,
        net: &net,
        peers: &peers,
    };
    let mut bytes = vec![0; spec.size()];
    spec.write(&mut bytes)
        .expect("what was read can be written");
    bytes
}

#[test]
fn what_was_refused_for_its_placeholders_is_packed_without_them() {
    let Some(corpus) = Collection::open() else {
        return;
    };
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let complete = REFUSED.iter().filter(|(_, reasons)| reasons[0] != FRAGMENT);
    for (name, _) in complete {
        let text = fs::read_to_string(corpus.manifest(name)).expect("a manifest");
        let filled = text
            .replace(
                "00000000-0000-0000-0000-000000000000",
                "72f988bf-86f1-41af-91ab-2d7cd011db47",
            )
            .replace("<scopeid>", "0ne0000FFFF")
            .replace("<IPERF SERVER IP ADDRESS>", "192.0.2.1")
            .replace("<IPERF SERVER PORT>", "5201");
        let manifest = folder.path().join("app_manifest.json");
        fs::write(&manifest, filled).expect("a manifest");
        let request = Request {
            manifest,
            ..corpus.request(name)
        };
        let packed = outcome(&request).unwrap_or_else(|reasons| panic!("{name}: {reasons:?}"));
        check(name, &packed);
    }
}

/// The published definitions of Pwm and Adc name what the published chip does not have.
#[test]
fn names_that_dangle_are_refused_without_a_definition_that_explains_them() {
    let Some(corpus) = Collection::open() else {
        return;
    };
    for (name, reason) in [
        (
            "Samples/PWM/PWM_HighLevelApp",
            "$.Capabilities.Pwm[0]: $SAMPLE_LED_PWM_CONTROLLER leads to \
             MT3620_RDB_LED_PWM_CONTROLLER2, which no definition has",
        ),
        (
            "Samples/ADC/ADC_HighLevelApp",
            "$.Capabilities.Adc[0]: $SAMPLE_POTENTIOMETER_ADC_CONTROLLER leads to \
             MT3620_RDB_ADC_CONTROLLER0, which no definition has",
        ),
    ] {
        let request = Request {
            hardware: Vec::new(),
            ..corpus.request(name)
        };
        assert_eq!(outcome(&request), Err(vec![reason.to_owned()]));
    }
}

/// A manifest that asks for one GPIO line is packed on every board that has a LED of this name,
/// and gets the line that the definitions of that board lead to.
#[test]
fn one_manifest_is_packed_for_many_boards() {
    let Some(corpus) = Collection::open() else {
        return;
    };
    let mut lines = Vec::new();
    for definition in corpus.definitions() {
        if !definition.ends_with("sample_appliance.json") {
            continue;
        }
        let request = Request {
            manifest: corpus.manifest("Samples/HelloWorld/HelloWorld_HighLevelApp"),
            board: corpus.board(&definition),
            ..Request::default()
        };
        let line = outcome(&request).map(|packed| {
            let record = Record::parse(packed.record).expect("a valid record");
            let grant = record.gpio().next().expect("one line");
            grant.base + grant.input.trailing_zeros()
        });
        lines.push((definition, line));
    }
    let expected = [
        ("avnet_mt3620_sk", Ok(8)),
        (
            "avnet_mt3620_sk_rev2",
            Err(vec![
                "$.Imports[0].Path: \"avnet_mt3620_sk_rev2.json\" is in none of the folders that are searched"
                    .to_owned(),
            ]),
        ),
        ("mt3620_rdb", Ok(8)),
        ("seeed_mt3620_mdb", Ok(7)),
        ("usi_mt3620_bt_evb", Ok(8)),
    ]
    .map(|(board, line)| {
        (format!("hardware-definitions/{board}/sample_appliance.json"), line)
    });
    assert_eq!(lines, expected);
}

#[test]
fn the_picture_in_the_documentation_is_the_one_that_is_drawn() {
    let Some(corpus) = Collection::open() else {
        return;
    };
    let drawn = picture::draw(&corpus);
    assert!(drawn.len() < 200_000, "{}", drawn.len());
    let shown = std::fs::read_to_string(picture::file()).expect("the picture");
    assert!(
        shown == drawn,
        "draw it again: cargo run -p sphere --example draw_picture"
    );
}

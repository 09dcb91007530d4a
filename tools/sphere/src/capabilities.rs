// SPDX-License-Identifier: GPL-2.0

//! The `Capabilities` of a manifest.

use std::collections::BTreeMap;

use sphere_core::capability::{Capability, CapabilitySet};
use sphere_core::record::TENANT_SIZE;
use sphere_core::uuid::Uuid;

use crate::guid;
use crate::json::{self, Member, Node};
use crate::peripheral::{Kind, Value};
use crate::remote::{Remote, RemoteError};
use crate::report::{Located, Place, Problem, Report};
use crate::text;

/// Capabilities that are just true or false.
pub(crate) const BOOLEAN: [Capability; 14] = [
    Capability::SystemTime,
    Capability::TimeSyncConfig,
    Capability::NetworkConfig,
    Capability::WifiConfig,
    Capability::EnterpriseWifiConfig,
    Capability::DhcpService,
    Capability::SntpService,
    Capability::CertStore,
    Capability::SoftwareUpdateDeferral,
    Capability::SystemEventNotifications,
    Capability::ReadNetworkProxyConfig,
    Capability::HardwareAddressConfig,
    Capability::ResetMemoryWatermarks,
    Capability::HeapMemStats,
];

/// Capabilities that are listed in `PowerControls`.
pub(crate) const POWER_CONTROLS: [Capability; 3] = [
    Capability::ForceReboot,
    Capability::ForcePowerDown,
    Capability::SetPowerProfile,
];

/// Capabilities with a form of their own; those of peripherals are [`Kind::ALL`].
const COMPOUND: [&str; 7] = [
    "AllowedConnections",
    "AllowedTcpServerPorts",
    "AllowedUdpServerPorts",
    "AllowedApplicationConnections",
    "MutableStorage",
    "DeviceAuthentication",
    "PowerControls",
];

pub(crate) const STORAGE_KB_MAX: u32 = 64;

/// Where [`Capability::Debug`] comes from.
pub(crate) const DEBUGGER_HINT: &str = "write \"ApplicationType\": \"Debugger\" into the manifest";

/// What a manifest asks for.
#[derive(Debug, Default)]
pub struct Capabilities {
    pub connections: Vec<Located<Remote>>,
    pub tcp_server_ports: Vec<Located<u16>>,
    pub udp_server_ports: Vec<Located<u16>>,
    pub peers: Vec<Located<Uuid>>,
    pub peripherals: Vec<Located<Request>>,
    pub storage_bytes: u64,
    /// Where the storage is asked for.
    pub storage_place: Option<Place>,
    pub tenant: String,
    pub extended: CapabilitySet,
    /// Where each of `extended` is asked for.
    pub extended_places: BTreeMap<Capability, Place>,
}

/// One peripheral that a manifest asks for.
#[derive(Debug)]
pub struct Request {
    pub kind: Kind,
    pub reference: Reference,
}

/// How a manifest names a peripheral.
#[derive(Debug)]
pub enum Reference {
    /// `$NAME`, without the dollar sign: a name of the hardware definition.
    Name(String),
    /// What a hardware definition would lead to.
    Value(Value),
}

/// Reads the object. What is wrong goes to the report; the result is what could be read.
pub fn parse(node: &Node, report: &mut Report) -> Option<Capabilities> {
    let mut capabilities = Capabilities::default();
    for member in node.object(report)?.members {
        capabilities.read(member, report);
    }
    Some(capabilities)
}

impl Capabilities {
    fn read(
        &mut self,
        Member {
            name,
            name_place,
            value,
        }: &Member,
        report: &mut Report,
    ) {
        if let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.key() == name) {
            self.peripherals.extend(requests(kind, value, report));
            return;
        }
        if let Some(&capability) = BOOLEAN.iter().find(|capability| capability.name() == name) {
            if value.bool(report) == Some(true) {
                self.add(capability, &value.place);
            }
            return;
        }
        match name.as_str() {
            "AllowedConnections" => self.connections = list(value, report, connection),
            "AllowedTcpServerPorts" => self.tcp_server_ports = list(value, report, port),
            "AllowedUdpServerPorts" => self.udp_server_ports = list(value, report, port),
            "AllowedApplicationConnections" => self.peers = list(value, report, guid::read),
            "MutableStorage" => {
                self.storage_bytes = storage(value, report).unwrap_or_default();
                self.storage_place = Some(value.place.clone());
            }
            "DeviceAuthentication" => self.tenant = tenant(value, report).unwrap_or_default(),
            "PowerControls" => self.read_power_controls(value, report),
            _ => report.push(unknown(name, name_place)),
        }
    }

    pub(crate) fn add(&mut self, capability: Capability, place: &Place) {
        self.extended = self.extended.with(capability);
        self.extended_places.insert(capability, place.clone());
    }

    fn read_power_controls(&mut self, node: &Node, report: &mut Report) {
        let Some(elements) = node.array(report) else {
            return;
        };
        if elements.is_empty() {
            report
                .push(Problem::error(&node.place, "lists nothing").hint("leave PowerControls out"));
        }
        for element in elements {
            let Some(word) = element.string(report) else {
                continue;
            };
            match POWER_CONTROLS.iter().find(|control| control.name() == word) {
                Some(&control) if self.extended.contains(control) => {
                    report.error(&element.place, format!("{word:?} is listed twice"));
                }
                Some(&control) => self.add(control, &element.place),
                None => {
                    let known = POWER_CONTROLS.map(Capability::name);
                    report.push(json::unknown("power control", word, &element.place, &known));
                }
            }
        }
    }
}

/// The elements of an array that `read` accepts.
fn list<T>(
    node: &Node,
    report: &mut Report,
    read: impl Fn(&Node, &mut Report) -> Option<T>,
) -> Vec<Located<T>> {
    let elements = node.array(report).unwrap_or_default();
    elements
        .iter()
        .filter_map(|element| {
            read(element, report).map(|value| Located {
                value,
                place: element.place.clone(),
            })
        })
        .collect()
}

fn unknown(name: &str, place: &Place) -> Problem {
    let system = Capability::ALL.iter().find(|known| known.name() == name);
    match system {
        Some(control) if POWER_CONTROLS.contains(control) => {
            Problem::error(place, format!("unknown capability {name:?}"))
                .hint(format!("write \"PowerControls\": [{name:?}]"))
        }
        Some(Capability::Debug) => {
            Problem::error(place, format!("no manifest can ask for {name}")).hint(DEBUGGER_HINT)
        }
        Some(_) => Problem::error(place, format!("no manifest can ask for {name}"))
            .hint("the board file can give it to a component, see \"Components\" in BOARDS.md"),
        None => json::unknown("capability", name, place, &known()),
    }
}

/// The names of all capabilities that a manifest can hold.
fn known() -> Vec<&'static str> {
    COMPOUND
        .into_iter()
        .chain(Kind::ALL.map(Kind::key))
        .chain(BOOLEAN.map(Capability::name))
        .collect()
}

fn connection(node: &Node, report: &mut Report) -> Option<Remote> {
    let text = text::meaningful(node, "a host name, an address or a DNS-SD name", report)?;
    match text.parse::<Remote>() {
        Ok(remote) => Some(remote),
        Err(error) => {
            let problem = Problem::error(&node.place, error.to_string());
            report.push(match error {
                RemoteError::Url(_) | RemoteError::Port(_) => problem.hint("write the host alone"),
                RemoteError::Wildcard(_) | RemoteError::Network(_) => {
                    problem.hint("list every host that is needed")
                }
                RemoteError::Unspecified(_) | RemoteError::Unknown(_) => {
                    problem.hint("such as example.com, 192.0.2.1, 2001:db8::1 or _http._tcp.local")
                }
            });
            None
        }
    }
}

fn port(node: &Node, report: &mut Report) -> Option<u16> {
    node.integer(1, u16::MAX.into(), report)
        .and_then(|port| port.try_into().ok())
}

fn storage(node: &Node, report: &mut Report) -> Option<u64> {
    let object = node.object(report)?;
    object.refuse_unknown("key", &["SizeKB"], report);
    let size = object
        .required("SizeKB", report)?
        .integer(1, STORAGE_KB_MAX, report)?;
    Some(u64::from(size) * 1024)
}

fn tenant(node: &Node, report: &mut Report) -> Option<String> {
    const HINT: &str = "put the id of the device's tenant here, or leave DeviceAuthentication out";

    let text = text::meaningful(node, "the id of the device's tenant", report)?;
    if text.len() >= TENANT_SIZE {
        let reason = format!(
            "has {} bytes, and {} is the most",
            text.len(),
            TENANT_SIZE - 1
        );
        report.error(&node.place, reason);
        return None;
    }
    if guid::parse(text).is_some_and(|id| id.is_nil()) {
        report.push(guid::nil(node, HINT));
        return None;
    }
    Some(text.to_owned())
}

fn requests(kind: Kind, node: &Node, report: &mut Report) -> Vec<Located<Request>> {
    list(node, report, |element, report| {
        reference(kind, element, report).map(|reference| Request { kind, reference })
    })
}

fn reference(kind: Kind, node: &Node, report: &mut Report) -> Option<Reference> {
    if kind == Kind::Gpio && matches!(node.value, json::Value::Number(_)) {
        return node
            .integer(0, u32::MAX, report)
            .map(|line| Reference::Value(Value::Line(line)));
    }
    if !matches!(node.value, json::Value::String(_)) {
        let form = match kind {
            Kind::Gpio => "\"$NAME\" or the number of a line",
            _ => "\"$NAME\" or the name of a controller",
        };
        return node.expected(form, report);
    }
    let text = text::meaningful(node, "the name of a peripheral", report)?;
    match text.strip_prefix('$') {
        Some("") => {
            report.error(&node.place, "a name is missing after $");
            None
        }
        Some(name) => Some(Reference::Name(name.to_owned())),
        None if kind == Kind::Gpio => {
            report.push(
                Problem::error(&node.place, format!("{text:?} does not name a GPIO line")).hint(
                    format!("write \"${text}\", or the number of the line without quotes"),
                ),
            );
            None
        }
        None => Some(Reference::Value(Value::Controller(text.to_owned()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Capabilities, Vec<String>) {
        let mut report = Report::default();
        let node = json::parse("m.json", text, &mut report).expect("JSON");
        let capabilities = parse(&node, &mut report).expect("an object");
        let problems = report
            .problems()
            .iter()
            .map(|problem| {
                let place = problem.place.to_string();
                let path = place.rsplit(' ').next().unwrap();
                format!("{path}: {}", problem.reason)
            })
            .collect();
        (capabilities, problems)
    }

    #[track_caller]
    fn accepted(text: &str) -> Capabilities {
        let (capabilities, problems) = read(text);
        assert!(problems.is_empty(), "{text}: {problems:?}");
        capabilities
    }

    #[track_caller]
    fn refused(text: &str, expected: &[&str]) {
        let (_, problems) = read(text);
        assert_eq!(problems, expected, "{text}");
    }

    #[test]
    fn nothing_listed_is_nothing_granted() {
        let empty = accepted("{}");
        assert_eq!(empty.extended, CapabilitySet::EMPTY);
        assert!(empty.peripherals.is_empty() && empty.connections.is_empty());
        assert_eq!((empty.storage_bytes, empty.tenant.as_str()), (0, ""));
        accepted(r#"{"Gpio": [], "AllowedConnections": [], "Uart": [], "WifiConfig": false}"#);
    }

    #[test]
    fn booleans_grant_when_true() {
        for capability in BOOLEAN {
            let name = capability.name();
            let granted = accepted(&format!("{{{name:?}: true}}")).extended;
            assert_eq!(granted.iter().collect::<Vec<_>>(), [capability]);
            assert_eq!(
                accepted(&format!("{{{name:?}: false}}")).extended,
                CapabilitySet::EMPTY
            );
            for value in ["1", "\"true\"", "null", "[]"] {
                let (capabilities, problems) = read(&format!("{{{name:?}: {value}}}"));
                assert_eq!(problems.len(), 1);
                assert_eq!(capabilities.extended, CapabilitySet::EMPTY);
            }
        }
    }

    #[test]
    fn power_controls_are_a_set_of_known_words() {
        let all =
            accepted(r#"{"PowerControls": ["ForcePowerDown", "ForceReboot", "SetPowerProfile"]}"#);
        assert_eq!(all.extended.iter().collect::<Vec<_>>(), POWER_CONTROLS);
        refused(
            r#"{"PowerControls": []}"#,
            &["$.PowerControls: lists nothing"],
        );
        refused(
            r#"{"PowerControls": ["ForceReboot", "ForceReboot"]}"#,
            &["$.PowerControls[1]: \"ForceReboot\" is listed twice"],
        );
        refused(
            r#"{"PowerControls": ["Reboot"]}"#,
            &["$.PowerControls[0]: unknown power control \"Reboot\""],
        );
        refused(
            r#"{"PowerControls": [true]}"#,
            &["$.PowerControls[0]: expected a string, found true or false"],
        );
        refused(
            r#"{"PowerControls": "ForceReboot"}"#,
            &["$.PowerControls: expected an array, found a string"],
        );
    }

    #[test]
    fn unknown_capabilities_are_refused() {
        refused(
            r#"{"Camera": true}"#,
            &["$.Camera: unknown capability \"Camera\""],
        );
        refused(r#"{"gpio": []}"#, &["$.gpio: unknown capability \"gpio\""]);
        refused(
            r#"{"ForceReboot": true}"#,
            &["$.ForceReboot: unknown capability \"ForceReboot\""],
        );
        refused(
            r#"{"KernelLog": true}"#,
            &["$.KernelLog: no manifest can ask for KernelLog"],
        );
    }

    #[test]
    fn storage_has_a_size_from_1_to_64() {
        assert_eq!(
            accepted(r#"{"MutableStorage": {"SizeKB": 1}}"#).storage_bytes,
            1024
        );
        assert_eq!(
            accepted(r#"{"MutableStorage": {"SizeKB": 64}}"#).storage_bytes,
            65536
        );
        for size in ["0", "65", "-1", "8.5"] {
            refused(
                &format!(r#"{{"MutableStorage": {{"SizeKB": {size}}}}}"#),
                &[&format!(
                    "$.MutableStorage.SizeKB: {size} is not an integer from 1 to 64"
                )],
            );
        }
        refused(
            r#"{"MutableStorage": {"SizeKB": "8"}}"#,
            &["$.MutableStorage.SizeKB: expected an integer, found a string"],
        );
        refused(
            r#"{"MutableStorage": {}}"#,
            &["$.MutableStorage: \"SizeKB\" is missing"],
        );
        refused(
            r#"{"MutableStorage": {"SizeKB": 8, "Size": 1}}"#,
            &["$.MutableStorage.Size: unknown key \"Size\""],
        );
        refused(
            r#"{"MutableStorage": 8}"#,
            &["$.MutableStorage: expected an object, found a number"],
        );
    }

    #[test]
    fn the_tenant_has_63_bytes_at_most() {
        let longest = "é".repeat(31) + "x";
        assert_eq!(
            accepted(&format!(r#"{{"DeviceAuthentication": "{longest}"}}"#)).tenant,
            longest
        );
        let too_long = "é".repeat(32);
        refused(
            &format!(r#"{{"DeviceAuthentication": "{too_long}"}}"#),
            &["$.DeviceAuthentication: has 64 bytes, and 63 is the most"],
        );
        for zeros in [
            "00000000-0000-0000-0000-000000000000",
            "{00000000-0000-0000-0000-000000000000}",
        ] {
            refused(
                &format!(r#"{{"DeviceAuthentication": "{zeros}"}}"#),
                &["$.DeviceAuthentication: a GUID of zeros is a placeholder"],
            );
        }
        refused(
            r#"{"DeviceAuthentication": ""}"#,
            &["$.DeviceAuthentication: \"\" is a placeholder"],
        );
        refused(
            r#"{"DeviceAuthentication": "CHANGE THIS"}"#,
            &["$.DeviceAuthentication: \"CHANGE THIS\" is a placeholder"],
        );
        refused(
            r#"{"DeviceAuthentication": true}"#,
            &["$.DeviceAuthentication: expected a string, found true or false"],
        );
    }

    #[test]
    fn ports_are_ports() {
        let ports =
            accepted(r#"{"AllowedTcpServerPorts": [1, 65535], "AllowedUdpServerPorts": [53]}"#);
        assert_eq!(ports.tcp_server_ports.len(), 2);
        assert_eq!(ports.udp_server_ports[0].value, 53);
        refused(
            r#"{"AllowedTcpServerPorts": [0, 65536, "80"], "AllowedUdpServerPorts": 53}"#,
            &[
                "$.AllowedTcpServerPorts[0]: 0 is not an integer from 1 to 65535",
                "$.AllowedTcpServerPorts[1]: 65536 is not an integer from 1 to 65535",
                "$.AllowedTcpServerPorts[2]: expected an integer, found a string",
                "$.AllowedUdpServerPorts: expected an array, found a number",
            ],
        );
    }

    #[test]
    fn peers_are_guids() {
        let peers = accepted(
            r#"{"AllowedApplicationConnections": ["005180BC-402F-4CB3-A662-72937DBCDE47"]}"#,
        )
        .peers;
        assert_eq!(
            peers[0].value.to_string(),
            "005180bc-402f-4cb3-a662-72937dbcde47"
        );
        refused(
            r#"{"AllowedApplicationConnections": ["00000000-0000-0000-0000-000000000000", "x", 1]}"#,
            &[
                "$.AllowedApplicationConnections[0]: a GUID of zeros is a placeholder",
                "$.AllowedApplicationConnections[1]: \"x\" is not a GUID",
                "$.AllowedApplicationConnections[2]: expected a string, found a number",
            ],
        );
    }

    #[test]
    fn connections_are_hosts() {
        let connections =
            accepted(r#"{"AllowedConnections": ["a.example", "192.0.2.1", "_x._tcp.local"]}"#)
                .connections;
        assert_eq!(connections.len(), 3);
        refused(
            r#"{"AllowedConnections": ["", "<IPERF SERVER IP ADDRESS>", "*", 7]}"#,
            &[
                "$.AllowedConnections[0]: \"\" is a placeholder",
                "$.AllowedConnections[1]: \"<IPERF SERVER IP ADDRESS>\" is a placeholder",
                "$.AllowedConnections[2]: \"*\" contains a wildcard, and only exact names match",
                "$.AllowedConnections[3]: expected a string, found a number",
            ],
        );
    }

    #[test]
    fn peripherals_are_names_or_values() {
        let requests =
            accepted(r#"{"Gpio": [8, "$LED"], "Uart": ["ISU0", "$CONSOLE"]}"#).peripherals;
        let references: Vec<_> = requests
            .iter()
            .map(|request| format!("{:?}", request.value.reference))
            .collect();
        assert_eq!(
            references,
            [
                "Value(Line(8))",
                "Name(\"LED\")",
                "Value(Controller(\"ISU0\"))",
                "Name(\"CONSOLE\")"
            ]
        );
        refused(
            r#"{"Gpio": ["LED", "$", "", -1, true], "I2cMaster": [2], "SpiMaster": {}}"#,
            &[
                "$.Gpio[0]: \"LED\" does not name a GPIO line",
                "$.Gpio[1]: a name is missing after $",
                "$.Gpio[2]: \"\" is a placeholder",
                "$.Gpio[3]: -1 is not an integer from 0 to 4294967295",
                "$.Gpio[4]: expected \"$NAME\" or the number of a line, found true or false",
                "$.I2cMaster[0]: expected \"$NAME\" or the name of a controller, found a number",
                "$.SpiMaster: expected an array, found an object",
            ],
        );
    }
}

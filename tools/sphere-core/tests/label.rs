// SPDX-License-Identifier: GPL-2.0

//! Labels: what is written can be read, and nothing else.

use sphere_core::{
    label::{LABEL_MAX, Label, TENANT_OFFSET},
    uuid::Uuid,
};

const A: Uuid = Uuid([
    0xed, 0x41, 0x9d, 0x83, 0x3c, 0x9d, 0x41, 0x07, 0xac, 0xb2, 0x3a, 0x98, 0x15, 0xc2, 0xfc, 0xd1,
]);
const A_TEXT: &str = "ed419d83-3c9d-4107-acb2-3a9815c2fcd1";

fn application(tenant: &str) -> Label<'_> {
    Label::Application {
        component: A,
        tenant,
    }
}

/// The very words that the documentation promises.
#[test]
fn labels_look_as_documented() {
    assert_eq!(Label::Kernel.to_string(), "kernel");
    assert_eq!(Label::Manager.to_string(), "manager");
    assert_eq!(Label::None.to_string(), "none");
    assert_eq!(
        application("blue house").to_string(),
        format!("component={A_TEXT} tenant=blue house")
    );
    assert_eq!(
        application("").to_string(),
        format!("component={A_TEXT} tenant=")
    );
}

#[test]
fn what_is_written_can_be_read() {
    let longest = "ü".repeat(31) + "u";
    assert_eq!(longest.len(), 63);
    let forged = format!("x component={A_TEXT} tenant=y");
    for label in [
        Label::Kernel,
        Label::Manager,
        Label::None,
        application(""),
        application(" "),
        application("manager"),
        application(" tenant="),
        application(&forged),
        application(&longest),
    ] {
        let text = label.to_string();
        assert!(text.len() <= LABEL_MAX, "{text}");
        assert_eq!(Label::parse(&text), Some(label), "{text}");
        if let Label::Application { tenant, .. } = label {
            assert_eq!(&text[TENANT_OFFSET..], tenant);
        }
    }
    assert_eq!(application(&longest).to_string().len(), LABEL_MAX);
}

#[test]
fn nothing_else_can_be_read() {
    let good = application("t").to_string();
    for text in [
        "",
        "Manager",
        "manager ",
        " manager",
        "kernel\0",
        "component=",
        "tenant=t",
        &good.to_uppercase(),
        &good.replace("component=", "component= "),
        &good.replace(" tenant", ""),
        &good.replace(" tenant", "\ttenant"),
        &good.replace("ed41", "ED41"),
        &good.replace("ed41", "eg41"),
        &good.replace('-', ""),
        &good.replace("3c9d-", "3c9d4"),
        &good.replace("fcd1", "fcd12"),
        &good.replace("fcd1", "fcd"),
        &good.replace("ed41", "€1"),
    ] {
        assert_eq!(Label::parse(text), None, "{text}");
    }
}

#[test]
fn ids_are_read_in_one_form() {
    assert_eq!(Uuid::parse(A_TEXT), Some(A));
    for (i, _) in A_TEXT.char_indices() {
        assert_eq!(Uuid::parse(&A_TEXT[..i]), None);
        let mut text = A_TEXT.to_owned();
        text.replace_range(i..=i, "x");
        assert_eq!(Uuid::parse(&text), None, "{text}");
    }
    assert_eq!(Uuid::parse(&format!("{A_TEXT}0")), None);
}

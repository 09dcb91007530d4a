// SPDX-License-Identifier: GPL-2.0

//! When a policy allows nothing that another does not. A locked policy relies on it, so what is
//! tried most is to get more by a policy that is said to be within another.

use super::asks::decisions;
use super::reader::{Owned, policy};
use super::said::{A, B, NAMES, Said, What, everything, granted, lines, record, said, what, who};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use sphere_core::gate::Gate;
use sphere_core::policy::{Verb, Who};
use sphere_core::record::{NetAction, Protocol, Record};

/// All that is let pass, and the quota.
fn passes(policy: &Owned, record: Option<&Record<Vec<u8>>>) -> (Vec<bool>, u64) {
    let grants = policy.grants(record);
    let passes = decisions(&grants)
        .into_iter()
        .map(|(gate, is_granted)| is_granted || policy.settings.off.contains(gate))
        .collect();
    let quota = if policy.settings.off.contains(Gate::Storage) {
        u64::MAX
    } else {
        grants.storage_bytes()
    };
    (passes, quota)
}

fn is_less(one: &(Vec<bool>, u64), other: &(Vec<bool>, u64)) -> bool {
    one.1 <= other.1
        && one
            .0
            .iter()
            .zip(&other.0)
            .all(|(one, other)| *one <= *other)
}

/// Whether nobody who has one of these records, and nobody without, gets more.
fn gives_no_more(new: &Owned, old: &Owned, records: &[Record<Vec<u8>>]) -> bool {
    records
        .iter()
        .map(Some)
        .chain([None])
        .all(|record| is_less(&passes(new, record), &passes(old, record)))
}

/// Statements about gates: at most one for each, or they would be hard to compare.
fn checks() -> impl Strategy<Value = String> {
    let negotiable: Vec<_> = Gate::ALL
        .iter()
        .filter(|gate| gate.is_negotiable())
        .collect();
    proptest::sample::subsequence(negotiable, 0..3).prop_map(|gates| {
        let off = |gate: &&Gate| format!("check {} off\n", gate.name());
        gates.iter().map(off).collect()
    })
}

/// A change to what is said.
#[derive(Clone, Debug)]
enum Edit {
    Remove(Index),
    Insert(Index, Said),
    /// The same of somebody else.
    Readdress(Index, Who),
    /// The same about something else of the same kind, if there is a statement about that.
    Retarget(Index, What),
    /// What was allowed is denied, and the other way round.
    Reverse(Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        1 => any::<Index>().prop_map(Edit::Remove),
        1 => (any::<Index>(), said()).prop_map(|(at, said)| Edit::Insert(at, said)),
        1 => (any::<Index>(), who()).prop_map(|(at, who)| Edit::Readdress(at, who)),
        4 => (any::<Index>(), what()).prop_map(|(at, what)| Edit::Retarget(at, what)),
        1 => any::<Index>().prop_map(Edit::Reverse),
    ]
}

fn edited(old: &[Said], edits: &[Edit]) -> Vec<Said> {
    let mut new = old.to_vec();
    for edit in edits {
        let changed = |said: &[Said], at: &Index, change: &dyn Fn(&mut Said)| {
            let mut said = said.to_vec();
            if !said.is_empty() {
                let at = at.index(said.len());
                change(&mut said[at]);
            }
            said
        };
        let next = match edit {
            Edit::Remove(at) => {
                let mut said = new.clone();
                if !said.is_empty() {
                    said.remove(at.index(said.len()));
                }
                said
            }
            Edit::Insert(at, added) => {
                let mut said = new.clone();
                said.insert(at.index(said.len() + 1), added.clone());
                said
            }
            Edit::Readdress(at, who) => changed(&new, at, &|said| said.who = *who),
            Edit::Retarget(at, what) => changed(&new, at, &|said| {
                if said.what.is_some() {
                    said.what = Some(what.clone());
                }
            }),
            Edit::Reverse(at) => changed(&new, at, &|said| {
                said.verb = match said.verb {
                    Verb::Allow => Verb::Deny,
                    Verb::Deny => Verb::Allow,
                    verb => verb,
                };
            }),
        };
        if next.iter().all(Said::is_legal) {
            new = next;
        }
    }
    new
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// The one that matters.
    #[test]
    fn who_is_within_gives_no_more(
        old in vec(said(), 0..5),
        edits in vec(edit(), 0..4),
        records in vec(granted(), 1..3),
        (checks, more_checks) in (checks(), checks()),
        keeps_checks: bool,
    ) {
        let new_checks = if keeps_checks { &checks } else { &more_checks };
        let new = policy(&format!("{new_checks}{}", lines(&edited(&old, &edits))));
        let old = policy(&format!("{checks}{}", lines(&old)));
        for (new, old) in [(&new, &old), (&old, &new)] {
            if new.is_within(old) {
                let records: Vec<_> = records
                    .iter()
                    .flat_map(|granted| [record(A, granted), record(B, granted)])
                    .collect();
                prop_assert!(gives_no_more(new, old, &records), "{}\n{}", new.text, old.text);
            }
        }
    }

    #[test]
    fn every_policy_is_within_itself(said in vec(said(), 0..8), checks in checks()) {
        let policy = policy(&format!("{checks}{}", lines(&said)));
        prop_assert!(policy.is_within(&policy));
    }

    /// In another order, and written in another way.
    #[test]
    fn it_is_what_is_said_that_counts(said in vec(said(), 0..8)) {
        let backwards: Vec<_> = said.iter().rev().cloned().collect();
        let (one, other) = (lines(&said), lines(&backwards).replace(' ', " \t ") + "# said\n");
        let (one, other) = (policy(&one), policy(&other));
        prop_assert!(one.is_within(&other) && other.is_within(&one));
    }

    #[test]
    fn who_is_within_one_that_is_within_another_is_within_that(
        first in vec(said(), 0..4),
        edits in vec(edit(), 0..3),
        more in vec(edit(), 0..3),
    ) {
        let second = edited(&first, &edits);
        let third = edited(&second, &more);
        let all = [first, second, third].map(|said| policy(&lines(&said)));
        for a in &all {
            for b in &all {
                for c in &all {
                    let is_chain = a.is_within(b) && b.is_within(c);
                    prop_assert!(!is_chain || a.is_within(c));
                }
            }
        }
    }

    /// Whatever else is said.
    #[test]
    fn less_is_within_more(
        said in vec(said(), 1..6),
        at: Index,
        checks in checks(),
    ) {
        let all = policy(&lines(&said));
        let mut rest = said.clone();
        let one = rest.remove(at.index(rest.len()));
        let rest = policy(&lines(&rest));
        if one.verb == Verb::Allow {
            prop_assert!(rest.is_within(&all));
        } else {
            prop_assert!(all.is_within(&rest));
        }
        let unchecked = policy(&format!("{checks}{}", all.text.replace("version 1\n", "")));
        prop_assert!(all.is_within(&unchecked));
        prop_assert_eq!(unchecked.is_within(&all), checks.is_empty());
    }
}

/// All statements of a part of the small world, of everybody.
fn all_said(world: &[What]) -> Vec<Said> {
    let world: Vec<_> = world.iter().cloned().map(Some).chain([None]).collect();
    let mut all = Vec::new();
    for who in [
        Who::Nobody,
        Who::Everyone,
        Who::Component(A),
        Who::Component(B),
    ] {
        for verb in [Verb::Allow, Verb::Deny, Verb::Limit, Verb::Quarantine] {
            let said = world.iter().cloned();
            let said = said.map(|what| Said { who, verb, what });
            all.extend(said.filter(Said::is_legal));
        }
    }
    all
}

/// Small enough for one record.
fn smaller_world() -> Vec<What> {
    let mut world = everything();
    world.retain(|what| match what {
        What::Gpio { chip, .. } => chip == NAMES[0] || chip == NAMES[1],
        What::Mtd(partition, _) => partition == NAMES[0] || partition == NAMES[1],
        What::Net(rule) if rule.protocol == Protocol::Tcp => rule.port_first <= 80,
        What::Net(rule) => rule.port_last == 443 && rule.action == NetAction::Bind,
        _ => true,
    });
    world
}

/// What changes nothing, which nobody looks for.
fn is_idle(said: &Said) -> bool {
    matches!(
        (said.verb, &said.what),
        (Verb::Allow, Some(What::Storage(0))) | (Verb::Limit, Some(What::Storage(u64::MAX)))
    )
}

/// What passes, one bit each, and the quota, for who has a record of these and who has none.
fn passed(policy: &Owned, records: &[Record<Vec<u8>>]) -> (Vec<u64>, Vec<u64>) {
    let (mut bits, mut quotas) = (Vec::new(), Vec::new());
    for record in records.iter().map(Some).chain([None]) {
        let (passes, quota) = passes(policy, record);
        bits.extend(passes.chunks(64).map(|part| {
            let part = part.iter().enumerate();
            part.fold(0, |bits, (i, &bit)| bits | u64::from(bit) << i)
        }));
        quotas.push(quota);
    }
    (bits, quotas)
}

/// There are few enough policies of one statement to try all pairs. Here, what gives no more is
/// also seen as such. What a statement gives or takes shows in who has nothing or everything.
#[test]
fn one_statement_is_within_another_if_and_only_if_it_gives_no_more() {
    let world = smaller_world();
    let mut all = vec![(policy(""), false)];
    all.extend(all_said(&world).iter().map(|said| {
        let policy = policy(&said.to_string());
        (policy, is_idle(said))
    }));
    let records: Vec<_> = [A, B]
        .into_iter()
        .flat_map(|component| [record(component, &[]), record(component, &world)])
        .collect();
    let all: Vec<_> = all
        .into_iter()
        .map(|(policy, is_idle)| (passed(&policy, &records), policy, is_idle))
        .collect();
    for (new_passed, new, is_new_idle) in &all {
        for (old_passed, old, is_old_idle) in &all {
            let bits = new_passed.0.iter().zip(&old_passed.0);
            let quotas = new_passed.1.iter().zip(&old_passed.1);
            let gives_no_more = bits.fold(0, |more, (new, old)| more | new & !old) == 0
                && quotas.fold(true, |less, (new, old)| less & (new <= old));
            let is_within = new.is_within(old);
            let is_right =
                is_within == gives_no_more || (gives_no_more && (*is_new_idle || *is_old_idle));
            assert!(is_right, "{is_within}\n{}\n{}", new.text, old.text);
        }
    }
}

/// What the statements of `new` allow is in single ones of `old`; neither are two of them taken
/// for one, nor is one seen to be made up for by another.
#[test]
fn what_is_not_seen_is_not_within() {
    let is_within = |new: &str, old: &str| policy(new).is_within(&policy(old));
    let two = "nobody allow tcp bind 80\nnobody allow tcp bind 81\n";
    let one = "nobody allow tcp bind 80-81\n";
    assert!(is_within(two, one));
    assert!(!is_within(one, two));
    let nothing = "component * allow mtd a read\ncomponent * deny mtd a read\n";
    assert!(!is_within(nothing, ""));
}

/// Lines are compared window by window, whatever runs they are written in.
#[test]
fn lines_in_other_runs() {
    let is_within = |new: &str, old: &str| policy(new).is_within(&policy(old));
    let whole = "nobody allow gpio a 0-127 inout\n";
    assert!(is_within("nobody allow gpio a 60-70,3 in\n", whole));
    assert!(is_within("nobody allow gpio %61 100 out\n", whole));
    assert!(!is_within("nobody allow gpio a 60-128 in\n", whole));
    assert!(!is_within("nobody allow gpio A 1 in\n", whole));
    assert!(!is_within(whole, "nobody allow gpio a 0-127 in\n"));
    let parts = "nobody allow gpio a 0-63,64-127 inout\n";
    assert!(is_within(whole, parts) && is_within(parts, whole));
}

#[test]
fn less_storage_is_within_more() {
    let is_within = |new: &str, old: &str| policy(new).is_within(&policy(old));
    let (allow, limit) = ("component * allow storage ", "component * limit storage ");
    for verb in [allow, limit] {
        let said = |bytes: u64| format!("{verb}{bytes}\n");
        assert!(is_within(&said(4096), &said(4096)));
        assert!(is_within(&said(4096), &said(4097)));
        assert!(!is_within(&said(4097), &said(4096)));
    }
    assert!(is_within(&format!("{limit}0\n"), ""));
    assert!(!is_within("", &format!("{limit}0\n")));
    assert!(!is_within(&format!("{allow}1\n"), ""));
}

/// Who is quarantined need not be denied anything else any more.
#[test]
fn a_quarantine_stands_for_all_that_was_taken() {
    let is_within = |new: &str, old: &str| policy(new).is_within(&policy(old));
    let old = format!("component {A} deny mtd a read\ncomponent {A} limit storage 1\n");
    assert!(is_within(&format!("component {A} quarantine\n"), &old));
    assert!(is_within("component * quarantine\n", &old));
    assert!(!is_within(&format!("component {B} quarantine\n"), &old));
    assert!(!is_within(&old, "component * quarantine\n"));
}

#[test]
fn reports_are_the_same_or_it_is_not_within() {
    let default = policy("");
    let said = policy("reports 10 5000\n");
    assert!(said.is_within(&default) && default.is_within(&said));
    for other in ["reports 9 5000\n", "reports 10 4999\n", "reports 0 1\n"] {
        let other = policy(other);
        assert!(!other.is_within(&default) && !default.is_within(&other));
    }
}

#[test]
fn a_check_that_is_off_may_be_turned_on_but_not_the_other_way_round() {
    let (on, off) = (policy("check gpio on\n"), policy("check gpio off\n"));
    assert!(on.is_within(&off) && on.is_within(&policy("")));
    assert!(!off.is_within(&on) && !off.is_within(&policy("check mtd off\n")));
    // The last one counts.
    assert!(policy("check gpio off\ncheck gpio on\n").is_within(&on));
}

// SPDX-License-Identifier: GPL-2.0

//! The identity record: how an identity is written down.
//!
//! The layout is that of `include/uapi/linux/sphere.h`, which also says what each field means. A
//! record grows in the way of `clone3()`: a header or an entry that is larger than this reader
//! knows is accepted if what it does not know is zero.

use super::{
    capability::CapabilitySet,
    text,
    uuid::Uuid, //
};
use core::{
    cmp::Ordering,
    ffi::CStr,
    fmt,
    marker::PhantomData,
    ops::{Deref, Range}, //
};

/// The first four bytes, read as a little-endian number.
pub const MAGIC: u32 = 0x5248_5053;
/// Bytes of the largest record.
pub const RECORD_MAX: usize = 4064;
/// Bytes of the header that this reader knows, which is also the smallest that it accepts.
pub const HEADER_SIZE: usize = 176;
/// Bytes of a tenant id's field.
pub const TENANT_SIZE: usize = 64;
/// Bytes of a name's field.
pub const NAME_SIZE: usize = 32;
/// Bytes of a chip label's field.
pub const CHIP_SIZE: usize = 32;
/// Bytes of a partition name's field.
pub const PARTITION_SIZE: usize = 64;
/// Lines that one [`GpioGrant`] covers.
pub const WINDOW: u32 = 64;

/// Offsets of the header's fields in bytes.
mod field {
    pub(super) const MAGIC: usize = 0;
    pub(super) const HEADER_SIZE: usize = 4;
    pub(super) const KIND: usize = 6;
    pub(super) const SIZE: usize = 8;
    pub(super) const RESERVED: usize = 12;
    pub(super) const COMPONENT: usize = 16;
    pub(super) const TENANT: usize = 32;
    pub(super) const NAME: usize = 96;
    pub(super) const CAPABILITIES: usize = 128;
    pub(super) const STORAGE_BYTES: usize = 136;
    pub(super) const TABLES: usize = 144;
}

/// Bytes of `struct sphere_table`.
const TABLE_SIZE: usize = 8;
/// What sizes and strides are multiples of.
const GRAIN: usize = 8;

/// What a record makes of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Kind {
    /// No identity: compute and RAM.
    None = 0,
    /// One component of the device.
    Application = 1,
    /// May give identities.
    Manager = 2,
}

impl Kind {
    fn from_bits(bits: u16) -> Option<Self> {
        [Self::None, Self::Application, Self::Manager]
            .into_iter()
            .find(|&kind| kind as u16 == bits)
    }
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It ends before the header does.
    Truncated,
    /// It is larger than [`RECORD_MAX`].
    TooLarge,
    /// It does not start with [`MAGIC`].
    BadMagic,
    /// The header's size is too small, not a multiple of 8, or beyond the end.
    BadHeaderSize,
    /// The kind is not one of [`Kind`].
    UnknownKind,
    /// The size in the header is not that of the record.
    BadSize,
    /// A field that must be zero is not.
    NotZero,
    /// An id names nothing.
    NilId,
    /// A text is not UTF-8, has control characters, or is not zero padded.
    BadText,
    /// A text that must name something is empty.
    EmptyText,
    /// A capability is not known.
    UnknownCapability,
    /// A table does not start where the one before ends.
    BadTableOffset,
    /// A table's stride is too small or not a multiple of 8.
    BadStride,
    /// A table reaches beyond the end of the record.
    TableTooLong,
    /// Entries are not in order, or two are alike.
    NotSorted,
    /// The first line of a window is not a multiple of [`WINDOW`].
    BadWindow,
    /// An entry grants nothing.
    NothingGranted,
    /// An access is neither read nor read and write.
    BadAccess,
    /// An action, family or protocol is not known, or they do not go together.
    BadRule,
    /// A range of ports is empty or contains port 0.
    BadPorts,
    /// An address has bits beyond its prefix, a prefix is longer than an address, or nothing can
    /// be reached by it.
    BadAddress,
    /// The buffer to write to is too small.
    NoRoom,
}

impl Reason {
    const fn text(self) -> &'static str {
        match self {
            Self::Truncated => "the record ends before its header does",
            Self::TooLarge => "the record is larger than 4064 bytes",
            Self::BadMagic => "this is no identity record (wrong magic number)",
            Self::BadHeaderSize => "the header's size is wrong",
            Self::UnknownKind => "the kind of record is not known",
            Self::BadSize => "the size in the header is not the record's",
            Self::NotZero => "this must be zero",
            Self::NilId => "the id is nil",
            Self::BadText => "the text is not zero padded UTF-8 without control characters",
            Self::EmptyText => "the text is empty",
            Self::UnknownCapability => "a capability is not known",
            Self::BadTableOffset => "the table does not start where the one before ends",
            Self::BadStride => "the table's stride is wrong",
            Self::TableTooLong => "the table reaches beyond the end of the record",
            Self::NotSorted => "entries are not in order or not unique",
            Self::BadWindow => "the window's first line is wrong",
            Self::NothingGranted => "the entry grants nothing",
            Self::BadAccess => "the access is neither read nor read and write",
            Self::BadRule => "the action, family or protocol is wrong",
            Self::BadPorts => "the range of ports is wrong",
            Self::BadAddress => "the address and its prefix do not fit",
            Self::NoRoom => "the buffer is too small",
        }
    }
}

/// Where a record is wrong, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordError {
    /// Bytes from the start of the record to the field that is wrong.
    pub offset: usize,
    /// What is wrong with it.
    pub reason: Reason,
}

impl RecordError {
    fn at(offset: usize, reason: Reason) -> Self {
        Self { offset, reason }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.offset, self.reason.text())
    }
}

impl core::error::Error for RecordError {}

/// `N` bytes at `offset`; zeros where there are none, which no caller meets after the checks of
/// [`Record::parse`].
fn array<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    bytes
        .get(offset..)
        .and_then(|rest| rest.first_chunk())
        .copied()
        .unwrap_or([0; N])
}

fn le16(bytes: &[u8], offset: usize) -> u16 {
    u16::from_le_bytes(array(bytes, offset))
}

fn le32(bytes: &[u8], offset: usize) -> u32 {
    u32::from_le_bytes(array(bytes, offset))
}

fn le64(bytes: &[u8], offset: usize) -> u64 {
    u64::from_le_bytes(array(bytes, offset))
}

fn slice(bytes: &[u8], range: Range<usize>) -> &[u8] {
    bytes.get(range).unwrap_or(&[])
}

fn put(out: &mut [u8], offset: usize, bytes: &[u8]) {
    if let Some(slot) = out
        .get_mut(offset..)
        .and_then(|rest| rest.get_mut(..bytes.len()))
    {
        slot.copy_from_slice(bytes);
    }
}

/// Fails at the first byte of `range` that is not zero.
fn expect_zero(bytes: &[u8], range: Range<usize>) -> Result<(), RecordError> {
    let part = slice(bytes, range.clone());
    if text::is_zero(part) {
        return Ok(());
    }
    let i = part.iter().position(|&byte| byte != 0).unwrap_or(0);
    Err(RecordError::at(range.start + i, Reason::NotZero))
}

/// One kind of table entry.
pub trait Entry<'a>: Sized + Copy {
    /// Bytes of the entry that this reader knows.
    const SIZE: usize;
    /// Leading bytes by which entries are sorted, and which no two share.
    const KEY: usize;

    /// How the keys of two entries, [`Self::KEY`] bytes each, are ordered.
    fn compare(one: &[u8], other: &[u8]) -> Ordering {
        one.cmp(other)
    }

    /// Reads and checks an entry from at least [`Self::SIZE`] bytes. An error's offset counts from
    /// the start of the entry.
    fn parse(entry: &'a [u8]) -> Result<Self, RecordError>;

    /// Reads an entry that [`Self::parse`] has accepted, as quickly as can be.
    fn read(entry: &'a [u8]) -> Option<Self> {
        Self::parse(entry).ok()
    }

    /// Writes the entry to [`Self::SIZE`] zeroed bytes.
    fn write(&self, out: &mut [u8]) -> Result<(), RecordError>;
}

/// A text that has to name something.
fn name_field(entry: &[u8], size: usize) -> Result<&str, RecordError> {
    match text::from_field(slice(entry, 0..size)) {
        Some("") => Err(RecordError::at(0, Reason::EmptyText)),
        Some(name) => Ok(name),
        None => Err(RecordError::at(0, Reason::BadText)),
    }
}

/// How the name that an entry starts with, in a field of `SIZE` bytes, is ordered against `name`,
/// which has its final zero. The bytes behind the zeros of both do not matter: the field has zeros
/// to its end, and comes before any name that does not fit.
fn compare_name<const SIZE: usize>(entry: &[u8], name: &[u8]) -> Ordering {
    let len = name.len().min(SIZE);
    slice(entry, 0..len).cmp(name)
}

/// Lines of one window of a GPIO chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GpioGrant<'a> {
    /// Label of the chip.
    pub chip: &'a str,
    /// Hardware offset of the window's first line, a multiple of [`WINDOW`].
    pub base: u32,
    /// Lines that may be inputs, bit n for `base + n`.
    pub input: u64,
    /// Lines that may be outputs, bit n for `base + n`.
    pub output: u64,
}

impl<'a> Entry<'a> for GpioGrant<'a> {
    const SIZE: usize = 56;
    const KEY: usize = 36;

    /// A base is a number, whose bytes are little-endian.
    fn compare(one: &[u8], other: &[u8]) -> Ordering {
        slice(one, 0..CHIP_SIZE)
            .cmp(slice(other, 0..CHIP_SIZE))
            .then(le32(one, CHIP_SIZE).cmp(&le32(other, CHIP_SIZE)))
    }

    fn parse(entry: &'a [u8]) -> Result<Self, RecordError> {
        let grant = Self {
            chip: name_field(entry, CHIP_SIZE)?,
            base: le32(entry, 32),
            input: le64(entry, 40),
            output: le64(entry, 48),
        };
        if grant.base % WINDOW != 0 {
            return Err(RecordError::at(32, Reason::BadWindow));
        }
        expect_zero(entry, 36..40)?;
        if grant.input | grant.output == 0 {
            return Err(RecordError::at(40, Reason::NothingGranted));
        }
        Ok(grant)
    }

    fn write(&self, out: &mut [u8]) -> Result<(), RecordError> {
        out.get_mut(..CHIP_SIZE)
            .and_then(|field| text::to_field(self.chip, field))
            .ok_or(RecordError::at(0, Reason::BadText))?;
        put(out, 32, &self.base.to_le_bytes());
        put(out, 40, &self.input.to_le_bytes());
        put(out, 48, &self.output.to_le_bytes());
        Ok(())
    }
}

/// What may be done with an MTD partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum MtdAccess {
    /// Read.
    Read = 1,
    /// Read, write, erase.
    ReadWrite = 3,
}

impl MtdAccess {
    /// Whether who has this has `other`, too.
    pub fn includes(self, other: Self) -> bool {
        other as u32 & !(self as u32) == 0
    }

    fn from_bits(bits: u32) -> Option<Self> {
        match bits {
            1 => Some(Self::Read),
            3 => Some(Self::ReadWrite),
            _ => None,
        }
    }
}

/// Access to one MTD partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MtdGrant<'a> {
    /// Name of the partition.
    pub partition: &'a str,
    /// What may be done with it.
    pub access: MtdAccess,
}

impl<'a> Entry<'a> for MtdGrant<'a> {
    const SIZE: usize = 72;
    const KEY: usize = 64;

    fn parse(entry: &'a [u8]) -> Result<Self, RecordError> {
        let partition = name_field(entry, PARTITION_SIZE)?;
        let access = MtdAccess::from_bits(le32(entry, PARTITION_SIZE))
            .ok_or(RecordError::at(PARTITION_SIZE, Reason::BadAccess))?;
        expect_zero(entry, 68..72)?;
        Ok(Self { partition, access })
    }

    fn write(&self, out: &mut [u8]) -> Result<(), RecordError> {
        out.get_mut(..PARTITION_SIZE)
            .and_then(|field| text::to_field(self.partition, field))
            .ok_or(RecordError::at(0, Reason::BadText))?;
        put(out, 64, &(self.access as u32).to_le_bytes());
        Ok(())
    }
}

/// A transport protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Protocol {
    /// TCP.
    Tcp = 6,
    /// UDP.
    Udp = 17,
}

impl Protocol {
    /// Its name in policies and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// Addresses that share their leading bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Prefix {
    /// IPv4: the address, and how many of its bits count.
    V4([u8; 4], u8),
    /// IPv6: the address, and how many of its bits count.
    V6([u8; 16], u8),
}

/// What a [`NetRule`] allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NetAction {
    /// Bind to the ports on any local address.
    Bind,
    /// Send to the ports of these addresses.
    Connect(Prefix),
}

/// Local ports or remote endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetRule {
    /// What is allowed.
    pub action: NetAction,
    /// Over which protocol.
    pub protocol: Protocol,
    /// First port of the range, at least 1.
    pub port_first: u16,
    /// Last port of the range, at least `port_first`.
    pub port_last: u16,
}

/// Whether all bits of `address` after the first `prefix` are zero; false where there are not as
/// many bits.
fn is_network(address: &[u8], prefix: u8) -> bool {
    let prefix = usize::from(prefix);
    prefix <= address.len() * 8
        && address.iter().enumerate().all(|(i, &byte)| {
            let counted = prefix.saturating_sub(i * 8).min(8);
            u16::from(byte) & (0xff >> counted) == 0
        })
}

/// Whether a destination can be in the prefix: a kernel judges IPv4 as such, whatever kind of
/// socket it is reached by, and the unspecified address as what it stands for.
fn is_reachable(prefix: Prefix) -> bool {
    match prefix {
        Prefix::V4(address, prefix) => prefix < 32 || address != [0; 4],
        Prefix::V6(address, prefix) => {
            let is_v4 = prefix >= 96 && slice(&address, 0..12) == V4_IN_V6;
            !is_v4 && (prefix < 128 || address != [0; 16])
        }
    }
}

/// The first bytes of an IPv6 address that stands for an IPv4 one.
const V4_IN_V6: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

impl Prefix {
    /// Whether a record can hold it: it has no bits behind the prefix, and something is there to be
    /// reached.
    pub fn is_valid(self) -> bool {
        let is_network = match &self {
            Self::V4(address, bits) => is_network(address, *bits),
            Self::V6(address, bits) => is_network(address, *bits),
        };
        is_network && is_reachable(self)
    }
}

impl NetRule {
    fn read_action(entry: &[u8]) -> Option<NetAction> {
        let [action, family, _, prefix] = array(entry, 0);
        match (action, family) {
            (1, 0) => Some(NetAction::Bind),
            (2, 4) => Some(NetAction::Connect(Prefix::V4(array(entry, 8), prefix))),
            (2, 6) => Some(NetAction::Connect(Prefix::V6(array(entry, 8), prefix))),
            _ => None,
        }
    }

    fn read_protocol(entry: &[u8]) -> Option<Protocol> {
        match array(entry, 2) {
            [6] => Some(Protocol::Tcp),
            [17] => Some(Protocol::Udp),
            _ => None,
        }
    }

    fn check_address(entry: &[u8], action: NetAction) -> Result<(), RecordError> {
        let is_valid = match action {
            NetAction::Bind => {
                expect_zero(entry, 3..4)?;
                return expect_zero(entry, 8..24);
            }
            NetAction::Connect(prefix) => {
                if let Prefix::V4(..) = prefix {
                    expect_zero(entry, 12..24)?;
                }
                prefix.is_valid()
            }
        };
        if !is_valid {
            return Err(RecordError::at(8, Reason::BadAddress));
        }
        Ok(())
    }
}

impl Entry<'_> for NetRule {
    const SIZE: usize = 24;
    const KEY: usize = 24;

    fn parse(entry: &[u8]) -> Result<Self, RecordError> {
        let action = Self::read_action(entry).ok_or(RecordError::at(0, Reason::BadRule))?;
        Self::check_address(entry, action)?;
        let rule = Self {
            action,
            protocol: Self::read_protocol(entry).ok_or(RecordError::at(2, Reason::BadRule))?,
            port_first: le16(entry, 4),
            port_last: le16(entry, 6),
        };
        if rule.port_first == 0 || rule.port_last < rule.port_first {
            return Err(RecordError::at(4, Reason::BadPorts));
        }
        Ok(rule)
    }

    fn read(entry: &[u8]) -> Option<Self> {
        Some(Self {
            action: Self::read_action(entry)?,
            protocol: Self::read_protocol(entry)?,
            port_first: le16(entry, 4),
            port_last: le16(entry, 6),
        })
    }

    fn write(&self, out: &mut [u8]) -> Result<(), RecordError> {
        let (action, family, prefix) = match &self.action {
            NetAction::Bind => (1, 0, 0),
            NetAction::Connect(Prefix::V4(address, prefix)) => {
                put(out, 8, address);
                (2, 4, *prefix)
            }
            NetAction::Connect(Prefix::V6(address, prefix)) => {
                put(out, 8, address);
                (2, 6, *prefix)
            }
        };
        put(out, 0, &[action, family, self.protocol as u8, prefix]);
        put(out, 4, &self.port_first.to_le_bytes());
        put(out, 6, &self.port_last.to_le_bytes());
        Ok(())
    }
}

impl Entry<'_> for Uuid {
    const SIZE: usize = 16;
    const KEY: usize = 16;

    fn parse(entry: &[u8]) -> Result<Self, RecordError> {
        let id = Self(array(entry, 0));
        if id.is_nil() {
            return Err(RecordError::at(0, Reason::NilId));
        }
        Ok(id)
    }

    fn write(&self, out: &mut [u8]) -> Result<(), RecordError> {
        put(out, 0, &self.0);
        Ok(())
    }
}

/// The tables, in the order in which they lie in a record.
#[derive(Clone, Copy)]
enum Table {
    Gpio,
    Mtd,
    Net,
    Peer,
}

impl Table {
    /// Where the header describes it.
    fn header_offset(self) -> usize {
        field::TABLES + self as usize * TABLE_SIZE
    }
}

/// Where the entries of a table lie.
#[derive(Clone, Copy)]
struct Extent {
    offset: usize,
    count: usize,
    stride: usize,
}

impl Extent {
    fn read(bytes: &[u8], table: Table) -> Self {
        let at = table.header_offset();
        Self {
            offset: le16(bytes, at).into(),
            count: le16(bytes, at + 2).into(),
            stride: le16(bytes, at + 4).into(),
        }
    }

    /// Cannot overflow: the factors have 16 bits each, and `usize` has 32 at least.
    fn end(self) -> usize {
        self.offset + self.count * self.stride
    }

    fn entry(self, i: usize) -> Range<usize> {
        let start = self.offset + i * self.stride;
        start..start + self.stride
    }
}

/// The entries of a table, in their order.
pub struct Entries<'a, E> {
    bytes: &'a [u8],
    extent: Extent,
    next: usize,
    entry: PhantomData<E>,
}

impl<'a, E: Entry<'a>> Iterator for Entries<'a, E> {
    type Item = E;

    fn next(&mut self) -> Option<E> {
        if self.next == self.extent.count {
            return None;
        }
        let range = self.extent.entry(self.next);
        self.next += 1;
        // `Record::parse` has seen every entry parse.
        E::read(self.bytes.get(range)?)
    }
}

/// What the check of a table needs to know of its entries: [`Entry`] without the type, so that
/// there is one check for all.
struct Form {
    size: usize,
    key: usize,
    compare: fn(&[u8], &[u8]) -> Ordering,
    check: fn(&[u8]) -> Result<(), RecordError>,
}

macro_rules! form {
    ($entry:ty) => {
        Form {
            size: <$entry as Entry<'_>>::SIZE,
            key: <$entry as Entry<'_>>::KEY,
            compare: <$entry as Entry<'_>>::compare,
            check: |entry| <$entry as Entry<'_>>::parse(entry).map(|_| ()),
        }
    };
}

impl Form {
    const GPIO: Self = form!(GpioGrant<'_>);
    const MTD: Self = form!(MtdGrant<'_>);
    const NET: Self = form!(NetRule);
    const PEER: Self = form!(Uuid);
}

/// Checks a table that must start at `start`, and returns where it ends.
fn check_table(
    bytes: &[u8],
    table: Table,
    start: usize,
    form: &Form,
) -> Result<usize, RecordError> {
    let at = table.header_offset();
    let extent = Extent::read(bytes, table);
    expect_zero(bytes, at + 6..at + 8)?;
    if extent.count == 0 {
        expect_zero(bytes, at..at + 8)?;
        return Ok(start);
    }
    if extent.offset != start {
        return Err(RecordError::at(at, Reason::BadTableOffset));
    }
    if extent.stride < form.size || extent.stride % GRAIN != 0 {
        return Err(RecordError::at(at + 4, Reason::BadStride));
    }
    if extent.end() > bytes.len() {
        return Err(RecordError::at(at + 2, Reason::TableTooLong));
    }
    let mut last_key: Option<&[u8]> = None;
    for i in 0..extent.count {
        let range = extent.entry(i);
        let entry = slice(bytes, range.clone());
        (form.check)(entry).map_err(|e| RecordError::at(range.start + e.offset, e.reason))?;
        expect_zero(bytes, range.start + form.size..range.end)?;
        let key = slice(entry, 0..form.key);
        if last_key.is_some_and(|last| (form.compare)(last, key).is_ge()) {
            return Err(RecordError::at(range.start, Reason::NotSorted));
        }
        last_key = Some(key);
    }
    Ok(extent.end())
}

/// A valid record, read in place.
///
/// # Invariants
///
/// The bytes have passed [`Record::parse`] and do not change any more: `B` owns them or borrows
/// them shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<B>(B);

/// A record that makes nothing of a task.
pub const NONE: Record<&[u8]> = {
    static BYTES: [u8; HEADER_SIZE] = bare(Kind::None);
    // INVARIANT: This is what `bare` is for.
    Record(&BYTES)
};

impl<B: Deref<Target = [u8]>> Record<B> {
    /// Checks all of `bytes`.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, in the order of the fields. [`Reason::TooLarge`] comes
    /// before everything else.
    pub fn parse(bytes: B) -> Result<Self, RecordError> {
        check(&bytes)?;
        // INVARIANT: `check` has just passed.
        Ok(Self(bytes))
    }

    /// The same record, borrowed.
    pub fn as_slice(&self) -> Record<&[u8]> {
        // INVARIANT: They are the same bytes, and stay as long as they are borrowed.
        Record(&self.0)
    }

    /// The record as it was parsed.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What the record makes of a task.
    pub fn kind(&self) -> Kind {
        Kind::from_bits(le16(&self.0, field::KIND)).unwrap_or(Kind::None)
    }

    /// Application id; nil unless [`Self::kind`] is [`Kind::Application`].
    pub fn component(&self) -> Uuid {
        Uuid(array(&self.0, field::COMPONENT))
    }

    /// Network identity; empty where there is none.
    pub fn tenant(&self) -> &str {
        self.text(field::TENANT..field::TENANT + TENANT_SIZE)
    }

    /// Name for people; may be empty and decides nothing.
    pub fn name(&self) -> &str {
        self.text(field::NAME..field::NAME + NAME_SIZE)
    }

    fn text(&self, range: Range<usize>) -> &str {
        text::from_field(slice(&self.0, range)).unwrap_or("")
    }

    /// Extended capabilities.
    pub fn capabilities(&self) -> CapabilitySet {
        CapabilitySet::from_bits(le64(&self.0, field::CAPABILITIES)).unwrap_or_default()
    }

    /// Quota of mutable storage in bytes.
    pub fn storage_bytes(&self) -> u64 {
        le64(&self.0, field::STORAGE_BYTES)
    }

    /// GPIO lines, by chip label and window.
    pub fn gpio(&self) -> Entries<'_, GpioGrant<'_>> {
        self.entries(Table::Gpio)
    }

    /// Lines of one window of a chip that may be inputs, and that may be outputs, bit n for
    /// `base + n`.
    pub fn gpio_window(&self, chip: &CStr, base: u32) -> (u64, u64) {
        let chip = chip.to_bytes_with_nul();
        let found = self.find(Table::Gpio, |entry| {
            compare_name::<CHIP_SIZE>(entry, chip).then_with(|| le32(entry, CHIP_SIZE).cmp(&base))
        });
        found.map_or((0, 0), |entry| (le64(entry, 40), le64(entry, 48)))
    }

    /// Whether any line of a chip is granted.
    pub fn has_gpio_chip(&self, chip: &CStr) -> bool {
        let chip = chip.to_bytes_with_nul();
        self.find(Table::Gpio, |entry| compare_name::<CHIP_SIZE>(entry, chip))
            .is_some()
    }

    /// The bytes of an entry that `order` finds equal to what is looked for. `order` tells how an
    /// entry compares to that, and goes by what the table is sorted by.
    fn find(&self, table: Table, order: impl Fn(&[u8]) -> Ordering) -> Option<&[u8]> {
        let extent = Extent::read(&self.0, table);
        let (mut low, mut high) = (0, extent.count);
        while low < high {
            let middle = low + (high - low) / 2;
            let entry = slice(&self.0, extent.entry(middle));
            match order(entry) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Some(entry),
                Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// MTD partitions, by name.
    pub fn mtd(&self) -> Entries<'_, MtdGrant<'_>> {
        self.entries(Table::Mtd)
    }

    /// What may be done with the MTD partitions that have this name.
    pub fn mtd_access(&self, partition: &CStr) -> Option<MtdAccess> {
        let partition = partition.to_bytes_with_nul();
        self.find(Table::Mtd, |entry| {
            compare_name::<PARTITION_SIZE>(entry, partition)
        })
        .and_then(|entry| MtdAccess::from_bits(le32(entry, PARTITION_SIZE)))
    }

    /// Network rules.
    pub fn net(&self) -> Entries<'_, NetRule> {
        self.entries(Table::Net)
    }

    /// Components that it may talk to.
    pub fn peers(&self) -> Entries<'_, Uuid> {
        self.entries(Table::Peer)
    }

    fn entries<E>(&self, table: Table) -> Entries<'_, E> {
        Entries {
            bytes: &self.0,
            extent: Extent::read(&self.0, table),
            next: 0,
            entry: PhantomData,
        }
    }
}

fn check(bytes: &[u8]) -> Result<(), RecordError> {
    if bytes.len() > RECORD_MAX {
        return Err(RecordError::at(RECORD_MAX, Reason::TooLarge));
    }
    if bytes.len() < HEADER_SIZE {
        return Err(RecordError::at(bytes.len(), Reason::Truncated));
    }
    let (kind, header_size) = check_frame(bytes)?;
    match kind {
        Kind::Application => {
            check_scalars(bytes)?;
            check_tables(bytes, header_size)
        }
        Kind::None | Kind::Manager => expect_zero(bytes, field::COMPONENT..bytes.len()),
    }
}

/// The fields that every kind of record has. Returns the kind and the size of the header.
fn check_frame(bytes: &[u8]) -> Result<(Kind, usize), RecordError> {
    if le32(bytes, field::MAGIC) != MAGIC {
        return Err(RecordError::at(field::MAGIC, Reason::BadMagic));
    }
    let header_size = usize::from(le16(bytes, field::HEADER_SIZE));
    if header_size < HEADER_SIZE || header_size % GRAIN != 0 || header_size > bytes.len() {
        return Err(RecordError::at(field::HEADER_SIZE, Reason::BadHeaderSize));
    }
    let kind = Kind::from_bits(le16(bytes, field::KIND))
        .ok_or(RecordError::at(field::KIND, Reason::UnknownKind))?;
    let size = usize::try_from(le32(bytes, field::SIZE));
    if size != Ok(bytes.len()) || (kind != Kind::Application && bytes.len() != header_size) {
        return Err(RecordError::at(field::SIZE, Reason::BadSize));
    }
    expect_zero(bytes, field::RESERVED..field::COMPONENT)?;
    Ok((kind, header_size))
}

/// The fields of an application's header before the tables.
fn check_scalars(bytes: &[u8]) -> Result<(), RecordError> {
    if Uuid(array(bytes, field::COMPONENT)).is_nil() {
        return Err(RecordError::at(field::COMPONENT, Reason::NilId));
    }
    for &(start, size) in &[(field::TENANT, TENANT_SIZE), (field::NAME, NAME_SIZE)] {
        text::from_field(slice(bytes, start..start + size))
            .ok_or(RecordError::at(start, Reason::BadText))?;
    }
    CapabilitySet::from_bits(le64(bytes, field::CAPABILITIES)).ok_or(RecordError::at(
        field::CAPABILITIES,
        Reason::UnknownCapability,
    ))?;
    Ok(())
}

fn check_tables(bytes: &[u8], header_size: usize) -> Result<(), RecordError> {
    expect_zero(bytes, HEADER_SIZE..header_size)?;
    let mut end = header_size;
    for &(table, form) in &[
        (Table::Gpio, &Form::GPIO),
        (Table::Mtd, &Form::MTD),
        (Table::Net, &Form::NET),
        (Table::Peer, &Form::PEER),
    ] {
        end = check_table(bytes, table, end, form)?;
    }
    if end != bytes.len() {
        return Err(RecordError::at(end, Reason::BadSize));
    }
    Ok(())
}

/// A record that says nothing but its kind.
pub const fn bare(kind: Kind) -> [u8; HEADER_SIZE] {
    let mut record = [0; HEADER_SIZE];
    let magic = MAGIC.to_le_bytes();
    let size = (HEADER_SIZE as u16).to_le_bytes();
    let mut i = 0;
    while i < magic.len() {
        record[field::MAGIC + i] = magic[i];
        i += 1;
    }
    record[field::HEADER_SIZE] = size[0];
    record[field::HEADER_SIZE + 1] = size[1];
    record[field::KIND] = kind as u8;
    record[field::SIZE] = size[0];
    record[field::SIZE + 1] = size[1];
    record
}

/// What to write into an application's record.
///
/// The tables have to be sorted as `include/uapi/linux/sphere.h` says.
#[derive(Clone, Copy, Debug)]
pub struct Spec<'a> {
    /// Application id.
    pub component: Uuid,
    /// Network identity; empty for none.
    pub tenant: &'a str,
    /// Name for people; may be empty.
    pub name: &'a str,
    /// Extended capabilities.
    pub capabilities: CapabilitySet,
    /// Quota of mutable storage in bytes.
    pub storage_bytes: u64,
    /// GPIO lines.
    pub gpio: &'a [GpioGrant<'a>],
    /// MTD partitions.
    pub mtd: &'a [MtdGrant<'a>],
    /// Network rules.
    pub net: &'a [NetRule],
    /// Components that it may talk to.
    pub peers: &'a [Uuid],
}

impl Spec<'_> {
    /// What grants nothing.
    pub const fn new(component: Uuid) -> Self {
        Self {
            component,
            tenant: "",
            name: "",
            capabilities: CapabilitySet::EMPTY,
            storage_bytes: 0,
            gpio: &[],
            mtd: &[],
            net: &[],
            peers: &[],
        }
    }

    /// Bytes of the record.
    pub fn size(&self) -> usize {
        HEADER_SIZE
            + self.gpio.len() * GpioGrant::SIZE
            + self.mtd.len() * MtdGrant::SIZE
            + self.net.len() * NetRule::SIZE
            + self.peers.len() * Uuid::SIZE
    }

    /// Writes the record to the start of `out` and returns its size in bytes.
    ///
    /// # Errors
    ///
    /// [`Reason::NoRoom`] when `out` is too small, else what [`Record::parse`] has against the
    /// result. `out` holds no valid record then.
    pub fn write(&self, out: &mut [u8]) -> Result<usize, RecordError> {
        let size = self.size();
        if size > RECORD_MAX {
            return Err(RecordError::at(RECORD_MAX, Reason::TooLarge));
        }
        let no_room = RecordError::at(out.len(), Reason::NoRoom);
        let record = out.get_mut(..size).ok_or(no_room)?;
        record.fill(0);
        put(record, 0, &bare(Kind::Application));
        // `size` is at most `RECORD_MAX`.
        put(record, field::SIZE, &(size as u32).to_le_bytes());
        self.write_scalars(record)?;
        let end = write_table(record, Table::Gpio, HEADER_SIZE, self.gpio)?;
        let end = write_table(record, Table::Mtd, end, self.mtd)?;
        let end = write_table(record, Table::Net, end, self.net)?;
        write_table(record, Table::Peer, end, self.peers)?;
        check(record)?;
        Ok(size)
    }

    fn write_scalars(&self, record: &mut [u8]) -> Result<(), RecordError> {
        put(record, field::COMPONENT, &self.component.0);
        for (start, size, value) in [
            (field::TENANT, TENANT_SIZE, self.tenant),
            (field::NAME, NAME_SIZE, self.name),
        ] {
            record
                .get_mut(start..start + size)
                .and_then(|field| text::to_field(value, field))
                .ok_or(RecordError::at(start, Reason::BadText))?;
        }
        put(
            record,
            field::CAPABILITIES,
            &self.capabilities.bits().to_le_bytes(),
        );
        put(
            record,
            field::STORAGE_BYTES,
            &self.storage_bytes.to_le_bytes(),
        );
        Ok(())
    }
}

/// Writes a table at `start` and returns where it ends. The record is large enough.
fn write_table<'a, E: Entry<'a>>(
    record: &mut [u8],
    table: Table,
    start: usize,
    entries: &[E],
) -> Result<usize, RecordError> {
    if entries.is_empty() {
        return Ok(start);
    }
    let at = table.header_offset();
    // All three fit: the record has at most `RECORD_MAX` bytes.
    put(record, at, &(start as u16).to_le_bytes());
    put(record, at + 2, &(entries.len() as u16).to_le_bytes());
    put(record, at + 4, &(E::SIZE as u16).to_le_bytes());
    let mut end = start;
    for entry in entries {
        let error = RecordError::at(end, Reason::NoRoom);
        let slot = record.get_mut(end..end + E::SIZE).ok_or(error)?;
        entry
            .write(slot)
            .map_err(|e| RecordError::at(end + e.offset, e.reason))?;
        end += E::SIZE;
    }
    Ok(end)
}

// SPDX-License-Identifier: GPL-2.0

//! Tests of the policy: its language, what it changes, and when one is within another.

mod accepted;
mod asks;
mod grants;
mod judge;
mod listing;
mod reader;
mod refused;
mod robust;
mod said;
mod within;

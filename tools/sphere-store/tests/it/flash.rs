// SPDX-License-Identifier: GPL-2.0

//! NOR flash that loses power: each byte that is written and each block that is erased takes a step
//! of a budget. When that is used up, the last step is done by halves.

use sphere_store::source::{Flash, OutOfRange, Source};

/// The power is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerCut;

impl From<OutOfRange> for PowerCut {
    fn from(_: OutOfRange) -> Self {
        panic!("a read out of range")
    }
}

#[derive(Clone)]
pub struct Nor {
    pub bytes: Vec<u8>,
    pub block: usize,
    /// Steps that are left, and which bits the last one is done for.
    pub steps: usize,
    pub half: u8,
    pub erased: usize,
}

impl Nor {
    pub fn new(blocks: usize, block: usize, content: u8) -> Self {
        Self {
            bytes: vec![content; blocks * block],
            block,
            steps: usize::MAX,
            half: 0,
            erased: 0,
        }
    }

    fn step(&mut self) -> Result<bool, PowerCut> {
        match self.steps {
            0 => Err(PowerCut),
            steps => {
                self.steps = steps - 1;
                Ok(self.steps > 0)
            }
        }
    }
}

impl Source for Nor {
    type Error = PowerCut;

    fn size(&self) -> u32 {
        u32::try_from(self.bytes.len()).unwrap()
    }

    fn read(&self, at: u32, buffer: &mut [u8]) -> Result<(), PowerCut> {
        if self.steps == 0 {
            return Err(PowerCut);
        }
        Ok(self.bytes.as_slice().read(at, buffer)?)
    }
}

impl Flash for Nor {
    fn block_size(&self) -> u32 {
        u32::try_from(self.block).unwrap()
    }

    fn erase(&mut self, at: u32) -> Result<(), PowerCut> {
        let at = at as usize;
        assert_eq!(at % self.block, 0);
        let whole = self.step()?;
        let len = if whole { self.block } else { self.block / 2 };
        // Which half of a block comes first is the chip's to say.
        let from = if whole || self.half & 1 == 0 {
            at
        } else {
            at + len
        };
        self.bytes[from..from + len].fill(0xff);
        self.erased += 1;
        whole.then_some(()).ok_or(PowerCut)
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), PowerCut> {
        for (at, byte) in (at as usize..).zip(bytes) {
            let whole = self.step()?;
            self.bytes[at] &= if whole { *byte } else { *byte | self.half };
            if !whole {
                return Err(PowerCut);
            }
        }
        Ok(())
    }
}

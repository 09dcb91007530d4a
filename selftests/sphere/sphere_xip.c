// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - What is executed in place while its chip is written
 *
 * Adds bytes of itself up, again and again, until its input ends, and writes
 * how often that was: 0 when it starts, and the number at the end. The status
 * is 1 if a sum was not the first one: what it read then was not the flash's
 * array. What it executes is the same page.
 *
 * Built without a C library, so that it fits into the smallest partition.
 */

#define PAGE	4096ul

/* So that there is more to read than code. */
static const unsigned char bulk[4 * PAGE] = { [0 ... sizeof(bulk) - 1] = 0x5a };

static unsigned int sum(const unsigned char *from, unsigned long len)
{
	unsigned int value = 0;

	/* The compiler is not to know what is there. */
	asm volatile("" : "+r" (from) : : "memory");
	while (len--)
		value = value * 31 + *from++;
	return value;
}

int main(void)
{
	const unsigned char *code = (const unsigned char *)((unsigned long)main & ~(PAGE - 1));
	const unsigned int first = sum(code, PAGE) + sum(bulk, sizeof(bulk));
	unsigned int rounds = 0;
	char byte;

	if (write(1, &rounds, sizeof(rounds)) != sizeof(rounds))
		return 1;
	/* The parent has made this not wait. */
	while (read(0, &byte, 1) < 0) {
		if (sum(code, PAGE) + sum(bulk, sizeof(bulk)) != first)
			return 1;
		rounds++;
	}
	return write(1, &rounds, sizeof(rounds)) != sizeof(rounds);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - What is accepted as an identity record, and what is not
 *
 * Each case states what the kernel has to say, and is also put to
 * sphere_record_fault(), so that the two descriptions of the format cannot
 * drift apart. Whatever is refused must leave the pending identity as it was.
 */

#include <endian.h>
#include <errno.h>
#include <fcntl.h>

#include "kselftest_harness.h"
#include "sphere_common.h"

#define ITSELF		1
#define CANDIDATE	2

FIXTURE(record)
{
	/* What is pending before each case. */
	struct sphere_blob before;
	struct sphere_blob candidate;
};

FIXTURE_VARIANT(record)
{
	/* The file to write to; NULL for the system call. */
	const char *path;
};

FIXTURE_VARIANT_ADD(record, syscall) {};

FIXTURE_VARIANT_ADD(record, proc)
{
	.path = "/proc/self/attr/sphere/exec",
};

FIXTURE_VARIANT_ADD(record, proc_thread)
{
	.path = "/proc/thread-self/attr/sphere/exec",
};

FIXTURE_SETUP(record)
{
	sphere_record_full(&self->before, ITSELF);
	sphere_record_full(&self->candidate, CANDIDATE);
	ASSERT_EQ(0, sphere_set(LSM_ATTR_EXEC, self->before.bytes,
				self->before.len));
}

FIXTURE_TEARDOWN(record)
{
}

static int submit(const FIXTURE_VARIANT(record) * variant,
		  const struct sphere_blob *blob)
{
	if (variant->path)
		return sphere_write_file(variant->path, blob->bytes, blob->len);
	return sphere_set(LSM_ATTR_EXEC, blob->bytes, blob->len);
}

/*
 * Submits self->candidate, and checks the answer and what is pending then.
 * Leaves self->before pending. Returns whether all was as it should.
 */
static bool judge(FIXTURE_DATA(record) * self,
		  const FIXTURE_VARIANT(record) * variant, const char *name,
		  int expected)
{
	const char *fault = sphere_record_fault(self->candidate.bytes,
						self->candidate.len);
	int error = submit(variant, &self->candidate), got;
	struct sphere_blob *right, seen;
	bool good = true;

	if (!fault != !expected) {
		ksft_print_msg("%s: the test itself says: %s\n", name,
			       fault ? fault : "valid");
		good = false;
	}
	if (error != expected) {
		ksft_print_msg("%s: %d, expected %d (%s)\n", name, error,
			       expected, fault ? fault : "valid");
		good = false;
	}
	right = error ? &self->before : &self->candidate;
	got = sphere_get(LSM_ATTR_EXEC, &seen);
	if (got || !sphere_blob_equal(right, &seen)) {
		ksft_print_msg("%s: pending is wrong afterwards (%d)\n", name,
			       got);
		good = false;
	}
	if (!error && sphere_set(LSM_ATTR_EXEC, self->before.bytes,
				 self->before.len))
		good = false;
	return good;
}

/* Where the fields are that get other values; nothing is ever read here. */
static struct sphere_record header;
static struct sphere_gpio_grant gpio;
static struct sphere_mtd_grant mtd;
static struct sphere_net_rule net;

/* One number in a record that has something in every table. */
struct poke {
	const char *name;
	/* In one of the objects above. */
	const void *field;
	size_t width;
	__u64 value;
	int error;
};

#define POKE(_field, _value, _error)					\
	{								\
		.name = #_field " = " #_value,				\
		.field = &(_field),					\
		.width = sizeof(_field),				\
		.value = _value,					\
		.error = _error,					\
	}

static const struct poke header_pokes[] = {
	POKE(header.magic, 0, -EINVAL),
	POKE(header.magic, 0x53504852, -EINVAL),
	POKE(header.magic, SPHERE_RECORD_MAGIC + 1, -EINVAL),
	POKE(header.header_size, 0, -EINVAL),
	POKE(header.header_size, 168, -EINVAL),
	POKE(header.header_size, 175, -EINVAL),
	POKE(header.header_size, 177, -EINVAL),
	POKE(header.header_size, 184, -EINVAL),
	POKE(header.header_size, 0xfff8, -EINVAL),
	POKE(header.header_size, 0xffff, -EINVAL),
	POKE(header.kind, SPHERE_KIND_NONE, -EINVAL),
	POKE(header.kind, SPHERE_KIND_MANAGER, -EINVAL),
	POKE(header.kind, 3, -EINVAL),
	POKE(header.kind, 0x0100, -EINVAL),
	POKE(header.kind, 0xffff, -EINVAL),
	POKE(header.size, 0, -EINVAL),
	POKE(header.size, 176, -EINVAL),
	POKE(header.size, SPHERE_RECORD_MAX, -EINVAL),
	POKE(header.size, 0xffffffff, -EINVAL),
	POKE(header.reserved, 1, -EINVAL),
	POKE(header.reserved, 0x80000000, -EINVAL),
	POKE(header.capabilities, 0, 0),
	POKE(header.capabilities, 0x3fffff, 0),
	POKE(header.capabilities, 0x3ff003fffff, 0),
	POKE(header.capabilities, 1ULL << 22, -EINVAL),
	POKE(header.capabilities, 1ULL << 31, -EINVAL),
	POKE(header.capabilities, 1ULL << 42, -EINVAL),
	POKE(header.capabilities, 1ULL << 63, -EINVAL),
	POKE(header.capabilities, ~0ULL, -EINVAL),
	POKE(header.storage_bytes, 0, 0),
	POKE(header.storage_bytes, 1ULL << 31, 0),
	POKE(header.storage_bytes, ~0ULL, 0),
	POKE(header.gpio.offset, 0, -EINVAL),
	POKE(header.gpio.offset, 168, -EINVAL),
	POKE(header.gpio.offset, 177, -EINVAL),
	POKE(header.gpio.offset, 184, -EINVAL),
	POKE(header.gpio.offset, 0xffff, -EINVAL),
	POKE(header.gpio.count, 0, -EINVAL),
	POKE(header.gpio.count, 2, -EINVAL),
	POKE(header.gpio.count, 4, -EINVAL),
	POKE(header.gpio.count, 0xffff, -EINVAL),
	POKE(header.gpio.stride, 0, -EINVAL),
	POKE(header.gpio.stride, 8, -EINVAL),
	POKE(header.gpio.stride, 48, -EINVAL),
	POKE(header.gpio.stride, 55, -EINVAL),
	POKE(header.gpio.stride, 57, -EINVAL),
	POKE(header.gpio.stride, 64, -EINVAL),
	POKE(header.gpio.stride, 0xfff8, -EINVAL),
	POKE(header.gpio.reserved, 1, -EINVAL),
	POKE(header.gpio.reserved, 0x8000, -EINVAL),
	POKE(header.mtd.offset, 0, -EINVAL),
	POKE(header.mtd.offset, 176, -EINVAL),
	POKE(header.mtd.count, 0, -EINVAL),
	POKE(header.mtd.count, 1, -EINVAL),
	POKE(header.mtd.count, 0xffff, -EINVAL),
	POKE(header.mtd.stride, 64, -EINVAL),
	POKE(header.mtd.stride, 71, -EINVAL),
	POKE(header.mtd.stride, 80, -EINVAL),
	POKE(header.mtd.reserved, 1, -EINVAL),
	POKE(header.net.offset, 0, -EINVAL),
	POKE(header.net.count, 0, -EINVAL),
	POKE(header.net.count, 2, -EINVAL),
	POKE(header.net.count, 0xffff, -EINVAL),
	POKE(header.net.stride, 16, -EINVAL),
	POKE(header.net.stride, 20, -EINVAL),
	POKE(header.net.stride, 32, -EINVAL),
	POKE(header.net.reserved, 1, -EINVAL),
	POKE(header.peer.offset, 0, -EINVAL),
	POKE(header.peer.count, 0, -EINVAL),
	POKE(header.peer.count, 1, -EINVAL),
	POKE(header.peer.count, 3, -EINVAL),
	POKE(header.peer.count, 0xffff, -EINVAL),
	POKE(header.peer.stride, 8, -EINVAL),
	POKE(header.peer.stride, 12, -EINVAL),
	POKE(header.peer.stride, 24, -EINVAL),
	POKE(header.peer.stride, 32, -EINVAL),
	POKE(header.peer.reserved, 1, -EINVAL),
};

/* To the last entry of each table, where order is not in the way. */
static const struct poke gpio_pokes[] = {
	POKE(gpio.base, 64, 0),
	POKE(gpio.base, 0xffffffc0, 0),
	POKE(gpio.base, 1, -EINVAL),
	POKE(gpio.base, 63, -EINVAL),
	POKE(gpio.base, 96, -EINVAL),
	POKE(gpio.base, 0xffffffff, -EINVAL),
	POKE(gpio.reserved, 1, -EINVAL),
	POKE(gpio.reserved, 0x80000000, -EINVAL),
	POKE(gpio.input, 0, 0),
	POKE(gpio.input, ~0ULL, 0),
	POKE(gpio.output, 0, 0),
	POKE(gpio.output, ~0ULL, 0),
	POKE(gpio.chip, 0, -EINVAL),
};

static const struct poke mtd_pokes[] = {
	POKE(mtd.access, 1, 0),
	POKE(mtd.access, 3, 0),
	POKE(mtd.access, 0, -EINVAL),
	POKE(mtd.access, 2, -EINVAL),
	POKE(mtd.access, 4, -EINVAL),
	POKE(mtd.access, 7, -EINVAL),
	POKE(mtd.access, 0x80000001, -EINVAL),
	POKE(mtd.reserved, 1, -EINVAL),
	POKE(mtd.reserved, 0x80000000, -EINVAL),
	POKE(mtd.partition, 0, -EINVAL),
};

/* To a connection over IPv6 to a /33. */
static const struct poke net_pokes[] = {
	POKE(net.action, 0, -EINVAL),
	POKE(net.action, SPHERE_NET_BIND, -EINVAL),
	POKE(net.action, 3, -EINVAL),
	POKE(net.action, 0x82, -EINVAL),
	POKE(net.family, SPHERE_NET_ANY, -EINVAL),
	POKE(net.family, SPHERE_NET_IPV4, -EINVAL),
	POKE(net.family, 5, -EINVAL),
	POKE(net.family, 10, -EINVAL),
	POKE(net.protocol, 6, 0),
	POKE(net.protocol, 0, -EINVAL),
	POKE(net.protocol, 1, -EINVAL),
	POKE(net.protocol, 255, -EINVAL),
	POKE(net.prefix, 0, -EINVAL),
	POKE(net.prefix, 32, -EINVAL),
	POKE(net.prefix, 34, 0),
	POKE(net.prefix, 128, 0),
	POKE(net.prefix, 129, -EINVAL),
	POKE(net.prefix, 255, -EINVAL),
	POKE(net.port_first, 1, 0),
	POKE(net.port_first, 0, -EINVAL),
	POKE(net.port_first, 5354, -EINVAL),
	/* Larger when its bytes are swapped, smaller when they are not. */
	POKE(net.port_first, 0x00ff, 0),
	POKE(net.port_last, 0, -EINVAL),
	POKE(net.port_last, 5352, -EINVAL),
	POKE(net.port_last, 0xffff, 0),
	POKE(net.address[3], 0xff, 0),
	POKE(net.address[4], 0x40, -EINVAL),
	POKE(net.address[4], 0x00, 0),
	POKE(net.address[5], 0x80, -EINVAL),
	POKE(net.address[15], 0x01, -EINVAL),
};

/* To a connection over IPv4 to a /24. */
static const struct poke ipv4_pokes[] = {
	POKE(net.family, SPHERE_NET_IPV6, 0),
	POKE(net.prefix, 23, 0),
	POKE(net.prefix, 8, -EINVAL),
	POKE(net.prefix, 32, 0),
	POKE(net.prefix, 33, -EINVAL),
	POKE(net.address[0], 0, 0),
	POKE(net.address[3], 1, -EINVAL),
	POKE(net.address[4], 1, -EINVAL),
	POKE(net.address[15], 1, -EINVAL),
};

static const struct poke bind_pokes[] = {
	POKE(net.family, SPHERE_NET_IPV4, -EINVAL),
	POKE(net.family, SPHERE_NET_IPV6, -EINVAL),
	POKE(net.prefix, 1, -EINVAL),
	POKE(net.address[0], 1, -EINVAL),
	POKE(net.address[15], 0x80, -EINVAL),
};

static void poke(void *where, size_t width, __u64 value)
{
	__u8 *bytes = where;

	for (; width--; value >>= 8)
		*bytes++ = value;
}

static unsigned int judge_pokes(FIXTURE_DATA(record) * self,
				const FIXTURE_VARIANT(record) * variant,
				const struct poke *pokes, size_t count,
				const void *object, size_t base)
{
	const struct sphere_blob good = self->candidate;
	unsigned int failures = 0;
	size_t i, offset;

	for (i = 0; i < count; i++) {
		self->candidate = good;
		offset = (const __u8 *)pokes[i].field - (const __u8 *)object;
		poke(self->candidate.bytes + base + offset, pokes[i].width,
		     pokes[i].value);
		failures += !judge(self, variant, pokes[i].name,
				   pokes[i].error);
	}
	self->candidate = good;
	return failures;
}

static size_t entry_offset(struct sphere_blob *blob,
			   enum sphere_table_index table, unsigned int i)
{
	return (__u8 *)sphere_entry(blob, table, i) - blob->bytes;
}

TEST_F(record, header_fields)
{
	EXPECT_EQ(0, judge_pokes(self, variant, header_pokes,
				 ARRAY_SIZE(header_pokes), &header, 0));
}

TEST_F(record, entry_fields)
{
	struct sphere_blob *blob = &self->candidate;

	EXPECT_EQ(0, judge_pokes(self, variant, gpio_pokes,
				 ARRAY_SIZE(gpio_pokes), &gpio,
				 entry_offset(blob, SPHERE_GPIO, 2)));
	EXPECT_EQ(0, judge_pokes(self, variant, mtd_pokes,
				 ARRAY_SIZE(mtd_pokes), &mtd,
				 entry_offset(blob, SPHERE_MTD, 1)));
	EXPECT_EQ(0, judge_pokes(self, variant, net_pokes,
				 ARRAY_SIZE(net_pokes), &net,
				 entry_offset(blob, SPHERE_NET, 2)));
	EXPECT_EQ(0, judge_pokes(self, variant, ipv4_pokes,
				 ARRAY_SIZE(ipv4_pokes), &net,
				 entry_offset(blob, SPHERE_NET, 1)));
	EXPECT_EQ(0, judge_pokes(self, variant, bind_pokes,
				 ARRAY_SIZE(bind_pokes), &net,
				 entry_offset(blob, SPHERE_NET, 0)));
}

TEST_F(record, nil_ids)
{
	struct sphere_record *header = sphere_header(&self->candidate);
	struct sphere_peer *peer;

	memset(header->component, 0, sizeof(header->component));
	EXPECT_TRUE(judge(self, variant, "nil component", -EINVAL));
	header->component[15] = 1;
	EXPECT_TRUE(judge(self, variant, "last byte of component", 0));
	peer = sphere_entry(&self->candidate, SPHERE_PEER, 0);
	memset(peer, 0, sizeof(*peer));
	EXPECT_TRUE(judge(self, variant, "nil peer", -EINVAL));
	peer->component[15] = 1;
	EXPECT_TRUE(judge(self, variant, "last byte of peer", 0));
}

TEST_F(record, unreachable_addresses)
{
	struct sphere_net_rule *v4 = sphere_entry(&self->candidate,
						  SPHERE_NET, 1);
	struct sphere_net_rule *v6 = sphere_entry(&self->candidate,
						  SPHERE_NET, 2);

	memset(v4->address, 0, sizeof(v4->address));
	EXPECT_TRUE(judge(self, variant, "0.0.0.0/24", 0));
	v4->prefix = 32;
	EXPECT_TRUE(judge(self, variant, "0.0.0.0/32", -EINVAL));
	v4->address[3] = 1;
	EXPECT_TRUE(judge(self, variant, "0.0.0.1/32", 0));
	memset(v6->address, 0, sizeof(v6->address));
	EXPECT_TRUE(judge(self, variant, "::/33", 0));
	v6->prefix = 128;
	EXPECT_TRUE(judge(self, variant, "::/128", -EINVAL));
	v6->address[10] = 0xff;
	v6->address[11] = 0xff;
	EXPECT_TRUE(judge(self, variant, "::ffff:0.0.0.0/128", -EINVAL));
	v6->prefix = 96;
	EXPECT_TRUE(judge(self, variant, "::ffff:0:0/96", -EINVAL));
	v6->address[9] = 1;
	EXPECT_TRUE(judge(self, variant, "::1:ffff:0:0/96", 0));
}

/* A text that a field of any size can hold, and one that none may. */
struct text {
	const char *bytes;
	size_t len;
	int error;
};

#define TEXT(_bytes, _error)						\
	{								\
		.bytes = _bytes,					\
		.len = sizeof(_bytes) - 1,				\
		.error = _error,					\
	}

static const struct text texts[] = {
	TEXT("x", 0),
	TEXT(" ~", 0),
	TEXT("\xc3\xa9", 0),
	TEXT("\xc2\xa0", 0),
	TEXT("\xdf\xbf", 0),
	TEXT("\xe0\xa0\x80", 0),
	TEXT("\xed\x9f\xbf", 0),
	TEXT("\xee\x80\x80", 0),
	TEXT("\xef\xbf\xbf", 0),
	TEXT("\xf0\x90\x80\x80", 0),
	TEXT("\xf4\x8f\xbf\xbf", 0),
	/* Control characters: C0, DEL, C1. */
	TEXT("a\x01", -EINVAL),
	TEXT("a\tb", -EINVAL),
	TEXT("a\n", -EINVAL),
	TEXT("a\x1b[m", -EINVAL),
	TEXT("a\x1f", -EINVAL),
	TEXT("a\x7f", -EINVAL),
	TEXT("a\xc2\x80", -EINVAL),
	TEXT("a\xc2\x9f", -EINVAL),
	/* Something after the end. */
	TEXT("a\0b", -EINVAL),
	TEXT("\0b", -EINVAL),
	/* Alone, cut short, interrupted. */
	TEXT("\x80", -EINVAL),
	TEXT("\xbf", -EINVAL),
	TEXT("\xc3", -EINVAL),
	TEXT("\xc3z", -EINVAL),
	TEXT("\xe2\x82", -EINVAL),
	TEXT("\xe2z\x82", -EINVAL),
	TEXT("\xf0\x90\x80", -EINVAL),
	/* Too many bytes for the character. */
	TEXT("\xc0\xaf", -EINVAL),
	TEXT("\xc1\xbf", -EINVAL),
	TEXT("\xe0\x9f\xbf", -EINVAL),
	TEXT("\xf0\x8f\xbf\xbf", -EINVAL),
	/* Surrogates, too large, never used. */
	TEXT("\xed\xa0\x80", -EINVAL),
	TEXT("\xed\xbf\xbf", -EINVAL),
	TEXT("\xf4\x90\x80\x80", -EINVAL),
	TEXT("\xf5\x80\x80\x80", -EINVAL),
	TEXT("\xf8\x88\x80\x80\x80", -EINVAL),
	TEXT("\xfe", -EINVAL),
	TEXT("\xff", -EINVAL),
};

static unsigned int judge_text(FIXTURE_DATA(record) * self,
			       const FIXTURE_VARIANT(record) * variant,
			       const char *what, size_t offset, size_t size,
			       bool may_be_empty)
{
	char *field = (char *)self->candidate.bytes + offset;
	unsigned int failures = 0;
	char name[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		memset(field, 0, size);
		memcpy(field, texts[i].bytes, texts[i].len);
		snprintf(name, sizeof(name), "%s, text %zu", what, i);
		failures += !judge(self, variant, name, texts[i].error);
		/* The same as the end of the longest text. */
		memset(field, 'z', size - 1);
		field[size - 1] = '\0';
		memcpy(field + size - 1 - texts[i].len, texts[i].bytes,
		       texts[i].len);
		snprintf(name, sizeof(name), "%s, text %zu at the end", what,
			 i);
		failures += !judge(self, variant, name, texts[i].error);
	}
	memset(field, 0, size);
	snprintf(name, sizeof(name), "%s, empty", what);
	failures += !judge(self, variant, name, may_be_empty ? 0 : -EINVAL);
	memset(field, 'z', size - 1);
	snprintf(name, sizeof(name), "%s, longest", what);
	failures += !judge(self, variant, name, 0);
	field[size - 1] = 'z';
	snprintf(name, sizeof(name), "%s, not terminated", what);
	failures += !judge(self, variant, name, -EINVAL);
	/* A character that would end behind the field. */
	field[size - 1] = '\xc3';
	failures += !judge(self, variant, name, -EINVAL);
	memset(field, 0, size);
	field[0] = 'z';
	field[size - 1] = 'z';
	snprintf(name, sizeof(name), "%s, last byte of the padding", what);
	failures += !judge(self, variant, name, -EINVAL);
	return failures;
}

TEST_F(record, texts)
{
	struct sphere_blob *blob = &self->candidate;
	const struct sphere_blob good = *blob;

	EXPECT_EQ(0, judge_text(self, variant, "tenant",
				offsetof(struct sphere_record, tenant),
				SPHERE_TENANT_SIZE, true));
	*blob = good;
	EXPECT_EQ(0, judge_text(self, variant, "name",
				offsetof(struct sphere_record, name),
				SPHERE_NAME_SIZE, true));
	/* Only one entry, so that order does not matter. */
	sphere_record_application(blob, CANDIDATE);
	sphere_record_gpio(blob, "chip", 0, 1, 1);
	EXPECT_EQ(0, judge_text(self, variant, "chip",
				entry_offset(blob, SPHERE_GPIO, 0),
				SPHERE_CHIP_SIZE, false));
	sphere_record_application(blob, CANDIDATE);
	sphere_record_mtd(blob, "partition", SPHERE_MTD_READ);
	EXPECT_EQ(0, judge_text(self, variant, "partition",
				entry_offset(blob, SPHERE_MTD, 0),
				SPHERE_PARTITION_SIZE, false));
}

TEST_F(record, truncated)
{
	struct sphere_record *header = sphere_header(&self->candidate);
	size_t full = self->candidate.len, len;
	unsigned int failures = 0;
	char name[64];

	/* No byte at all means something else, see identity_test. */
	for (len = 1; len < full; len++) {
		self->candidate.len = len;
		snprintf(name, sizeof(name), "cut after byte %zu", len);
		failures += !judge(self, variant, name, -EINVAL);
		/* And with a header that knows. */
		if (len < sizeof(*header))
			continue;
		sphere_record_settle(&self->candidate);
		snprintf(name, sizeof(name), "settled at %zu", len);
		failures += !judge(self, variant, name, -EINVAL);
		self->candidate.len = full;
		sphere_record_settle(&self->candidate);
	}
	EXPECT_EQ(0, failures);
}

TEST_F(record, extended)
{
	struct sphere_blob *blob = &self->candidate;
	const size_t full = blob->len;
	unsigned int i;
	char name[64];

	for (i = 1; i <= 16; i++) {
		memset(blob->bytes + full, 0, i);
		blob->len = full + i;
		snprintf(name, sizeof(name), "%u bytes more than said", i);
		EXPECT_TRUE(judge(self, variant, name, -EINVAL));
		sphere_record_settle(blob);
		snprintf(name, sizeof(name), "%u bytes in no table", i);
		EXPECT_TRUE(judge(self, variant, name, -EINVAL));
		blob->len = full;
		sphere_record_settle(blob);
	}
}

static void move_table(struct sphere_table *table, int by)
{
	if (table->count)
		table->offset = htole16(le16toh(table->offset) + by);
}

/* Puts @by zero bytes at @at, and moves the tables from @first on. */
static void insert(struct sphere_blob *blob, size_t at, size_t by,
		   unsigned int first)
{
	memmove(blob->bytes + at + by, blob->bytes + at, blob->len - at);
	memset(blob->bytes + at, 0, by);
	blob->len += by;
	for (; first < SPHERE_TABLES; first++)
		move_table(sphere_table(blob, first), by);
	sphere_record_settle(blob);
}

TEST_F(record, larger_header)
{
	static const size_t sizes[] = { 8, 16, 80, 512, 2048 };
	struct sphere_blob *blob = &self->candidate;
	const struct sphere_blob good = *blob;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		*blob = good;
		insert(blob, SPHERE_RECORD_SIZE_VER0, sizes[i], 0);
		sphere_header(blob)->header_size =
			htole16(SPHERE_RECORD_SIZE_VER0 + sizes[i]);
		EXPECT_TRUE(judge(self, variant, "larger header", 0));
		blob->bytes[SPHERE_RECORD_SIZE_VER0] = 1;
		EXPECT_TRUE(judge(self, variant, "first unknown byte",
				  -EINVAL));
		blob->bytes[SPHERE_RECORD_SIZE_VER0] = 0;
		blob->bytes[SPHERE_RECORD_SIZE_VER0 + sizes[i] - 1] = 0x80;
		EXPECT_TRUE(judge(self, variant, "last unknown byte", -EINVAL));
	}
	*blob = good;
	insert(blob, SPHERE_RECORD_SIZE_VER0, 4, 0);
	sphere_header(blob)->header_size = htole16(SPHERE_RECORD_SIZE_VER0 + 4);
	EXPECT_TRUE(judge(self, variant, "header by half a step", -EINVAL));
}

TEST_F(record, gaps)
{
	struct sphere_blob *blob = &self->candidate;
	const struct sphere_blob good = *blob;
	unsigned int table;
	size_t offset;

	for (table = 0; table < SPHERE_TABLES; table++) {
		*blob = good;
		offset = entry_offset(blob, table, 0);
		insert(blob, offset, 8, table);
		EXPECT_TRUE(judge(self, variant, "gap before a table",
				  -EINVAL));
		*blob = good;
		move_table(sphere_table(blob, table), -8);
		EXPECT_TRUE(judge(self, variant, "overlap", -EINVAL));
		*blob = good;
		move_table(sphere_table(blob, table), 8);
		EXPECT_TRUE(judge(self, variant, "table too late", -EINVAL));
	}
}

/* Two tables that are right but for their order, and two that are the same. */
TEST_F(record, table_order)
{
	struct sphere_blob *blob = &self->candidate;
	const struct sphere_peer peer = { .component = { 1 } };
	struct sphere_table net;

	sphere_record_application(blob, CANDIDATE);
	sphere_record_append(blob, SPHERE_PEER, &peer, sizeof(peer),
			     sizeof(peer));
	EXPECT_TRUE(judge(self, variant, "only peers", 0));
	sphere_record_bind(blob, 6, 80, 80);
	EXPECT_TRUE(judge(self, variant, "peers before rules", -EINVAL));

	sphere_record_application(blob, CANDIDATE);
	sphere_record_bind(blob, 6, 80, 80);
	net = *sphere_table(blob, SPHERE_NET);
	*sphere_table(blob, SPHERE_PEER) = net;
	sphere_table(blob, SPHERE_PEER)->stride = htole16(16);
	EXPECT_TRUE(judge(self, variant, "a rule that is a peer, too",
			  -EINVAL));
}

TEST_F(record, empty_table)
{
	struct sphere_blob *blob = &self->candidate;
	struct sphere_table *t;
	unsigned int table;

	sphere_record_application(blob, CANDIDATE);
	EXPECT_TRUE(judge(self, variant, "no table", 0));
	for (table = 0; table < SPHERE_TABLES; table++) {
		t = sphere_table(blob, table);
		t->offset = htole16(SPHERE_RECORD_SIZE_VER0);
		EXPECT_TRUE(judge(self, variant, "offset of nothing", -EINVAL));
		t->offset = 0;
		t->stride = htole16(sphere_entry_size(table));
		EXPECT_TRUE(judge(self, variant, "stride of nothing", -EINVAL));
		t->stride = 0;
		t->reserved = htole16(1);
		EXPECT_TRUE(judge(self, variant, "reserved of nothing",
				  -EINVAL));
		t->reserved = 0;
		t->count = htole16(1);
		EXPECT_TRUE(judge(self, variant, "entry without a place",
				  -EINVAL));
		t->count = 0;
	}
}

/* count * stride is small again in 16 bits. */
TEST_F(record, table_overflow)
{
	struct sphere_blob *blob = &self->candidate;
	struct sphere_table *t;
	unsigned int table;

	sphere_record_application(blob, CANDIDATE);
	for (table = 0; table < SPHERE_TABLES; table++) {
		t = sphere_table(blob, table);
		t->offset = htole16(SPHERE_RECORD_SIZE_VER0);
		t->count = htole16(0x2000);
		t->stride = htole16(0x4000);
		EXPECT_TRUE(judge(self, variant, "product is 0", -EINVAL));
		t->count = htole16(0xffff);
		t->stride = htole16(0xfff8);
		EXPECT_TRUE(judge(self, variant, "largest product", -EINVAL));
		t->offset = htole16(0xfff8);
		t->count = htole16(1);
		t->stride = htole16(0x100 - 8 + SPHERE_RECORD_SIZE_VER0);
		EXPECT_TRUE(judge(self, variant, "end is small", -EINVAL));
		memset(t, 0, sizeof(*t));
	}
}

/* Spreads the entries of @table, from today's size to @stride bytes each. */
static void widen(struct sphere_blob *blob, unsigned int table, size_t stride)
{
	struct sphere_table *t = sphere_table(blob, table);
	size_t size = sphere_entry_size(table), count = le16toh(t->count), i;

	for (i = count; i--;)
		insert(blob, le16toh(t->offset) + (i + 1) * size,
		       stride - size, table + 1);
	t->stride = htole16(stride);
}

TEST_F(record, larger_entries)
{
	static const size_t more[] = { 8, 16, 104 };
	struct sphere_blob *blob = &self->candidate;
	const struct sphere_blob good = *blob;
	unsigned int table;
	size_t i, size;
	__u8 *entry;

	for (table = 0; table < SPHERE_TABLES; table++) {
		size = sphere_entry_size(table);
		for (i = 0; i < ARRAY_SIZE(more); i++) {
			*blob = good;
			widen(blob, table, size + more[i]);
			EXPECT_TRUE(judge(self, variant, "larger entries", 0));
			entry = sphere_entry(blob, table, 1);
			entry[size] = 1;
			EXPECT_TRUE(judge(self, variant, "first unknown byte",
					  -EINVAL));
			entry[size] = 0;
			entry[size + more[i] - 1] = 0x80;
			EXPECT_TRUE(judge(self, variant, "last unknown byte",
					  -EINVAL));
		}
		*blob = good;
		widen(blob, table, size + 4);
		EXPECT_TRUE(judge(self, variant, "stride by half a step",
				  -EINVAL));
	}
	*blob = good;
	for (table = 0; table < SPHERE_TABLES; table++)
		widen(blob, table, sphere_entry_size(table) + 8);
	EXPECT_TRUE(judge(self, variant, "all entries larger", 0));
}

TEST_F(record, order)
{
	struct sphere_blob *blob = &self->candidate;
	const struct sphere_blob good = *blob;
	__u8 first[72], second[72];
	unsigned int table;
	size_t size;

	for (table = 0; table < SPHERE_TABLES; table++) {
		size = sphere_entry_size(table);
		*blob = good;
		memcpy(first, sphere_entry(blob, table, 0), size);
		memcpy(second, sphere_entry(blob, table, 1), size);
		memcpy(sphere_entry(blob, table, 0), second, size);
		EXPECT_TRUE(judge(self, variant, "two alike", -EINVAL));
		memcpy(sphere_entry(blob, table, 1), first, size);
		EXPECT_TRUE(judge(self, variant, "two swapped", -EINVAL));
	}
}

/* What decides about the order, and what does not. */
TEST_F(record, order_of_what)
{
	struct sphere_blob *blob = &self->candidate;

	sphere_record_application(blob, CANDIDATE);
	sphere_record_gpio(blob, "chip", 64, 1, 0);
	sphere_record_gpio(blob, "chip", 256, 1, 0);
	sphere_record_gpio(blob, "chip", 65536, 1, 0);
	EXPECT_TRUE(judge(self, variant, "bases are numbers", 0));

	sphere_record_application(blob, CANDIDATE);
	sphere_record_gpio(blob, "chip", 256, 1, 0);
	sphere_record_gpio(blob, "chip", 64, 1, 0);
	EXPECT_TRUE(judge(self, variant, "bases are not bytes", -EINVAL));

	sphere_record_application(blob, CANDIDATE);
	sphere_record_gpio(blob, "chip", 64, 1, 0);
	sphere_record_gpio(blob, "chip", 64, 2, 0);
	EXPECT_TRUE(judge(self, variant, "one window twice", -EINVAL));

	sphere_record_application(blob, CANDIDATE);
	sphere_record_gpio(blob, "chip", 128, 1, 0);
	sphere_record_gpio(blob, "chip2", 64, 1, 0);
	EXPECT_TRUE(judge(self, variant, "chip comes first", 0));

	/* Bytes, not signed characters. */
	sphere_record_application(blob, CANDIDATE);
	sphere_record_gpio(blob, "z", 0, 1, 0);
	sphere_record_gpio(blob, "\xc3\xa9", 0, 1, 0);
	EXPECT_TRUE(judge(self, variant, "chips are bytes", 0));

	sphere_record_application(blob, CANDIDATE);
	sphere_record_mtd(blob, "a", 1);
	sphere_record_mtd(blob, "a", 3);
	EXPECT_TRUE(judge(self, variant, "one partition twice", -EINVAL));

	sphere_record_application(blob, CANDIDATE);
	sphere_record_mtd(blob, "z", 1);
	sphere_record_mtd(blob, "\xc3\xa9", 1);
	EXPECT_TRUE(judge(self, variant, "partitions are bytes", 0));

	/* 0x00ff and 0x0100 the other way round than as numbers. */
	sphere_record_application(blob, CANDIDATE);
	sphere_record_bind(blob, 6, 0x0100, 0xffff);
	sphere_record_bind(blob, 6, 0x00ff, 0xffff);
	EXPECT_TRUE(judge(self, variant, "ports are bytes", 0));
}

TEST_F(record, largest)
{
	struct sphere_blob *blob = &self->candidate;
	unsigned int peer = 0;

	sphere_record_application(blob, CANDIDATE);
	while (blob->len < SPHERE_RECORD_MAX)
		sphere_record_peer(blob, peer++);
	ASSERT_EQ(SPHERE_RECORD_MAX, blob->len);
	EXPECT_TRUE(judge(self, variant, "largest", 0));
	sphere_record_peer(blob, peer++);
	EXPECT_TRUE(judge(self, variant, "one peer more", -E2BIG));
	sphere_record_peer(blob, peer++);
	sphere_record_peer(blob, peer++);
	EXPECT_TRUE(judge(self, variant, "larger than a page", -E2BIG));

	sphere_record_application(blob, CANDIDATE);
	blob->len = SPHERE_RECORD_MAX + 1;
	EXPECT_TRUE(judge(self, variant, "one byte more", -E2BIG));
	sphere_record_settle(blob);
	EXPECT_TRUE(judge(self, variant, "one byte more, settled", -E2BIG));
	blob->len = 4096;
	EXPECT_TRUE(judge(self, variant, "a page", -E2BIG));
	blob->len = sizeof(blob->bytes);
	EXPECT_TRUE(judge(self, variant, "much larger", -E2BIG));
}

/* Nobody and manager are headers and nothing else. */
TEST_F(record, bare)
{
	static const int kinds[] = { SPHERE_KIND_NONE, SPHERE_KIND_MANAGER };
	struct sphere_blob *blob = &self->candidate;
	unsigned int failures = 0;
	struct sphere_blob seen;
	char name[64];
	size_t i, byte;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		sphere_record_bare(blob, kinds[i]);
		EXPECT_TRUE(judge(self, variant, "bare", 0));
		for (byte = offsetof(struct sphere_record, reserved);
		     byte < SPHERE_RECORD_SIZE_VER0; byte++) {
			blob->bytes[byte] = 1;
			snprintf(name, sizeof(name), "kind %d, byte %zu",
				 kinds[i], byte);
			failures += !judge(self, variant, name, -EINVAL);
			blob->bytes[byte] = 0;
		}
		blob->len += 8;
		EXPECT_TRUE(judge(self, variant, "bare and more", -EINVAL));
		sphere_record_settle(blob);
		EXPECT_TRUE(judge(self, variant, "bare and a tail", -EINVAL));
		/* A larger header says nothing more, and is not kept. */
		sphere_header(blob)->header_size = htole16(blob->len);
		EXPECT_EQ(0, submit(variant, blob));
		EXPECT_EQ(0, sphere_get(LSM_ATTR_EXEC, &seen));
		EXPECT_EQ(SPHERE_RECORD_SIZE_VER0, seen.len);
		sphere_record_bare(blob, kinds[i]);
		EXPECT_TRUE(sphere_blob_equal(blob, &seen));
		ASSERT_EQ(0, sphere_set(LSM_ATTR_EXEC, self->before.bytes,
					self->before.len));
	}
	EXPECT_EQ(0, failures);
}

/* Whatever one bit does: the kernel agrees with the description. */
TEST_F(record, every_bit)
{
	struct sphere_blob *blob = &self->candidate;
	unsigned int failures = 0, accepted = 0;
	const char *fault;
	char name[64];
	size_t bit;

	for (bit = 0; bit < blob->len * 8; bit++) {
		blob->bytes[bit / 8] ^= 1 << bit % 8;
		snprintf(name, sizeof(name), "byte %zu, bit %zu", bit / 8,
			 bit % 8);
		fault = sphere_record_fault(blob->bytes, blob->len);
		accepted += !fault;
		failures += !judge(self, variant, name, fault ? -EINVAL : 0);
		blob->bytes[bit / 8] ^= 1 << bit % 8;
	}
	EXPECT_EQ(0, failures);
	/* Both answers occur, or the loop has tested nothing. */
	EXPECT_LT(100, accepted);
	EXPECT_GT(blob->len * 8 - 100, accepted);
}

TEST_F(record, every_byte)
{
	static const __u8 values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	struct sphere_blob *blob = &self->candidate;
	unsigned int failures = 0;
	const char *fault;
	char name[64];
	size_t byte, i;
	__u8 saved;

	for (byte = 0; byte < blob->len; byte++) {
		saved = blob->bytes[byte];
		for (i = 0; i < ARRAY_SIZE(values); i++) {
			blob->bytes[byte] = values[i];
			snprintf(name, sizeof(name), "byte %zu = %u", byte,
				 values[i]);
			fault = sphere_record_fault(blob->bytes, blob->len);
			failures += !judge(self, variant, name,
					   fault ? -EINVAL : 0);
		}
		blob->bytes[byte] = saved;
	}
	EXPECT_EQ(0, failures);
}

/* xorshift32: the same numbers in every run. */
static unsigned int random_below(__u32 *state, unsigned int limit)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state % limit;
}

/* Several small changes at once, some of them to sizes and counts. */
static void mutate(struct sphere_blob *blob, __u32 *state)
{
	unsigned int changes = 1 + random_below(state, 3);
	size_t at, other;
	__u8 saved;

	while (changes--) {
		at = random_below(state, blob->len);
		other = random_below(state, blob->len);
		switch (random_below(state, 5)) {
		case 0:
			blob->bytes[at] = random_below(state, 256);
			break;
		case 1:
			blob->bytes[at] += random_below(state, 2) ? 1 : -1;
			break;
		case 2:
			saved = blob->bytes[at];
			blob->bytes[at] = blob->bytes[other];
			blob->bytes[other] = saved;
			break;
		case 3:
			at = offsetof(struct sphere_record, gpio) +
				random_below(state, 32);
			blob->bytes[at] = random_below(state, 256);
			break;
		case 4:
			blob->len = 1 + random_below(state, blob->len);
			if (blob->len >= sizeof(struct sphere_record))
				sphere_record_settle(blob);
			break;
		}
	}
}

TEST_F(record, random_changes)
{
	struct sphere_blob *blob = &self->candidate;
	const struct sphere_blob good = *blob;
	unsigned int failures = 0, i;
	__u32 state = 0x53504852;
	const char *fault;
	char name[64];

	for (i = 0; i < 3000; i++) {
		*blob = good;
		mutate(blob, &state);
		fault = sphere_record_fault(blob->bytes, blob->len);
		snprintf(name, sizeof(name), "random change %u", i);
		failures += !judge(self, variant, name, fault ? -EINVAL : 0);
	}
	EXPECT_EQ(0, failures);
}

/* A valid record of random contents. */
static void random_record(struct sphere_blob *blob, __u32 *state)
{
	struct sphere_record *header = sphere_header(blob);
	unsigned int i, count, port;
	char name[32];

	sphere_record_application(blob, 1 + random_below(state, 1000));
	header->storage_bytes = htole64(random_below(state, ~0U));
	header->capabilities = htole64(random_below(state, 1 << 21));
	if (random_below(state, 2)) {
		memset(header->tenant, 'a' + random_below(state, 26),
		       random_below(state, SPHERE_TENANT_SIZE));
	}
	count = random_below(state, 8);
	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "chip %02u", i);
		sphere_record_gpio(blob, name, 64 * random_below(state, 9),
				   1, random_below(state, ~0U));
	}
	count = random_below(state, 8);
	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "partition %02u", i);
		sphere_record_mtd(blob, name,
				  1 + 2 * random_below(state, 2));
	}
	count = random_below(state, 16);
	for (i = 0; i < count; i++) {
		port = 1 + (i << 8);
		sphere_record_bind(blob, 6, port,
				   port + random_below(state, 1000));
	}
	count = random_below(state, 32);
	for (i = 0; i < count; i++)
		sphere_record_peer(blob, 2 * i + random_below(state, 2));
}

TEST_F(record, random_records)
{
	unsigned int failures = 0, i;
	__u32 state = 1;
	char name[64];

	for (i = 0; i < 300; i++) {
		random_record(&self->candidate, &state);
		snprintf(name, sizeof(name), "random record %u", i);
		failures += !judge(self, variant, name, 0);
	}
	EXPECT_EQ(0, failures);
}

/* The bytes themselves, so that not even the header file is trusted. */
TEST_F(record, by_hand)
{
	__u8 bytes[176 + 16] = {
		[0] = 'S', 'P', 'H', 'R',
		[4] = 176, 0,
		[6] = 1, 0,
		[8] = 192, 0, 0, 0,
		[16] = 0x25, 0x02, 0x54, 0x08, 0x00, 0x11, 0x22, 0x33,
		       0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb,
		[32] = 't',
		[96] = 'n',
		[128] = 0x01, 0, 0x10, 0, 0, 0x02, 0, 0,
		[136] = 0, 0, 1, 0, 0, 0, 0, 0,
		[168] = 176, 0, 1, 0, 16, 0, 0, 0,
		[191] = 1,
	};

	memcpy(self->candidate.bytes, bytes, sizeof(bytes));
	self->candidate.len = sizeof(bytes);
	EXPECT_TRUE(judge(self, variant, "by hand", 0));
}

FIXTURE(context)
{
	struct sphere_blob before;
	size_t len;
	__u32 size;
	/* A context with a valid record in it, and room behind. */
	union {
		struct lsm_ctx ctx;
		__u8 bytes[SPHERE_BLOB_MAX];
	};
};

FIXTURE_SETUP(context)
{
	struct sphere_blob candidate;

	sphere_record_full(&self->before, ITSELF);
	sphere_record_full(&candidate, CANDIDATE);
	self->len = candidate.len;
	self->size = sizeof(self->ctx) + candidate.len;
	self->ctx.id = LSM_ID_SPHERE;
	self->ctx.len = self->size;
	self->ctx.ctx_len = candidate.len;
	memcpy(self->ctx.ctx, candidate.bytes, candidate.len);
	ASSERT_EQ(0, sphere_set(LSM_ATTR_EXEC, self->before.bytes,
				self->before.len));
}

FIXTURE_TEARDOWN(context)
{
	struct sphere_blob seen;

	/* No test of a broken context has changed anything. */
	EXPECT_EQ(0, sphere_get(LSM_ATTR_EXEC, &seen));
	EXPECT_TRUE(sphere_blob_equal(&self->before, &seen));
}

static int submit_context(FIXTURE_DATA(context) * self)
{
	return sphere_set_ctx(LSM_ATTR_EXEC, &self->ctx, self->size, 0);
}

TEST_F(context, valid)
{
	struct sphere_blob seen;

	EXPECT_EQ(0, submit_context(self));
	EXPECT_EQ(0, sphere_get(LSM_ATTR_EXEC, &seen));
	ASSERT_EQ(self->len, seen.len);
	EXPECT_EQ(0, memcmp(self->ctx.ctx, seen.bytes, seen.len));
	/* A context may be longer than what is in it. */
	self->ctx.len += 24;
	self->size += 32;
	EXPECT_EQ(0, submit_context(self));
	ASSERT_EQ(0, sphere_set(LSM_ATTR_EXEC, self->before.bytes,
				self->before.len));
}

TEST_F(context, call_flags)
{
	EXPECT_EQ(-EINVAL, sphere_set_ctx(LSM_ATTR_EXEC, &self->ctx, self->size,
					  LSM_FLAG_SINGLE));
	EXPECT_EQ(-EINVAL, sphere_set_ctx(LSM_ATTR_EXEC, &self->ctx, self->size,
					  0x80000000));
}

TEST_F(context, flags)
{
	self->ctx.flags = 1;
	EXPECT_EQ(-EINVAL, submit_context(self));
	self->ctx.flags = 1ULL << 63;
	EXPECT_EQ(-EINVAL, submit_context(self));
}

TEST_F(context, flags_when_clearing)
{
	self->ctx.flags = 1;
	self->ctx.ctx_len = 0;
	EXPECT_EQ(-EINVAL, submit_context(self));
}

TEST_F(context, size)
{
	__u32 whole = self->size;

	self->size = 0;
	EXPECT_EQ(-EINVAL, submit_context(self));
	self->size = sizeof(self->ctx) - 1;
	EXPECT_EQ(-EINVAL, submit_context(self));
	self->size = sizeof(self->ctx);
	EXPECT_EQ(-EINVAL, submit_context(self));
	self->size = whole - 1;
	EXPECT_EQ(-EINVAL, submit_context(self));
	self->size = sysconf(_SC_PAGESIZE) + 1;
	EXPECT_EQ(-E2BIG, submit_context(self));
	self->size = ~0U;
	EXPECT_EQ(-E2BIG, submit_context(self));
}

TEST_F(context, len)
{
	static const __u64 lens[] = {
		0, 1, 32, 1ULL << 31, 1ULL << 32, 1ULL << 63, ~0ULL,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		self->ctx.len = lens[i];
		EXPECT_EQ(-EINVAL, submit_context(self)) {
			TH_LOG("len %#llx", lens[i]);
		}
	}
	self->ctx.len = self->size - 1;
	EXPECT_EQ(-EINVAL, submit_context(self));
	self->ctx.len = self->size + 1;
	EXPECT_EQ(-EINVAL, submit_context(self));
}

TEST_F(context, ctx_len)
{
	static const __u64 lens[] = {
		1, 1ULL << 31, 1ULL << 32, 1ULL << 63, ~0ULL - 32, ~0ULL - 31,
		~0ULL,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		self->ctx.ctx_len = lens[i];
		EXPECT_EQ(-EINVAL, submit_context(self)) {
			TH_LOG("ctx_len %#llx", lens[i]);
		}
	}
	self->ctx.ctx_len = self->len - 1;
	EXPECT_EQ(-EINVAL, submit_context(self));
	self->ctx.ctx_len = self->len + 1;
	EXPECT_EQ(-EINVAL, submit_context(self));
}

TEST_F(context, id)
{
	static const __u64 ids[] = {
		LSM_ID_UNDEF, LSM_ID_CAPABILITY, LSM_ID_SPHERE + 1,
		LSM_ID_SPHERE | 1ULL << 32, ~0ULL,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		self->ctx.id = ids[i];
		EXPECT_EQ(-EOPNOTSUPP, submit_context(self)) {
			TH_LOG("id %#llx", ids[i]);
		}
	}
}

TEST_F(context, attribute)
{
	static const unsigned int attributes[] = {
		LSM_ATTR_UNDEF, LSM_ATTR_FSCREATE, LSM_ATTR_KEYCREATE,
		LSM_ATTR_PREV, LSM_ATTR_SOCKCREATE, 1, ~0U,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attributes); i++) {
		EXPECT_EQ(-EOPNOTSUPP,
			  sphere_set_ctx(attributes[i], &self->ctx, self->size,
					 0)) {
			TH_LOG("attribute %u", attributes[i]);
		}
	}
	EXPECT_EQ(-EPERM, sphere_set_ctx(LSM_ATTR_CURRENT, &self->ctx,
					 self->size, 0));
}

TEST_F(context, pointer)
{
	EXPECT_EQ(-EFAULT, sphere_set_ctx(LSM_ATTR_EXEC, NULL, self->size, 0));
	EXPECT_EQ(-EFAULT, sphere_set_ctx(LSM_ATTR_EXEC, (void *)-4096UL,
					  self->size, 0));
}

/* An LSM may not be asked through files that are not its. */
TEST_F(context, proc_names)
{
	EXPECT_EQ(-ENOENT, sphere_write_file("/proc/self/attr/sphere/prev",
					     self->ctx.ctx, self->len));
	EXPECT_EQ(-EPERM, sphere_write_file("/proc/self/attr/sphere/current",
					    self->ctx.ctx, self->len));
}

/* A record is one write; the rest of a write is no second one. */
TEST_F(context, proc_partial)
{
	int fd = open("/proc/self/attr/sphere/exec", O_WRONLY | O_CLOEXEC);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, pwrite(fd, self->ctx.ctx, self->len, 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, pwrite(fd, self->ctx.ctx + 64, self->len - 64, 64));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(fd, self->ctx.ctx, 64));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(fd, self->ctx.ctx + 64, self->len - 64));
	EXPECT_EQ(EINVAL, errno);
	close(fd);
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}

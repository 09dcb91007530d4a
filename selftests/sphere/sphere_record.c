// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Identity records: building, checking, comparing
 */

#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sphere_record.h"

void sphere_record_bare(struct sphere_blob *blob, int kind)
{
	struct sphere_record *header = sphere_header(blob);

	memset(blob, 0, sizeof(*blob));
	header->magic = htole32(SPHERE_RECORD_MAGIC);
	header->header_size = htole16(SPHERE_RECORD_SIZE_VER0);
	header->kind = htole16(kind);
	blob->len = SPHERE_RECORD_SIZE_VER0;
	sphere_record_settle(blob);
}

void sphere_component(__u8 component[16], unsigned int number)
{
	memcpy(component, "sphere-test-", 12);
	component[12] = number >> 24;
	component[13] = number >> 16;
	component[14] = number >> 8;
	component[15] = number;
}

void sphere_record_application(struct sphere_blob *blob, unsigned int number)
{
	struct sphere_record *header = sphere_header(blob);

	sphere_record_bare(blob, SPHERE_KIND_APPLICATION);
	sphere_component(header->component, number);
	snprintf((char *)header->name, sizeof(header->name), "test %u",
		 number);
}

/* A kernel refuses grants that it cannot enforce. */
static bool has_ipv6(void)
{
	return !access("/proc/sys/net/ipv6", F_OK);
}

void sphere_record_full(struct sphere_blob *blob, unsigned int number)
{
	struct sphere_record *header = sphere_header(blob);
	const struct sphere_net_rule v4 = {
		.action = SPHERE_NET_CONNECT,
		.family = SPHERE_NET_IPV4,
		.protocol = 6,
		.prefix = 24,
		.port_first = htole16(443),
		.port_last = htole16(443),
		.address = { 192, 0, 2 },
	};
	const struct sphere_net_rule v6 = {
		.action = SPHERE_NET_CONNECT,
		.family = SPHERE_NET_IPV6,
		.protocol = 17,
		.prefix = 33,
		.port_first = htole16(5353),
		.port_last = htole16(5353),
		.address = { 0x20, 0x01, 0x0d, 0xb8, 0x80 },
	};

	sphere_record_application(blob, number);
	snprintf((char *)header->tenant, sizeof(header->tenant),
		 "tenant-\xc3\xa9");
	header->capabilities = htole64(1ULL << SPHERE_CAP_SYSTEM_TIME |
				       1ULL << SPHERE_CAP_UPDATE_IMAGE);
	header->storage_bytes = htole64(64 * 1024);
	sphere_record_gpio(blob, "chip-a", 0, 1, 2);
	sphere_record_gpio(blob, "chip-a", 64, 0, 1ULL << 63);
	sphere_record_gpio(blob, "chip-b", 0, 3, 3);
	sphere_record_mtd(blob, "config", SPHERE_MTD_READ);
	sphere_record_mtd(blob, "data", SPHERE_MTD_READ | SPHERE_MTD_WRITE);
	sphere_record_bind(blob, 6, 80, 81);
	sphere_record_append(blob, SPHERE_NET, &v4, sizeof(v4), sizeof(v4));
	if (has_ipv6())
		sphere_record_append(blob, SPHERE_NET, &v6, sizeof(v6),
				     sizeof(v6));
	sphere_record_peer(blob, number + 1);
	sphere_record_peer(blob, number + 2);
}

void sphere_record_append(struct sphere_blob *blob,
			  enum sphere_table_index table, const void *entry,
			  size_t size, size_t stride)
{
	struct sphere_table *t = sphere_table(blob, table);
	unsigned int count = le16toh(t->count);

	if (!count) {
		t->offset = htole16(blob->len);
		t->stride = htole16(stride);
	}
	t->count = htole16(count + 1);
	memset(blob->bytes + blob->len, 0, le16toh(t->stride));
	memcpy(blob->bytes + blob->len, entry, size);
	blob->len += le16toh(t->stride);
	sphere_record_settle(blob);
}

void sphere_record_gpio(struct sphere_blob *blob, const char *chip, __u32 base,
			__u64 input, __u64 output)
{
	struct sphere_gpio_grant grant = {
		.base = htole32(base),
		.input = htole64(input),
		.output = htole64(output),
	};

	snprintf((char *)grant.chip, sizeof(grant.chip), "%s", chip);
	sphere_record_append(blob, SPHERE_GPIO, &grant, sizeof(grant),
			     sizeof(grant));
}

void sphere_record_mtd(struct sphere_blob *blob, const char *partition,
		       __u32 access)
{
	struct sphere_mtd_grant grant = {
		.access = htole32(access),
	};

	snprintf((char *)grant.partition, sizeof(grant.partition), "%s",
		 partition);
	sphere_record_append(blob, SPHERE_MTD, &grant, sizeof(grant),
			     sizeof(grant));
}

void sphere_record_bind(struct sphere_blob *blob, __u8 protocol, __u16 first,
			__u16 last)
{
	const struct sphere_net_rule rule = {
		.action = SPHERE_NET_BIND,
		.family = SPHERE_NET_ANY,
		.protocol = protocol,
		.port_first = htole16(first),
		.port_last = htole16(last),
	};

	sphere_record_append(blob, SPHERE_NET, &rule, sizeof(rule),
			     sizeof(rule));
}

void sphere_record_connect(struct sphere_blob *blob, __u8 protocol,
			   const char *address, __u8 prefix, __u16 first,
			   __u16 last)
{
	struct sphere_net_rule rule = {
		.action = SPHERE_NET_CONNECT,
		.family = SPHERE_NET_IPV4,
		.protocol = protocol,
		.prefix = prefix,
		.port_first = htole16(first),
		.port_last = htole16(last),
	};

	if (inet_pton(AF_INET, address, rule.address) != 1) {
		rule.family = SPHERE_NET_IPV6;
		inet_pton(AF_INET6, address, rule.address);
	}
	sphere_record_append(blob, SPHERE_NET, &rule, sizeof(rule),
			     sizeof(rule));
}

static int compare_rules(const void *one, const void *other)
{
	return memcmp(one, other, sizeof(struct sphere_net_rule));
}

void sphere_record_sort_net(struct sphere_blob *blob)
{
	const struct sphere_table *table = sphere_table(blob, SPHERE_NET);

	qsort(sphere_entry(blob, SPHERE_NET, 0), le16toh(table->count),
	      sizeof(struct sphere_net_rule), compare_rules);
}

void sphere_record_peer(struct sphere_blob *blob, unsigned int number)
{
	struct sphere_peer peer;

	sphere_component(peer.component, number);
	sphere_record_append(blob, SPHERE_PEER, &peer, sizeof(peer),
			     sizeof(peer));
}

void sphere_record_settle(struct sphere_blob *blob)
{
	sphere_header(blob)->size = htole32(blob->len);
}

struct sphere_record *sphere_header(struct sphere_blob *blob)
{
	return (struct sphere_record *)blob->bytes;
}

struct sphere_table *sphere_table(struct sphere_blob *blob,
				  enum sphere_table_index table)
{
	return &sphere_header(blob)->gpio + table;
}

void *sphere_entry(struct sphere_blob *blob, enum sphere_table_index table,
		   unsigned int i)
{
	const struct sphere_table *t = sphere_table(blob, table);

	return blob->bytes + le16toh(t->offset) + i * le16toh(t->stride);
}

size_t sphere_entry_size(enum sphere_table_index table)
{
	static const size_t sizes[SPHERE_TABLES] = {
		[SPHERE_GPIO] = SPHERE_GPIO_GRANT_SIZE_VER0,
		[SPHERE_MTD] = SPHERE_MTD_GRANT_SIZE_VER0,
		[SPHERE_NET] = SPHERE_NET_RULE_SIZE_VER0,
		[SPHERE_PEER] = SPHERE_PEER_SIZE_VER0,
	};

	return sizes[table];
}

bool sphere_blob_equal(const struct sphere_blob *a, const struct sphere_blob *b)
{
	return a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

static bool all_zero(const __u8 *bytes, size_t len)
{
	while (len--)
		if (*bytes++)
			return false;
	return true;
}

/* Reads one code point; returns its bytes, 0 if it is not UTF-8. */
static size_t utf8_next(const __u8 *s, size_t len, __u32 *code)
{
	static const __u32 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t need, i;

	if (s[0] < 0x80)
		need = 1;
	else if ((s[0] & 0xe0) == 0xc0)
		need = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		need = 3;
	else if ((s[0] & 0xf8) == 0xf0)
		need = 4;
	else
		return 0;
	if (need > len)
		return 0;
	*code = need == 1 ? s[0] : s[0] & (0x7f >> need);
	for (i = 1; i < need; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	if (*code < least[need] || *code > 0x10ffff ||
	    (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return need;
}

static const char *text_fault(const __u8 *field, size_t size, bool may_be_empty)
{
	size_t len = strnlen((const char *)field, size), i, step;
	__u32 code;

	if (len == size)
		return "text is not terminated";
	if (!len && !may_be_empty)
		return "text is empty";
	if (!all_zero(field + len, size - len))
		return "text has something after its end";
	for (i = 0; i < len; i += step) {
		step = utf8_next(field + i, len - i, &code);
		if (!step)
			return "text is not UTF-8";
		if (code < 0x20 || (code >= 0x7f && code < 0xa0))
			return "text has a control character";
	}
	return NULL;
}

static const char *gpio_fault(const void *entry, const void *previous)
{
	const struct sphere_gpio_grant *grant = entry, *before = previous;
	const char *fault = text_fault(grant->chip, sizeof(grant->chip), false);
	int order;

	if (fault)
		return fault;
	if (le32toh(grant->base) % 64)
		return "base is inside a window";
	if (grant->reserved)
		return "reserved field of a gpio grant";
	if (!grant->input && !grant->output)
		return "gpio grant of no line";
	if (!before)
		return NULL;
	order = memcmp(before->chip, grant->chip, sizeof(grant->chip));
	if (order > 0 ||
	    (!order && le32toh(before->base) >= le32toh(grant->base)))
		return "gpio grants are not sorted";
	return NULL;
}

static const char *mtd_fault(const void *entry, const void *previous)
{
	const struct sphere_mtd_grant *grant = entry, *before = previous;
	const char *fault = text_fault(grant->partition,
				       sizeof(grant->partition), false);

	if (fault)
		return fault;
	if (le32toh(grant->access) != SPHERE_MTD_READ &&
	    le32toh(grant->access) != (SPHERE_MTD_READ | SPHERE_MTD_WRITE))
		return "access of an mtd grant";
	if (grant->reserved)
		return "reserved field of an mtd grant";
	if (before && memcmp(before->partition, grant->partition,
			     sizeof(grant->partition)) >= 0)
		return "mtd grants are not sorted";
	return NULL;
}

static const char *address_fault(const struct sphere_net_rule *rule)
{
	static const __u8 v4_in_v6[12] = { [10] = 0xff, [11] = 0xff };
	unsigned int bit, bits;

	switch (rule->action << 8 | rule->family) {
	case SPHERE_NET_BIND << 8 | SPHERE_NET_ANY:
		bits = 0;
		break;
	case SPHERE_NET_CONNECT << 8 | SPHERE_NET_IPV4:
		bits = 32;
		break;
	case SPHERE_NET_CONNECT << 8 | SPHERE_NET_IPV6:
		bits = 128;
		break;
	default:
		return "action and family";
	}
	if (rule->prefix > bits)
		return "prefix is longer than the address";
	for (bit = rule->prefix; bit < 128; bit++)
		if (rule->address[bit / 8] & 0x80 >> bit % 8)
			return "address has bits after its prefix";
	if (bits && rule->prefix == bits && all_zero(rule->address, 16))
		return "address is unspecified";
	if (bits == 128 && rule->prefix >= 96 &&
	    !memcmp(rule->address, v4_in_v6, sizeof(v4_in_v6)))
		return "address stands for an IPv4 one";
	return NULL;
}

static const char *net_fault(const void *entry, const void *previous)
{
	const struct sphere_net_rule *rule = entry;
	const char *fault = address_fault(rule);

	if (fault)
		return fault;
	if (rule->protocol != 6 && rule->protocol != 17)
		return "protocol";
	if (!rule->port_first ||
	    le16toh(rule->port_last) < le16toh(rule->port_first))
		return "ports";
	if (previous && memcmp(previous, rule, sizeof(*rule)) >= 0)
		return "net rules are not sorted";
	return NULL;
}

static const char *peer_fault(const void *entry, const void *previous)
{
	const struct sphere_peer *peer = entry;

	if (all_zero(peer->component, sizeof(peer->component)))
		return "peer is nil";
	if (previous && memcmp(previous, peer, sizeof(*peer)) >= 0)
		return "peers are not sorted";
	return NULL;
}

static const char *table_fault(const __u8 *record, size_t len,
			       enum sphere_table_index table, size_t *end)
{
	static const char *(*const entry_fault[])(const void *, const void *) = {
		gpio_fault, mtd_fault, net_fault, peer_fault,
	};
	const struct sphere_table *t =
		&((const struct sphere_record *)record)->gpio + table;
	size_t stride = le16toh(t->stride), count = le16toh(t->count), i;
	size_t size = sphere_entry_size(table);
	const __u8 *entry, *previous = NULL;
	const char *fault;

	if (t->reserved)
		return "reserved field of a table";
	if (!count)
		return t->offset || t->stride ? "empty table is not zero" : NULL;
	if (le16toh(t->offset) != *end)
		return "table is not where the one before ends";
	if (stride % 8 || stride < size)
		return "stride";
	if (count * stride > len - *end)
		return "table reaches beyond the record";
	for (i = 0; i < count; i++, previous = entry) {
		entry = record + *end + i * stride;
		fault = entry_fault[table](entry, previous);
		if (fault)
			return fault;
		if (!all_zero(entry + size, stride - size))
			return "unknown part of an entry is not zero";
	}
	*end += count * stride;
	return NULL;
}

static const char *frame_fault(const struct sphere_record *header, size_t len)
{
	size_t header_size;

	if (len < SPHERE_RECORD_SIZE_VER0)
		return "shorter than a header";
	if (len > SPHERE_RECORD_MAX)
		return "too large";
	if (le32toh(header->magic) != SPHERE_RECORD_MAGIC)
		return "magic";
	header_size = le16toh(header->header_size);
	if (header_size < SPHERE_RECORD_SIZE_VER0 || header_size % 8 ||
	    header_size > len)
		return "header size";
	if (le32toh(header->size) != len)
		return "size";
	if (header->reserved)
		return "reserved field of the header";
	if (!all_zero((const __u8 *)header + SPHERE_RECORD_SIZE_VER0,
		      header_size - SPHERE_RECORD_SIZE_VER0))
		return "unknown part of the header is not zero";
	return NULL;
}

static const char *application_fault(const struct sphere_record *header,
				     size_t len)
{
	size_t end = le16toh(header->header_size);
	const __u64 known = ((2ULL << SPHERE_CAP_DEBUG) - 1) |
		((2ULL << SPHERE_CAP_ENABLE_COREDUMPS) - 1 -
		 ((1ULL << SPHERE_CAP_UPDATE_IMAGE) - 1));
	const char *fault;
	int table;

	if (all_zero(header->component, sizeof(header->component)))
		return "component is nil";
	fault = text_fault(header->tenant, sizeof(header->tenant), true);
	if (fault)
		return fault;
	fault = text_fault(header->name, sizeof(header->name), true);
	if (fault)
		return fault;
	if (le64toh(header->capabilities) & ~known)
		return "unknown capability";
	for (table = 0; table < SPHERE_TABLES; table++) {
		fault = table_fault((const __u8 *)header, len, table, &end);
		if (fault)
			return fault;
	}
	return end == len ? NULL : "something after the last table";
}

const char *sphere_record_fault(const void *record, size_t len)
{
	const struct sphere_record *header = record;
	const size_t after_size = offsetof(struct sphere_record, size) +
		sizeof(header->size);
	const char *fault = frame_fault(header, len);

	if (fault)
		return fault;
	switch (le16toh(header->kind)) {
	case SPHERE_KIND_APPLICATION:
		return application_fault(header, len);
	case SPHERE_KIND_NONE:
	case SPHERE_KIND_MANAGER:
		/* All is header: nothing may follow it. */
		if (le16toh(header->header_size) != len)
			return "something after a bare header";
		if (!all_zero((const __u8 *)record + after_size,
			      len - after_size))
			return "bare header says something";
		return NULL;
	default:
		return "kind";
	}
}

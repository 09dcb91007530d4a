// SPDX-License-Identifier: GPL-2.0
/*
 * Written against include/uapi/linux/sphere.h alone: the record that
 * uapi.rs compares with what the core writes. Made to run on a
 * little-endian host.
 */
#include <linux/sphere.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct everything {
	struct sphere_record header;
	struct sphere_gpio_grant gpio[2];
	struct sphere_mtd_grant mtd[2];
	struct sphere_net_rule net[3];
	struct sphere_peer peer[1];
};

#define SAME(name, type) \
	_Static_assert((name) == sizeof(struct type), #type " has another size")
SAME(SPHERE_RECORD_SIZE_VER0, sphere_record);
SAME(SPHERE_GPIO_GRANT_SIZE_VER0, sphere_gpio_grant);
SAME(SPHERE_MTD_GRANT_SIZE_VER0, sphere_mtd_grant);
SAME(SPHERE_NET_RULE_SIZE_VER0, sphere_net_rule);
SAME(SPHERE_PEER_SIZE_VER0, sphere_peer);
_Static_assert(SPHERE_RECORD_MAX + sizeof(struct lsm_ctx) <= 4096,
	       "a record and its context are larger than a page");

#define TABLE(member)                                                          \
	{                                                                      \
		.offset = offsetof(struct everything, member),                 \
		.count = sizeof(everything.member) /                           \
			 sizeof(everything.member[0]),                         \
		.stride = sizeof(everything.member[0]),                        \
	}

static struct everything everything = {
	.header = {
		.magic = SPHERE_RECORD_MAGIC,
		.header_size = sizeof(struct sphere_record),
		.kind = SPHERE_KIND_APPLICATION,
		.size = sizeof(struct everything),
		.component = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
			       0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10 },
		.tenant = "tenant",
		.name = "name",
		.capabilities = 1ULL << SPHERE_CAP_SYSTEM_TIME |
				1ULL << SPHERE_CAP_ENABLE_COREDUMPS,
		.storage_bytes = 0x123456789a,
		.gpio = TABLE(gpio),
		.mtd = TABLE(mtd),
		.net = TABLE(net),
		.peer = TABLE(peer),
	},
	.gpio = {
		{ .chip = "chip", .base = 64, .input = 0x8000000000000001,
		  .output = 2 },
		{ .chip = "chip", .base = 128, .output = 0x10 },
	},
	.mtd = {
		{ .partition = "a", .access = SPHERE_MTD_READ },
		{ .partition = "b",
		  .access = SPHERE_MTD_READ | SPHERE_MTD_WRITE },
	},
	.net = {
		{ .action = SPHERE_NET_BIND, .family = SPHERE_NET_ANY,
		  .protocol = 6, .port_first = 0x1234, .port_last = 0x5678 },
		{ .action = SPHERE_NET_CONNECT, .family = SPHERE_NET_IPV4,
		  .protocol = 17, .prefix = 24, .port_first = 1,
		  .port_last = 65535, .address = { 192, 0, 2 } },
		{ .action = SPHERE_NET_CONNECT, .family = SPHERE_NET_IPV6,
		  .protocol = 6, .prefix = 128, .port_first = 443,
		  .port_last = 443,
		  .address = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } },
	},
	.peer = { { .component = { [15] = 1 } } },
};

int main(void)
{
	const unsigned char *bytes = (const unsigned char *)&everything;

	for (size_t i = 0; i < sizeof(everything); i++)
		printf("%02x", bytes[i]);
	printf("\n");
#include "constants.inc"
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Sphere - User space API
 *
 * The identity record: what a manager hands to lsm_set_self_attr(2) and what
 * lsm_get_self_attr(2) and /proc/PID/attr/sphere/ hand back.
 * See Documentation/userspace-api/sphere.rst.
 */

#ifndef _UAPI_LINUX_SPHERE_H
#define _UAPI_LINUX_SPHERE_H

#include <linux/lsm.h>
#include <linux/types.h>

/* "SPHR" when the four bytes are read in order. */
#define SPHERE_RECORD_MAGIC		0x52485053

/*
 * A record and the struct lsm_ctx in front of it fit in one 4096 byte page,
 * which is the most that lsm_set_self_attr(2) copies.
 */
#define SPHERE_RECORD_MAX		4064

/* Type of the audit records that say what was denied. */
#define SPHERE_AUDIT_DENIED		1490

/* What a record makes of a task. */
#define SPHERE_KIND_NONE		0	/* no identity: compute and RAM */
#define SPHERE_KIND_APPLICATION		1	/* one component of the device */
#define SPHERE_KIND_MANAGER		2	/* may give identities */

/* Bytes of fixed text fields, the terminating NUL included. */
#define SPHERE_TENANT_SIZE		64
#define SPHERE_NAME_SIZE		32
#define SPHERE_CHIP_SIZE		32
#define SPHERE_PARTITION_SIZE		64

/**
 * struct sphere_table - Where a table of grants lies in a record
 * @offset: bytes from the start of the record to the first entry
 * @count: number of entries
 * @stride: bytes from one entry to the next, a multiple of 8, at least the
 *          size of the entry's structure below; what an entry has beyond the
 *          size that the reader knows must be zero
 * @reserved: zero
 *
 * The tables follow the header in the order in which the header names them,
 * without gaps and sorted as each entry's structure says.  A table without
 * entries is all zero.
 */
struct sphere_table {
	__le16 offset;
	__le16 count;
	__le16 stride;
	__le16 reserved;
};

/**
 * struct sphere_record - Header of an identity record
 * @magic: %SPHERE_RECORD_MAGIC
 * @header_size: bytes of this header as its writer knew it, a multiple of 8,
 *               at least %SPHERE_RECORD_SIZE_VER0; what it has beyond the
 *               size that the reader knows must be zero
 * @kind: one of SPHERE_KIND_*; unless it is %SPHERE_KIND_APPLICATION, all
 *        that follows @size must be zero
 * @size: bytes of the whole record, at most %SPHERE_RECORD_MAX
 * @reserved: zero
 * @component: application id, a UUID in the byte order of RFC 9562, not nil
 * @tenant: network identity, UTF-8 without control characters, zero padded
 * @name: name for people, UTF-8 without control characters, zero padded;
 *        decides nothing
 * @capabilities: set of SPHERE_CAP_*; a bit that is not defined is an error
 * @storage_bytes: quota of mutable storage in bytes
 * @gpio: table of struct sphere_gpio_grant
 * @mtd: table of struct sphere_mtd_grant
 * @net: table of struct sphere_net_rule
 * @peer: table of struct sphere_peer
 *
 * All integers are little-endian.
 */
struct sphere_record {
	__le32 magic;
	__le16 header_size;
	__le16 kind;
	__le32 size;
	__le32 reserved;
	__u8 component[16];
	__u8 tenant[SPHERE_TENANT_SIZE];
	__u8 name[SPHERE_NAME_SIZE];
	__le64 capabilities;
	__le64 storage_bytes;
	struct sphere_table gpio;
	struct sphere_table mtd;
	struct sphere_table net;
	struct sphere_table peer;
};

#define SPHERE_RECORD_SIZE_VER0		176

/**
 * struct sphere_gpio_grant - Lines of one window of a GPIO chip
 * @chip: label of the chip, zero padded, not empty
 * @base: hardware offset of the first line of the window, a multiple of 64
 * @reserved: zero
 * @input: bit n: line @base + n may be an input
 * @output: bit n: line @base + n may be an output
 *
 * At least one bit is set.  Sorted by the bytes of @chip, then by @base, no
 * two entries with both the same.
 */
struct sphere_gpio_grant {
	__u8 chip[SPHERE_CHIP_SIZE];
	__le32 base;
	__le32 reserved;
	__le64 input;
	__le64 output;
};

#define SPHERE_GPIO_GRANT_SIZE_VER0	56

#define SPHERE_MTD_READ			1
#define SPHERE_MTD_WRITE		2	/* only together with READ */

/**
 * struct sphere_mtd_grant - Access to one MTD partition
 * @partition: name of the partition, zero padded, not empty
 * @access: %SPHERE_MTD_READ, or %SPHERE_MTD_READ | %SPHERE_MTD_WRITE
 * @reserved: zero
 *
 * Sorted by the bytes of @partition, each at most once.
 */
struct sphere_mtd_grant {
	__u8 partition[SPHERE_PARTITION_SIZE];
	__le32 access;
	__le32 reserved;
};

#define SPHERE_MTD_GRANT_SIZE_VER0	72

#define SPHERE_NET_BIND			1
#define SPHERE_NET_CONNECT		2

#define SPHERE_NET_ANY			0
#define SPHERE_NET_IPV4			4
#define SPHERE_NET_IPV6			6

/**
 * struct sphere_net_rule - Local ports or remote endpoints
 * @action: %SPHERE_NET_BIND or %SPHERE_NET_CONNECT
 * @family: %SPHERE_NET_ANY for a bind, %SPHERE_NET_IPV4 or %SPHERE_NET_IPV6
 *          for a connect
 * @protocol: 6 (TCP) or 17 (UDP)
 * @prefix: leading bits of @address that count; 0 for a bind
 * @port_first: first port of the range, at least 1
 * @port_last: last port of the range, at least @port_first
 * @address: network byte order, IPv4 in the first four bytes; zero after
 *           @prefix bits
 *
 * A rule by which nothing can be reached is an error: a whole unspecified
 * address, and an IPv6 prefix that is within ::ffff:0:0/96, for what such
 * addresses stand for is decided about as IPv4.
 *
 * Sorted by the bytes of the entry, no two alike.
 */
struct sphere_net_rule {
	__u8 action;
	__u8 family;
	__u8 protocol;
	__u8 prefix;
	__le16 port_first;
	__le16 port_last;
	__u8 address[16];
};

#define SPHERE_NET_RULE_SIZE_VER0	24

/**
 * struct sphere_peer - A component that this one may talk to
 * @component: its application id, not nil
 *
 * Sorted by the bytes of @component, each at most once.
 */
struct sphere_peer {
	__u8 component[16];
};

#define SPHERE_PEER_SIZE_VER0		16

/* Extended capabilities: bit numbers in sphere_record.capabilities. */
#define SPHERE_CAP_SYSTEM_TIME			0
#define SPHERE_CAP_TIME_SYNC_CONFIG		1
#define SPHERE_CAP_NETWORK_CONFIG		2
#define SPHERE_CAP_WIFI_CONFIG			3
#define SPHERE_CAP_ENTERPRISE_WIFI_CONFIG	4
#define SPHERE_CAP_DHCP_SERVICE			5
#define SPHERE_CAP_SNTP_SERVICE			6
#define SPHERE_CAP_CERT_STORE			7
#define SPHERE_CAP_SOFTWARE_UPDATE_DEFERRAL	8
#define SPHERE_CAP_SYSTEM_EVENT_NOTIFICATIONS	9
#define SPHERE_CAP_READ_NETWORK_PROXY_CONFIG	10
#define SPHERE_CAP_HARDWARE_ADDRESS_CONFIG	11
#define SPHERE_CAP_RESET_MEMORY_WATERMARKS	12
#define SPHERE_CAP_HEAP_MEM_STATS		13
#define SPHERE_CAP_FORCE_REBOOT			14
#define SPHERE_CAP_FORCE_POWER_DOWN		15
#define SPHERE_CAP_SET_POWER_PROFILE		16
#define SPHERE_CAP_HOST_NAME			17
#define SPHERE_CAP_RNG_SEED			18
#define SPHERE_CAP_KERNEL_LOG			19
#define SPHERE_CAP_MOUNT_IMAGE			20
#define SPHERE_CAP_DEBUG			21
#define SPHERE_CAP_UPDATE_IMAGE			32
#define SPHERE_CAP_QUERY_IMAGE_INFO		33
#define SPHERE_CAP_UPDATE_SECURITY_STATE	34
#define SPHERE_CAP_SFS				35
#define SPHERE_CAP_ATTESTATION_RUNTIME		36
#define SPHERE_CAP_POSTCODE			37
#define SPHERE_CAP_PERIPHERAL_PIN_MAPPING	38
#define SPHERE_CAP_RECORD_TELEMETRY		39
#define SPHERE_CAP_MANAGE_LOG_AND_TELEMETRY	40
#define SPHERE_CAP_ENABLE_COREDUMPS		41

#endif /* _UAPI_LINUX_SPHERE_H */

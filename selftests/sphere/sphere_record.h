/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sphere selftests - Identity records: building, checking, comparing
 *
 * Written from include/uapi/linux/sphere.h alone and sharing nothing with the
 * kernel or the tools, so that a misreading on one side shows as a difference.
 */

#ifndef SPHERE_RECORD_H
#define SPHERE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/sphere.h>

/* Room for records that are too large by some entries. */
#define SPHERE_BLOB_MAX		8192

/* Bytes that are, or pretend to be, a record. */
struct sphere_blob {
	size_t len;
	__u8 bytes[SPHERE_BLOB_MAX];
};

enum sphere_table_index {
	SPHERE_GPIO,
	SPHERE_MTD,
	SPHERE_NET,
	SPHERE_PEER,
	SPHERE_TABLES,
};

/* A header of one of SPHERE_KIND_* and nothing else. */
void sphere_record_bare(struct sphere_blob *blob, int kind);

/* The component id that the tests know by @number. */
void sphere_component(__u8 component[16], unsigned int number);

/* An application without any grant. */
void sphere_record_application(struct sphere_blob *blob, unsigned int number);

/* An application with two or more entries in every table. */
void sphere_record_full(struct sphere_blob *blob, unsigned int number);

/*
 * Appends an entry. Tables have to be filled in their order; the first entry
 * of each sets its stride, which is not smaller than @size.
 */
void sphere_record_append(struct sphere_blob *blob,
			  enum sphere_table_index table, const void *entry,
			  size_t size, size_t stride);

void sphere_record_gpio(struct sphere_blob *blob, const char *chip, __u32 base,
			__u64 input, __u64 output);
void sphere_record_mtd(struct sphere_blob *blob, const char *partition,
		       __u32 access);
void sphere_record_bind(struct sphere_blob *blob, __u8 protocol, __u16 first,
			__u16 last);
/* @address is text, of either family. */
void sphere_record_connect(struct sphere_blob *blob, __u8 protocol,
			   const char *address, __u8 prefix, __u16 first,
			   __u16 last);
/* Rules may be appended in any order, and brought into the right one after. */
void sphere_record_sort_net(struct sphere_blob *blob);
void sphere_record_peer(struct sphere_blob *blob, unsigned int number);

/* Writes @blob->len to the header. */
void sphere_record_settle(struct sphere_blob *blob);

struct sphere_record *sphere_header(struct sphere_blob *blob);
struct sphere_table *sphere_table(struct sphere_blob *blob,
				  enum sphere_table_index table);
/* Entry @i of a table that is not out of bounds. */
void *sphere_entry(struct sphere_blob *blob, enum sphere_table_index table,
		   unsigned int i);

/* Bytes that one entry of @table has today. */
size_t sphere_entry_size(enum sphere_table_index table);

bool sphere_blob_equal(const struct sphere_blob *a, const struct sphere_blob *b);

/* What is wrong with a record, or NULL. */
const char *sphere_record_fault(const void *record, size_t len);

#endif /* SPHERE_RECORD_H */

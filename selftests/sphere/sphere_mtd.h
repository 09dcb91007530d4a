/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sphere selftests - Flash to test with
 *
 * Functions return 0 or more, or a negative errno.
 */

#ifndef SPHERE_MTD_H
#define SPHERE_MTD_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <mtd/mtd-user.h>

/* Which of the files that stand for a device. */
enum sphere_mtd_node {
	SPHERE_MTD_CHAR,
	SPHERE_MTD_CHAR_RO,
	SPHERE_MTD_BLOCK,
};

/* A simulated chip: the number of the device for all of it. */
struct sphere_mtd_chip {
	int index;
	struct mtd_info_user info;
};

/*
 * Finds the chip of this type, MTD_RAM or MTD_NANDFLASH, and removes what
 * partitions with these names, up to a NULL, earlier tests have left on it.
 */
int sphere_mtd_find(struct sphere_mtd_chip *chip, int type,
		    const char *const *leftovers);

/*
 * Adds a partition of these erase blocks, whose files everybody may open as far
 * as their modes decide. Returns the number of the device.
 */
int sphere_mtd_add(const struct sphere_mtd_chip *chip, const char *name,
		   unsigned int first_block, unsigned int blocks);
int sphere_mtd_remove(const struct sphere_mtd_chip *chip, int index);

/* The path of a device's file. */
void sphere_mtd_path(char path[PATH_MAX], int index, enum sphere_mtd_node node);

/* Lets everybody open all files of the device. */
void sphere_mtd_publish(int index);

/*
 * All of a device, with what out-of-band data it has, as it is on the flash.
 * To be freed.
 */
void *sphere_mtd_dump(int index, size_t *len);

#endif /* SPHERE_MTD_H */

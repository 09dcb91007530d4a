/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sphere selftests - Simulated GPIO chips, and the ways to their lines
 *
 * Functions return 0 or more, or a negative errno.
 */

#ifndef SPHERE_GPIO_H
#define SPHERE_GPIO_H

#include <limits.h>
#include <stdbool.h>
#include <linux/types.h>

/* A chip of gpio-sim. */
struct sphere_chip {
	char name[32];		/* in configfs */
	char device[32];	/* platform device */
	char node[32];		/* gpiochipN */
	char path[64];		/* of the character device */
};

/* Makes a chip with @lines lines, and its device accessible to everybody. */
int sphere_chip_make(struct sphere_chip *chip, const char *name,
		     const char *label, unsigned int lines);
void sphere_chip_remove(struct sphere_chip *chip);

/* What the simulated line has: 0 or 1. */
int sphere_chip_value(const struct sphere_chip *chip, unsigned int line);

/* Pulls the simulated line up or down, from outside. */
int sphere_chip_pull(const struct sphere_chip *chip, unsigned int line, bool up);

/* The interfaces by which lines are requested. */
enum sphere_gpio_abi {
	SPHERE_GPIO_V1,		/* handle */
	SPHERE_GPIO_V1_EVENT,
	SPHERE_GPIO_V2,
};

enum sphere_gpio_direction {
	SPHERE_GPIO_AS_IS,
	SPHERE_GPIO_IN,
	SPHERE_GPIO_OUT,
};

/* Lines in one request. */
struct sphere_lines {
	unsigned int count;
	__u32 offsets[64];
};

/* Returns a file of the lines. Outputs get the value 1. */
int sphere_gpio_request(int chip, enum sphere_gpio_abi abi,
			enum sphere_gpio_direction direction,
			const struct sphere_lines *lines);

/* Reconfigures all lines of a request. */
int sphere_gpio_config(int fd, enum sphere_gpio_abi abi,
		       enum sphere_gpio_direction direction);

/* The values of all lines, the first in bit 0; sets all lines of a request. */
int sphere_gpio_get(int fd, enum sphere_gpio_abi abi, unsigned int count);
int sphere_gpio_set(int fd, enum sphere_gpio_abi abi, unsigned int count,
		    int value);

/* Line information; with a watch, if @watch. Direction and use are returned. */
#define SPHERE_GPIO_INFO_OUT	1
#define SPHERE_GPIO_INFO_USED	2
int sphere_gpio_info(int chip, enum sphere_gpio_abi abi, __u32 offset,
		     bool watch);

#endif /* SPHERE_GPIO_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Simulated GPIO chips, and the ways to their lines
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/gpio.h>

#include "sphere_common.h"
#include "sphere_gpio.h"

#define CONFIGFS	"/sys/kernel/config/gpio-sim/"

static int write_attr(const char *name, const char *attr, const char *value)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), CONFIGFS "%s/%s", name, attr);
	return sphere_write_text(path, value);
}

static int read_attr(const char *name, const char *attr, char *value,
		     size_t size)
{
	struct sphere_blob text;
	char path[PATH_MAX];
	int error;

	snprintf(path, sizeof(path), CONFIGFS "%s/%s", name, attr);
	error = sphere_read_file(path, &text);
	if (error)
		return error;
	text.bytes[text.len] = '\0';
	snprintf(value, size, "%.*s",
		 (int)strcspn((char *)text.bytes, "\n"), (char *)text.bytes);
	return 0;
}

static int make_dir(const char *name, const char *bank)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), CONFIGFS "%s%s", name, bank);
	return mkdir(path, 0755) ? -errno : 0;
}

int sphere_chip_make(struct sphere_chip *chip, const char *name,
		     const char *label, unsigned int lines)
{
	char number[16];
	int error;

	memset(chip, 0, sizeof(*chip));
	snprintf(chip->name, sizeof(chip->name), "%s", name);
	snprintf(number, sizeof(number), "%u", lines);
	error = make_dir(name, "");
	if (!error)
		error = make_dir(name, "/bank");
	if (!error)
		error = write_attr(name, "bank/label", label);
	if (!error)
		error = write_attr(name, "bank/num_lines", number);
	if (!error)
		error = write_attr(name, "live", "1");
	if (!error)
		error = read_attr(name, "dev_name", chip->device,
				  sizeof(chip->device));
	if (!error)
		error = read_attr(name, "bank/chip_name", chip->node,
				  sizeof(chip->node));
	if (error)
		return error;
	snprintf(chip->path, sizeof(chip->path), "/dev/%s", chip->node);
	return chmod(chip->path, 0666) ? -errno : 0;
}

void sphere_chip_remove(struct sphere_chip *chip)
{
	char path[PATH_MAX];

	write_attr(chip->name, "live", "0");
	snprintf(path, sizeof(path), CONFIGFS "%s/bank", chip->name);
	rmdir(path);
	snprintf(path, sizeof(path), CONFIGFS "%s", chip->name);
	rmdir(path);
}

static void line_path(char path[PATH_MAX], const struct sphere_chip *chip,
		      unsigned int line, const char *attr)
{
	snprintf(path, PATH_MAX, "/sys/devices/platform/%s/%s/sim_gpio%u/%s",
		 chip->device, chip->node, line, attr);
}

int sphere_chip_value(const struct sphere_chip *chip, unsigned int line)
{
	struct sphere_blob text;
	char path[PATH_MAX];
	int error;

	line_path(path, chip, line, "value");
	error = sphere_read_file(path, &text);
	return error ? error : text.bytes[0] - '0';
}

int sphere_chip_pull(const struct sphere_chip *chip, unsigned int line, bool up)
{
	char path[PATH_MAX];

	line_path(path, chip, line, "pull");
	return sphere_write_text(path, up ? "pull-up" : "pull-down");
}

static __u32 v1_flags(enum sphere_gpio_direction direction)
{
	switch (direction) {
	case SPHERE_GPIO_IN:
		return GPIOHANDLE_REQUEST_INPUT;
	case SPHERE_GPIO_OUT:
		return GPIOHANDLE_REQUEST_OUTPUT;
	default:
		return 0;
	}
}

static __u64 v2_flags(enum sphere_gpio_direction direction)
{
	switch (direction) {
	case SPHERE_GPIO_IN:
		return GPIO_V2_LINE_FLAG_INPUT;
	case SPHERE_GPIO_OUT:
		return GPIO_V2_LINE_FLAG_OUTPUT;
	default:
		return 0;
	}
}

static void v2_config(struct gpio_v2_line_config *config,
		      enum sphere_gpio_direction direction)
{
	config->flags = v2_flags(direction);
	if (direction != SPHERE_GPIO_OUT)
		return;
	config->num_attrs = 1;
	config->attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
	config->attrs[0].attr.values = ~0ULL;
	config->attrs[0].mask = ~0ULL;
}

static int request_v1(int chip, enum sphere_gpio_direction direction,
		      const struct sphere_lines *lines)
{
	struct gpiohandle_request request = {
		.flags = v1_flags(direction),
		.lines = lines->count,
		.consumer_label = "sphere-test",
	};

	memcpy(request.lineoffsets, lines->offsets,
	       sizeof(request.lineoffsets));
	memset(request.default_values, 1, sizeof(request.default_values));
	if (ioctl(chip, GPIO_GET_LINEHANDLE_IOCTL, &request))
		return -errno;
	return request.fd;
}

static int request_v1_event(int chip, const struct sphere_lines *lines)
{
	struct gpioevent_request request = {
		.lineoffset = lines->offsets[0],
		.handleflags = GPIOHANDLE_REQUEST_INPUT,
		.eventflags = GPIOEVENT_REQUEST_BOTH_EDGES,
		.consumer_label = "sphere-test",
	};

	if (ioctl(chip, GPIO_GET_LINEEVENT_IOCTL, &request))
		return -errno;
	return request.fd;
}

static int request_v2(int chip, enum sphere_gpio_direction direction,
		      const struct sphere_lines *lines)
{
	struct gpio_v2_line_request request = {
		.consumer = "sphere-test",
		.num_lines = lines->count,
	};

	memcpy(request.offsets, lines->offsets, sizeof(request.offsets));
	v2_config(&request.config, direction);
	if (direction == SPHERE_GPIO_IN)
		request.config.flags |= GPIO_V2_LINE_FLAG_EDGE_RISING |
					GPIO_V2_LINE_FLAG_EDGE_FALLING;
	if (ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request))
		return -errno;
	return request.fd;
}

int sphere_gpio_request(int chip, enum sphere_gpio_abi abi,
			enum sphere_gpio_direction direction,
			const struct sphere_lines *lines)
{
	switch (abi) {
	case SPHERE_GPIO_V1:
		return request_v1(chip, direction, lines);
	case SPHERE_GPIO_V1_EVENT:
		return request_v1_event(chip, lines);
	default:
		return request_v2(chip, direction, lines);
	}
}

int sphere_gpio_config(int fd, enum sphere_gpio_abi abi,
		       enum sphere_gpio_direction direction)
{
	struct gpiohandle_config v1 = { .flags = v1_flags(direction) };
	struct gpio_v2_line_config v2 = {};
	int error;

	if (abi == SPHERE_GPIO_V2) {
		v2_config(&v2, direction);
		error = ioctl(fd, GPIO_V2_LINE_SET_CONFIG_IOCTL, &v2);
	} else {
		memset(v1.default_values, 1, sizeof(v1.default_values));
		error = ioctl(fd, GPIOHANDLE_SET_CONFIG_IOCTL, &v1);
	}
	return error ? -errno : 0;
}

int sphere_gpio_get(int fd, enum sphere_gpio_abi abi, unsigned int count)
{
	struct gpio_v2_line_values v2 = { .mask = (1ULL << count) - 1 };
	struct gpiohandle_data v1 = {};
	unsigned int i;
	int values = 0;

	if (abi == SPHERE_GPIO_V2) {
		if (ioctl(fd, GPIO_V2_LINE_GET_VALUES_IOCTL, &v2))
			return -errno;
		return v2.bits;
	}
	if (ioctl(fd, GPIOHANDLE_GET_LINE_VALUES_IOCTL, &v1))
		return -errno;
	for (i = 0; i < count; i++)
		values |= v1.values[i] << i;
	return values;
}

int sphere_gpio_set(int fd, enum sphere_gpio_abi abi, unsigned int count,
		    int value)
{
	struct gpio_v2_line_values v2 = {
		.mask = (1ULL << count) - 1,
		.bits = value ? ~0ULL : 0,
	};
	struct gpiohandle_data v1;
	int error;

	memset(v1.values, value, sizeof(v1.values));
	if (abi == SPHERE_GPIO_V2)
		error = ioctl(fd, GPIO_V2_LINE_SET_VALUES_IOCTL, &v2);
	else
		error = ioctl(fd, GPIOHANDLE_SET_LINE_VALUES_IOCTL, &v1);
	return error ? -errno : 0;
}

static int info_v1(int chip, __u32 offset, bool watch)
{
	struct gpioline_info info = { .line_offset = offset };

	if (ioctl(chip, watch ? GPIO_GET_LINEINFO_WATCH_IOCTL :
				GPIO_GET_LINEINFO_IOCTL, &info))
		return -errno;
	return (info.flags & GPIOLINE_FLAG_IS_OUT ? SPHERE_GPIO_INFO_OUT : 0) |
		(info.flags & GPIOLINE_FLAG_KERNEL ? SPHERE_GPIO_INFO_USED : 0);
}

int sphere_gpio_info(int chip, enum sphere_gpio_abi abi, __u32 offset,
		     bool watch)
{
	struct gpio_v2_line_info info = { .offset = offset };

	if (abi != SPHERE_GPIO_V2)
		return info_v1(chip, offset, watch);
	if (ioctl(chip, watch ? GPIO_V2_GET_LINEINFO_WATCH_IOCTL :
				GPIO_V2_GET_LINEINFO_IOCTL, &info))
		return -errno;
	return (info.flags & GPIO_V2_LINE_FLAG_OUTPUT ?
			SPHERE_GPIO_INFO_OUT : 0) |
		(info.flags & GPIO_V2_LINE_FLAG_USED ?
			SPHERE_GPIO_INFO_USED : 0);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Boot progress codes
 *
 * Keeps the code that the last program has reported about the progress of the
 * boot, one byte as on a board's display.  Everybody can read it from
 * /dev/postcode; to write it takes the extended capability Postcode.
 */

#include <linux/fs.h>
#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/sphere.h>
#include <linux/uaccess.h>

static u8 last_code;

static ssize_t postcode_read(struct file *file, char __user *buf, size_t count,
			     loff_t *pos)
{
	u8 code = READ_ONCE(last_code);

	return simple_read_from_buffer(buf, count, pos, &code, sizeof(code));
}

static ssize_t postcode_write(struct file *file, const char __user *buf,
			      size_t count, loff_t *pos)
{
	u8 code;

	/* Here, not in open(): the file may have been passed on. */
	if (!sphere_capable(SPHERE_CAP_POSTCODE))
		return -EACCES;
	if (count != sizeof(code))
		return -EINVAL;
	if (get_user(code, buf))
		return -EFAULT;
	WRITE_ONCE(last_code, code);
	return count;
}

static const struct file_operations postcode_fops = {
	.owner	= THIS_MODULE,
	.read	= postcode_read,
	.write	= postcode_write,
	.llseek	= default_llseek,
};

static struct miscdevice postcode_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "postcode",
	.fops	= &postcode_fops,
	.mode	= 0666,
};

builtin_misc_device(postcode_device);

// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere - How much a user has on flash
 */

#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/quotaops.h>

#include "sphere.h"

struct usage {
	kuid_t uid;
	u64 bytes;
};

static void add_usage(struct super_block *sb, void *data)
{
	struct usage *usage = data;
	struct qc_dqblk quota;

	if (sb->s_magic != JFFS2_SUPER_MAGIC ||
	    !sb_has_quota_active(sb, USRQUOTA))
		return;
	if (!dquot_get_dqblk(sb, make_kqid_uid(usage->uid), &quota))
		usage->bytes += quota.d_space;
}

u64 sphere_storage_used(kuid_t uid)
{
	struct usage usage = { .uid = uid };

	iterate_supers(add_usage, &usage);
	return usage.bytes;
}

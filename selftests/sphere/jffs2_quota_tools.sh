#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Sphere selftests - The quota tools of a distribution on JFFS2
#
# Through samples/quota-tools/with-jffs2-quota, as an administrator would. Needs
# a flash that it may erase, with-jffs2-quota in the PATH, and no Sphere: what a
# shell executes is no manager.

export PATH=/usr/sbin:/usr/bin:/sbin:/bin

MNT=/tmp/jffs2
ALICE=5001
test=0

# report NAME STATUS: one test. What was printed explains a failure.
report() {
	test=$((test + 1))
	if [ "$2" = 0 ]; then
		echo "ok $test $1"
	else
		echo "not ok $test $1"
		echo "$printed" | sed 's/^/# /'
	fi
}

# check NAME COMMAND...: it works. Keeps in $printed what it prints.
check() {
	name=$1
	shift
	printed=$("$@" 2>&1)
	report "$name" $?
}

# check_shows NAME PATTERN: the last command has printed it.
check_shows() {
	echo "$printed" | grep -q -e "$2"
	report "$1" $?
}

refused() {
	! "$@"
}

as_alice() {
	su -s /bin/sh alice -c "$1"
}

# Writes until it gets no further, and says how many KiB there are.
fill() {
	as_alice "dd if=/dev/urandom of=$MNT/alice/file bs=4k count=100" 2>/dev/null
	du -k "$MNT/alice/file" | cut -f 1
}

between() {
	if [ "$1" -le "$2" ] || [ "$1" -gt "$3" ]; then
		echo "$1 is not between $2 and $3"
		return 1
	fi
}

mtd=$(sed -n '/mtdram/s/^mtd\([0-9]*\):.*/\1/p' /proc/mtd | head -n 1)
if [ -z "$mtd" ]; then
	echo "1..0 # SKIP there is no flash in RAM"
	exit 4
fi
mkdir -p /etc "$MNT"
printf '%s::%s:%s::/:/bin/sh\n' root 0 0 alice $ALICE $ALICE bob 5002 5002 >/etc/passwd
printf '%s:x:%s:\n' root 0 alice $ALICE >/etc/group
# Whatever was there.
flash_erase -q "/dev/mtd$mtd" 0 0
mount -t jffs2 -o usrquota,grpquota "mtd$mtd" "$MNT" || exit 1
mkdir "$MNT/alice"
chown $ALICE:$ALICE "$MNT/alice"

echo TAP version 13
echo 1..18
check 'without help they do not find it' refused setquota -u alice 40 80 50 100 "$MNT"
check_shows 'they look for a quota file' 'has no quota enabled'
check 'setquota sets a limit' with-jffs2-quota setquota -u alice 40 80 50 100 "$MNT"
check 'setquota sets a limit of a group' with-jffs2-quota setquota -g alice 0 4000 0 0 "$MNT"
check 'the limit is kept' between "$(fill)" 60 80
check 'repquota reports' with-jffs2-quota repquota -v -u "$MNT"
check_shows 'repquota knows the user' '^alice'
check_shows 'repquota knows the soft limit, the hard limit and the grace time' ' 40  *80  *[67]days'
check 'repquota reports groups' with-jffs2-quota repquota -g "$MNT"
check_shows 'repquota knows the limit of the group' '^alice .* 4000 '
check 'quota reports a user' refused with-jffs2-quota quota -w -v -u alice
check_shows 'quota knows the hard limit' ' 80 '
check 'setquota copies' with-jffs2-quota setquota -p alice -u bob "$MNT"
check 'setquota sets the time of grace' with-jffs2-quota setquota -t -u 3600 7200 "$MNT"
check 'edquota copies' with-jffs2-quota edquota -p alice -u 5003
check 'repquota reports again' with-jffs2-quota repquota -v -n -u "$MNT"
check_shows 'who has a limit and nothing else is reported' '^#5003'
check_shows 'the time of grace is reported' 'Block grace time: 01:00'
rm -rf "$MNT/alice"
umount "$MNT"

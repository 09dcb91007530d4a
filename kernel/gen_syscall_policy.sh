#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Apply a system call policy to a system call table.
#
# The policy puts every system call into exactly one class, and each class is
# one of
#
#	kept		as without a policy
#	restricted	security modules are asked first
#	denied ERRNO	answers ENOSYS or EPERM, whoever calls
#
# Its format:
#
#	# comment
#	class NAME kept|restricted|denied ENOSYS|denied EPERM
#		reason TEXT
#		[ARCH...:] SYSCALL...
#
# A line of system calls without architectures holds for all of them. A class
# has a reason, and may have several lines of everything.
#
# Checked is, for the architecture of the table, that the policy names no
# system call that the table does not have, and that the table has none that
# the policy does not name. A new kernel's new system calls are errors until
# somebody has decided about them. Nor can one function be kept by one name and
# not by another.

set -e

usage() {
	cat >&2 <<-END
	usage: $0 OPTION... POLICY TABLE OUTFILE

	  --emit table     the table, with other entry points where the policy says so
	  --emit header    what C code has to know
	  --emit list      lines "NUMBER NAME DECISION CLASS" for people and tests;
	                   DECISION is kept, restricted, ENOSYS or EPERM
	  --arch ARCH      the table's architecture, as in arch/
	  --abis ABIS      which lines of the table count (default: all)
	  --kept LIST      classes, or single system calls, that are this instead of
	  --restricted LIST  what the policy file says; a system call goes before
	  --enosys LIST    its class
	  --eperm LIST
	END
	exit 1
}

emit=
arch=
abis=
kept=
restricted=
enosys=
eperm=

while [ $# -gt 0 ]
do
	case $1 in
	--emit|--arch|--abis|--kept|--restricted|--enosys|--eperm)
		[ $# -gt 1 ] || usage
		eval "${1#--}=\$2"
		shift 2;;
	-*)
		echo "$1: unknown option" >&2
		usage;;
	*)
		break;;
	esac
done

case $emit in
table|header|list) ;;
*) usage;;
esac
if [ $# -ne 3 ] || [ -z "$arch" ]; then
	usage
fi

policy=$1
table=$2
outfile=$3

trap 'rm -f "$outfile.tmp"' EXIT

# shellcheck disable=SC2016 # $1 and so on are of awk
${AWK:-awk} -v emit="$emit" -v arch="$arch" -v abis="$abis" \
	-v kept="$kept" -v restricted="$restricted" \
	-v enosys="$enosys" -v eperm="$eperm" '
function error(where, message) {
	print where ": error: " message | "cat 1>&2"
	failed = 1
}

function here() {
	return FILENAME ":" FNR
}

# What a class line says about its calls: "", if that is nothing sensible.
function decision(words) {
	if (words == 3 && ($3 == "kept" || $3 == "restricted"))
		return $3
	if (words == 4 && $3 == "denied" && ($4 == "ENOSYS" || $4 == "EPERM"))
		return $4
	return ""
}

function end_class() {
	if (class != "" && !(class in reason))
		error(class_line[class], "class " class " has no reason")
}

function new_class() {
	end_class()
	class = $2
	if (class in decided) {
		error(here(), "class " class " is there already, at " class_line[class])
		return
	}
	decided[class] = decision(NF)
	class_line[class] = here()
	if (decided[class] == "")
		error(here(), "want: class NAME kept|restricted|denied ENOSYS|denied EPERM")
}

# Whether the line is about this architecture; leaves only the calls in it.
function is_ours(   i, n, words, ours) {
	if (!index($0, ":"))
		return 1
	n = split(substr($0, 1, index($0, ":") - 1), words)
	ours = 0
	for (i = 1; i <= n; i++) {
		if (words[i] == arch)
			ours = 1
		if (!(words[i] in arches))
			error(here(), "there is no architecture " words[i])
	}
	$0 = substr($0, index($0, ":") + 1)
	return ours
}

function add_calls(   i, ours) {
	ours = is_ours()
	for (i = 1; i <= NF; i++) {
		if (!ours)
			continue
		if ($i in class_of)
			error(here(), $i " is in class " class_of[$i] " already, at " call_line[$i])
		class_of[$i] = class
		call_line[$i] = here()
	}
}

function override(list, option, what,   i, n, words) {
	n = split(list, words)
	for (i = 1; i <= n; i++) {
		if (words[i] in overridden)
			error(option, words[i] " is in " option_of[words[i]] ", too")
		option_of[words[i]] = option
		overridden[words[i]] = what
	}
}

function decide(name) {
	if (name in overridden)
		return overridden[name]
	if (class_of[name] in overridden)
		return overridden[class_of[name]]
	return decided[class_of[name]]
}

# sys_NAME is what a macro defines; anything else is written by hand.
function base(entry) {
	return substr(entry, 1, 4) == "sys_" ? substr(entry, 5) : ""
}

BEGIN {
	split("x86 arm arm64 riscv", words)
	for (i in words)
		arches[words[i]]
	if (!(arch in arches))
		error("--arch " arch, "unknown")
	override(kept, "--kept", "kept")
	override(restricted, "--restricted", "restricted")
	override(eperm, "--eperm", "EPERM")
	override(enosys, "--enosys", "ENOSYS")
	all = abis == ""
	split(abis, words, ",")
	for (i in words)
		wanted[words[i]]
}

# The policy.

FILENAME == ARGV[1] {
	raw = $0
	sub(/#.*/, "")
	if (NF == 0)
		next
	if (raw !~ /^[ \t]/) {
		if ($1 == "class")
			new_class()
		else
			error(here(), "want a class, or an indented line: " $1)
	} else if (class == "") {
		error(here(), "belongs to no class")
	} else if ($1 == "reason") {
		if (NF < 2)
			error(here(), "a reason has no words")
		reason[class]
	} else {
		add_calls()
	}
	next
}

# The table.

/^[0-9]/ {
	lines[++line] = $0
}

/^[0-9]/ && (all || $2 in wanted) {
	at[line] = ++count
	number[count] = $1
	call[count] = $3
	entry[count] = $4
	if (!($3 in class_of))
		error(here(), "system call " $3 " (" $1 ") is in no class of the policy")
	known[$3]
}

END {
	end_class()
	for (name in class_of)
		if (!(name in known))
			error(call_line[name], "there is no system call " name " on " arch)
	for (name in overridden)
		if (!(name in decided) && !(name in class_of))
			error(option_of[name] " " name, "there is no such class or system call")
	for (i = 1; i <= count; i++) {
		verdict[i] = decide(call[i])
		if (verdict[i] == "restricted" && base(entry[i]) == "")
			error(call_line[call[i]], call[i] " has no entry point that could be restricted")
	}
	check_entries()
	if (!count)
		error(ARGV[2], "no system call in it")
	if (failed)
		exit 1
	if (emit == "table")
		emit_table()
	else if (emit == "header")
		emit_header()
	else
		for (i = 1; i <= count; i++)
			print number[i], call[i], verdict[i], class_of[call[i]]
}

# One function by two names is one thing to decide about.
function check_entries(   i, first) {
	for (i = 1; i <= count; i++) {
		if (entry[i] == "" || entry[i] == "sys_ni_syscall")
			continue
		if (!(entry[i] in first))
			first[entry[i]] = i
		else if ((verdict[i] == "kept") != (verdict[first[entry[i]]] == "kept"))
			error(call_line[call[i]], call[i] " is the same function as " call[first[entry[i]]] ", for which the decision is another")
	}
}

# Lines of other ABIs stay, as those of kept calls do.
function emit_table(   i, words) {
	for (i = 1; i <= line; i++) {
		if (!(i in at) || verdict[at[i]] == "kept") {
			print lines[i]
			continue
		}
		# All but the last column: these do return.
		split(lines[i], words)
		print words[1] "\t" words[2] "\t" words[3] "\t" substitute(at[i]) "\t" words[5]
	}
}

function substitute(i) {
	if (verdict[i] == "restricted")
		return "sys_restricted_" base(entry[i])
	return "sys_denied_" tolower(verdict[i])
}

function emit_header(   i) {
	print "/* Entry points that the table does not have. */"
	for (i = 1; i <= count; i++)
		if (verdict[i] == "kept" || verdict[i] == "restricted")
			used[entry[i]]
	for (i = 1; i <= count; i++)
		if (!(entry[i] in used) && base(entry[i]) != "" && !done[entry[i]]++)
			print "#define __SYSCALL_DROP_" base(entry[i]) " 0,"
	print ""
	print "/* (number, entry point) of each that is restricted. */"
	print "#define FOR_EACH_SYSCALL_RESTRICTED(macro) \\"
	for (i = 1; i <= count; i++)
		if (verdict[i] == "restricted" && !done[entry[i]]++)
			print "\tmacro(" number[i] ", " base(entry[i]) ") \\"
	print ""
}
' "$policy" "$table" > "$outfile.tmp"

mv "$outfile.tmp" "$outfile"

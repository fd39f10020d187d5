# SPDX-License-Identifier: GPL-2.0
# Completion of nat64ctl for bash; nat64ctl itself knows the words.
_nat64ctl() {
	local cur prev words cword

	_init_completion -n := || return
	mapfile -t COMPREPLY < <(nat64ctl complete "${words[@]:1:cword}" 2>/dev/null)
	if [ "${COMPREPLY[*]}" = %file ]; then
		COMPREPLY=()
		_filedir
		return
	fi
	__ltrim_colon_completions "$cur"
}
complete -F _nat64ctl nat64ctl

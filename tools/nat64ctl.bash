# SPDX-License-Identifier: GPL-2.0
# Completion of nat64ctl for bash; nat64ctl itself knows the words.
_nat64ctl() {
	local cur prev words cword netns=() i=1 file=0

	_init_completion -n : || return
	while [ $i -lt "$cword" ]; do
		case ${words[i]} in
		-n|-netns|--netns)
			netns=(-n "${words[i + 1]}")
			i=$((i + 1));;
		-*)	;;
		*)	break;;
		esac
		i=$((i + 1))
	done
	if [ $i -gt "$cword" ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(ip netns list 2>/dev/null |
			cut -d' ' -f1)" -- "$cur")
		return
	fi
	# Where a file is named.
	case ${words[i]} in
	apply|check|diff|save) file=$((i + 1));;
	import) file=$((i + 2));;
	esac
	if [ $file -gt 0 ] && [ $file -le "$cword" ]; then
		_filedir
		return
	fi
	mapfile -t COMPREPLY < <(nat64ctl "${netns[@]}" complete \
		"${words[@]:i:cword - i + 1}" 2>/dev/null)
	__ltrim_colon_completions "$cur"
}
complete -F _nat64ctl nat64ctl

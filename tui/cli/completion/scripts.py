"""The scripts that bash, zsh and fish read: each asks the program for the words that fit, and quotes them."""

VARIABLE = "_NNTERM_COMPLETE"
"""Names the shell that asks; with it the program prints a line `word TAB help` for each word that fits, and at the end
`:files` or `:folders` if the shell itself may complete a path where no word fits."""
LINE_VARIABLE = "_NNTERM_LINE"
"""Bash's command line up to the cursor; zsh and fish pass words as arguments instead."""
BREAKS_VARIABLE = "_NNTERM_BREAKS"
"""Characters at which bash breaks a word: it replaces only what stands after the last of them."""

BASH = r"""# Completion of nnterm in bash: eval "$(nnterm completion bash)"
_nnterm_completion() {
    local line program=$1
    COMPREPLY=()
    type -P -- "$program" >/dev/null || program=nnterm
    while IFS= read -r line; do
        case $line in
            :files) compopt -o default 2>/dev/null ;;
            :folders) compopt -o dirnames 2>/dev/null ;;
            *)
                COMPREPLY+=("${line%%$'\t'*}")
                case ${line%%$'\t'*} in *[=.]) compopt -o nospace 2>/dev/null ;; esac
                ;;
        esac
    done < <(_NNTERM_COMPLETE=bash _NNTERM_LINE="${COMP_LINE:0:COMP_POINT}" _NNTERM_BREAKS="$COMP_WORDBREAKS" \
        "$program" 2>/dev/null)
}
complete -o nosort -F _nnterm_completion nnterm 2>/dev/null || complete -F _nnterm_completion nnterm
"""

ZSH = r"""#compdef nnterm
# Completion of nnterm in zsh: source <(nnterm completion zsh), after compinit
_nnterm() {
    local line word text entry kind='' program="${(Q)words[1]}"
    local -a closed open before
    (( CURRENT > 2 )) && before=("${(@Q)words[2,CURRENT-1]}")
    (( $+commands[$program] )) || [[ -x $program ]] || program=nnterm
    for line in "${(@f)$(_NNTERM_COMPLETE=zsh command $program "${before[@]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
        case $line in
            (:*) kind=${line#:} ;;
            (?*)
                word=${line%%$'\t'*}
                text=${line#*$'\t'}
                entry=${word//:/\\:}${text:+:$text}
                if [[ $word == *[=.] ]]; then open+=("$entry"); else closed+=("$entry"); fi
                ;;
        esac
    done
    if (( $#closed + $#open )); then
        (( $#closed )) && _describe -V nnterm closed
        (( $#open )) && _describe -V nnterm open -S ''
    elif [[ $kind == files ]]; then
        _files
    elif [[ $kind == folders ]]; then
        _files -/
    fi
}
if [[ $funcstack[1] == _nnterm ]]; then
    _nnterm "$@"
else
    compdef _nnterm nnterm
fi
"""

FISH = r"""# Completion of nnterm in fish: nnterm completion fish | source
function __nnterm_complete
    set -l words (commandline -opc)
    set -l current (string unescape -- (commandline -ct); or commandline -ct)
    set -l program $words[1]
    command -q -- $program; or set program nnterm
    set -l kind
    set -l found 0
    _NNTERM_COMPLETE=fish command $program $words[2..-1] "$current" 2>/dev/null | while read -l line
        switch $line
            case ':*'
                set kind (string sub -s 2 -- $line)
            case '?*'
                set found 1
                echo -- $line
        end
    end
    if test $found -eq 0 -a "$kind" = files
        __fish_complete_path "$current"
    else if test $found -eq 0 -a "$kind" = folders
        __fish_complete_directories "$current" ''
    end
end
complete -k -c nnterm -f -a '(__nnterm_complete)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}

# Completion of eventsource for bash; printed by `eventsource completion bash`.
_eventsource() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --store) ((i++)) ;;
      -*) ;;
      *) command=${COMP_WORDS[i]}; break ;;
    esac
  done
  local options='' words='' files=''
  case $command in
    '') options='--store --help --version' words='init import export read stream show head stats verify index completion help' ;;
    init) options='--store --json --help' ;;
    import) options='--store --batch --json --help' files=yes ;;
    export) options='--store --full --overwrite --help' files=yes ;;
    read) options='--store --after --limit --type --aggregate-type --tenant --since --until --backward --format --json --help' ;;
    stream) options='--store --from --to --limit --backward --format --json --help' ;;
    show) options='--store --json --help' ;;
    head) options='--store --json --help' ;;
    stats) options='--store --json --help' ;;
    verify) options='--store --json --help' ;;
    index) options='--store --all --json --help' words='list add' ;;
    completion) options='--help' words='bash zsh fish' ;;
    help) options='--help' words='init import export read stream show head stats verify index completion help exit' ;;
  esac
  case $command:$before in
    :--store) return ;;
    read:--format) options='' words='table ndjson' files='' ;;
    stream:--format) options='' words='table ndjson' files='' ;;
    init:--store) return ;;
    import:--store) return ;;
    import:--batch) return ;;
    export:--store) return ;;
    read:--store) return ;;
    read:--after) return ;;
    read:--limit) return ;;
    read:--type) return ;;
    read:--aggregate-type) return ;;
    read:--tenant) return ;;
    read:--since) return ;;
    read:--until) return ;;
    stream:--store) return ;;
    stream:--from) return ;;
    stream:--to) return ;;
    stream:--limit) return ;;
    show:--store) return ;;
    head:--store) return ;;
    stats:--store) return ;;
    verify:--store) return ;;
    index:--store) return ;;
  esac
  if [[ $word == -* ]]; then words=$options; fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  if [[ -n $files && $word != -* ]]; then mapfile -t COMPREPLY < <(compgen -f -- "$word"); fi
}
complete -o filenames -F _eventsource eventsource

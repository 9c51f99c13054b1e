#compdef eventsource
# Completion of eventsource for zsh; printed by `eventsource completion zsh`.
_eventsource() {
  local -a commands
  commands=(
    'init:make an empty store; one that is there already stays as it is'
    'import:store the events of a file: NDJSON, plain or gzip, or another SQLite store'
    'export:the log as NDJSON, which `eventsource import` takes'
    'read:the log in the order of positions, or a part of it'
    'stream:the events of one stream in the order of versions'
    'show:one event in full'
    'head:the position of the newest event; 0 for an empty store'
    'stats:how much is in the store, by type, and its size'
    'verify:check the whole log; exit status 1 when something is wrong'
    'index:list the optional indexes of a store in PostgreSQL, or add some'
    'completion:print the completion script of a shell'
    'help:help on a command, or on exit statuses'
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
    init)
      _arguments \
        '--store[the store; else $EVENTSOURCE_URL, else $DATABASE_URL, else sqlite\:///eventsource.db]:URL:' \
        '--json[print the result as one JSON object]' \
        '--help[this text]'
      ;;
    import)
      _arguments \
        '--store[the store; else $EVENTSOURCE_URL, else $DATABASE_URL, else sqlite\:///eventsource.db]:URL:' \
        '--batch[events a transaction, 1 to 10000 (default 1000)]:N:' \
        '--json[print the result as one JSON object]' \
        '--help[this text]' \
        '1:file:_files'
      ;;
    export)
      _arguments \
        '--store[the store; else $EVENTSOURCE_URL, else $DATABASE_URL, else sqlite\:///eventsource.db]:URL:' \
        '--full[add version, global_position and stored_at]' \
        '--overwrite[replace FILE if it is there already]' \
        '--help[this text]' \
        '1:file:_files'
      ;;
    read)
      _arguments \
        '--store[the store; else $EVENTSOURCE_URL, else $DATABASE_URL, else sqlite\:///eventsource.db]:URL:' \
        '--after[start behind this position; with --backward before it]:N:' \
        '--limit[at most so many events]:N:' \
        '*--type[only this event type]:TYPE:' \
        '*--aggregate-type[only this aggregate type]:TYPE:' \
        '--tenant[only this tenant]:UUID:' \
        '--since[only what occurred at this time or later]:TIME:' \
        '--until[only what occurred before this time]:TIME:' \
        '--backward[the newest first]' \
        '--format[table (default), or ndjson\: lines as of export --full]:FORM:(table ndjson)' \
        '--json[the same as --format ndjson]' \
        '--help[this text]'
      ;;
    stream)
      _arguments \
        '--store[the store; else $EVENTSOURCE_URL, else $DATABASE_URL, else sqlite\:///eventsource.db]:URL:' \
        '--from[the first version to show]:N:' \
        '--to[the last version to show]:N:' \
        '--limit[at most so many events]:N:' \
        '--backward[the newest first]' \
        '--format[table (default), or ndjson\: lines as of export --full]:FORM:(table ndjson)' \
        '--json[the same as --format ndjson]' \
        '--help[this text]'
      ;;
    show)
      _arguments \
        '--store[the store; else $EVENTSOURCE_URL, else $DATABASE_URL, else sqlite\:///eventsource.db]:URL:' \
        '--json[print it as a line of export --full]' \
        '--help[this text]'
      ;;
    head)
      _arguments \
        '--store[the store; else $EVENTSOURCE_URL, else $DATABASE_URL, else sqlite\:///eventsource.db]:URL:' \
        '--json[print the result as one JSON object]' \
        '--help[this text]'
      ;;
    stats)
      _arguments \
        '--store[the store; else $EVENTSOURCE_URL, else $DATABASE_URL, else sqlite\:///eventsource.db]:URL:' \
        '--json[print the result as one JSON object]' \
        '--help[this text]'
      ;;
    verify)
      _arguments \
        '--store[the store; else $EVENTSOURCE_URL, else $DATABASE_URL, else sqlite\:///eventsource.db]:URL:' \
        '--json[print the result as one JSON object]' \
        '--help[this text]'
      ;;
    index)
      _arguments \
        '--store[the store; else $EVENTSOURCE_URL, else $DATABASE_URL, else sqlite\:///eventsource.db]:URL:' \
        '--all[add\: every one that is not there]' \
        '--json[print the result as JSON\: list one object, add one a line]' \
        '--help[this text]' \
        '1::(list add)'
      ;;
    completion)
      _arguments \
        '--help[this text]' \
        '1::(bash zsh fish)'
      ;;
    help)
      _arguments \
        '--help[this text]' \
        '1::(init import export read stream show head stats verify index completion help exit)'
      ;;
  esac
}
compdef _eventsource eventsource

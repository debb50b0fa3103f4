#!/bin/sh
# imageprep: a file manager's entry; opens a terminal by way of the launcher.
# Selected names may be relative to the folder that is shown.
for name do
  shift
  case $name in
    /*) ;;
    *) name=$PWD/$name ;;
  esac
  set -- "$@" "$name"
done
exec gio launch @launcher@ "$@"

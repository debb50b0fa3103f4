#!/bin/sh
# imageprep: takes the photos and folders that were dropped on its icon, and stays open.
python=@python@
report=@report@
page=@page@
again=

if [ ! -x "$python" ]; then
  echo "imageprep was moved or removed. Install it, then run: imageprep install-droplet"
elif [ "$page" = yes ]; then
  # The page goes on until it is stopped there, or nobody has used it for a while.
  "$python" -P -m imu_imageprep app -- "$@" && exit
elif [ "$#" -eq 0 ]; then
  echo "Drop photos, or folders of photos, on the icon."
else
  # -P: nothing in the folder that the file manager stands in is taken for a part of Python.
  "$python" -P -m imu_imageprep prepare --report "$report" -- "$@"
  [ -f "$report/report.html" ] && command -v xdg-open >/dev/null && again=yes
fi

if [ -n "$again" ]; then
  printf '\nPress Enter to close this window; r and Enter opens the report. '
  read -r typed
  if [ "$typed" = r ]; then xdg-open "$report/report.html" >/dev/null 2>&1; fi
else
  printf '\nPress Enter to close this window. '
  read -r _
fi

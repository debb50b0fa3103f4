#!/bin/sh
# imageprep: prepares the photos and folders that were dropped on its icon, and stays open.
python=@python@

if [ ! -x "$python" ]; then
  echo "imageprep is not where it was any more. Install it and run: imageprep install-droplet"
elif [ "$#" -eq 0 ]; then
  echo "Drop photos, or folders of photos, on the icon."
else
  # -P: nothing in the folder that the file manager stands in is taken for a part of Python.
  "$python" -P -m imu_imageprep prepare -- "$@"
fi

printf '\nPress Enter to close this window. '
read -r _

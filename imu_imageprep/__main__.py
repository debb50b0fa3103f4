"""``python -m imu_imageprep`` is ``imageprep``."""

from imu_imageprep.front.cli import main

if __name__ == "__main__":
    main()

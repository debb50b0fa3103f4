"""``python -m imu_imageprep`` is ``imageprep``."""

from imu_imageprep.front.cli import command

if __name__ == "__main__":
    command()

@echo off
rem imageprep: prepares what was sent or dropped here, and stays open.
rem The names are taken from the whole command line and never parsed again: a name may hold
rem characters that would otherwise be a command.
setlocal EnableExtensions EnableDelayedExpansion
chcp 65001 >nul
set "line=!cmdcmdline!"
set "names=!line:*imageprep.cmd=!"
if "!names!"=="!line!" goto usage
set "names=!names:~1,-1!"
if not defined names goto usage
@command@ @verb@ -- !names!
goto end
:usage
echo Send photos or folders here from the Explorer, or drop them on this file.
:end
echo.
pause
exit
